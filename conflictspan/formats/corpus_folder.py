"""An imported corpus on disk: the project's own files, and `import.json`, the record of what was kept and what lost."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

from conflictspan.corpus import REPORTS, SCHEMA, write_corpus
from conflictspan.encoding import WORD
from conflictspan.errors import AnnotationError, InputError
from conflictspan.formats import flattening, schema_derivation
from conflictspan.formats.flattening import flatten
from conflictspan.formats.schema_derivation import derive_schema, fitting
from conflictspan.formats.sources import SourceReport, Tally, repeated_ids
from conflictspan.near_duplicates import near_duplicates
from conflictspan.records import Report
from conflictspan.rows import SPLITS, Located, MentionRow, RelationRow, ReportInfo, SentenceRow
from conflictspan.schema import Schema
from conflictspan.validation import report_faults

IMPORT = "import.json"

_LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class ImportSource:
    """What a format's own module has read.

    Attributes:
        format: its name, as in `from-NAME`.
        rules: what that module does to the data, in words.
        files: the files that were read, by the names that the record calls them.
        reports: what they hold.
        tally: what was read and what was left out already; goes on counting.
        events: types that are event triggers.
    """

    format: str
    rules: tuple[str, ...]
    files: Mapping[str, Path]
    reports: Sequence[SourceReport]
    tally: Tally
    events: Collection[str] = ()


def write_import(source: ImportSource, folder: Path, *, overwrite: bool = False) -> Tally:
    """Write annotations as a corpus: `schema.toml`, three splits, `reports.jsonl` and `import.json`.

    The same files give byte for byte the same corpus.

    Args:
        source: what was read.
        folder: where to; made if need be.
        overwrite: replace what an earlier import wrote there.

    Returns:
        The full count, as in `import.json`.

    Raises:
        InputError: where the folder has a corpus that must not be replaced; nothing is written then.
        AnnotationError: where two reports have one id, no schema can have a type's name, or no annotation is left.
    """
    check_folder(folder, overwrite=overwrite)
    tally = source.tally
    if faults := [*repeated_ids(source.reports), *_unusable_types(source.reports)]:
        raise AnnotationError(faults)
    flat = []
    for item in source.reports:
        if item.report.text.strip():
            flat.append(flatten(item, tally))
        else:
            tally.add(item.split, "reports", "lost", "no text")
            tally.add(item.split, "sentences", "lost", "white space only", len(item.report.sentences))
            tally.add(item.split, "mentions", "lost", "white space only", len(item.report.mentions))
            tally.add(item.split, "relations", "lost", "an end was lost", len(item.report.relations))
    if not any(item.report.mentions for item in flat):
        raise AnnotationError([f"{source.format}: no annotation is left, so there is nothing to learn"])
    schema = derive_schema(flat, source.events, name=source.format)
    flat = [replace(i, report=replace(i.report, relations=tuple(fitting(i, schema, tally)))) for i in flat]
    sentences = {item.report.id: _rows(item.report) for item in flat}
    faults = [fault for item in flat for fault in report_faults(_located(item, sentences[item.report.id]), schema)]
    if faults:
        raise AnnotationError(faults)
    _count_kept(flat, sentences, tally)
    _write(source, flat, sentences, schema, folder)
    return tally


def _unusable_types(sources: Sequence[SourceReport]) -> Iterator[str]:
    for source in sources:
        for type_ in sorted({m.type for m in source.report.mentions if m.type.startswith("@")}):
            yield f"{source.where}: the type {type_!r} begins with @, which a schema keeps for groups; rename it"


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Raise InputError where an import must not write to a folder."""
    there = [
        name for name in (SCHEMA, REPORTS, IMPORT, *(f"{split}.jsonl" for split in SPLITS)) if (folder / name).exists()
    ]
    if there and IMPORT not in there:
        raise InputError(f"{folder / there[0]}: is there already and no import wrote it; give another folder")
    if there and not overwrite:
        raise InputError(f"{folder / there[0]}: is there already; give another folder, or --overwrite to replace it")


