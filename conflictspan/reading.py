"""Reports from files: text, JSON lines, CSV, Parquet, folders of these, standard input; one at a time."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, InstanceOf, ValidationError

from conflictspan.errors import InputError
from conflictspan.packing import FAULTS
from conflictspan.parsing import KINDS, Count, Fault, Row, kind_of, parse, parse_json_lines, stem_of
from conflictspan.records import Report
from conflictspan.rows import describe

STDIN = "-"
"""The input that means standard input, read as JSON lines."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that was not read, or was read with a reservation.

    Attributes:
        file: the file as found; "-" for standard input.
        line: where the record begins, from 1; its row in a Parquet file; None where the whole file is meant.
        reason: what is wrong, with the value and what would do.
        kind: "rejected" for a record that was left out; "duplicate id" for a report that was read although
            an earlier one has its id.
    """

    file: str
    line: int | None
    reason: str
    kind: Literal["rejected", "duplicate id"] = "rejected"


@dataclass(frozen=True, slots=True)
class Located:
    """A report with its place.

    Attributes:
        report: as it was read.
        file, line: where it begins, as in a Reject.
    """

    report: Report
    file: str
    line: int | None


Item = Located | Reject
"""What reading gives, in input order."""


def _name(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _iso(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


class _Record(BaseModel):
    """A report at the file border. InstanceOf, since pydantic's own strings cannot hold a lone surrogate."""

    model_config = ConfigDict(frozen=True)

    text: InstanceOf[str]
    id: Annotated[InstanceOf[str] | None, BeforeValidator(_name)] = None
    published: Annotated[InstanceOf[str] | None, BeforeValidator(_iso)] = None
    title: InstanceOf[str] | None = None


def read_reports(inputs: Sequence[str | Path]) -> Iterator[Report | Reject]:
    """Read reports, one at a time.

    A `.txt` file is one report, named as the file is without its suffix. The lines of a `.jsonl` file and the rows of
    a `.csv` or `.parquet` file are a report each: `text` is needed; `id`, `published` and `title` are taken where they
    are; other fields are not looked at. A report without an id is named after its file and its row there, or line if
    they are JSON: `syria-12`. All but `.parquet` may be packed, with `.gz` or `.zst` behind: `syria.jsonl.gz`. A folder
    stands for all files in it, by name, and those of its folders; hidden ones are left out. "-" is standard input,
    always as JSON lines. Text is UTF-8 and stays as it is, character by character, but for a byte order mark.

    Args:
        inputs: files, folders or "-".

    Returns:
        Reports in input order. What cannot be read comes as a Reject in its place and ends nothing. A report whose id
        was there before comes too, a Reject of the kind "duplicate id" after it.

    Raises:
        InputError: at once, where an input does not exist or is a file of another kind.
    """
    return (item.report if isinstance(item, Located) else item for item in read_located(inputs))


def read_located(inputs: Sequence[str | Path], *, count: Count | None = None) -> Iterator[Item]:
    """Read as `read_reports` does, each report with its place.

    Args:
        inputs: files, folders or "-".
        count: called with every number of bytes read; they come to `count_bytes(inputs)` in the end.

    Raises:
        InputError: as `read_reports` does.
    """
    _check_inputs(inputs)
    return _report_duplicates(item for given in inputs for item in _read_input(str(given), count or (lambda _: None)))


def list_files(inputs: Sequence[str | Path]) -> Iterator[Path | Reject]:
    """Give the files that `read_reports` would read, in its order, and what it would refuse to.

    Args:
        inputs: files or folders.

    Raises:
        InputError: at once, where an input does not exist or is a file of another kind.
    """
    _check_inputs(inputs)
    return (file for given in inputs for file in _files(Path(given)))


def _check_inputs(inputs: Sequence[str | Path]) -> None:
    for given in map(str, inputs):
        path = Path(given)
        try:
            if given == STDIN or path.is_dir():
                continue
            if not path.exists():
                raise InputError(f"{given}: there is no such file or folder")
        except OSError as error:  # a name that is too long, a folder that must not be entered
            raise InputError(f"{given}: cannot be read: {error.strerror}") from error
        if not kind_of(path):
            raise InputError(f"{given}: not a kind of file that is read; give {KINDS}, a folder of these, or -")


def count_bytes(inputs: Sequence[str | Path]) -> int | None:
    """How many bytes the files of the inputs have; None where standard input is among them."""
    if any(str(given) == STDIN for given in inputs):
        return None
    files = (path for given in inputs for path in _files(Path(given)) if isinstance(path, Path))
    return sum(path.stat().st_size for path in files if path.exists())


class SeenIds:
    """The ids of an archive so far.

    It is all that grows with the archive, so it holds 60 bits of each id. In one archive of a million reports out of
    two million, two ids share theirs, and a warning is wrong. Python's own hash differs from run to run.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def add(self, id_: str, file: str, line: int | None) -> Reject | None:
        """Take a report's id in; a Reject of the kind "duplicate id" where it was there before."""
        short = int.from_bytes(blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 4
        if short in self._seen:
            return Reject(file, line, f"an earlier report has the id {id_!r} too; both were read", "duplicate id")
        self._seen.add(short)
        return None


def _report_duplicates(items: Iterable[Item]) -> Iterator[Item]:
    seen = SeenIds()
    for item in items:
        yield item
        if isinstance(item, Located) and (duplicate := seen.add(item.report.id, item.file, item.line)):
            yield duplicate


def _read_input(given: str, count: Count) -> Iterator[Item]:
    if given == STDIN:
        yield from _reports(STDIN, "stdin", parse_json_lines(sys.stdin.buffer))
        return
    for path in _files(Path(given)):
        if isinstance(path, Reject):
            yield path
            continue
        line = None
        try:
            for item in _reports(str(path), stem_of(path), parse(path, count)):
                yield item
                line = item.line
        except FAULTS as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            where = "cannot be read from here on" if line else "cannot be read"
            yield Reject(str(path), line and line + 1, f"{where}: {reason}")


def _files(path: Path) -> Iterator[Path | Reject]:
    """Yield the readable files of a folder and of its folders by name, or the path itself if it is a file."""
    if not path.is_dir():
        yield path
        return
    try:
        names = sorted(os.listdir(path))  # noqa: PTH208  names are small; a folder may have a million
    except OSError as error:
        yield Reject(str(path), None, f"cannot be read: {error.strerror}")
        return
    for entry in (path / name for name in names if not name.startswith(".")):
        try:
            is_folder, is_file = entry.is_dir() and not entry.is_symlink(), entry.is_file()  # a link may lead back up
        except OSError as error:  # in a folder that may be listed and not entered
            yield Reject(str(entry), None, f"cannot be read: {error.strerror}")
            continue
        if is_folder:
            yield from _files(entry)
        elif is_file and kind_of(entry):
            yield entry
        else:
            yield Reject(str(entry), None, f"not a file of a kind that is read: {KINDS}")


def _reports(file: str, stem: str, rows: Iterable[Row | Fault]) -> Iterator[Item]:
    """Check the records of a file."""
    for row in rows:
        if isinstance(row, Fault):
            yield Reject(file, row.line, row.reason)
            continue
        line, number, fields = row
        try:
            record = _Record.model_validate(fields)
        except ValidationError as error:
            yield Reject(file, line, "; ".join(describe(error)))
            continue
        if not record.text.strip():
            yield Reject(file, line, "text: empty")
            continue
        id_ = record.id or f"{stem}-{number}"
        report = Report(id_, record.text, published=record.published or None, title=record.title or None)
        yield Located(report, file, line)
