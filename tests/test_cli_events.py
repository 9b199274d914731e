"""The commands about event records, as a user types them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictspan import cli
from conflictspan.errors import InputError
from conflictspan.events.assembly import Assembler
from conflictspan.writing import write_extractions
from tests.event_reports import report_of

STORY = "[Rebels|ARMED_GROUP a1] [shelled|SHELLING e1] [Manbij|LOC p1] in [Syria|LOC p2] on [Sunday|TIME t1].\n> e1 AGENT a1; e1 PLACE p1; p1 LOCATED_IN p2; e1 TIME t1"


@pytest.fixture
def extracted(tmp_path: Path) -> Path:
    path = tmp_path / "extracted.jsonl"
    write_extractions([Assembler().assemble(report_of(STORY, id_=id_)) for id_ in "ab"], path)
    return path


def _run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli.app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_incidents(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "incidents.jsonl"
    assert "2 events, 1 incidents, 1 told by several reports" in _run("incidents", extracted, "-o", out)
    assert json.loads(out.read_text(encoding="utf-8"))["reports"] == ["a", "b"]


def test_export(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.csv"
    assert "2 written" in _run("export", extracted, "-o", out, "--columns", "acled")
    assert out.read_text(encoding="utf-8").startswith("event_id_cnty,event_date")


def test_view(extracted: Path, tmp_path: Path) -> None:
    out = tmp_path / "view.html"
    assert "2 reports" in _run("view", extracted, "-o", out)
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")


READERS = [("incidents", "o.jsonl"), ("export", "o.csv"), ("view", "o.html")]


@pytest.mark.parametrize(("command", "output"), READERS)
@pytest.mark.parametrize(
    ("field", "value"), [("score", "NaN"), ("score", "Infinity"), ("score", "1.5"), ("score", "-1"), ("lat", "NaN")]
)
def test_a_number_that_cannot_be_is_told_by_line_and_field_and_nothing_is_written(
    extracted: Path, tmp_path: Path, command: str, output: str, field: str, value: str
) -> None:
    first, second = extracted.read_text(encoding="utf-8").splitlines()
    start = second.index('"events"')
    spoilt = re.sub(rf'"{field}": (null|[-.\d]+)', f'"{field}": {value}', second[start:], count=1)
    assert spoilt != second[start:]
    extracted.write_text(f"{first}\n{second[:start]}{spoilt}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"extracted\.jsonl:2: events\.0\..*{field}: Input should be"):
        _run(command, extracted, "-o", tmp_path / output)
    assert list(tmp_path.iterdir()) == [extracted]


def test_an_incident_with_such_a_number_is_not_exported(extracted: Path, tmp_path: Path) -> None:
    incidents = tmp_path / "incidents.jsonl"
    _run("incidents", extracted, "-o", incidents)
    incidents.write_text(re.sub(r'"score": (null|[-.\d]+)', '"score": NaN', incidents.read_text(encoding="utf-8")))
    with pytest.raises(InputError, match=r"incidents\.jsonl:1: score: Input should be a finite number, not nan"):
        _run("export", incidents, "-o", tmp_path / "o.csv")


def test_predict_takes_a_table_of_actors(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.txt").write_text("Rebels attacked Raqqa on Sunday.", encoding="utf-8")
    (tmp_path / "mine.toml").write_text('[[actors]]\nname = "X"\nclass = "armed group"\n', encoding="utf-8")
    out = tmp_path / "out.jsonl"
    _run("predict", tmp_path / "a.txt", "--model", tiny_model, "-o", out, "--actors", tmp_path / "mine.toml")
    assert isinstance(json.loads(out.read_text(encoding="utf-8"))["events"], list)
