"""re3d, the Relationship and Entity Extraction Evaluation Dataset (https://github.com/dstl/re3d), in its own format.

A folder for each source, in each `documents.json`, `entities.json` and `relations.json`, one JSON object a line, and
beside them `split.json`: `{"train": [document ids], "validation": [...]}`, so that no document is in two splits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, RootModel, ValidationError

from conflictspan.errors import AnnotationError, InputError, shown
from conflictspan.formats.flattening import best_by_range
from conflictspan.formats.sources import ImportSource, SourceReport, Tally, as_word, decode
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import Split, Word, describe, scan_rows
from conflictspan.schema import Schema

CONFLICT = "Syria/Iraq"
"""What all of re3d is about, by its authors."""

RULES = (
    "Annotations of confidence 0 were voted down by the annotators: no gold, nor are relations with such an end.",
    "A report's split is that of split.json, its genre its source.",
    "An entity's value may differ from its text in marks and white space, in letters and digits it must not.",
    "Where two entities stand over the words that a relation names, its end is the one of higher confidence, of these "
    "the first.",
)

_Confidence = Annotated[float, Field(ge=0, le=1)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class _Document(_Row):
    id: Word = Field(alias="_id")
    text: str


class _Entity(_Row):
    document: str = Field(alias="documentId")
    begin: NonNegativeInt
    end: NonNegativeInt
    type: Word
    value: str
    confidence: _Confidence


class _Relation(_Row):
    document: str = Field(alias="documentId")
    source_begin: NonNegativeInt = Field(alias="sourceBegin")
    source_end: NonNegativeInt = Field(alias="sourceEnd")
    target_begin: NonNegativeInt = Field(alias="targetBegin")
    target_end: NonNegativeInt = Field(alias="targetEnd")
    type: Word
    confidence: _Confidence


class _Splits(RootModel[dict[Split, list[str]]]):
    model_config = ConfigDict(strict=True)


@dataclass(slots=True)
class _Folder:
    """One source as it is read. Attributes: `splits` and `texts`, of its documents; `faults` and `tally` of all."""

    path: Path
    faults: list[str]
    tally: Tally
    splits: dict[str, Split] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def read_re3d(folder: Path, _schema: Schema | None = None) -> ImportSource:
    """Read re3d.

    Args:
        folder: has a folder for each source, or is one.

    Raises:
        InputError: there is no `documents.json`.
        AnnotationError: with every fault of the files, each with file and line.
    """
    inside = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    paths = [path for path in (folder, *inside) if (path / "documents.json").is_file()]
    if not paths:
        raise InputError(f"{shown(folder)}: has no documents.json, nor has a folder in it; give the folder of re3d")
    tally = Tally(skipped=[f"{shown(path, under=folder)}/" for path in inside if path not in paths])
    faults: list[str] = []
    reports = [report for path in paths for report in _read_folder(_Folder(path, faults, tally))]
    if faults:
        raise AnnotationError(faults)
    names = ("documents.json", "entities.json", "relations.json", "split.json")
    files = {shown(path / name, under=folder): path / name for path in paths for name in names}
    return ImportSource("re3d", RULES, files, reports, tally)


def _read_folder(folder: _Folder) -> list[SourceReport]:
    places = _read_documents(folder)
    mentions = _read_entities(folder)
    relations = _read_relations(folder, mentions)
    name = folder.path.resolve().name
    sources = []
    for id_, where in places.items():
        folder.tally.add(folder.splits[id_], "reports", "read")
        gold = tuple(mention for mention in mentions[id_] if mention.score)
        report = Report(id_, folder.texts[id_], mentions=gold, relations=tuple(relations[id_]))
        sources.append(SourceReport(report, folder.splits[id_], where, as_word(name), CONFLICT, shown(Path(name))))
    return sources


def _read_documents(folder: _Folder) -> dict[str, str]:
    """Fill in splits and texts. Returns document -> its place."""
    faults = folder.faults
    splits = _read_splits(folder.path / "split.json", faults)
    places: dict[str, str] = {}
    for where, document in scan_rows(folder.path / "documents.json", _Document, faults):
        if document.id in places:
            faults.append(f"{where}: the document {document.id!r} stands already at {places[document.id]}")
        elif document.id not in splits:
            faults.append(f"{where}: the document {document.id!r} has no split in split.json; add it there")
        places.setdefault(document.id, where)
        folder.texts[document.id] = document.text
        folder.splits[document.id] = splits.get(document.id, "train")
    for id_ in sorted(splits.keys() - places.keys()):
        faults.append(f"{shown(folder.path / 'split.json')}: names {id_!r}, which is no document of documents.json")
    return places


def _read_splits(path: Path, faults: list[str]) -> dict[str, Split]:
    text = decode(path, faults)
    if text is None:
        faults[-1] += '; it says which documents train and which validate: {"train": [ids], "validation": [ids]}'
        return {}
    try:
        listed = _Splits.model_validate_json(text).root
    except ValidationError as error:
        faults += [f"{shown(path)}: {fault}" for fault in describe(error)]
        return {}
    splits: dict[str, Split] = {}
    for split, id_ in ((split, id_) for split, ids in listed.items() for id_ in ids):
        if splits.setdefault(id_, split) != split:
            faults.append(f"{shown(path)}: {id_!r} stands in {splits[id_]} and in {split}; leave it in one")
    return splits


def _read_entities(folder: _Folder) -> dict[str, list[Mention]]:
    """Document -> its entities, those of confidence 0 with a score of 0."""
    mentions: dict[str, list[Mention]] = {id_: [] for id_ in folder.texts}
    for where, entity in scan_rows(folder.path / "entities.json", _Entity, folder.faults):
        fault = _entity_fault(entity, folder.texts)
        if fault:
            folder.faults.append(f"{where}: {fault}")
            continue
        found, split = mentions[entity.document], folder.splits[entity.document]
        found.append(Mention(f"e{len(found)}", entity.begin, entity.end, entity.type, score=entity.confidence))
        folder.tally.add(split, "mentions", "read")
        if not entity.confidence:
            folder.tally.add(split, "mentions", "lost", "confidence 0")
        elif folder.texts[entity.document][entity.begin : entity.end] != entity.value:
            folder.tally.add(split, "mentions", "noted", "the value differs from the text in marks or white space")
    return mentions


def _entity_fault(entity: _Entity, texts: Mapping[str, str]) -> str | None:
    if entity.document not in texts:
        return f"no document has the id {entity.document!r}"
    text = texts[entity.document]
    if not entity.begin < entity.end <= len(text):
        return f"{entity.begin} to {entity.end} is no span of a text of {len(text)} characters"
    words = text[entity.begin : entity.end]
    if _letters(words) != _letters(entity.value):
        return (
            f"the value is {entity.value[:60]!r}, but {entity.begin} to {entity.end} of the text is {words[:60]!r}; "
            "were the offsets counted in something else than code points?"
        )
    return None


def _read_relations(folder: _Folder, mentions: Mapping[str, list[Mention]]) -> dict[str, list[Relation]]:
    relations: dict[str, list[Relation]] = {id_: [] for id_ in folder.texts}
    ends = {id_: best_by_range(found) for id_, found in mentions.items()}
    for where, row in scan_rows(folder.path / "relations.json", _Relation, folder.faults):
        if row.document not in ends:
            folder.faults.append(f"{where}: no document has the id {row.document!r}")
            continue
        spans = (row.source_begin, row.source_end), (row.target_begin, row.target_end)
        head, tail = (ends[row.document].get(span) for span in spans)
        if head is None or tail is None:
            start, end = spans[0] if head is None else spans[1]
            folder.faults.append(f"{where}: an end is {start} to {end}, where no entity of the document stands")
            continue
        folder.tally.add(folder.splits[row.document], "relations", "read")
        if not row.confidence:
            folder.tally.add(folder.splits[row.document], "relations", "lost", "confidence 0")
        elif not (head.score and tail.score):
            folder.tally.add(folder.splits[row.document], "relations", "lost", "an end has confidence 0")
        else:
            relations[row.document].append(Relation(head.id, row.type, tail.id))
    return relations


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))
