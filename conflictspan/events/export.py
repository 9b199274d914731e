"""Event records to files that other tools open: CSV, JSON lines, Parquet, DuckDB, SQLite, GeoJSON."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from conflictspan.errors import InputError, OutputError
from conflictspan.events.columns import ACLED, FLAT, UCDP, Column, Told, Value, defuse
from conflictspan.events.incidents import Incident, sentence_of
from conflictspan.packing import FAULTS, open_unpacked
from conflictspan.parts import whole_or_not
from conflictspan.rows import describe
from conflictspan.writing import check_output, read_extraction

Columns = Literal["acled", "ucdp", "flat"]
TABLES: dict[Columns, tuple[Column, ...]] = {"acled": ACLED, "ucdp": UCDP, "flat": FLAT}

_BATCH = 10_000  # rows in memory


def export_events(
    inputs: Sequence[str | Path], output: str | Path, *, columns: Columns = "flat", overwrite: bool = False
) -> dict[str, int]:
    """Write the events of extractions, or incidents, in the form that the output's suffix names.

    `.csv` (in the columns asked for; text that begins like a formula gets an apostrophe), `.jsonl` (whole records),
    `.parquet`, `.duckdb` (an optional extra) and `.sqlite` or `.db` (tables `events` and `claims`), `.geojson` (a point
    for each event with coordinates). The columns of ACLED and UCDP hold what happened, so planned and denied events are
    left out there, as are events without coordinates in GeoJSON: both are counted.

    Args:
        inputs: files that `write_extractions` or `conflictspan incidents` wrote.
        output: the file.
        columns: of a CSV.
        overwrite: replace an output that is there.

    Returns:
        How many were written, and how many left out why.

    Raises:
        InputError: a line is neither an extraction nor an incident; it names file and line.
        OutputError: the output is there, has a suffix that is not known, or cannot be written.
    """
    output = Path(output)
    writer = _WRITERS.get(output.suffix.lower())
    if not writer:
        raise OutputError(f"{output}: the suffix names no form that is written; give {', '.join(_WRITERS)}")
    check_output(output, overwrite=overwrite)
    counts = {"written": 0, "planned or denied": 0, "without coordinates": 0}
    with whole_or_not(output) as part:
        writer(_counted(_read(inputs), counts), part, TABLES[columns], counts)
    return counts


def _read(inputs: Sequence[str | Path]) -> Iterator[Told]:
    for path in map(Path, inputs):
        try:
            with open_unpacked(path) as lines:
                for number, line in enumerate(lines, 1):
                    if line.strip():
                        yield from _told(line, f"{path}:{number}")
        except FAULTS as error:
            raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _told(line: bytes, where: str) -> Iterator[Told]:
    if b'"incident_id"' in line:
        try:
            incident = Incident.model_validate(json.loads(line))
        except ValidationError as error:
            raise InputError(f"{where}: {'; '.join(describe(error))}") from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where}: not JSON: {error}") from error
        yield Told(incident, " / ".join(incident.notes), incident.number_of_sources)
        return
    report = read_extraction(line, where=where)
    for event in report.events:
        yield Told(event, sentence_of(report, event), max(len(event.claims), 1))


def _counted(events: Iterable[Told], counts: dict[str, int]) -> Iterator[Told]:
    for told in events:
        counts["written"] += 1
        yield told


def _only_what_happened(events: Iterable[Told], counts: dict[str, int]) -> Iterator[Told]:
    for told in events:
        if told.event.status == "asserted":
            yield told
        else:
            counts["written"] -= 1
            counts["planned or denied"] += 1


def _write_csv(events: Iterator[Told], path: Path, columns: tuple[Column, ...], counts: dict[str, int]) -> None:
    if columns is not FLAT:
        events = _only_what_happened(events, counts)
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(column.name for column in columns)
        writer.writerows([defuse(_cell(column, told)) for column in columns] for told in events)


def _cell(column: Column, told: Told) -> Value:
    value = column.cell(told)
    return " ".join(value.split()) if isinstance(value, str) else value


def _write_jsonl(events: Iterator[Told], path: Path, _columns: tuple[Column, ...], _counts: dict[str, int]) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for told in events:
            file.write(json.dumps(told.event.model_dump(by_alias=True), ensure_ascii=False) + "\n")


def _write_geojson(events: Iterator[Told], path: Path, _columns: tuple[Column, ...], counts: dict[str, int]) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.write('{"type": "FeatureCollection", "features": [')
        separator = "\n"
        for told in events:
            place = told.event.place
            if not place or place.lat is None or place.lon is None:
                counts["written"] -= 1
                counts["without coordinates"] += 1
                continue
            feature = {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [place.lon, place.lat]},
                "properties": {c.name: _cell(c, told) for c in FLAT if c.name not in ("lat", "lon")},
            }
            file.write(separator + json.dumps(feature, ensure_ascii=False))
            separator = ",\n"
        file.write("\n]}\n")


_CLAIM_COLUMNS: tuple[tuple[str, str], ...] = (
    ("event_id", "str"),
    ("report_id", "str"),
    ("source", "str"),
    ("status", "str"),
    ("says", "str"),
    ("killed_low", "int"),
    ("killed_best", "int"),
    ("killed_high", "int"),
    ("injured_low", "int"),
    ("injured_best", "int"),
    ("injured_high", "int"),
)


def _claim_rows(told: Told) -> Iterator[tuple[Value, ...]]:
    event = told.event
    for claim in event.told if isinstance(event, Incident) else event.claims:
        killed, injured = claim.killed.total, claim.injured.total
        yield (
            event.event_id,
            getattr(claim, "report_id", event.report_id),
            claim.source,
            claim.status,
            "; ".join(f"{said.type} ({said.status}): {said.text}" for said in claim.says),
            *(killed.low, killed.best, killed.high, injured.low, injured.best, injured.high),
        )


def _batches(events: Iterator[Told]) -> Iterator[tuple[list[tuple[Value, ...]], list[tuple[Value, ...]]]]:
    """Rows of the events and of their claims, as many as are held in memory; at least one batch."""
    while True:
        batch = list(islice(events, _BATCH))
        rows: list[tuple[Value, ...]] = [tuple(_cell(column, told) for column in FLAT) for told in batch]
        yield rows, [row for told in batch for row in _claim_rows(told)]
        if len(batch) < _BATCH:
            return


def _arrow_table(rows: Sequence[tuple[Value, ...]], names: Sequence[tuple[str, str]]) -> Any:
    import pyarrow as pa

    kinds = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    arrays = [
        pa.array([_clean(v) for v in column], kinds[kind]) for column, (_, kind) in zip(columns, names, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in names])


def _clean(value: Value) -> Value:
    """Text that UTF-8 can hold."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _flat_names() -> list[tuple[str, str]]:
    return [(column.name, column.kind) for column in FLAT]


