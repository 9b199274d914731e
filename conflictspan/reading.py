"""Reports from files: text, JSON lines, CSV, Parquet, folders of these, standard input; one at a time."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, InstanceOf, ValidationError

from conflictspan.errors import InputError
from conflictspan.records import Report
from conflictspan.rows import describe

STDIN = "-"
"""The input that means standard input, read as JSON lines."""

_COLUMNS = ("id", "text", "published", "title")
_BYTES_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how the error handler "surrogateescape" marks them
_LARGEST_CELL = 2**26  # a quote that nothing closes takes in no more than this of the rows behind it
_ROWS_AT_A_TIME = 64  # rows of Parquet in memory: texts may have 10 MB each


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


_Row = tuple[int, int, Mapping[str, object]]
"""Line, row and fields of a record that has a form."""


def read_reports(inputs: Sequence[str | Path]) -> Iterator[Report | Reject]:
    """Read reports, one at a time.

    A `.txt` file is one report, named as the file is without its suffix. The lines of a `.jsonl` file and the rows of
    a `.csv` or `.parquet` file are a report each: `text` is needed; `id`, `published` and `title` are taken where they
    are; other fields are not looked at. A report without an id is named after its file and its row there, or line if
    they are JSON: `syria-12`. A folder stands for all files in it, by name, and those of its folders; hidden ones are
    left out. "-" is standard input, always as JSON lines. Text is UTF-8 and stays as it is, character by character,
    but for a byte order mark.

    Args:
        inputs: files, folders or "-".

    Returns:
        Reports in input order. What cannot be read comes as a Reject in its place and ends nothing. A report whose id
        was there before comes too, a Reject of the kind "duplicate id" after it.

    Raises:
        InputError: at once, where an input does not exist or is a file of another kind.
    """
    for given in map(str, inputs):
        path = Path(given)
        try:
            if given == STDIN or path.is_dir():
                continue
            if not path.exists():
                raise InputError(f"{given}: there is no such file or folder")
        except OSError as error:  # a name that is too long, a folder that must not be entered
            raise InputError(f"{given}: cannot be read: {error.strerror}") from error
        if path.suffix.lower() not in _READERS:
            raise InputError(f"{given}: not a kind of file that is read; give {_KINDS}, a folder of these, or -")
    return _report_duplicates(item for given in inputs for item in _read_input(str(given)))


def _report_duplicates(items: Iterable[tuple[Report, str, int | None] | Reject]) -> Iterator[Report | Reject]:
    seen: set[str] = set()
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        report, file, line = item
        yield report
        if report.id in seen:
            yield Reject(file, line, f"an earlier report has the id {report.id!r} too; both were read", "duplicate id")
        seen.add(report.id)


def _read_input(given: str) -> Iterator[tuple[Report, str, int | None] | Reject]:
    if given == STDIN:
        yield from _reports(STDIN, "stdin", _parse_json_lines(STDIN, sys.stdin.buffer))
        return
    for path in _files(Path(given)):
        if isinstance(path, Reject):
            yield path
            continue
        try:
            yield from _reports(str(path), path.stem, _READERS[path.suffix.lower()](path))
        except OSError as error:
            yield Reject(str(path), None, f"cannot be read: {error.strerror or error}")


def _files(path: Path) -> Iterator[Path | Reject]:
    """Yield the readable files of a folder and of its folders by name, or the path itself if it is a file."""
    if not path.is_dir():
        yield path
        return
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        yield Reject(str(path), None, f"cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder, is_file = entry.is_dir() and not entry.is_symlink(), entry.is_file()  # a link may lead back up
        except OSError as error:  # in a folder that may be listed and not entered
            yield Reject(str(entry), None, f"cannot be read: {error.strerror}")
            continue
        if is_folder:
            yield from _files(entry)
        elif is_file and entry.suffix.lower() in _READERS:
            yield entry
        else:
            yield Reject(str(entry), None, f"not a file of a kind that is read: {_KINDS}")


def _reports(file: str, stem: str, rows: Iterable[_Row | Reject]) -> Iterator[tuple[Report, str, int | None] | Reject]:
    """Check the records of a file."""
    for row in rows:
        if isinstance(row, Reject):
            yield row
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
        yield Report(id_, record.text, published=record.published or None, title=record.title or None), file, line


def _read_text(path: Path) -> Iterator[_Row | Reject]:
    try:
        yield 1, 1, {"id": path.stem, "text": path.read_bytes().decode("utf-8-sig")}
    except UnicodeDecodeError as error:
        yield Reject(str(path), None, f"not UTF-8: {error.reason} at byte {error.start}")


def _read_json_lines(path: Path) -> Iterator[_Row | Reject]:
    with path.open("rb") as lines:
        yield from _parse_json_lines(str(path), lines)


def _parse_json_lines(file: str, lines: Iterable[bytes]) -> Iterator[_Row | Reject]:
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if not text.strip():
                continue
            record = json.loads(text)
        except UnicodeDecodeError as error:
            yield Reject(file, number, f"not UTF-8: {error.reason} at byte {error.start} of the line")
        except json.JSONDecodeError as error:
            yield Reject(file, number, f"not JSON: {error.msg} at character {error.pos + 1} of the line")
        except (ValueError, RecursionError) as error:  # a number of 5,000 digits; lists 100,000 deep
            yield Reject(file, number, f"JSON that cannot be read: {error}")
        else:
            if isinstance(record, dict):
                yield number, number, record
            else:
                yield Reject(file, number, f"a JSON object is needed, with at least a text; not {text.strip()[:80]!r}")


def _read_csv(path: Path) -> Iterator[_Row | Reject]:
    csv.field_size_limit(_LARGEST_CELL)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        header: list[str] | None = None
        number = 0
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Reject(str(path), line, f"not CSV: {error}; is there a quotation mark too many or too few?")
                continue
            if not cells:
                continue
            if header is None:
                header = cells
                if "text" not in header:
                    yield Reject(str(path), line, f"no column is named text; the columns are {', '.join(header)[:200]}")
                    return
                continue
            number += 1
            if len(cells) != len(header):
                yield Reject(str(path), line, f"{len(cells)} cells where the header has {len(header)}")
                continue
            fields = {name: cell for name, cell in zip(header, cells, strict=True) if name in _COLUMNS}
            if bad := [name for name, cell in fields.items() if _BYTES_NOT_UTF8.search(cell)]:
                yield Reject(str(path), line, f"{', '.join(bad)}: not UTF-8")
            else:
                yield line, number, fields


def _read_parquet(path: Path) -> Iterator[_Row | Reject]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as table:
            names = table.schema_arrow.names
            if "text" not in names:
                yield Reject(str(path), None, f"no column is named text; the columns are {', '.join(names)[:200]}")
                return
            columns = [name for name in _COLUMNS if name in names]
            if twice := [name for name in columns if names.count(name) > 1]:
                yield Reject(str(path), None, f"several columns are named {', '.join(twice)}; leave one of each name")
                return
            for batch in table.iter_batches(batch_size=_ROWS_AT_A_TIME, columns=columns):
                for index in range(batch.num_rows):
                    number += 1
                    try:
                        yield number, number, {name: batch.column(name)[index].as_py() for name in columns}
                    # bytes that are not UTF-8; a date in the year 300000; a time zone that nobody knows
                    except (ValueError, OverflowError, KeyError) as error:
                        yield Reject(str(path), number, str(error))
    except (OSError, ValueError, pa.ArrowException) as error:  # ValueError: a column's name that is not UTF-8
        yield Reject(str(path), number + 1 if number else None, f"cannot be read from here on: {error}")


_READERS = {".csv": _read_csv, ".jsonl": _read_json_lines, ".parquet": _read_parquet, ".txt": _read_text}
_KINDS = ", ".join(sorted(_READERS))
