"""Readers of reports: whatever the bytes, each record is a report or a reject, and what is read can be written."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from conflictspan.reading import Reject, read_reports
from conflictspan.records import Report
from conflictspan.writing import read_extractions, write_extractions
from tests.fuzz.draws import Draws
from tests.fuzz.scratch import scratch

COLUMNS = ("text", "id", "published", "title", "other", "TEXT", "", "text ")


def read_text(data: bytes) -> None:
    """A `.txt` file is one report or one reject."""
    items = _read("a.txt", data)
    assert len(items) == 1
    if isinstance(items[0], Report):
        assert items[0].text == data.decode("utf-8-sig")


def read_json_lines(data: bytes) -> None:
    """Each line that is not blank is one report or one reject."""
    draws = Draws(data)
    if draws.flag():
        content = draws.rest()
    else:
        lines = []
        for _ in range(draws.number(6)):
            record = {draws.pick(COLUMNS): draws.value() for _ in range(draws.number(6))}
            record |= {"text": draws.text(20)} if draws.flag() else {}
            line = json.dumps(record, ensure_ascii=draws.flag()).encode(
                "utf-8", draws.pick(["surrogatepass", "replace"])
            )
            cut = draws.number(len(line)) if not draws.number(4) else len(line)
            lines.append(line[:cut])
        content = b"\n".join(lines)
    items = _read("a.jsonl", content)
    reports = [item for item in items if isinstance(item, Report)]
    rejects = [item for item in items if isinstance(item, Reject) and item.kind == "rejected"]
    lines = content.split(b"\n")
    assert len(reports) + len(rejects) <= len(lines)
    assert {reject.line for reject in rejects} <= set(range(1, len(lines) + 1))
    for reject in rejects:
        assert reject.line is not None and lines[reject.line - 1]


def read_csv(data: bytes) -> None:
    """Broken quotes, odd numbers of cells, bytes that are not UTF-8: nothing but reports and rejects."""
    draws = Draws(data)
    if draws.flag():
        content = draws.rest()
    else:
        header = [draws.pick(COLUMNS) for _ in range(draws.number(4))]
        rows = [",".join((*header, "text"))]
        for _ in range(draws.number(6)):
            cells = (draws.text(8) for _ in range(draws.number(6)))
            rows.append(",".join(f'"{cell}"' if draws.flag() else cell for cell in cells))
        content = draws.pick(["\n", "\r\n", "\r"]).join(rows).encode("utf-8", "surrogatepass")
    _read("a.csv", content)


def read_parquet(data: bytes) -> None:
    """Columns of odd types, and files with altered bytes."""
    draws = Draws(data)
    if draws.flag():
        content = bytearray(_whole_table())
        for _ in range(1 + draws.number(8)):
            content[draws.number(len(content))] = draws.number(256)
        content = content[: len(content) - (draws.number(64) if draws.flag() else 0)]
    else:
        arrays = _odd_arrays()
        names = ["text", *(draws.pick(COLUMNS) for _ in range(draws.number(4)))]
        file = io.BytesIO()
        pq.write_table(pa.Table.from_arrays([draws.pick(arrays) for _ in names], names=names), file)
        content = bytearray(file.getvalue())
    _read("a.parquet", bytes(content))


@cache
def _whole_table() -> bytes:
    file = io.BytesIO()
    texts = pa.array(["One.", "Two.", None, "Four."])
    pq.write_table(pa.table({"text": texts, "id": pa.array([1, None, 3, 4]), "title": texts}), file, row_group_size=2)
    return file.getvalue()


@cache
def _odd_arrays() -> Sequence[pa.Array]:
    return (
        pa.array(["Shots.", "Fire."]),
        pa.array(["Shots.", None], pa.large_string()),
        pa.array(["Shots.", "Fire."]).dictionary_encode(),
        pa.array([b"Shots.", b"\xff\x00"]),
        pa.array([["Shots."], None]),
        pa.array([{"text": "Shots."}, {"text": None}]),
        pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
        pa.nulls(2),
        pa.array([True, False]),
        pa.array([float("nan"), 1e308]),
        pa.array([2**63, 0], pa.uint64()),
        pa.array([decimal.Decimal("1e30"), None], pa.decimal256(60)),
        pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
        pa.array([2**31 - 1, -(2**31)], pa.int32()).cast(pa.date32()),
        pa.array([2**50, -(2**50)], pa.timestamp("ms")),
        pa.array([1, 2**62], pa.timestamp("ns")),
        pa.array([0, 1], pa.timestamp("us", tz="Asia/Damascus")),
        pa.array([0, 1], pa.timestamp("us", tz="+03:00")),
        pa.array([0, 1], pa.timestamp("us", tz="No/Where")),
        pa.array([1, 2], pa.time64("ns")),
        pa.array([2**62, -(2**62)], pa.duration("us")),
    )


def _read(name: str, content: bytes) -> list[Report | Reject]:
    with scratch() as folder:
        file = folder / name
        file.write_bytes(content)
        items = list(read_reports([file]))
        _check(items, file)
        summary = write_extractions(items, folder / "out.jsonl")
        reports = [item for item in items if isinstance(item, Report)]
        assert list(read_extractions(folder / "out.jsonl")) == reports
        assert summary.reports == len(reports)
    return items


def _check(items: Sequence[Report | Reject], file: Path) -> None:
    for item in items:
        if isinstance(item, Reject):
            assert item.file == str(file)
            assert item.line is None or item.line > 0
            assert 0 < len(item.reason) < 2_000, item.reason
        else:
            assert item.id and item.text.strip()
            assert item == replace(item, sentences=(), mentions=(), relations=(), events=())
            assert all(type(value) is str for value in (item.id, item.text))
            assert all(value is None or type(value) is str for value in (item.published, item.title))
