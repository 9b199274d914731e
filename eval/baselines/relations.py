"""The relation baseline: which mentions belong together, by decision lists over what stands between them.

Relations across sentences are left out: rules for them were right less than one time in two on the validation split.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain, combinations, permutations

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.baselines.choices import NONE, Choices
from eval.baselines.datafiles import read_data
from eval.baselines.tokens import Token, tokenize

_ACTORS = frozenset({"STATE_FORCE", "ARMED_GROUP", "PEOPLE", "PERSON", "ORG"})
_SITES = frozenset({"LOC", "FAC"})
_DETERMINERS = frozenset({"the", "a", "an", "their", "its", "his"})
_MODALS = frozenset({"to", "will", "would", "could", "may", "might", "shall"})
_AFTER_PARTICIPLE = frozenset({"by", "in", "at", "on", "when", "during", "near"})


@dataclass(frozen=True)
class RelationWords:
    """The word classes that the cues of a pair name.

    Attributes:
        say: verbs of saying.
        be: forms of "be".
        link: prepositions, marks and conjunctions that are told apart.
        clause: words that open another clause.
        nouns: triggers that are nouns.
    """

    say: frozenset[str]
    be: frozenset[str]
    link: frozenset[str]
    clause: frozenset[str]
    nouns: frozenset[str]

    @classmethod
    def load(cls, nouns: Collection[str] | None = None) -> RelationWords:
        """Take the lists of `words.toml`, and trigger nouns, by default the counted ones of `relations.toml`."""
        lists = read_data("words")["relation_words"]
        counted = read_data("relations")["nouns"] if nouns is None else nouns
        say, be, link, clause = (frozenset(lists[name]) for name in ("say", "be", "link", "clause"))
        return cls(say, be, link, clause, frozenset(counted))


class Line:
    """One sentence with its mentions, by start, as ranges of tokens."""

    def __init__(self, text: str, tokens: Sequence[Token], mentions: Sequence[Mention], schema: Schema) -> None:
        starts = [token.start for token in tokens]
        self.forms = [token.lower for token in tokens]
        self.mentions = sorted(mentions, key=lambda m: m.start)
        self.first = [max(bisect_right(starts, m.start) - 1, 0) for m in self.mentions]
        self.last = [bisect_left(starts, m.end) for m in self.mentions]
        self.surface = [text[m.start : m.end].lower() for m in self.mentions]
        self.event = [schema.is_event(m.type) for m in self.mentions]
        self.covered = {i for a, b in zip(self.first, self.last, strict=True) for i in range(a, b)}

    def gap(self, i: int, j: int) -> int:
        """Tokens between two mentions."""
        return self.first[max(i, j)] - self.last[min(i, j)]

    def pairs(self, schema: Schema) -> Iterator[tuple[int, int]]:
        """Ordered pairs of mentions that the scheme lets some relation join."""
        for head, tail in permutations(range(len(self.mentions)), 2):
            if schema.allowed(self.mentions[head].type, self.mentions[tail].type):
                yield head, tail

    def keys(self, head: int, tail: int) -> tuple[str, str]:
        """The keys of a pair's decision lists: its types and their order, and the same with the head's type open."""
        way = ">" if tail > head else "<"
        rest = f"{way} {self.mentions[tail].type}"
        return f"{self.mentions[head].type} {rest}", f"{'EVENT' if self.event[head] else 'ENTITY'} {rest}"

    def cues(self, head: int, tail: int, words: RelationWords) -> frozenset[str]:
        """The cues of a pair, alone and in twos and threes joined by "+".

        `e0`-`e2`: triggers between; `r0`-`r2`: mentions between that could take the tail's place; `same1`, `same2`:
        those of its type; `p=`, `q=`: the word of `link` before the later and the earlier of the two, "-" another, "0"
        none; `=...`: all words between, up to three; `g`: their number; `c0`-`c2`: clauses between; `v=`: the head's
        voice; `w=`: its words; `s=`: how the tail speaks; `t1`: the tail is the nearest of its kind to the head; `h1`:
        the head is the nearest of its kind to the tail.
        """
        a, b = min(head, tail), max(head, tail)
        between = self.forms[self.last[a] : self.first[b]]
        type_ = self.mentions[tail].type
        kin = _ACTORS if type_ in _ACTORS else _SITES if type_ in _SITES else frozenset({type_})
        inner = [self.mentions[k].type for k in range(a + 1, b)]
        same = inner.count(type_)
        length = len(between) if len(between) < 4 else 4 if len(between) < 8 else 8
        atoms = [
            f"e{min(sum(self.event[a + 1 : b]), 2)}",
            f"r{min(sum(other in kin for other in inner), 2)}",
            f"p={self._link(b, words) if between else '0'}",
            f"q={self._opening(a, words)}",
            f"g{length}",
            f"c{min(sum(form in words.clause for form in between), 2)}",
            f"s={self._speech(tail, words)}",
        ]
        if self.event[head]:
            atoms += [f"v={self._voice(head, words)}", f"w={self.surface[head]}"]
        if len(between) <= 3:
            atoms.append("=" + " ".join(between))
        if same:
            atoms.append(f"same{min(same, 2)}")
        others = [k for k in range(len(self.mentions)) if k not in (head, tail)]
        distance = self.gap(head, tail)
        if all(self.gap(head, k) >= distance for k in others if self.mentions[k].type in kin):
            atoms.append("t1")
        if all(self.gap(k, tail) >= distance for k in others if self.event[k] == self.event[head]):
            atoms.append("h1")
        return frozenset("+".join(c) for c in chain(*(combinations(atoms, size) for size in (1, 2, 3))))

    def _link(self, i: int, words: RelationWords) -> str:
        first = self.first[i]
        if first > 1 and self.forms[first - 1] in _DETERMINERS:
            first -= 1
        return self.forms[first - 1] if first and self.forms[first - 1] in words.link else "-"

    def _opening(self, i: int, words: RelationWords) -> str:
        before = self.forms[self.first[i] - 1] if self.first[i] else "^"
        return before if before == "^" or before in words.link else "-"

    def _voice(self, i: int, words: RelationWords) -> str:
        """How a trigger is built in: noun, passive, -ing, infinitive or future, participle, active."""
        before = self.forms[max(self.first[i] - 3, 0) : self.first[i]]
        after = self.forms[self.last[i] : self.last[i] + 1]
        ing = self.surface[i].split(" ")[0].endswith("ing")
        if self.surface[i] in words.nouns:
            return "noun"
        if ing:
            return "ing"
        if words.be.intersection(before):
            return "pass"
        if _MODALS.intersection(before[-1:]):
            return "inf"
        return "part" if _AFTER_PARTICIPLE.intersection(after) else "act"

    def _speech(self, i: int, words: RelationWords) -> str:
        """How a mention stands to a verb of saying: "according to X", "X said", "said X", or not at all."""
        after = [k for k in range(self.last[i], min(self.last[i] + 5, len(self.forms))) if k not in self.covered]
        before = self.forms[max(self.first[i] - 3, 0) : self.first[i]]
        if "according" in before or before[-1:] == ["citing"]:
            return "acc"
        if words.say.intersection(self.forms[k] for k in after[:3]):
            return "say"
        return "said" if words.say.intersection(before) else ""


def lines(report: Report, schema: Schema) -> Iterator[Line]:
    """The report's sentences that have mentions."""
    grouped: dict[int, list[Mention]] = {}
    for mention in report.mentions:
        grouped.setdefault(report.sentence_of(mention.start), []).append(mention)
    for i, mentions in sorted(grouped.items()):
        yield Line(report.text, tokenize(report.text, report.sentences[i]), mentions, schema)


@cache
def _counted() -> tuple[Choices, RelationWords]:
    return Choices(read_data("relations")["choices"]), RelationWords.load()


def relate(report: Report, schema: Schema) -> Report:
    """The report with its mentions as they are and its relations replaced; scores are 1.0."""
    choices, words = _counted()
    found = []
    for line in lines(report, schema):
        for head, tail in line.pairs(schema):
            a, b = line.mentions[head], line.mentions[tail]
            cues = line.cues(head, tail, words)
            label = next(filter(None, (choices.choose(key, cues) for key in line.keys(head, tail))), NONE)
            if label in schema.allowed(a.type, b.type):
                found.append(Relation(a.id, label, b.id, 1.0))
    return replace(report, relations=tuple(found))
