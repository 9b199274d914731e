r"""CoNLL columns: a token a line with its IOB tag, a blank line between sentences, `-DOCSTART-` between reports.

A sentence's text is its tokens joined by one space, unless the last but one column says what stands behind a token, as
CoNLL-U's MISC does (`SpaceAfter=No`, and UDPipe's `SpacesAfter=\s\n`). `token_tags` gives the tags back from the
mentions: exactly those of an IOB2 file, IOB2's way to write the same spans for any other. `conll_writing` writes both.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from operator import add
from pathlib import Path

from pydantic import ValidationError

from conflictspan.corpus import SCHEMA
from conflictspan.encoding import WORD
from conflictspan.errors import AnnotationError, InputError, shown
from conflictspan.formats.report_notes import ReportNote
from conflictspan.formats.sources import ImportSource, SourceReport, Tally, as_word, decode, named_splits
from conflictspan.records import Mention, Offsets, Report
from conflictspan.rows import Split, describe
from conflictspan.schema import Schema

RULES = (
    "Columns part at tabs where the line has one, else at spaces; the token is the first, the tag the last.",
    "A span begins at every B-, and at an I- after O, after another type or at the beginning of a sentence, as in "
    "conlleval and in seqeval's default mode; so IOB1, IOB2 and faulty sequences all have a reading.",
    "The text is the tokens joined by one space, or by what SpaceAfter or SpacesAfter in the last but one column says.",
    "A line whose token is -DOCSTART- begins a report; in a file without one each sentence is a report. Its second "
    "column may say the report's name, date and so on, as JSON.",
    "A file goes to the split that its name speaks of: train; dev, valid, validation, testa; test, testb.",
)

DOCUMENT = "-DOCSTART-"
_TAG = re.compile(r"O|[BI]-\S+")
_SPACES = {"\\s": " ", "\\t": "\t", "\\r": "\r", "\\n": "\n", "\\p": "|", "\\\\": "\\"}
"""UDPipe's escapes (https://ufal.mff.cuni.cz/udpipe/1/users-manual)."""
_EXTENSIONS = {".txt", ".tsv", ".conll", ".bio", ".iob", ".iob2"}


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """A sentence as its file has it.

    Attributes:
        tokens, tags: one each for each line.
        where: `file:line` of its first token.
        spaces: what stands behind each token.
    """

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    where: str
    spaces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The tokens with what stands between them."""
        return "".join(map(add, self.tokens, self.spaces))[: self.offsets[-1][1]]

    @property
    def offsets(self) -> list[Offsets]:
        """Where each token stands in the text."""
        return token_offsets(self.tokens, self.spaces)


@dataclass(frozen=True, slots=True)
class ConllFile:
    """The reports of a file; each has its sentences.

    Attributes:
        name: of the file, as a word; report n is called `name-n`.
        reports: as `-DOCSTART-` parts them, or one for each sentence; a report may be empty.
        notes: of each report, what its `-DOCSTART-` says, if it says anything.
        parted: whether the file has a `-DOCSTART-`.
    """

    name: str
    reports: tuple[tuple[TaggedSentence, ...], ...]
    notes: tuple[ReportNote | None, ...]
    parted: bool

    def bare_reports(self) -> list[Report]:
        """The reports with their sentences, without mentions."""
        bare = []
        for number, (sentences, note) in enumerate(zip(self.reports, self.notes, strict=True), 1):
            texts, spaces = [s.text for s in sentences], [s.spaces[-1] for s in sentences]
            offsets = token_offsets(texts, spaces)
            text = "".join(map(add, texts, spaces))[: offsets[-1][1] if offsets else 0]
            id_ = note.report if note else f"{self.name}-{number}"
            bare.append(
                Report(
                    id_,
                    text,
                    published=note.published if note else None,
                    title=note.title if note else None,
                    sentences=tuple(offsets),
                )
            )
        return bare


def read_conll_path(path: Path, _schema: Schema | None = None) -> ImportSource:
    """Read a file of CoNLL columns, or those of a folder whose names speak of a split; other files are skipped."""
    if not path.is_dir():
        return read_conll([path])
    inside = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    files = [file for file in inside if file.suffix.lower() in _EXTENSIONS and len(named_splits(file.name)) == 1]
    if not files:
        kinds = ", ".join(sorted(_EXTENSIONS))
        raise InputError(f"{shown(path)}: has no file that is named for train, dev (valid) or test and ends in {kinds}")
    source = read_conll(files)
    source.tally.skipped += [shown(file, under=path) for file in inside if file not in files and file.name != SCHEMA]
    return source


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
    notes: list[ReportNote | None] = []
    for item in _sentences(lines, shown(path), faults):
        if parted and reports and isinstance(item, TaggedSentence):
            reports[-1].append(item)
        else:
            reports.append([item] if isinstance(item, TaggedSentence) else [])
            notes.append(item if isinstance(item, ReportNote) else None)
    name = as_word(path.stem if path.suffix.lower() in _EXTENSIONS else path.name)
    return ConllFile(name, tuple(map(tuple, reports)), tuple(notes), parted), faults


def _sentences(lines: Iterable[str], source: str, faults: list[str]) -> Iterator[TaggedSentence | ReportNote | None]:
    """Yield the sentences, and at each `-DOCSTART-` the note that it brings or None."""
    rows: list[tuple[str, str, str]] = []
    begin = 0
    for number, line in enumerate((*lines, ""), 1):
        content = line.strip(" \t\r")
        columns = [column.strip(" ") for column in content.split("\t")] if "\t" in content else content.split(" ")
        if not content or columns[0] == DOCUMENT:
            if rows:
                tokens, tags, spaces = zip(*rows, strict=True)
                yield TaggedSentence(tokens, tags, f"{source}:{begin}", spaces)
            rows = []
            if content:
                yield _note(columns, f"{source}:{number}", faults)
        elif fault := _column_fault(columns):
            faults.append(f"{source}:{number}: {fault}")
        else:
            begin = begin if rows else number
            rows.append((columns[0], columns[-1], _spaces(columns[-2]) if len(columns) > 2 else " "))


def _note(columns: Sequence[str], where: str, faults: list[str]) -> ReportNote | None:
    if len(columns) < 2 or not columns[1].startswith("{"):
        return None
    try:
        return ReportNote.model_validate_json(columns[1])
    except ValidationError as error:
        faults += [f"{where}: {fault}" for fault in describe(error)]
        return None


def _spaces(column: str) -> str:
    """What stands behind a token, by a column of CoNLL-U's MISC; any other column means one space."""
    name, _, value = column.partition("=")
    if column == "SpaceAfter=No":
        return ""
    if name == "SpacesAfter":
        return re.sub(r"\\[strnp\\]", lambda match: _SPACES[match[0]], value)
    return " "


