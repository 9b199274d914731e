from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import Result

import eval.curve as command
from eval.bootstrap import Interval
from eval.curve import last_doubling
from eval.evaluation import Scored
from eval.scores import Counts
from tests.evaluations import invoke, write_one_report


def test_the_last_doubling_where_a_model_has_half_the_reports() -> None:
    assert last_doubling([(10, 0.2), (50, 0.5), (100, 0.6)]) == pytest.approx(0.1)


def test_the_last_doubling_read_off_between_two_models() -> None:
    # Half of 100 is 50, midway from 25 to 100 in doublings: (0.4 + 0.6) / 2.
    assert last_doubling([(25, 0.4), (100, 0.6)]) == pytest.approx(0.1)


def test_the_last_doubling_beyond_the_smallest_model() -> None:
    # From 100 to 100 * 2 ** 0.5, half a doubling, 0.05.
    assert last_doubling([(100_000, 0.5), (141_421, 0.55)]) == pytest.approx(0.1, rel=1e-4)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Models of 100, 25, 50 and once more 25 reports, and a corpus of one report."""
    write_one_report(tmp_path, "validation")
    found = {}
    for name, reports, right in (("all", 100, 80), ("quarter", 25, 50), ("half", 50, 70), ("again", 25, 60)):
        path = tmp_path / name
        path.mkdir()
        (path / "run.json").write_text(json.dumps({"counts": {"train_reports": reports}}))
        scores = {"entities": Scored(Counts(right, 100, 100), Interval(right / 100 - 0.05, right / 100 + 0.05))}
        found[str(path)] = {**scores, "cross_sentence": Scored(Counts(), None)}
    monkeypatch.setattr(command, "score_model", lambda path, *_: found[path])
    return list(found)


def run(tmp_path: Path, *models: str) -> Result:
    return invoke(command.main, *models, "--data", tmp_path, "--out", tmp_path / "out")


def test_a_run_draws_the_curve_and_says_what_the_last_doubling_brought(tmp_path: Path, models: list[str]) -> None:
    result = run(tmp_path, *models)
    assert result.exit_code == 0, result.output
    data = json.loads((tmp_path / "out" / "curve.json").read_text())
    assert [(m["reports"], m["f1"]) for m in data["models"]] == [
        *((25, {"entities": 0.5}), (25, {"entities": 0.6}), (50, {"entities": 0.7}), (100, {"entities": 0.8}))
    ]
    assert data["models"][3]["intervals"] == {"entities": pytest.approx([0.75, 0.85])}
    assert data["last_doubling"] == {"entities": pytest.approx(0.1)}
    assert "+10.0" in result.output
    assert (tmp_path / "out" / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_one_number_of_reports_is_no_curve(tmp_path: Path, models: list[str]) -> None:
    result = run(tmp_path, models[1], models[3])
    assert result.exit_code == 2
    assert "needs models of two numbers of training reports" in result.stderr
