from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import eval.models
from conflictspan.errors import InputError
from conflictspan.records import Mention, Report
from conflictspan.schema import Schema
from eval.models import load_gold, run_config, score_model, train_reports

SCHEMA = Schema.parse('[entities]\nLOC = ""')
GOLD = [
    Report(f"r{i}", "Taiz and Aden", mentions=(Mention("a", 0, 4, "LOC"), Mention("b", 9, 13, "LOC"))) for i in (0, 1)
]


class Taiz:
    name = "model"

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        return (dataclasses.replace(report, mentions=(Mention("m", 0, 4, "LOC"),)) for report in reports)

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        return iter(reports)


def test_a_model_has_its_strict_scores_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval.models, "load_model", lambda *_: Taiz())
    scores = score_model("models/x", GOLD, SCHEMA)
    assert list(scores) == ["entities"]  # no relaxed ones
    assert scores["entities"].counts.f1 == pytest.approx(2 / 3)  # 2 * 2 / (2 + 4)
    assert scores["entities"].interval is not None


def test_a_run_record_tells_configuration_and_number_of_reports(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"config": {"seed": 4}, "counts": {"train_reports": 98}}))
    assert run_config(str(tmp_path)) == {"seed": 4}
    assert train_reports(str(tmp_path)) == 98


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({}, r"run\.json: has no 'counts'"),
        ({"counts": {}}, "train_reports is None"),
        ({"counts": {"train_reports": 0}}, "train_reports is 0"),
    ],
)
def test_a_record_that_does_not_tell_is_named(tmp_path: Path, record: dict[str, object], says: str) -> None:
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=says):
        train_reports(str(tmp_path))


def test_a_folder_without_a_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"run\.json: cannot be read"):
        run_config(str(tmp_path))


def test_a_split_without_reports_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_text('[entities]\nLOC = ""')
    (tmp_path / "test.jsonl").write_text("")
    with pytest.raises(InputError, match=r"test\.jsonl: no reports to score on"):
        load_gold(tmp_path, "test")
