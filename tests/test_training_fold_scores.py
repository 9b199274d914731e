"""The table of a cross-validation, worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.fold_scores import FoldScores, mean_scores, scores_table, write_scores
from training.grouping import By

FOLDS = [
    FoldScores(
        "the-americas",
        10,
        90,
        held_out={"entity": 0.8, "relation_gold": 0.5},
        rest={"entity": 0.9, "relation_gold": 0.4996},
    ),
    FoldScores(
        "south-and-central-asia",
        1990,
        60,
        held_out={"entity": 0.6, "relation_gold": 0.7},
        rest={"entity": 0.5, "relation_gold": 0.70004},
    ),
]


def test_means_are_weighted_by_the_reports_held_out() -> None:
    held_out, rest = mean_scores(FOLDS)
    # (0.8 * 10 + 0.6 * 1990) / 2000 = 1202 / 2000; (0.9 * 10 + 0.5 * 1990) / 2000 = 1004 / 2000
    assert (held_out["entity"], rest["entity"]) == pytest.approx((0.601, 0.502))
    assert held_out["relation_gold"] == pytest.approx(0.699)  # (5 + 1393) / 2000


def test_the_table_has_a_row_a_fold_and_one_of_means() -> None:
    assert scores_table(FOLDS).splitlines() == [
        "| fold | reports | entity | relation gold |",
        "| --- | ---: | ---: | ---: |",
        "| the-americas | 10 | 80.0 (-10.0) | 50.0 (+0.0) |",
        "| south-and-central-asia | 1,990 | 60.0 (+10.0) | 70.0 (+0.0) |",  # -0.004 points are no minus
        "| mean | 2,000 | 60.1 (+9.9) | 69.9 (+0.0) |",
    ]


def test_the_scores_are_written_as_json_and_markdown(tmp_path: Path) -> None:
    write_scores(FOLDS, tmp_path, by=By.region)
    assert {path.name for path in tmp_path.iterdir()} == {"scores.json", "scores.md"}
    written = json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
    assert written["by"] == "region"
    assert written["folds"][0] == {
        "name": "the-americas",
        "reports": 10,
        "rest_reports": 90,
        "held_out": {"entity": 0.8, "relation_gold": 0.5},
        "rest": {"entity": 0.9, "relation_gold": 0.4996},
    }
    assert [fold["name"] for fold in written["folds"]] == ["the-americas", "south-and-central-asia"]
    assert written["mean"] == {
        "held_out": {"entity": 0.601, "relation_gold": 0.699},
        "rest": {"entity": 0.502, "relation_gold": 0.699},  # (4.996 + 1393.0796) / 2000 = 0.6990378
    }
    text = (tmp_path / "scores.md").read_text(encoding="utf-8")
    assert text.startswith("# Cross-validation by region\n")
    assert text.endswith(f"\n\n{scores_table(FOLDS)}\n")
