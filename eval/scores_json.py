"""An evaluation as JSON, `scores.json`, for programs.

    {"split": "test",
     "data_file": "test.jsonl", "data_sha256": "...", "schema": "conflictspan",
     "model_path": "models/default",
     "model_sha256": "..." or null,                                 of its weights, as the folder's manifest has it
     "model_run": "2026-01-31T12:00:00+00:00" or null,              when its training finished, by the folder's run.json
     "versions": {"python": "3.11.7", "conflictspan": "0.1.0", ...},
     "unseen_conflicts": ["Cyprus", ...],                           conflicts that no training report tells of
     "compared": {"path": ..., "sha256": ..., "run": ...} or null,  the second model, if there is one
     "bootstrap": {"seed": 0, "draws": 10000, "level": 0.95},
     "reports": {"all": 42, "seen": 30, "unseen": 12},              "seen" and "unseen" where there are both
     "slices": {"conflict": {"Syria": 9, ...},                      numbers of reports; conflict and genre where known
                "genre": {"news agencies": 12, ...}, "length": {"up to 100 words": 5, ...}},
     "systems": [{"name": "model",
                  "seconds": {"extract": 20.1, "relate": 8.2},      wall time, loading left out
                  "scores": {"all": {"entities": {SCORE, "parts": {"LOC": {SCORE}, ...}}, ...}, "seen": ..., ...},
                  "slices": {"conflict": {"Syria": {"entities": {SCORE}, ...}, ...}, ...},
                  "events": {"found events": {SCORE}, "sides": {SCORE}, ...}}, ...],
     "differences": [{"reports": "all", "score": "entities", "other": "memory",
                      "value": 0.2, "interval": [0.1, 0.3],
                      "p": 0.0001, "p_holm": 0.0045}, ...]}         F1 of the first system less that of another

SCORE is `"tp": 1, "predicted": 2, "gold": 3, "precision": 0.5, "recall": 0.333, "f1": 0.4, "interval": [0.2, 0.6]`; the
interval is that of the F1, null for fewer than two reports and where there is neither gold nor prediction. Values are
shares, not percentages. Scores without parts have no "parts", slices have the scores of `COMPARED` in
`eval/evaluation.py` only. `status_accuracy` is over the triggers found: there predicted = gold = triggers found, and
precision, recall and F1 are the accuracy. What is scored, and under which names, is told in `eval/scores.py`; how
reports are parted, in `eval/slices.py`; the fields of event records, in `eval/event_scores.py` ("events" is empty where
gold has none); the p-values, null where the interval is, in `eval/significance.py`. Holm's correction is over all
entries of "differences" that have one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from eval.bootstrap import LEVEL, Interval
from eval.evaluation import Evaluation, Provenance, Scored
from eval.scores import WHOLE, Row


def scores_json(evaluation: Evaluation, provenance: Provenance) -> dict[str, Any]:
    """The content of `scores.json`, as told at the top of this module."""
    return {
        **dataclasses.asdict(provenance),
        "bootstrap": {"seed": evaluation.seed, "draws": evaluation.draws, "level": LEVEL},
        "reports": dict(evaluation.reports),
        "slices": {way: dict(reports) for way, reports in evaluation.slices.items()},
        "systems": [
            {
                "name": system.name,
                "seconds": {"extract": system.extract_seconds, "relate": system.relate_seconds},
                "scores": {group: _scores(scores) for group, scores in system.groups.items()},
                "slices": {
                    way: {name: _scores(scores) for name, scores in parts.items()}
                    for way, parts in system.slices.items()
                },
                "events": {row: _score(scored) for row, scored in system.events.items()},
            }
            for system in evaluation.systems
        ],
        "differences": [
            {
                "reports": difference.group,
                "score": difference.score,
                "other": difference.other,
                "value": difference.value,
                "interval": _interval(difference.interval),
                "p": difference.p,
                "p_holm": difference.p_holm,
            }
            for difference in evaluation.differences
        ],
    }


def _scores(scores: Mapping[Row, Scored]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for row, scored in scores.items():
        entry = _score(scored)
        if row.part == WHOLE:
            nested[row.score] = entry
        else:
            nested[row.score].setdefault("parts", {})[row.part] = entry
    return nested


def _score(scored: Scored) -> dict[str, Any]:
    counts = scored.counts
    ratios = {"precision": counts.precision, "recall": counts.recall, "f1": counts.f1}
    return {**dataclasses.asdict(counts), **ratios, "interval": _interval(scored.interval)}


def _interval(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None
