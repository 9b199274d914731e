"""Extractions to JSON lines and back; what was not read goes to a file beside."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, NonNegativeInt, ValidationError

from conflictspan.errors import InputError, OutputError
from conflictspan.events.records import Event, Score
from conflictspan.packing import FAULTS, open_unpacked
from conflictspan.parts import PartFile, faults_named, part_of
from conflictspan.reading import STDIN, Reject
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import describe

STDOUT = "-"
"""The output that means standard output."""

_BUFFER = 2**20  # bytes of lines that are written, and packed, at a time


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

    def count(self, item: Report | Reject) -> None:
        """Count a report or a reject."""
        if isinstance(item, Reject):
            self.rejects += item.kind == "rejected"
            self.duplicates += item.kind == "duplicate id"
        else:
            self.reports += 1
            self.sentences += len(item.sentences)
            self.mentions += len(item.mentions)
            self.relations += len(item.relations)
            self.events += len(item.events)


def rejects_path(output: Path) -> Path:
    """The file for what was not read: `<output>.rejects.jsonl`."""
    return output.with_name(f"{output.name}.rejects.jsonl")


def write_extractions(items: Iterable[Report | Reject], output: str | Path, *, overwrite: bool = False) -> Summary:
    """Write one JSON line a report, in the order given, and the rejects to a file beside, if there are any.

    Offsets are Unicode code points into `text`, half open; scores have four decimals; `title` is there where it is
    known. Both files are written as `<name>.part` and take their names once they are whole: a run that was killed
    leaves a `.part`, which the next run replaces, and the files from before, if there were any. An output whose name
    ends in `.gz` or `.zst` is packed.

    Args:
        items: reports, and between them what was not read.
        output: the file; "-" is standard output, and the rejects then go to standard error.
        overwrite: replace an output that is there, with its rejects.

    Raises:
        OutputError: before any item is taken, where the output is there and `overwrite` is not set; where a file
            cannot be written.
    """
    summary = Summary()
    if str(output) == STDOUT:
        for item in items:
            stream = sys.stderr if isinstance(item, Reject) else sys.stdout
            stream.buffer.write(line_of(item))
            summary.count(item)
        sys.stdout.buffer.flush()
        return summary
    check_output(output, overwrite=overwrite)
    output = Path(output)
    remedy = "what was written of it is removed"
    targets = (output, rejects_path(output))
    parts: list[PartFile] = []
    buffers = (bytearray(), bytearray())
    try:
        parts += (PartFile(target, remedy=remedy) for target in targets)
        for item in items:
            summary.count(item)
            buffer = buffers[isinstance(item, Reject)]
            buffer += line_of(item)
            if len(buffer) >= _BUFFER:
                parts[isinstance(item, Reject)].append(bytes(buffer))
                buffer.clear()
        for part, buffer in zip(parts, buffers, strict=True):
            if buffer or not part.size:
                part.append(bytes(buffer))
            part.sync()
        with faults_named(output, remedy):
            if summary.rejects or summary.duplicates:
                parts[1].path.replace(targets[1])
            else:
                targets[1].unlink(missing_ok=True)
            parts[0].path.replace(output)
    finally:
        for part in parts:
            part.close()
        for target in targets:
            part_of(target).unlink(missing_ok=True)
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


def check_outside(output: str | Path, inputs: Iterable[str | Path]) -> None:
    """Raise OutputError where an output would come to lie in a folder that is read."""
    for folder in (Path(given) for given in inputs if str(given) != STDIN):
        if folder.resolve() in Path(output).resolve().parents:
            raise OutputError(f"{output} is inside the input {folder}, which would read it; give another output")


def line_of(item: Report | Reject) -> bytes:
    """The line of a report in the output, or of a reject in the file beside it."""
    record = asdict(item) if isinstance(item, Reject) else as_record(item)
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
    score: Score | None


class _RelationRow(_Row):
    head: str
    label: str
    tail: str
    score: Score | None


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
    """Read back what `write_extractions` wrote, packed or not; fields that are not of a Report are not looked at.

    Raises:
        InputError: where the file cannot be opened, or a line is no extraction, names offsets that do not fit its
            text, has a score that is no probability, or joins mentions that are not there. It names file, line and
            field.
    """
    try:
        with open_unpacked(path) as lines:
            for number, line in enumerate(lines, 1):
                yield read_extraction(line, where=f"{path}:{number}")
    except FAULTS as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


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