def _write_parquet(events: Iterator[Told], path: Path, _columns: tuple[Column, ...], _counts: dict[str, int]) -> None:
    import pyarrow.parquet as pq

    writer = None
    for rows, _ in _batches(events):
        table = _arrow_table(rows, _flat_names())
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def _write_sqlite(events: Iterator[Told], path: Path, _columns: tuple[Column, ...], _counts: dict[str, int]) -> None:
    types = {"str": "TEXT", "int": "INTEGER", "float": "REAL", "bool": "INTEGER"}
    with closing(sqlite3.connect(path)) as database:
        for name, names in (("events", _flat_names()), ("claims", list(_CLAIM_COLUMNS))):
            database.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {types[kind]}' for column, kind in names)})")
        for rows, claims in _batches(events):
            for name, found in (("events", rows), ("claims", claims)):
                if found:
                    marks = ", ".join("?" * len(found[0]))
                    cleaned = ([_clean(v) for v in row] for row in found)
                    database.executemany(f"INSERT INTO {name} VALUES ({marks})", cleaned)  # noqa: S608
        database.commit()


def _write_duckdb(events: Iterator[Told], path: Path, _columns: tuple[Column, ...], _counts: dict[str, int]) -> None:
    try:
        import duckdb
    except ImportError as error:
        raise OutputError("DuckDB is not installed; pip install 'conflictspan[duckdb]', or give .sqlite") from error
    with closing(duckdb.connect(str(path))) as database:
        for first, (rows, claims) in enumerate(_batches(events)):
            for name, found, names in (("events", rows, _flat_names()), ("claims", claims, list(_CLAIM_COLUMNS))):
                database.register("batch", _arrow_table(found, names))
                verb = f"CREATE TABLE {name} AS" if not first else f"INSERT INTO {name}"
                database.execute(f"{verb} SELECT * FROM batch")  # noqa: S608
                database.unregister("batch")


_WRITERS: dict[str, Callable[[Iterator[Told], Path, tuple[Column, ...], dict[str, int]], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
    ".duckdb": _write_duckdb,
    ".sqlite": _write_sqlite,
    ".db": _write_sqlite,
    ".geojson": _write_geojson,
}
