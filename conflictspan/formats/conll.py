"""CoNLL columns: a token a line with its IOB tag, a blank line between sentences, `-DOCSTART-` between reports.

A sentence's text is its tokens joined by one space, so `text.split(" ")` gives the tokens back, and `token_tags` gives
the tags back from the mentions: exactly those of an IOB2 file, IOB2's way to write the same spans for any other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conflictspan.encoding import WORD
from conflictspan.errors import AnnotationError, InputError, shown
from conflictspan.formats.corpus_folder import ImportSource
from conflictspan.formats.sources import SourceReport, Tally, as_word, decode, named_splits
from conflictspan.records import Mention, Offsets, Report
from conflictspan.rows import Split

RULES = (
    "Columns part at tabs where the line has one, else at spaces; the token is the first, the tag the last.",
    "A span begins at every B-, and at an I- after O, after another type or at the beginning of a sentence, as in "
    "conlleval and in seqeval's default mode; so IOB1, IOB2 and faulty sequences all have a reading.",
    "The text is the tokens joined by one space.",
    "A line whose token is -DOCSTART- begins a report; in a file without one each sentence is a report.",
    "A file goes to the split that its name speaks of: train; dev, valid, validation, testa; test, testb.",
)

DOCUMENT = "-DOCSTART-"
_TAG = re.compile(r"O|[BI]-\S+")
_EXTENSIONS = {".txt", ".tsv", ".conll", ".bio", ".iob", ".iob2"}


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence as its file has it.

    Attributes:
        tokens, tags: one each for each line.
        where: `file:line` of its first token.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    where: str

    @property
    def text(self) -> str:
        """The tokens joined by one space."""
        return " ".join(self.tokens)


@dataclass(frozen=True, slots=True)
class ConllFile:
    """The reports of a file; each has its sentences.

    Attributes:
        name: of the file, as a word; report n is called `name-n`.
        reports: as `-DOCSTART-` parts them, or one for each sentence; a report may be empty.
        parted: whether the file has a `-DOCSTART-`.
    """

    name: str
    reports: tuple[tuple[TaggedSentence, ...], ...]
    parted: bool

    def bare_reports(self) -> list[Report]:
        """The reports with their sentences, without mentions."""
        bare = []
        for number, sentences in enumerate(self.reports, 1):
            offsets = token_offsets([sentence.text for sentence in sentences])
            text = " ".join(sentence.text for sentence in sentences)
            bare.append(Report(f"{self.name}-{number}", text, sentences=tuple(offsets)))
        return bare


def read_conll(paths: Sequence[Path]) -> ImportSource:
    """Read files of CoNLL columns.

    Raises:
        InputError: where a file's name does not tell its split, or two files have one name.
        AnnotationError: with every fault of the files, each with file and line.
    """
    tally = Tally()
    sources: list[SourceReport] = []
    faults: list[str] = []
    files: dict[str, Path] = {}
    for path in paths:
        splits = named_splits(path.name)
        if len(splits) != 1:
            spoken = " and ".join(splits) or "no split"
            raise InputError(f"{shown(path)}: the name speaks of {spoken}; name it for one of train, dev and test")
        file, found = scan_conll(path)
        faults += found
        if file.name in files:
            raise InputError(f"{shown(path)}: has the same name as {shown(files[file.name])}; rename one")
        files[file.name] = path
        sources += _sources(file, splits[0], tally)
    if faults:
        raise AnnotationError(faults)
    return ImportSource("conll", RULES, {shown(Path(path.name)): path for path in paths}, sources, tally)


def scan_conll(path: Path) -> tuple[ConllFile, list[str]]:
    """Read what can be read of a file.

    Returns:
        Its reports, without the lines that could not be read; every fault, `file:line: what`, by line.
    """
    faults: list[str] = []
    text = decode(path, faults) or ""
    lines = text.removeprefix("\ufeff").split("\n")
    parted = any(line.startswith(DOCUMENT) for line in lines)
    reports: list[list[TaggedSentence]] = []
    for sentence in _sentences(lines, shown(path), faults):
        if sentence is None:
            reports.append([])
        elif parted and reports:
            reports[-1].append(sentence)
        else:
            reports.append([sentence])
    name = as_word(path.stem if path.suffix.lower() in _EXTENSIONS else path.name)
    return ConllFile(name, tuple(map(tuple, reports)), parted), faults


def _sentences(lines: Iterable[str], source: str, faults: list[str]) -> Iterator[TaggedSentence | None]:
    """Yield the sentences, and None at each `-DOCSTART-`."""
    tokens: list[str] = []
    tags: list[str] = []
    begin = 0
    for number, line in enumerate((*lines, ""), 1):
        content = line.strip(" \t\r")
        columns = [column.strip(" ") for column in content.split("\t")] if "\t" in content else content.split(" ")
        if not content or columns[0] == DOCUMENT:
            if tokens:
                yield TaggedSentence(tuple(tokens), tuple(tags), f"{source}:{begin}")
            tokens, tags = [], []
            if content:
                yield None
        elif fault := _column_fault(columns):
            faults.append(f"{source}:{number}: {fault}")
        else:
            begin = begin if tokens else number
            tokens.append(columns[0])
            tags.append(columns[-1])


def _column_fault(columns: Sequence[str]) -> str | None:
    if len(columns) < 2:
        return f"{columns[0][:60]!r} stands alone; a line is a token, a space or a tab, and its tag"
    if not columns[0] or " " in columns[0]:
        return f"the token {columns[0][:60]!r} is empty or has a space; put a mark in its place, such as _"
    if not _TAG.fullmatch(columns[-1]):
        return f"{columns[-1][:60]!r} is no tag; tags are O, B-TYPE and I-TYPE"
    return None


def _sources(file: ConllFile, split: Split, tally: Tally) -> Iterator[SourceReport]:
    for bare, sentences in zip(file.bare_reports(), file.reports, strict=True):
        mentions: list[Mention] = []
        for (start, _), sentence in zip(bare.sentences, sentences, strict=True):
            places = token_offsets(sentence.tokens)
            for first, end, type_ in chunks(sentence.tags):
                id_ = f"c{len(mentions)}"
                mentions.append(Mention(id_, start + places[first][0], start + places[end - 1][1], type_))
            for before, tag in zip(("O", *sentence.tags), sentence.tags, strict=False):
                if tag[0] == "I" and before == "O":
                    tally.add(split, "tags", "changed", "I- after O or at the beginning, read as B-")
                elif tag[0] == "I" and before[2:] != tag[2:]:
                    tally.add(split, "tags", "changed", "I- after another type, read as B-")
        tally.add(split, "reports", "read")
        tally.add(split, "sentences", "read", number=len(sentences))
        tally.add(split, "mentions", "read", number=len(mentions))
        where = sentences[0].where if sentences else file.name
        yield SourceReport(replace(bare, mentions=tuple(mentions)), split, where, file.name)


def chunks(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The spans of a sentence as (first token, token after the last, type), by the rule of conlleval.

    >>> list(chunks(["I-PER", "I-PER", "B-PER", "I-LOC", "O"]))
    [(0, 2, 'PER'), (2, 3, 'PER'), (3, 4, 'LOC')]
    """
    start = 0
    for place, (before, tag) in enumerate(zip(("O", *tags), (*tags, "O"), strict=True)):
        goes_on = tag[0] == "I" and before[2:] == tag[2:]
        if before != "O" and not goes_on:
            yield start, place, before[2:]
        if not goes_on:
            start = place


