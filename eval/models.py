"""Trained model folders: their strict scores on a split, and what their run record says of how they were trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conflictspan.corpus import load_corpus
from conflictspan.errors import InputError
from conflictspan.records import Report
from conflictspan.schema import Schema
from eval.evaluation import Scored, evaluate
from eval.files import read_json
from eval.scores import STRICT, WHOLE
from eval.systems import load_model, run_system


def load_gold(data: Path, split: str) -> list[Report]:
    """The reports of a split. Raises InputError where it has none, besides what `load_corpus` raises."""
    gold = load_corpus(data, split)
    if not gold:
        raise InputError(f"{data / f'{split}.jsonl'}: no reports to score on")
    return gold


def score_model(path: str, gold: Sequence[Report], schema: Schema, *, seed: int = 0) -> dict[str, Scored]:
    """The strict scores of a model on all the reports, by name, in the order of `STRICT`.

    Args:
        path: model folder or hub id.
        gold: the reports.
        schema: the corpus's label scheme.
        seed: of the bootstrap.

    Raises:
        ModelError: the model is broken, or was trained for other labels.
    """
    run = run_system(load_model(path, schema), gold, schema)
    evaluation = evaluate([run], schema, {"all": list(range(len(gold)))}, seed=seed)
    scores = evaluation.systems[0].groups["all"]
    return {row.score: scored for row, scored in scores.items() if row.part == WHOLE and row.score in STRICT}


def run_config(path: str) -> Mapping[str, Any]:
    """The configuration a model was trained by, from its `run.json`. Raises InputError where there is none."""
    return _entry(path, "config")


def train_reports(path: str) -> int:
    """On how many reports a model was trained, by its `run.json`. Raises InputError where that is not told."""
    number = _entry(path, "counts").get("train_reports")
    if not isinstance(number, int) or number < 1:
        raise InputError(
            f"{Path(path) / 'run.json'}: counts.train_reports is {number!r}; a number of reports is needed"
        )
    return number


def _entry(path: str, key: str) -> Mapping[str, Any]:
    file = Path(path) / "run.json"
    entry = read_json(file).get(key)
    if not isinstance(entry, dict):
        raise InputError(
            f"{file}: has no {key!r}; it needs the record that `python -m training` leaves in a model folder"
        )
    return entry
