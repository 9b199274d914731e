from __future__ import annotations

import csv
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from conflictspan.errors import InputError, OutputError
from conflictspan.events.assembly import Assembler
from conflictspan.events.columns import ACLED, FLAT, UCDP, defuse
from conflictspan.events.export import export_events
from conflictspan.events.incident_files import write_incidents
from conflictspan.records import Report
from conflictspan.writing import write_extractions
from tests.event_reports import report_of

ATTACK = """[IS|ARMED_GROUP a1] [killed|DEATH e1] [At least 28|COUNT n1] [Turkish soldiers|STATE_FORCE a2] in an [attack|ATTACK e2] near [Manbij|LOC p1] in [Syria|LOC p2] on [Sunday|TIME t1], [Rudaw|ORG o1] said.
> e1 AGENT a1; e1 VICTIM a2; a2 COUNT n1; e1 CAUSE e2; e2 AGENT a1; e2 TARGET a2; e2 PLACE p1; p1 LOCATED_IN p2; e2 TIME t1; e1 SOURCE o1; e2 SOURCE o1"""
PLANNED = "[Rebels|ARMED_GROUP a1] will [storm|ATTACK e1 planned] a town.\n> e1 AGENT a1"
FORMULA = "[=HYPERLINK(x)|ARMED_GROUP a1] [shelled|SHELLING e1] a town.\n> e1 AGENT a1"


