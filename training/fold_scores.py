"""What the models of a cross-validation score on the reports that they did not see, as a table.

`scores.json`:

    {"by": "region",
     "folds": [{"name": "the-americas", "reports": 84, "rest_reports": 79,
                "held_out": {"entity": 0.81, ...}, "rest": {"entity": 0.84, ...}}, ...],
     "mean": {"held_out": {"entity": 0.82, ...}, "rest": {"entity": 0.84, ...}}}

Scores are shares, those of `training.progress.validation_scores`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from conflictspan.markdown import table
from conflictspan.parts import whole_or_not
from training.grouping import By

SCORES, TABLE = "scores.json", "scores.md"


@dataclass(frozen=True, slots=True)
class FoldScores:
    """F1 of one fold's model.

    Attributes:
        name: of the fold.
        reports: how many it holds out, of both splits.
        rest_reports: the validation reports of all other folds: the model is calibrated on them, and learns from none.
        held_out: on the reports held out: name of the score -> share.
        rest: on the rest's validation, the same scores.
    """

    name: str
    reports: int
    rest_reports: int
    held_out: Mapping[str, float]
    rest: Mapping[str, float]


def write_scores(folds: Sequence[FoldScores], folder: Path, *, by: By) -> None:
    """Write `scores.json` and `scores.md`. Raises OutputError where a file cannot be written."""
    held_out, rest = mean_scores(folds)
    record = {
        "by": by,
        "folds": [asdict(fold) for fold in folds],
        "mean": {"held_out": _rounded(held_out), "rest": _rounded(rest)},
    }
    text = f"""# Cross-validation by {by}

Strict F1 in % on each fold, by a model that has learned from none of its reports; in brackets, by how many points that
is above or below the same model's F1 on the validation reports of the other folds, on which it was calibrated. The mean
is over folds, weighted by their reports. Relation: end to end, on predicted spans; relation gold: on gold spans.

{scores_table(folds)}
"""
    for name, content in ((SCORES, json.dumps(record, indent=2) + "\n"), (TABLE, text)):
        with whole_or_not(folder / name) as part:
            part.write_text(content, encoding="utf-8")


def scores_table(folds: Sequence[FoldScores]) -> str:
    """The scores as a Markdown table, a row a fold and one of means."""
    columns = ("fold", "reports", *(name.replace("_", " ") for name in folds[0].held_out))
    reports = sum(fold.reports for fold in folds)
    rows = [(fold.name, f"{fold.reports:,}", *_cells(fold.held_out, fold.rest)) for fold in folds]
    rows.append(("mean", f"{reports:,}", *_cells(*mean_scores(folds))))
    return table(columns, rows, numbers_from=1)


def mean_scores(folds: Sequence[FoldScores]) -> tuple[dict[str, float], dict[str, float]]:
    """The means over folds, weighted by their reports, of the scores held out and of the rest's."""
    reports = sum(fold.reports for fold in folds)
    names = folds[0].held_out
    return (
        {name: sum(fold.held_out[name] * fold.reports for fold in folds) / reports for name in names},
        {name: sum(fold.rest[name] * fold.reports for fold in folds) / reports for name in names},
    )


def _cells(held_out: Mapping[str, float], rest: Mapping[str, float]) -> list[str]:
    return [f"{100 * score:.1f} ({100 * (score - rest[name]):+z.1f})" for name, score in held_out.items()]


def _rounded(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: round(score, 4) for name, score in scores.items()}
