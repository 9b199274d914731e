"""Event records and their exports, from random graphs over hostile text."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from conflictspan.events.assembly import Assembler
from conflictspan.events.columns import ACLED, FLAT, UCDP
from conflictspan.events.export import export_events
from conflictspan.events.incident_files import write_incidents
from conflictspan.events.numbers import parse_number
from conflictspan.events.times import resolve_time
from conflictspan.records import Mention, Relation, Report
from conflictspan.sentences import split_sentences
from conflictspan.viewing.page import write_view
from conflictspan.writing import read_extractions, write_extractions
from tests.fuzz.draws import Draws
from tests.fuzz.scratch import scratch
from tests.fuzz.texts import check_offsets, schema, text_of

_DATES = (
    None,
    "2016-06-21",
    "2016-06-21T10:00:00Z",
    "0001-01-01",
    "9999-12-31",
    "2016-02-30",
    "20160621",
    "",
    "\u0662",
)
_assembler = cache(Assembler)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of a formula."""


def numbers(data: bytes) -> None:
    """A number of people, or none."""
    draws = Draws(data)
    found = parse_number(draws.text(12) if draws.flag() else draws.rest().decode("utf-8", "replace"))
    known = [n for n in (found.low, found.best, found.high) if n is not None]
    assert known == sorted(known)
    assert all(0 <= n <= 10**10 for n in known)


def times(data: bytes) -> None:
    """A range of days, or a reason why there is none."""
    draws = Draws(data)
    published, future = draws.pick(_DATES), draws.flag()
    text = draws.text(12) if draws.flag() else draws.rest().decode("utf-8", "replace")
    found = resolve_time(text, published, future=future)
    start, end = (dt.date.fromisoformat(day) if day else None for day in (found.date_start, found.date_end))
    assert not (start and end) or start <= end, (text, published, future, found)
    assert bool(start or end) != bool(found.date_unresolved)
    assert (found.date_prec is not None) == bool(start and end)


def _report(draws: Draws, id_: str) -> Report:
    """A report whose mentions and relations are drawn, some of them impossible."""
    text = draws.text(80)
    found = split_sentences(text)
    types = (*schema().types, "NO_SUCH_TYPE")
    mentions: dict[str, Mention] = {}
    for number in range(draws.number(24) if text else 0):
        start = draws.number(len(text))
        end = min(start + 1 + draws.number(20), len(text))
        status = draws.pick([None, None, None, *schema().statuses])
        if text[start:end].strip():
            mentions[f"m{number}"] = Mention(
                f"m{number}", start, end, draws.pick(types), status, draws.pick([None, 0.5])
            )
    relations = tuple(
        Relation(draws.pick(list(mentions)), draws.pick((*schema().labels, "NO_LABEL")), draws.pick(list(mentions)))
        for _ in range(draws.number(40) if mentions else 0)
    )
    ids = (id_, id_, id_, draws.text(3) or id_)
    report = Report(draws.pick(ids), text, draws.pick(_DATES), None, found, tuple(mentions.values()), relations)
    return replace(report, sentences=()) if not draws.number(8) else report


def assembly(data: bytes) -> None:
    """Records of a random graph: all that they name is in the text, and they are written and read the same."""
    draws = Draws(data)
    report = _assembler().assemble(_report(draws, "r"))
    check_offsets(report)
    for event in report.events:
        for amount in (event.killed.total, event.injured.total):
            bounds = [n for n in (amount.low, amount.high) if n is not None]
            assert bounds == sorted(bounds)
        assert not (event.date_start and event.date_end) or event.date_start <= event.date_end
    with scratch() as folder:
        write_extractions([report], folder / "a.jsonl")
        (again,) = read_extractions(folder / "a.jsonl")
    assert again.events == report.events


def exports(data: bytes) -> None:
    """Each form can be parsed, has every event, and nothing in it begins a formula or an element."""
    draws = Draws(data)
    reports = [_assembler().assemble(_report(draws, f"r{n}")) for n in range(1 + draws.number(3))]
    with scratch() as folder:
        extracted = folder / "a.jsonl"
        write_extractions(reports, extracted)
        check_exports(extracted, folder, reports)


