"""CoNLL columns from annotations: a file for each split, the token, what stands behind it, and its IOB2 tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

from conflictspan.corpus import SCHEMA
from conflictspan.encoding import WORD
from conflictspan.formats.annotations import Annotations
from conflictspan.formats.conll import DOCUMENT, token_tags
from conflictspan.formats.report_notes import ReportNote
from conflictspan.formats.sources import SourceReport
from conflictspan.records import Mention, Offsets
from conflictspan.rows import SPLITS

_NO_SPACE = re.compile(r"\S+")
_ESCAPES = {" ": r"\s", "\t": r"\t", "\r": r"\r", "\n": r"\n", "|": r"\p", "\\": "\\\\"}


def write_conll(annotations: Annotations, folder: Path) -> None:
    """Write `<split>.conll` for each split that has a report, and `schema.toml`.

    Tokens are words and marks by the project's rule, cut where a span begins or ends inside one. The second column is
    CoNLL-U's MISC, so that the text comes back as it was: `_` for one space behind the token, `SpaceAfter=No` for none,
    `SpacesAfter=` for anything else. The line that begins a report has its name and date as JSON.
    """
    annotations.lose("CoNLL columns have no place for them", "relations", "statuses", "scores", "ids of mentions")
    for item in annotations.reports:
        outer = item.report.text != item.report.text.strip()
        annotations.tally.add(item.split, "reports", "changed", "white space around the text left out", int(outer))
    (folder / SCHEMA).write_text(annotations.schema.source, encoding="utf-8", newline="\n")
    for split in SPLITS:
        reports = [item for item in annotations.reports if item.split == split]
        if reports:
            with (folder / f"{split}.conll").open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for item in reports for line in _lines(item))


def _lines(item: SourceReport) -> Iterator[str]:
    report = item.report
    note = ReportNote.of(item).model_dump_json(exclude={"split", "sentences", "ids"}, exclude_none=True)
    yield f"{DOCUMENT}\t{note}\tO"
    yield ""
    mentions: list[list[Mention]] = [[] for _ in report.sentences]
    for mention in report.mentions:
        mentions[report.sentence_of(mention.start)].append(mention)
    tokens = [
        list(_tokens(report.text, start, end, [border for m in own for border in (m.start, m.end)]))
        for (start, end), own in zip(report.sentences, mentions, strict=True)
    ]
    spaces = (report.text[before[1] : after[0]] for before, after in pairwise(chain.from_iterable(tokens)))
    behind = chain(spaces, (" ",))
    for sentence, own in zip(tokens, mentions, strict=True):
        tags, _ = token_tags(report.text, sentence, own)
        for (start, end), tag in zip(sentence, tags, strict=True):
            yield f"{report.text[start:end]}\t{_column(next(behind))}\t{tag}"
        yield ""


def _tokens(text: str, start: int, end: int, borders: Sequence[int]) -> Iterator[Offsets]:
    """The words of a sentence and whatever else is no white space, cut at the borders of its spans."""
    for first, last in pairwise((start, *borders, end)):
        done = first
        for word in WORD.finditer(text, first, last):
            yield from _others(text, done, word.start())
            yield word.span()
            done = word.end()
        yield from _others(text, done, last)


def _others(text: str, start: int, end: int) -> Iterator[Offsets]:
    """Control characters and the like, which are no words."""
    yield from (match.span() for match in _NO_SPACE.finditer(text, start, end))


def _column(space: str) -> str:
    if space == " ":
        return "_"
    if not space:
        return "SpaceAfter=No"
    return "SpacesAfter=" + "".join(_ESCAPES.get(character, character) for character in space)
