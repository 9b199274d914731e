"""An evaluation made up for the tests of what shows one, and what runs the commands of eval."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer
from typer.testing import CliRunner, Result

from conflictspan.rows import Split
from eval.bootstrap import Interval
from eval.evaluation import Difference, Evaluation, Provenance, Scored, SystemScores
from eval.scores import Counts, Row

ENTITIES = Row("entities")
NOTHING = Scored(Counts(), None)
MODEL = {
    Row("entities"): Scored(Counts(3, 4, 6), Interval(0.512345, 0.698765)),
    Row("entities", "LOC"): Scored(Counts(3, 3, 5), Interval(0.5, 1.0)),
    Row("entities", "ORG"): Scored(Counts(0, 1, 1), Interval(0.0, 0.0)),
    Row("entities", "FAC"): NOTHING,
    Row("status_accuracy"): NOTHING,
    Row("entities_relaxed"): Scored(Counts(4, 4, 6), Interval(0.6, 0.9)),
    Row("entities_unseen_words"): Scored(Counts(1, 1, 4), Interval(0.1, 0.7)),
}
BASELINE = {**MODEL, Row("entities"): Scored(Counts(1, 2, 6), Interval(0.1, 0.4))}
EVALUATION = Evaluation(
    reports={"all": 5, "seen": 4, "unseen": 1},
    systems=(
        SystemScores(
            "model",
            12.34,
            5.0,
            {"all": MODEL, "seen": MODEL, "unseen": BASELINE},
            {"length": {"short": {ENTITIES: MODEL[ENTITIES]}, "long": {ENTITIES: BASELINE[ENTITIES]}}},
        ),
        SystemScores("memory", 0.5, 0.0, {"all": BASELINE, "seen": BASELINE, "unseen": BASELINE}),
    ),
    differences=(
        Difference("all", "entities", "memory", 0.35, Interval(-0.012, 0.5), 0.0002, 0.0123),
        Difference("unseen", "entities", "memory", -0.1, None),
    ),
    seed=7,
    draws=100,
    slices={"length": {"short": 5, "long": 4}},
)
PROVENANCE = Provenance(
    split="test",
    data_file="test.jsonl",
    data_sha256="ab12",
    schema="small",
    model_path="models/x",
    model_sha256="cd34",
    model_run=None,
    versions={"python": "3.11.7"},
    unseen_conflicts=("Chad", "Cyprus"),
)


def invoke(main: Callable[..., None], *arguments: str | Path) -> Result:
    """Run a command's main function as typer does, in a terminal of 200 columns."""
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})


def write_one_report(folder: Path, split: Split) -> None:
    """A corpus of one report, in one split, without mentions."""
    (folder / "schema.toml").write_text('[entities]\nLOC = ""')
    (folder / f"{split}.jsonl").write_text('{"report": "r", "sentence": 0, "text": "x"}\n')
