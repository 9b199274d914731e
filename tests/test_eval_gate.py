from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

import eval.gate as command
from conflictspan.errors import InputError
from eval.evaluation import Scored
from eval.gate import FLOOR, compare
from eval.scores import Counts
from tests.evaluations import invoke, write_one_report

REFERENCE = Path("scores.json")


def released(**f1: float) -> dict[str, Any]:
    return {"systems": [{"scores": {"all": {score: {"f1": value} for score, value in f1.items()}}}]}


def noise(**sds: float) -> dict[str, Any]:
    return {"scores": {score: {"sd": sd} for score, sd in sds.items()}}


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (0.80, True),
        (0.85, True),  # better never falls
        (0.762, True),  # less than 2 * 0.02 below
        (0.758, False),  # more
    ],
)
def test_a_score_may_fall_by_two_sds(found: float, passed: bool) -> None:
    (check,) = compare({"entities": found}, released(entities=0.80), noise(entities=0.02), where=REFERENCE)
    assert check.allowed == pytest.approx(0.04)
    assert check.passed == passed


def test_each_score_has_its_own_noise_and_no_less_than_the_floor() -> None:
    found = {"entities": 0.78, "relations": 0.58}
    entities, relations = compare(
        found, released(entities=0.8, relations=0.6), noise(entities=0.015, relations=0.001), where=REFERENCE
    )
    assert (entities.allowed, entities.passed) == (0.03, True)
    assert (relations.allowed, relations.passed) == (FLOOR, False)


def test_without_seeds_the_floor_alone_counts() -> None:
    (check,) = compare({"entities": 0.795}, released(entities=0.8), None, where=REFERENCE)
    assert (check.allowed, check.passed) == (FLOOR, True)


def test_only_scores_the_gate_is_about_are_compared() -> None:
    checks = compare({"entities": 0.8, "cross_sentence": 0.0}, released(entities=0.8), None, where=REFERENCE)
    assert [check.score for check in checks] == ["entities"]


def test_missing_entries_are_named() -> None:
    with pytest.raises(InputError, match=r"scores\.json: has no F1 of 'entities'"):
        compare({"entities": 0.8}, {"systems": []}, None, where=REFERENCE)
    with pytest.raises(InputError, match=r"seeds\.json has no sd of 'entities'"):
        compare({"entities": 0.8}, released(entities=0.8), noise(), where=REFERENCE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A corpus, a reference with an entity F1 of 0.8, and a model that has 0.75."""
    write_one_report(tmp_path, "test")
    sha256 = hashlib.sha256((tmp_path / "test.jsonl").read_bytes()).hexdigest()
    record = released(entities=0.8) | {"split": "test", "data_sha256": sha256}
    (tmp_path / "scores.json").write_text(json.dumps(record))
    monkeypatch.setattr(command, "score_model", lambda *_: {"entities": Scored(Counts(75, 100, 100), None)})
    return tmp_path


def run(folder: Path) -> Result:
    paths = {"--reference": "scores.json", "--seeds": "seeds.json", "--data": "."}
    arguments = [part for option, name in paths.items() for part in (option, str(folder / name))]
    return invoke(command.main, *arguments)


def test_a_fallen_model_ends_with_one_and_says_by_how_much(folder: Path) -> None:
    result = run(folder)
    assert result.exit_code == 1
    assert "seeds.json is not there" in result.output
    assert "Entities: F1 is 75.0, 5.0 points below the released 80.0; 1.0 may be the seed's doing." in result.output
    assert "models/default has fallen" in result.output


def test_a_model_within_the_noise_passes(folder: Path) -> None:
    (folder / "seeds.json").write_text(json.dumps(noise(entities=0.03)))
    result = run(folder)
    assert result.exit_code == 0, result.output
    assert "models/default holds" in result.output


def test_another_corpus_than_the_released_model_was_scored_on_is_refused(folder: Path) -> None:
    with (folder / "test.jsonl").open("a") as file:
        file.write("\n")
    result = run(folder)
    assert result.exit_code == 2
    assert "test.jsonl is not the file that" in result.stderr


def test_a_reference_that_is_none_is_refused(folder: Path) -> None:
    (folder / "scores.json").write_text("{}")
    result = run(folder)
    assert (result.exit_code, "names no split" in result.stderr) == (2, True)
