"""The project's inline markup (`conflictspan.markup`) as a format among others: a file, or a folder of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from conflictspan.corpus import SCHEMA, to_report
from conflictspan.errors import AnnotationError, InputError, shown
from conflictspan.formats.annotations import Annotations, sentence_rows
from conflictspan.formats.sources import ImportSource, SourceReport, Tally, free_names, iso_date
from conflictspan.markup import HEADER, format_markup
from conflictspan.markup_files import SUFFIX, markup_paths, scan_files
from conflictspan.rows import AnnotatedReport, Located, MentionRow, RelationRow, ReportHeader, SentenceRow
from conflictspan.schema import Schema
from conflictspan.splits import assign_splits

RULES = ("A report goes to the split that its file's name begins with, or else trains.",)

_ID = re.compile(r"[a-z][0-9]+")
# One character for one, so that offsets hold.
_INSTEAD = str.maketrans({"[": "(", "]": ")", "|": "/", "\n": " ", "\r": " "})


def read_markup(path: Path, schema: Schema | None = None) -> ImportSource:
    """Read a markup file, or the `*.ann` files of a folder.

    Raises:
        InputError: where there is no markup, or no label scheme to tell events from entities.
        AnnotationError: with every fault of the files, each with file and line.
    """
    if schema is None:
        raise InputError(f"{shown(path)}: markup needs its label scheme; name it with --schema")
    paths = markup_paths([path])
    annotated, faults = scan_files(paths, schema, undated=True)
    if faults:
        raise AnnotationError(faults)
    tally = Tally()
    reports = []
    for report, info in zip(annotated, assign_splits(annotated, {}), strict=True):
        whole = to_report(info.id, report.sentences, info)
        own = frozenset(mention.id for mention in whole.mentions)
        reports.append(
            SourceReport(whole, info.split, report.where, info.origin, info.conflict, info.genre, own_ids=own)
        )
        tally.add_read(whole, info.split)
    files = {shown(Path(file.name)): file for file in paths}
    return ImportSource("markup", RULES, files, reports, tally, tuple(schema.events))


def write_markup(annotations: Annotations, folder: Path) -> None:
    """Write a file for each origin of the reports, and `schema.toml`.

    What markup has no sign for is replaced and counted: brackets become round, a bar a slash, a line break a space; an
    id that is not a small letter and a number becomes another one.

    Raises:
        AnnotationError: where a header or a type has a sign that markup cannot hold.
    """
    annotations.lose("markup has no place for them", "scores", "titles", "dates", "times of day")
    files: dict[str, list[AnnotatedReport]] = {}
    for item in annotations.reports:
        files.setdefault(item.origin, []).append(_annotated(item, annotations.tally))
    reports = [report for origin in files.values() for report in origin]
    infos = {info.id: info for info in assign_splits(reports, {})}
    for item in annotations.reports:
        lost = infos[item.report.id].split != item.split
        annotations.tally.add(item.split, "splits", "lost", "markup has no place for them but a file's name", int(lost))
    (folder / SCHEMA).write_text(annotations.schema.source, encoding="utf-8", newline="\n")
    for origin, members in files.items():
        (folder / f"{origin}{SUFFIX}").write_text(format_markup(members), encoding="utf-8", newline="\n")


def _annotated(item: SourceReport, tally: Tally) -> AnnotatedReport:
    report = item.report
    header = ReportHeader(id=report.id, date=iso_date(report.published), conflict=item.conflict, genre=item.genre)
    taken = {mention.id for mention in report.mentions}
    free = free_names("m", taken)
    names = {m.id: m.id if _ID.fullmatch(m.id) else next(free) for m in report.mentions}
    renamed = sum(name != id_ for id_, name in names.items())
    tally.add(item.split, "ids of mentions", "changed", "markup has a small letter and a number", renamed)
    rows = [_writable(row, names) for row in sentence_rows(report)]
    changed = sum(row.text != report.text[a:b] for row, (a, b) in zip(rows, report.sentences, strict=True))
    tally.add(item.split, "sentences", "changed", "a bracket, bar, line break or outer space replaced", changed)
    located = tuple(Located(row, item.where, (item.where,) * len(row.relations)) for row in rows)
    return AnnotatedReport(header, located, item.origin, item.where)


def _writable(row: SentenceRow, names: dict[str, str]) -> SentenceRow:
    text = row.text.translate(_INSTEAD)
    outer = len(text) - len(text.lstrip())
    text = text.strip()
    if text.startswith(">") or text.split()[0] == HEADER:  # which mean something else in markup
        text = ("\u203a" if text[0] == ">" else "\uff20") + text[1:]
    return row.model_copy(
        update={
            "text": text,
            "mentions": tuple(_moved(row.mentions, outer, names)),
            "relations": tuple(
                RelationRow(head=names[r.head], label=r.label, tail=names[r.tail]) for r in row.relations
            ),
        }
    )


def _moved(mentions: Sequence[MentionRow], back: int, names: dict[str, str]) -> Iterator[MentionRow]:
    for m in mentions:
        yield MentionRow(id=names[m.id], start=m.start - back, end=m.end - back, type=m.type, status=m.status)
