"""The corpus as the checks look at it: words, what covers each of them, and what each mention is joined to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conflictspan.corpus import Corpus
from conflictspan.encoding import WORD
from conflictspan.records import Offsets
from conflictspan.rows import Located, MentionRow, SentenceRow

EDGE, NOTHING = "(edge)", "(nothing)"
REACH = 4
"""How many words away something still stands beside a word."""


@dataclass(frozen=True, slots=True)
class AuditedSentence:
    """One sentence. W words.

    Attributes:
        split: of its report.
        row: as it stands in the corpus.
        words: [W] code points into the sentence.
        forms: [W] the words as they are compared, see `word_form`.
        covers: [W] the mention over each word.
        roles: id of a mention of the report -> what it is joined to: "AGENT of ATTACK", "has COUNT COUNT".
    """

    split: str
    row: SentenceRow
    words: tuple[Offsets, ...]
    forms: tuple[str, ...]
    covers: tuple[MentionRow | None, ...]
    roles: Mapping[str, Sequence[str]]

    def spans(self) -> Iterator[tuple[MentionRow, int, int]]:
        """Each mention with its half-open range of words; one that covers no word is left out."""
        first = 0
        for end in range(1, len(self.words) + 1):
            mention = self.covers[first]
            if end == len(self.words) or self.covers[end] is not mention:
                if mention is not None:
                    yield mention, first, end
                first = end

    def offsets(self, first: int, end: int) -> Offsets:
        """Code points of a half-open range of words."""
        return self.words[first][0], self.words[end - 1][1]

    def form(self, index: int) -> str:
        """The word at an index, EDGE beyond the sentence."""
        return self.forms[index] if 0 <= index < len(self.forms) else EDGE

    def type_beside(self, index: int, step: int) -> str:
        """Type of the nearest mention from a word on, to the left (step -1) or right (1); NOTHING within REACH."""
        for place in range(index, index + step * REACH, step):
            if not 0 <= place < len(self.words):
                return EDGE
            if (mention := self.covers[place]) is not None:
                return mention.type
        return NOTHING


def word_form(word: str) -> str:
    """A word as it is compared: "IS" is not "is", but "Killed" is "killed"."""
    return word if len(word) > 1 and word.isupper() else word.casefold()


def audited_sentences(corpus: Corpus) -> dict[str, list[AuditedSentence]]:
    """Report id -> its sentences, of all splits."""
    return {
        id_: list(_sentences(split, rows)) for split, reports in corpus.splits.items() for id_, rows in reports.items()
    }


def _sentences(split: str, rows: Sequence[Located]) -> Iterator[AuditedSentence]:
    roles = _roles(rows)
    for row in (located.row for located in rows):
        words = tuple((match.start(), match.end()) for match in WORD.finditer(row.text))
        covers = tuple(next((m for m in row.mentions if m.start < end and start < m.end), None) for start, end in words)
        yield AuditedSentence(split, row, words, tuple(word_form(row.text[a:b]) for a, b in words), covers, roles)


def _roles(rows: Sequence[Located]) -> dict[str, list[str]]:
    types = {mention.id: mention.type for located in rows for mention in located.row.mentions}
    roles = defaultdict(set)
    for relation in (relation for located in rows for relation in located.row.relations):
        roles[relation.head].add(f"has {relation.label} {types[relation.tail]}")
        roles[relation.tail].add(f"{relation.label} of {types[relation.head]}")
    return {id_: sorted(joined) for id_, joined in roles.items()}