def _rows(report: Report) -> list[SentenceRow]:
    mentions: list[list[MentionRow]] = [[] for _ in report.sentences]
    relations: list[list[RelationRow]] = [[] for _ in report.sentences]
    place = {mention.id: report.sentence_of(mention.start) for mention in report.mentions}
    for m in report.mentions:
        start = report.sentences[place[m.id]][0]
        mentions[place[m.id]].append(MentionRow(id=m.id, start=m.start - start, end=m.end - start, type=m.type))
    for r in report.relations:
        relations[max(place[r.head], place[r.tail])].append(RelationRow(head=r.head, label=r.label, tail=r.tail))
    return [
        SentenceRow(
            report=report.id,
            sentence=number,
            text=report.text[start:end],
            mentions=tuple(mentions[number]),
            relations=tuple(relations[number]),
        )
        for number, (start, end) in enumerate(report.sentences)
    ]


def _located(item: SourceReport, rows: Iterable[SentenceRow]) -> list[Located]:
    return [Located(row, item.where, (item.where,) * len(row.relations)) for row in rows]


def _count_kept(flat: Sequence[SourceReport], sentences: Mapping[str, Sequence[SentenceRow]], tally: Tally) -> None:
    types = {mention.type for item in flat if item.split == "train" for mention in item.report.mentions}
    labels = {relation.label for item in flat if item.split == "train" for relation in item.report.relations}
    for item in flat:
        report, split = item.report, item.split
        tally.add(split, "reports", "kept")
        tally.add(split, "sentences", "kept", number=len(report.sentences))
        tally.add(split, "mentions", "kept", number=len(report.mentions))
        tally.add(split, "relations", "kept", number=len(report.relations))
        breaks = sum(bool(_LINE_BREAK.search(report.text[a[1] : b[0]])) for a, b in pairwise(report.sentences))
        tally.add(split, "sentence borders", "changed", "a line break there became a space", breaks)
        inside = sum(_begin_or_end_inside_a_word(row) for row in sentences[report.id])
        tally.add(split, "mentions", "noted", "begin or end inside a word: gold, but not to be found", inside)
        strange = sum(mention.type not in types for mention in report.mentions)
        tally.add(split, "mentions", "noted", "of a type that training lacks", strange)
        strange = sum(relation.label not in labels for relation in report.relations)
        tally.add(split, "relations", "noted", "of a label that training lacks", strange)
    rows = [(item.split, row.text) for item in flat for row in sentences[item.report.id]]
    pairs = near_duplicates([text for _, text in rows], [split for split, _ in rows])
    for twin in {first if rows[later][0] == "train" else later for first, later, _ in pairs}:
        tally.add(rows[twin][0], "sentences", "noted", "nearly the same as one of another split")


def _begin_or_end_inside_a_word(row: SentenceRow) -> int:
    words = [match.span() for match in WORD.finditer(row.text)]
    starts, ends = {start for start, _ in words}, {end for _, end in words}
    return sum(mention.start not in starts or mention.end not in ends for mention in row.mentions)


def _write(
    source: ImportSource,
    flat: Sequence[SourceReport],
    sentences: Mapping[str, Sequence[SentenceRow]],
    schema: Schema,
    folder: Path,
) -> None:
    infos = [
        ReportInfo(
            id=item.report.id,
            date=item.report.published,
            conflict=item.conflict,
            genre=item.genre,
            split=item.split,
            origin=item.origin,
        )
        for item in flat
    ]
    record = {
        "format": source.format,
        "conflictspan": version("conflictspan"),
        "rules": [*source.rules, *flattening.RULES, *schema_derivation.RULES],
        "counts": [count._asdict() | numbers for count, numbers in source.tally.table().items()],
        "skipped": source.tally.skipped,
        "files_sha256": {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in source.files.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / SCHEMA, schema.source)
    write_corpus(folder, infos, sentences)
    _replace(folder / IMPORT, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)
