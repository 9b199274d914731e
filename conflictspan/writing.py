"""Extractions to JSON lines and back; what was not read goes to a file beside."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, NonNegativeInt, ValidationError

from conflictspan.errors import InputError, OutputError
from conflictspan.events.records import Event
from conflictspan.reading import Reject
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import describe

STDOUT = "-"
"""The output that means standard output."""

_Write = Callable[[Mapping[str, object]], object]
"""What writes a record as a line."""


@dataclass(slots=True)
class Summary:
    """What was written: counts.

    Attributes:
        reports, sentences, mentions, relations, events: in the output.
        rejects: records that were left out.
        duplicates: reports in the output that have the id of an earlier one.
    """

    reports: int = 0
    sentences: int = 0
    mentions: int = 0
    relations: int = 0
    events: int = 0
    rejects: int = 0
    duplicates: int = 0


def rejects_path(output: Path) -> Path:
    """The file for what was not read: `<output>.rejects.jsonl`."""
    return output.with_name(f"{output.name}.rejects.jsonl")


def write_extractions(items: Iterable[Report | Reject], output: str | Path, *, overwrite: bool = False) -> Summary:
    """Write one JSON line a report, in the order given, and the rejects to a file beside, if there are any.

    Offsets are Unicode code points into `text`, half open; scores have four decimals; `title` is there where it is
    known. Both files are written as `<name>.part` and take their names once they are whole: a run that was killed
    leaves a `.part`, which the next run replaces, and the files from before, if there were any.

    Args:
        items: reports, and between them what was not read.
        output: the file; "-" is standard output, and the rejects then go to standard error.
        overwrite: replace an output that is there, with its rejects.

    Raises:
        OutputError: before any item is taken, where the output is there and `overwrite` is not set; where a file
            cannot be written.
    """
    if str(output) == STDOUT:
        out, err = sys.stdout.buffer, sys.stderr.buffer
        summary = _write(items, lambda record: out.write(_line(record)), lambda record: err.write(_line(record)))
        out.flush()
        return summary
    check_output(output, overwrite=overwrite)
    output = Path(output)
    rejects = rejects_path(output)
    part, rejects_part = (path.with_name(f"{path.name}.part") for path in (output, rejects))
    try:
        with _lines_to(part) as write, _lines_to(rejects_part) as write_reject:
            summary = _write(items, write, write_reject)
        with _faults_named(output):
            if summary.rejects or summary.duplicates:
                rejects_part.replace(rejects)
            else:
                rejects.unlink(missing_ok=True)
            part.replace(output)
    finally:
        part.unlink(missing_ok=True)
        rejects_part.unlink(missing_ok=True)
    return summary


def check_output(output: str | Path, *, overwrite: bool) -> None:
    """Raise OutputError where an output must not be replaced, is no file or has no folder to be in."""
    if str(output) == STDOUT:
        return
    output = Path(output)
    if not output.parent.is_dir():
        raise OutputError(f"{output}: there is no folder {output.parent}; make it first")
    for path in (output, rejects_path(output)):
        if path.exists() and not path.is_file():  # renaming onto /dev/null would replace the device
            raise OutputError(f"{path} is a folder or a device; give a file, or - for standard output")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} is there already; give another output, or --overwrite to replace it")


@contextmanager
def _lines_to(path: Path) -> Iterator[_Write]:
    """Yield what writes a line to a new file; at the end the lines are on the disk, or an OutputError says why not."""
    with _faults_named(path):
        file = path.open("wb")

    def write(record: Mapping[str, object]) -> None:
        with _faults_named(path):
            file.write(_line(record))

    try:
        yield write
        with _faults_named(path):
            file.flush()
            os.fsync(file.fileno())
    finally:
        with _faults_named(path):  # closing writes what a full disk did not take before
            file.close()


@contextmanager
def _faults_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; what was written of it is removed") from error


def _write(items: Iterable[Report | Reject], write: _Write, write_reject: _Write) -> Summary:
    summary = Summary()
    for item in items:
        if isinstance(item, Reject):
            write_reject(asdict(item))
            summary.rejects += item.kind == "rejected"
            summary.duplicates += item.kind == "duplicate id"
        else:
            write(as_record(item))
            summary.reports += 1
            summary.sentences += len(item.sentences)
            summary.mentions += len(item.mentions)
            summary.relations += len(item.relations)
            summary.events += len(item.events)
    return summary


def _line(record: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, which JSON can name but UTF-8 cannot hold
        return json.dumps(record).encode() + b"\n"


def as_record(report: Report) -> dict[str, Any]:
    """A report as the fields of its line."""
    return {
        "id": report.id,
        "published": report.published,
        **({"title": report.title} if report.title is not None else {}),
        "text": report.text,
        "sentences": report.sentences,
        "mentions": [
            {
                "id": m.id,
                "start": m.start,
                "end": m.end,
                "type": m.type,
                "text": report.text[m.start : m.end],
                "status": m.status,
                "score": _rounded(m.score),
            }
            for m in report.mentions
        ],
        "relations": [
            {"head": r.head, "label": r.label, "tail": r.tail, "score": _rounded(r.score)} for r in report.relations
        ],
        "events": [event.model_dump(by_alias=True) for event in report.events],
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)


class _MentionRow(_Row):
    id: str
    start: NonNegativeInt
    end: NonNegativeInt
    type: str
    text: InstanceOf[str]
    status: str | None
    score: float | None


class _RelationRow(_Row):
    head: str
    label: str
    tail: str
    score: float | None


class _ExtractionRow(_Row):
    id: InstanceOf[str]
    published: InstanceOf[str] | None
    title: InstanceOf[str] | None = None
    text: InstanceOf[str]
    sentences: list[Annotated[list[NonNegativeInt], Field(min_length=2, max_length=2)]]
    mentions: list[_MentionRow]
    relations: list[_RelationRow]
    events: Annotated[tuple[Event, ...], Field(strict=False)] = ()  # lines written before there were events have none


def read_extractions(path: str | Path) -> Iterator[Report]:
    """Read back what `write_extractions` wrote; fields that are not of a Report are not looked at.

    Raises:
        InputError: where the file cannot be opened, or a line is no extraction, names offsets that do not fit its
            text, or joins mentions that are not there. It names file, line and field.
    """
    try:
        with Path(path).open("rb") as lines:
            for number, line in enumerate(lines, 1):
                yield read_extraction(line, where=f"{path}:{number}")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error


def read_extraction(line: bytes, *, where: str) -> Report:
    """Read one line back; `where` names it in errors. Raises InputError."""
    try:
        row = _ExtractionRow.model_validate(json.loads(line))
    except ValidationError as error:
        raise InputError(f"{where}: {'; '.join(describe(error))}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {error}") from error
    for mention in row.mentions:
        found = row.text[mention.start : mention.end]
        if not found or found != mention.text:
            raise InputError(
                f"{where}: mention {mention.id} is {mention.text!r}, but {mention.start} to {mention.end} "
                f"of the text is {found!r}; were the offsets counted in something else than code points?"
            )
    ids = {mention.id for mention in row.mentions}
    for relation in row.relations:
        if not {relation.head, relation.tail} <= ids:
            named = f"{relation.head} {relation.label} {relation.tail}"
            raise InputError(f"{where}: relation {named} joins a mention that is not there")
    return Report(
        id=row.id,
        text=row.text,
        published=row.published,
        title=row.title,
        sentences=tuple((start, end) for start, end in row.sentences),
        mentions=tuple(Mention(m.id, m.start, m.end, m.type, m.status, m.score) for m in row.mentions),
        relations=tuple(Relation(r.head, r.label, r.tail, r.score) for r in row.relations),
        events=row.events,
    )
