from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import Result

import eval.seeds as command
from conflictspan.errors import InputError
from eval.evaluation import Scored
from eval.scores import Counts
from eval.seeds import common_config, seeds_grid, spread
from tests.evaluations import invoke, write_one_report


def test_mean_and_sd_by_hand() -> None:
    # .80 .82 .84: mean .82; deviations -.02 0 .02, squares sum to .0008, over n - 1 = 2: .0004, root .02.
    found = spread([{"entities": 0.80}, {"entities": 0.82}, {"entities": 0.84}])
    assert found["entities"] == {"mean": pytest.approx(0.82), "sd": pytest.approx(0.02)}


CONFIGS = {f"m/{seed}": {"seed": seed, "output": f"m/{seed}", "epochs": 4} for seed in (13, 14, 15)}


def test_what_models_share_is_all_but_seed_and_output() -> None:
    assert common_config(CONFIGS) == {"epochs": 4}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"m/15": {"seed": 15, "epochs": 8}}, "m/15: epochs = 8, but 4 in m/13"),
        ({"m/15": {"seed": 15, "epochs": 4, "dropout": 0}}, "m/15: dropout = 0, but None in m/13"),
        ({"m/15": {"seed": 13, "epochs": 4}}, "m/13 and m/15 are both of seed 13"),
    ],
)
def test_models_that_differ_in_more_than_the_seed_are_refused(
    change: Mapping[str, dict[str, object]], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        common_config({**CONFIGS, **change})


def test_two_seeds_are_too_few() -> None:
    with pytest.raises(InputError, match="the spread over seeds needs 3 or more"):
        common_config(dict(list(CONFIGS.items())[:2]))


def test_the_table_by_hand() -> None:
    models = [{"seed": 13, "f1": {"entities": 0.8}}, {"seed": 14, "f1": {"entities": 0.85}}]
    grid = seeds_grid({"split": "test", "models": models, "scores": {"entities": {"mean": 0.825, "sd": 0.0354}}})
    assert grid.title == "F1 in % on the test split over 2 seeds"
    assert grid.columns == ("", "mean ± sd", "seed 13", "seed 14")
    assert grid.rows == (("Entities", "82.5 ± 3.5", "80.0", "85.0"),)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three model folders whose models find 8, 9 and 10 of 10 entities, and a corpus of one report."""
    write_one_report(tmp_path, "validation")
    found = {}
    for number, seed in enumerate((13, 14, 15)):
        path = tmp_path / str(seed)
        path.mkdir()
        (path / "run.json").write_text(json.dumps({"config": {"seed": seed, "output": str(path), "epochs": 4}}))
        found[str(path)] = {"entities": Scored(Counts(8 + number, 10, 10), None)}
    monkeypatch.setattr(command, "score_model", lambda path, *_: found[path])
    return list(found)


def run(tmp_path: Path, *models: str) -> Result:
    return invoke(command.main, *models, "--data", tmp_path, "--out", tmp_path / "out")


def test_a_run_writes_and_shows_mean_and_sd(tmp_path: Path, models: list[str]) -> None:
    result = run(tmp_path, *models)
    assert result.exit_code == 0, result.output
    data = json.loads((tmp_path / "out" / "seeds.json").read_text())
    assert data["config"] == {"epochs": 4}
    assert [(model["seed"], model["f1"]) for model in data["models"]] == [
        *((13, {"entities": 0.8}), (14, {"entities": 0.9}), (15, {"entities": 1.0}))
    ]
    assert data["scores"]["entities"] == {"mean": pytest.approx(0.9), "sd": pytest.approx(0.1)}
    assert "| Entities | 90.0 ± 10.0 | 80.0 | 90.0 | 100.0 |" in (tmp_path / "out" / "seeds.md").read_text()
    assert "90.0 ± 10.0" in result.output


def test_too_few_models_are_told_in_one_line(tmp_path: Path, models: list[str]) -> None:
    result = run(tmp_path, *models[:2])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "error: 2 model(s) given" in result.stderr
    assert not (tmp_path / "out").exists()
