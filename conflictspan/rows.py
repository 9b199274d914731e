"""The lines of the corpus files, as pydantic records at the file border."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from conflictspan.errors import shown

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
_AnyRow = TypeVar("_AnyRow", bound=BaseModel)


def _on_calendar(date: str) -> str:
    dt.date.fromisoformat(date)
    return date


Word = Annotated[str, Field(pattern=r"^\S+$")]
Text = Annotated[str, Field(pattern=r"\S")]
Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_on_calendar)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class MentionRow(_Row):
    """A typed span of one sentence.

    Attributes:
        id: unique in its report.
        start, end: code points into the sentence, half open.
        type: a type of the schema.
        status: of a trigger that is not asserted; None else.
    """

    id: Word
    start: NonNegativeInt
    end: NonNegativeInt
    type: Word
    status: Word | None = None


class RelationRow(_Row):
    """An arc between two spans of one report, by their ids."""

    head: Word
    label: Word
    tail: Word


class SentenceRow(_Row):
    """One line of `train.jsonl`, `validation.jsonl` or `test.jsonl`.

    Attributes:
        report: the report's id.
        sentence: the sentence's place in its report, from 0.
        text: the sentence.
        mentions: its spans.
        relations: the arcs whose later end is in this sentence.
    """

    report: Word
    sentence: NonNegativeInt
    text: Text
    mentions: tuple[MentionRow, ...] = ()
    relations: tuple[RelationRow, ...] = ()


class ReportHeader(_Row):
    """What is known about a report: its date (ISO 8601; None where it has none), the conflict, its genre."""

    id: Word
    date: Date | None
    conflict: Text
    genre: Text


class ReportInfo(_Row):
    """One line of `reports.jsonl`: the header, the split, and the stem of the file it came from.

    Only imported reports may lack a date: markup cannot hold them.
    """

    id: Word
    date: Date | None
    conflict: Text
    genre: Text
    split: Split
    origin: Annotated[str, Field(pattern=r"^[^/\\]+$")]


@dataclass(frozen=True, slots=True)
class Located:
    """A sentence with its place, for messages.

    Attributes:
        row: the sentence.
        where: `file:line` of the sentence.
        relations_where: `file:line` of each relation, in the row's order.
    """

    row: SentenceRow
    where: str
    relations_where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedReport:
    """A report as the markup has it: all that is known about it but its split.

    Attributes:
        header: its id, date, conflict and genre.
        sentences: its sentences with their places, in order.
        origin: stem of its markup file.
        where: `file:line` of its header.
    """

    header: ReportHeader
    sentences: tuple[Located, ...]
    origin: str
    where: str


def scan_rows(path: Path, model: type[_AnyRow], faults: list[str]) -> Iterator[tuple[str, _AnyRow]]:
    """Read a JSON Lines file; yield each row with its `file:line` and add to `faults` what is no row."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{shown(path)}: cannot be read: {error}")
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = model.model_validate_json(line)
        except ValidationError as error:
            faults += [f"{shown(path)}:{number}: {fault}" for fault in describe(error)]
        else:
            yield f"{shown(path)}:{number}", row


def describe(error: ValidationError) -> list[str]:
    """The faults of a row in words: `mentions.0.start: Input should be a valid integer, not '3'`."""
    faults = []
    for detail in error.errors():
        place = ".".join(map(str, detail["loc"])) or "line"
        given = "" if detail["type"] == "missing" else f", not {repr(detail['input'])[:80]}"
        faults.append(f"{place}: {detail['msg']}{given}")
    return faults