def token_offsets(tokens: Iterable[str]) -> list[Offsets]:
    """Where each token stands in the text that joins them by one space."""
    offsets = []
    start = 0
    for token in tokens:
        offsets.append((start, start + len(token)))
        start += len(token) + 1
    return offsets


def token_tags(text: str, tokens: Sequence[Offsets], mentions: Iterable[Mention]) -> tuple[list[str], int]:
    """Spell mentions as the IOB2 tags of somebody else's tokens.

    A model's spans may begin or end inside a token ("pro-Assad", "U.S.-led"). A token belongs to the mention that holds
    its first word (by the project's rule for words), as taggers of word pieces give a token the tag of its first piece.

    Args:
        text: of the report.
        tokens: its tokens, as places in the text.
        mentions: flat.

    Returns:
        A tag for each token; how many mentions hold no token's first word, and so are lost.
    """
    anchors = [_anchor(text, start, end) for start, end in tokens]
    tags = ["O"] * len(anchors)
    lost = 0
    for mention in mentions:
        first, end = bisect_left(anchors, mention.start), bisect_left(anchors, mention.end)
        if first == end:
            lost += 1
        else:
            tags[first:end] = [f"B-{mention.type}", *[f"I-{mention.type}"] * (end - first - 1)]
    return tags, lost


def _anchor(text: str, start: int, end: int) -> int:
    """The first character of a token that counts: of its first word, else the first that is not white space."""
    word = WORD.search(text, start, end)
    if word:
        return int(word.start())
    return next((place for place in range(start, end) if not text[place].isspace()), start)