@pytest.fixture
def extracted(tmp_path: Path) -> Path:
    path = tmp_path / "extracted.jsonl"
    assembler = Assembler()
    reports = [report_of(m, id_=id_) for id_, m in (("a", ATTACK), ("b", PLANNED), ("c", FORMULA))]
    write_extractions(map(assembler.assemble, reports), path)
    return path


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_acled_columns_hold_what_happened(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "acled.csv"
    counts = export_events([extracted], out, columns="acled")
    assert (counts["written"], counts["planned or denied"]) == (2, 1)
    row = _rows(out)[0]
    assert list(row) == [column.name for column in ACLED]
    wanted = {
        "event_date": "2016-06-19",
        "time_precision": "1",
        "event_type": "Battles",
        "sub_event_type": "Armed clash",
        "actor1": "Islamic State",
        "inter1": "2",
        "actor2": "Turkey",
        "inter2": "8",
        "interaction": "28",
        "iso": "760",
        "country": "Syria",
        "location": "Manbij",
        "geo_precision": "2",
        "source": "Rudaw",
        "fatalities": "28",
    }
    assert {name: row[name] for name in wanted} == wanted


def test_ucdp_has_the_government_as_side_a(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "ucdp.csv"
    export_events([extracted], out, columns="ucdp")
    row = _rows(out)[0]
    wanted = {
        "type_of_violence": "1",
        "side_a": "Government of Turkey",
        "side_b": "Islamic State",
        "dyad_name": "Government of Turkey - Islamic State",
        "deaths_a": "28",
        "deaths_b": "",
        "best": "28",
        "low": "28",
        "high": "",
        "where_prec": "2",
        "date_prec": "1",
    }
    assert list(row) == [column.name for column in UCDP]
    assert {name: row[name] for name in wanted} == wanted


def test_no_cell_is_a_formula(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "flat.csv"
    export_events([extracted], out)
    cells = [cell for row in _rows(out) for cell in row.values()]
    assert "'=HYPERLINK(x)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert [defuse(v) for v in ("=1", "@x", "a", -3, None)] == ["'=1", "'@x", "a", -3, None]


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\u200b=1", "'\u200b=1"),
        (" \ufeff+1", "' \ufeff+1"),
        ("\x00-1", "'\ufffd-1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1;b; -c", "a;'=1;b; -c"),
        ("\tx", "'\tx"),
        ("\x1b[2J;a-b", "\ufffd[2J;a-b"),
        ("\u2212", "\u2212"),
    ],
)
def test_a_formula_behind_what_nobody_sees_is_none_either(text: str, cell: str) -> None:
    assert defuse(text) == cell


def test_every_table_has_the_same_rows(extracted: Path, tmp_path: Path) -> None:
    for name in ("t.parquet", "t.sqlite", "t.duckdb", "t.jsonl"):
        export_events([extracted], tmp_path / name)
    names = [column.name for column in FLAT]
    parquet = pq.read_table(tmp_path / "t.parquet").to_pylist()
    assert list(parquet[0]) == names
    query = "SELECT event_id, status, killed_low, disputed FROM events ORDER BY event_id"
    with sqlite3.connect(tmp_path / "t.sqlite") as database:
        lite = database.execute(query).fetchall()
        claims = database.execute("SELECT source, says, killed_best FROM claims WHERE event_id = 'a:e2'").fetchall()
    duck = duckdb.connect(str(tmp_path / "t.duckdb")).execute(query).fetchall()
    rows = [tuple(row[name] for name in ("event_id", "status", "killed_low", "disputed")) for row in parquet]
    assert sorted(rows) == duck == [(a, b, c, bool(d)) for a, b, c, d in lite]
    assert claims == [("Rudaw", "DEATH (asserted): killed; ATTACK (asserted): attack", 28)]
    lines = (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["event_id"] for line in lines] == ["a:e2", "b:e1", "c:e1"]


def test_geojson_has_a_point_for_each_event_with_coordinates(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.geojson"
    counts = export_events([extracted], out)
    (feature,) = json.loads(out.read_text(encoding="utf-8"))["features"]
    assert counts["without coordinates"] == 2
    assert feature["geometry"]["type"] == "Point"
    assert [round(x) for x in feature["geometry"]["coordinates"]] == [38, 37]  # longitude first
    assert feature["properties"]["event_id"] == "a:e2"


def test_incidents_are_exported_too(extracted: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    write_extractions([Assembler().assemble(report_of(ATTACK.replace("Rudaw", "SOHR"), id_="z"))], again)
    incidents = tmp_path / "incidents.jsonl"
    assert write_incidents([extracted, again], incidents) == (4, 3, 1)
    out = tmp_path / "ucdp.csv"
    export_events([incidents], out, columns="ucdp")
    assert _rows(out)[0]["number_of_sources"] == "2"


def test_nothing_at_all_is_a_table_without_rows(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    write_extractions([Report("a", "Nothing.")], empty)
    for name in ("t.csv", "t.parquet", "t.sqlite", "t.duckdb", "t.geojson"):
        assert export_events([empty], tmp_path / name)["written"] == 0
    assert pq.read_table(tmp_path / "t.parquet").num_rows == 0


def test_lone_surrogates_do_not_end_an_export(tmp_path: Path) -> None:
    report = report_of(
        "[Rebels \ud800|ARMED_GROUP a1] [shelled|SHELLING e1] a town.\n> e1 AGENT a1".replace("\ud800", "Q")
    )
    bad = replace(report, text=report.text.replace("Q", "\ud800"))
    path = tmp_path / "x.jsonl"
    write_extractions([Assembler().assemble(bad)], path)
    for name in ("t.csv", "t.parquet", "t.sqlite", "t.duckdb", "t.jsonl"):
        assert export_events([path], tmp_path / name)["written"] == 1


def test_an_output_that_is_there_or_of_an_unknown_kind_is_refused(extracted: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.xlsx: the suffix names no form"):
        export_events([extracted], tmp_path / "t.xlsx")
    (tmp_path / "t.csv").write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        export_events([extracted], tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "mine"


def test_a_line_that_is_no_extraction_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(InputError, match=r"x\.jsonl:1: published"):
        export_events([path], tmp_path / "t.csv")
    assert not list(tmp_path.glob("t.csv*"))


def test_an_incident_of_lists_without_end_is_told_by_its_line(tmp_path: Path) -> None:
    deep = tmp_path / "x.jsonl"
    deep.write_text('{"incident_id": ' + "[" * 100_000 + "]" * 100_000 + "}\n")
    with pytest.raises(InputError, match=r"x\.jsonl:1: not JSON"):
        export_events([deep], tmp_path / "y.csv", columns="flat")