def check_exports(extracted: Path, folder: Path, reports: list[Report]) -> None:
    """Export extractions in all forms into a folder and assert that they are sound."""
    events = [event for report in reports for event in report.events]
    asserted = sum(event.status == "asserted" for event in events)
    told = folder / "incidents.jsonl"
    write_incidents([extracted], told)
    incidents = [_strict(line) for line in told.read_text(encoding="utf-8").splitlines()]
    assert sum(len(incident["events"]) for incident in incidents) == len(events)
    for columns, names, count in (("flat", FLAT, len(events)), ("acled", ACLED, asserted), ("ucdp", UCDP, asserted)):
        export_events([extracted], folder / f"{columns}.csv", columns=columns)  # type: ignore[arg-type]
        _check_csv(folder / f"{columns}.csv", width=len(names), count=count)
    export_events([told], folder / "incidents.csv")
    _check_csv(folder / "incidents.csv", width=len(FLAT), count=len(incidents))
    for source, count in ((extracted, len(events)), (told, len(incidents))):
        for form, rows in _COUNTS.items():
            file = folder / f"{source.stem}-out.{form}"
            counts = export_events([source], file)
            assert rows(file) == counts["written"] == count - counts["without coordinates"]
    write_view([extracted], folder / "look.html")
    check_page(folder / "look.html", [report.text for report in reports])


def _strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _check_csv(file: Path, *, width: int, count: int) -> None:
    with file.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines, strict=True)
    assert len(header) == width
    assert len(rows) == count
    numeric = {c.name for c in (*FLAT, *ACLED, *UCDP) if c.kind in ("int", "float")}
    for row in rows:
        assert len(row) == width
        for name, cell in zip(header, row, strict=True):
            visible = "".join(c for c in cell if unicodedata.category(c) not in ("Cc", "Cf", "Zs", "Zl", "Zp"))
            beginnings = (visible, *cell.split(";"))  # a semicolon parts cells in much of Europe
            assert name in numeric or not any(part.startswith(FORMULA) for part in beginnings), cell
            assert not any(unicodedata.category(c) == "Cc" for c in cell)


def _count_table(file: Path) -> int:
    count: int = pq.read_table(file).num_rows
    return count


def _count_database(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        (count,) = database.execute("SELECT count(*) FROM events").fetchone()
    return int(count)


_COUNTS: dict[str, Callable[[Path], int]] = {
    "parquet": _count_table,
    "sqlite": _count_database,
    "jsonl": lambda file: len([_strict(line) for line in file.read_text(encoding="utf-8").split("\n") if line]),
    "geojson": lambda file: len(_strict(file.read_text(encoding="utf-8"))["features"]),
}


class _Tags(HTMLParser):
    """The elements of a page, and what its data element holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.data = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._inside = ("id", "data") in attrs

    def handle_data(self, data: str) -> None:
        self.data += data if self._inside else ""


def check_page(page: Path, texts: list[str]) -> None:
    """Assert that a page has the elements of an empty one, and the reports as data that no parser takes for markup."""
    found, empty = _Tags(), _Tags()
    found.feed(page.read_text(encoding="utf-8"))
    empty.feed(_empty_page())
    assert found.tags == empty.tags
    assert "<" not in found.data
    shown = [report["text"] for report in _strict(found.data)["reports"]]
    assert shown == texts


@cache
def _empty_page() -> str:
    with scratch() as folder:
        (folder / "a.jsonl").write_text("")
        write_view([folder / "a.jsonl"], folder / "look.html")
        return (folder / "look.html").read_text(encoding="utf-8")


def places(data: bytes) -> None:
    """One name in a sentence: a place with its country, or without one."""
    draws = Draws(data)
    name = draws.text(6) if draws.flag() else text_of(draws.rest())[:200]
    text = f"{draws.pick(['near', 'in', 'north of'])} {name} in Syria"
    start = text.index(name, 3) if name.strip() else 0
    mentions = (Mention("p", start, start + len(name), "LOC"), Mention("s", len(text) - 5, len(text), "LOC"))
    if not name.strip():
        return
    from conflictspan.events.coding import default_coding
    from conflictspan.events.graph import ReportGraph
    from conflictspan.events.places import resolve_places

    report = Report("r", text, None, None, split_sentences(text), mentions, (Relation("p", "LOCATED_IN", "s"),))
    found = resolve_places(ReportGraph(report, default_coding()))["p"]
    assert (found.lat is None) == (found.lon is None)
    assert found.lat is None or (-90 <= found.lat <= 90 and -180 <= (found.lon or 0) <= 180)
