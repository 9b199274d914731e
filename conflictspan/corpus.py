"""The annotated corpus on disk: `schema.toml`, one JSON Lines file a split, `reports.jsonl`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from conflictspan.errors import AnnotationError
from conflictspan.near_duplicates import near_duplicate_faults
from conflictspan.parts import whole_or_not
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import SPLITS, Located, ReportInfo, SentenceRow, scan_rows
from conflictspan.schema import Schema
from conflictspan.validation import report_faults

__all__ = [
    "REPORTS",
    "SCHEMA",
    "Corpus",
    "ReportInfo",
    "load_corpus",
    "load_report_infos",
    "read_corpus",
    "unseen_conflicts",
    "validate_corpus",
    "write_corpus",
]

REPORTS = "reports.jsonl"
SCHEMA = "schema.toml"
# Words in the place of a conflict's name, or beside it, that name none.
_NO_CONFLICT = {"", "none", "unknown", "several", "historical", "protests", "riots", "unrest", "labour", "blockade"} | {
    *("north", "east", "south", "west", "northeast", "northwest", "southeast", "southwest", "far north")
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """All rows of a corpus folder.

    Attributes:
        schema: the label scheme.
        infos: report id -> what is known about it, in file order; empty without `reports.jsonl`.
        splits: split -> report id -> its sentences, in file order.
    """

    schema: Schema
    infos: Mapping[str, ReportInfo]
    splits: Mapping[str, Mapping[str, tuple[Located, ...]]]

    @property
    def sentences(self) -> dict[str, tuple[Located, ...]]:
        """Report id -> its sentences, of all splits."""
        return {id_: rows for reports in self.splits.values() for id_, rows in reports.items()}


def load_corpus(folder: Path, split: str) -> list[Report]:
    """Load the reports of one split.

    Args:
        folder: has `schema.toml`, `<split>.jsonl` and, if there is one, `reports.jsonl`.
        split: "train", "validation" or "test".

    Returns:
        Reports in file order. A report's text is its sentences joined by one space; its mentions keep their ids and
        stand by start; it is `published` on its date.

    Raises:
        AnnotationError: with every fault of the split, each with file and line.
        SchemaError: where the label scheme cannot be read.
    """
    corpus = read_corpus(folder, splits=(split,))
    return [to_report(id_, rows, corpus.infos.get(id_)) for id_, rows in corpus.splits[split].items()]


def load_report_infos(folder: Path) -> dict[str, ReportInfo]:
    """Read `reports.jsonl`: report id -> info, in file order; empty where there is no such file.

    Raises:
        AnnotationError: with every fault of the file.
    """
    infos, faults = _scan_infos(Path(folder) / REPORTS)
    if faults:
        raise AnnotationError(faults)
    return infos


def read_corpus(folder: Path, *, splits: Iterable[str] = SPLITS) -> Corpus:
    """Read the rows of a corpus folder.

    Raises:
        AnnotationError: with every fault of the splits, each with file and line.
        SchemaError: where the label scheme cannot be read.
    """
    corpus, faults = _scan_corpus(Path(folder), splits)
    if faults:
        raise AnnotationError(faults)
    return corpus


def validate_corpus(folder: Path) -> Corpus:
    """Read all of a corpus folder and check besides that no sentence stands, nearly the same, in two splits.

    Raises:
        AnnotationError: with every fault, each with file and line.
        SchemaError: where the label scheme cannot be read.
    """
    corpus, faults = _scan_corpus(Path(folder), SPLITS)
    rows = [(split, row) for split, reports in corpus.splits.items() for rows in reports.values() for row in rows]
    faults += near_duplicate_faults([(split, row.row.text, row.where) for split, row in rows])
    if faults:
        raise AnnotationError(faults)
    return corpus


def write_corpus(folder: Path, infos: Iterable[ReportInfo], sentences: Mapping[str, Iterable[SentenceRow]]) -> None:
    """Write `reports.jsonl` and the three splits, reports in the order of `infos`.

    Args:
        folder: where to; each file is replaced as a whole.
        infos: the reports.
        sentences: report id -> its sentences.
    """
    infos = list(infos)
    for split in SPLITS:
        members = (info.id for info in infos if info.split == split)
        _write_rows(folder / f"{split}.jsonl", (row for id_ in members for row in sentences[id_]))
    _write_rows(folder / REPORTS, infos)


def unseen_conflicts(infos: Mapping[str, ReportInfo]) -> set[str]:
    """The validation and test reports that tell of a conflict no training report tells of.

    Conflicts are free text ("Syria/Turkey", "India (Manipur)", "Myanmar Rakhine"). One is seen where any of its parts
    is a part of a training report's conflict, or begins with one, or the other way round ("myanmar rakhine" with
    "myanmar"). So "Chad-Libya" is seen where Chad and Libya are, though each in another war. Reports of no conflict
    ("none") or of several are never unseen.

    Returns:
        Their ids.
    """
    seen = {part for info in infos.values() if info.split == "train" for part in _conflict_parts(info.conflict)}
    return {
        info.id
        for info in infos.values()
        if info.split != "train"
        and (parts := _conflict_parts(info.conflict))
        and not any(f"{part} ".startswith(f"{s} ") or f"{s} ".startswith(f"{part} ") for part in parts for s in seen)
    }


def _conflict_parts(conflict: str) -> set[str]:
    parts = {part.strip() for part in re.split(r"[/,()-]| and ", conflict.casefold())}
    return parts - _NO_CONFLICT


def to_report(id_: str, sentences: Iterable[Located], info: ReportInfo | None = None) -> Report:
    """Join a report's rows to one record: the sentences with a space between them, offsets moved accordingly."""
    texts: list[str] = []
    offsets: list[tuple[int, int]] = []
    mentions: list[Mention] = []
    relations: list[Relation] = []
    start = 0
    for sentence in sentences:
        row = sentence.row
        texts.append(row.text)
        offsets.append((start, start + len(row.text)))
        mentions += [
            Mention(id=m.id, start=start + m.start, end=start + m.end, type=m.type, status=m.status)
            for m in sorted(row.mentions, key=lambda m: m.start)
        ]
        relations += [Relation(head=r.head, label=r.label, tail=r.tail) for r in row.relations]
        start += len(row.text) + 1
    return Report(
        id=id_,
        text=" ".join(texts),
        published=info.date if info else None,
        sentences=tuple(offsets),
        mentions=tuple(mentions),
        relations=tuple(relations),
    )