def _column_fault(columns: Sequence[str]) -> str | None:
    if len(columns) < 2:
        return f"{columns[0][:60]!r} stands alone; a line is a token, a space or a tab, and its tag"
    if not columns[0] or " " in columns[0]:
        return f"the token {columns[0][:60]!r} is empty or has a space; put a mark in its place, such as _"
    if not _TAG.fullmatch(columns[-1]):
        return f"{columns[-1][:60]!r} is no tag; tags are O, B-TYPE and I-TYPE"
    return None


def _sources(file: ConllFile, split: Split, tally: Tally) -> Iterator[SourceReport]:
    for bare, sentences, note in zip(file.bare_reports(), file.reports, file.notes, strict=True):
        mentions: list[Mention] = []
        for (start, _), sentence in zip(bare.sentences, sentences, strict=True):
            places = sentence.offsets
            for first, end, type_ in chunks(sentence.tags):
                id_ = f"c{len(mentions)}"
                mentions.append(Mention(id_, start + places[first][0], start + places[end - 1][1], type_))
            for before, tag in zip(("O", *sentence.tags), sentence.tags, strict=False):
                if tag[0] == "I" and before == "O":
                    tally.add(split, "tags", "changed", "I- after O or at the beginning, read as B-")
                elif tag[0] == "I" and before[2:] != tag[2:]:
                    tally.add(split, "tags", "changed", "I- after another type, read as B-")
        where = sentences[0].where if sentences else file.name
        note = note or ReportNote(report=bare.id, origin=file.name)
        report = replace(bare, mentions=tuple(mentions))
        tally.add_read(report, split)
        yield SourceReport(report, split, where, note.origin, note.conflict, note.genre)


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


def token_offsets(tokens: Iterable[str], spaces: Iterable[str] | None = None) -> list[Offsets]:
    """Where each token stands in the text that joins them, by one space or by what stands behind each."""
    offsets = []
    start = 0
    for token, space in zip(tokens, repeat(" ") if spaces is None else spaces, strict=False):
        offsets.append((start, start + len(token)))
        start += len(token) + len(space)
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
