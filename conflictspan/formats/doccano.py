"""doccano's JSON lines for relation extraction: `text`, `entities`, `relations`, and fields that it keeps for us.

It is the form that a sequence labelling project with relations takes in and gives out (JSONL;
https://github.com/doccano/doccano, `backend/data_import/pipeline` and `backend/data_export/pipeline`). Offsets are
UTF-16 code units, as doccano's page counts them unless the project counts grapheme clusters
(https://github.com/doccano/doccano/issues/2290). Further fields of a line are its meta data and come back with it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from conflictspan.errors import AnnotationError, shown
from conflictspan.formats.annotations import Annotations
from conflictspan.formats.report_notes import ReportNote
from conflictspan.formats.sources import ImportSource, SourceReport, Tally, as_label, as_word, split_of_file
from conflictspan.formats.utf16 import Utf16Offsets
from conflictspan.records import Mention, Relation
from conflictspan.rows import describe, scan_rows
from conflictspan.schema import Schema

RULES = (
    "An entity's label is its type; with a space and a status of the label scheme behind it, its status too. Other "
    "white space in labels becomes % and hex digits.",
    "A line without a report's name is named after the file and its place there; its split is the one that the file's "
    "name speaks of, or else train.",
    "A report has the date, the sentences and so on that its line says; a span where one stood has its id.",
    "Comments are not taken in.",
)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Entity(_Row):
    id: int
    label: str = Field(min_length=1)
    start_offset: NonNegativeInt
    end_offset: NonNegativeInt


class _Relation(_Row):
    from_id: int
    to_id: int
    type: str = Field(min_length=1)


class _Line(_Row):
    model_config = ConfigDict(frozen=True, extra="allow")

    text: str
    entities: tuple[_Entity, ...]
    relations: tuple[_Relation, ...] = ()
    comments: tuple[Any, ...] = Field(default=(), alias="Comments")


def read_doccano(path: Path, schema: Schema | None = None) -> ImportSource:
    """Read a file of doccano's JSON lines.

    Args:
        path: the file.
        schema: says which labels end in a status.

    Raises:
        AnnotationError: with every fault of the file, each with its line.
    """
    faults: list[str] = []
    tally = Tally()
    split = split_of_file(path)
    reports: list[SourceReport] = []
    for number, (where, line) in enumerate(scan_rows(path, _Line, faults), 1):
        try:
            note = ReportNote.read(line.model_extra or {}, stem=as_word(path.stem), number=number, split=split)
        except ValidationError as error:
            faults += [f"{where}: {fault}" for fault in describe(error)]
            continue
        if fault := note.fault(line.text):
            faults.append(f"{where}: {fault}")
        faults += _dangling(line, where)
        offsets = Utf16Offsets(line.text)
        found = [_mention(entity, offsets, where, schema, faults) for entity in line.entities]
        mentions = [mention for mention in found if mention]
        relations = [Relation(str(r.from_id), as_label(r.type), str(r.to_id)) for r in line.relations]
        if not faults:
            reports.append(note.source(line.text, mentions, relations, where=where))
        tally.add(note.split, "reports", "read")
        tally.add(note.split, "mentions", "read", number=len(mentions))
        tally.add(note.split, "relations", "read", number=len(relations))
        tally.add(note.split, "comments", "lost", "not taken in", len(line.comments))
    if faults:
        raise AnnotationError(faults)
    events = {mention.type for item in reports for mention in item.report.mentions if mention.status}
    return ImportSource("doccano", RULES, {shown(Path(path.name)): path}, reports, tally, events)


def write_doccano(annotations: Annotations, path: Path) -> None:
    """Write a line for each report."""
    annotations.lose("doccano has no place for them", "scores")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(_line(item), ensure_ascii=False) + "\n" for item in annotations.reports)


def _line(item: SourceReport) -> dict[str, object]:
    offsets = Utf16Offsets(item.report.text)
    numbers = {mention.id: number for number, mention in enumerate(item.report.mentions)}
    return {
        "text": item.report.text,
        "entities": [
            {
                "id": numbers[mention.id],
                "label": f"{mention.type} {mention.status}" if mention.status else mention.type,
                "start_offset": offsets.units(mention.start),
                "end_offset": offsets.units(mention.end),
            }
            for mention in item.report.mentions
        ],
        "relations": [
            {"id": number, "from_id": numbers[r.head], "to_id": numbers[r.tail], "type": r.label}
            for number, r in enumerate(item.report.relations)
        ],
        **ReportNote.of(item).model_dump(),
    }


def _mention(
    entity: _Entity, offsets: Utf16Offsets, where: str, schema: Schema | None, faults: list[str]
) -> Mention | None:
    start, end = offsets.points(entity.start_offset), offsets.points(entity.end_offset)
    if start is None or end is None or start >= end:
        faults.append(
            f"{where}: entity {entity.id}: {entity.start_offset} to {entity.end_offset} is no span of the text, "
            "in UTF-16 code units; does the project count grapheme clusters?"
        )
        return None
    type_, status = _split_label(entity.label, schema)
    return Mention(str(entity.id), start, end, type_, status)


def _split_label(label: str, schema: Schema | None) -> tuple[str, str | None]:
    type_, _, status = label.rpartition(" ")
    if schema and schema.is_event(type_) and status in schema.statuses:
        return type_, status
    return as_label(label), None


def _dangling(line: _Line, where: str) -> Iterator[str]:
    """Faults of entities with one number and of relations to none."""
    numbers = Counter(entity.id for entity in line.entities)
    yield from (f"{where}: the entity {id_} stands twice" for id_, times in numbers.items() if times > 1)
    for relation in line.relations:
        for id_ in dict.fromkeys((relation.from_id, relation.to_id)):
            if id_ not in numbers:
                yield f"{where}: a relation {relation.type} joins the entity {id_}, which the line lacks"