def _scan_corpus(folder: Path, splits: Iterable[str]) -> tuple[Corpus, list[str]]:
    schema = Schema.load(folder / SCHEMA)
    infos, faults = _scan_infos(folder / REPORTS)
    read: dict[str, dict[str, tuple[Located, ...]]] = {}
    first: dict[str, str] = {}
    for split in splits:
        path = folder / f"{split}.jsonl"
        read[split] = _scan_split(path, faults)
        for id_, sentences in read[split].items():
            where = sentences[0].where
            if first.setdefault(id_, where) != where:
                faults.append(f"{where}: the report {id_!r} stands already at {first[id_]}")
            if infos and id_ not in infos:
                faults.append(f"{where}: the report {id_!r} has no line in {REPORTS}")
            elif infos and infos[id_].split != split:
                faults.append(f"{where}: the report {id_!r} belongs to {infos[id_].split}, says {REPORTS}")
            faults += report_faults(sentences, schema)
        faults += [
            f"{folder / REPORTS}: the report {info.id!r} has no sentence in {path.name}"
            for info in infos.values()
            if info.split == split and info.id not in read[split]
        ]
    return Corpus(schema, infos, read), faults


def _scan_split(path: Path, faults: list[str]) -> dict[str, tuple[Located, ...]]:
    reports: dict[str, list[Located]] = {}
    last = None
    for where, row in scan_rows(path, SentenceRow, faults):
        if row.report != last and row.report in reports:
            faults.append(f"{where}: the sentences of {row.report!r} do not stand together")
        last = row.report
        reports.setdefault(row.report, []).append(Located(row, where, (where,) * len(row.relations)))
    return {id_: tuple(sentences) for id_, sentences in reports.items()}


def _scan_infos(path: Path) -> tuple[dict[str, ReportInfo], list[str]]:
    infos: dict[str, ReportInfo] = {}
    faults: list[str] = []
    if path.exists():
        for where, info in scan_rows(path, ReportInfo, faults):
            if info.id in infos:
                faults.append(f"{where}: the report {info.id!r} stands twice")
            infos[info.id] = info
    return infos, faults


def _write_rows(path: Path, rows: Iterable[BaseModel]) -> None:
    with whole_or_not(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(row.model_dump(), ensure_ascii=False) + "\n" for row in rows)
