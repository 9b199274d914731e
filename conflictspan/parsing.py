"""The records of one file: text, JSON lines, CSV or Parquet, packed or not."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from conflictspan.packing import PACKINGS, open_unpacked, unpacked_name

Count = Callable[[int], object]
"""What is told how many bytes of a file were read."""

_COLUMNS = ("id", "text", "published", "title")
_BYTES_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # how the error handler "surrogateescape" marks them
_LARGEST_CELL = 2**26  # a quote that nothing closes takes in no more than this of the rows behind it
_ROWS_AT_A_TIME = 64  # rows of Parquet in memory: texts may have 10 MB each


class Row(NamedTuple):
    """A record that has a form: its line, which of its file's rows it is, its fields."""

    line: int
    number: int
    fields: Mapping[str, object]


class Fault(NamedTuple):
    """A record without a form, by its line, or a file without, where that is None."""

    line: int | None
    reason: str


def kind_of(path: Path) -> str:
    """The suffix that says how a file is parsed; "" where none does."""
    name = unpacked_name(path.name)
    suffix = Path(name).suffix.lower()
    known = suffix in _PARSERS and (suffix != _NEVER_PACKED or name == path.name)
    return suffix if known else ""


def stem_of(path: Path) -> str:
    """A file's name without the suffixes of its kind and its packing."""
    return Path(unpacked_name(path.name)).stem


def parse(path: Path, count: Count) -> Iterator[Row | Fault]:
    """Parse a file of a known kind.

    Raises:
        OSError, EOFError, zlib.error: the file cannot be read, or not from there on; see `packing.FAULTS`.
    """
    return _PARSERS[kind_of(path)](path, count)


def _parse_text(path: Path, count: Count) -> Iterator[Row | Fault]:
    with open_unpacked(path, count) as file:
        data = file.read()
    try:
        yield Row(1, 1, {"id": stem_of(path), "text": data.decode("utf-8-sig")})
    except UnicodeDecodeError as error:
        yield Fault(None, f"not UTF-8: {error.reason} at byte {error.start}")


def _parse_json_file(path: Path, count: Count) -> Iterator[Row | Fault]:
    with open_unpacked(path, count) as lines:
        yield from parse_json_lines(lines)


def parse_json_lines(lines: Iterable[bytes]) -> Iterator[Row | Fault]:
    """Parse JSON lines."""
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            if not text.strip():
                continue
            record = json.loads(text)
        except UnicodeDecodeError as error:
            yield Fault(number, f"not UTF-8: {error.reason} at byte {error.start} of the line")
        except json.JSONDecodeError as error:
            yield Fault(number, f"not JSON: {error.msg} at character {error.pos + 1} of the line")
        except (ValueError, RecursionError) as error:  # a number of 5,000 digits; lists 100,000 deep
            yield Fault(number, f"JSON that cannot be read: {error}")
        else:
            if isinstance(record, dict):
                yield Row(number, number, record)
            else:
                yield Fault(number, f"a JSON object is needed, with at least a text; not {text.strip()[:80]!r}")


def _parse_csv(path: Path, count: Count) -> Iterator[Row | Fault]:
    csv.field_size_limit(_LARGEST_CELL)
    with open_unpacked(path, count) as file:
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
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
                yield Fault(line, f"not CSV: {error}; is there a quotation mark too many or too few?")
                continue
            if not cells:
                continue
            if header is None:
                header = cells
                if "text" not in header:
                    yield Fault(line, f"no column is named text; the columns are {', '.join(header)[:200]}")
                    return
                continue
            number += 1
            if len(cells) != len(header):
                yield Fault(line, f"{len(cells)} cells where the header has {len(header)}")
                continue
            fields = {name: cell for name, cell in zip(header, cells, strict=True) if name in _COLUMNS}
            if bad := [name for name, cell in fields.items() if _BYTES_NOT_UTF8.search(cell)]:
                yield Fault(line, f"{', '.join(bad)}: not UTF-8")
            else:
                yield Row(line, number, fields)


def _parse_parquet(path: Path, count: Count) -> Iterator[Row | Fault]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as table:
            names = table.schema_arrow.names
            if "text" not in names:
                yield Fault(None, f"no column is named text; the columns are {', '.join(names)[:200]}")
                return
            columns = [name for name in _COLUMNS if name in names]
            if twice := [name for name in columns if names.count(name) > 1]:
                yield Fault(None, f"several columns are named {', '.join(twice)}; leave one of each name")
                return
            size, rows, counted = path.stat().st_size, table.metadata.num_rows, 0
            for batch in table.iter_batches(batch_size=_ROWS_AT_A_TIME, columns=columns):
                read = number + batch.num_rows
                share = size * read // rows if read < rows else size  # which bytes were read is not told
                count(share - counted)
                counted = share
                for index in range(batch.num_rows):
                    number += 1
                    try:
                        yield Row(number, number, {name: batch.column(name)[index].as_py() for name in columns})
                    # bytes that are not UTF-8; a date in the year 300000; a time zone that nobody knows
                    except (ValueError, OverflowError, KeyError) as error:
                        yield Fault(number, str(error))
    except (OSError, ValueError, pa.ArrowException) as error:  # ValueError: a column's name that is not UTF-8
        yield Fault(number + 1 if number else None, f"cannot be read from here on: {error}")


_PARSERS = {".csv": _parse_csv, ".jsonl": _parse_json_file, ".parquet": _parse_parquet, ".txt": _parse_text}
_NEVER_PACKED = ".parquet"  # its columns are packed already
KINDS = f"{', '.join(sorted(_PARSERS))} (all but {_NEVER_PACKED} also with {' or '.join(PACKINGS)} behind)"
"""The suffixes of the files that are read, for messages."""
