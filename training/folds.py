"""`python -m training.folds CONFIG`: cross-validation; every report read by a model that did not learn from it.

The reports of the training and the validation split are parted into folds: at random, by region, or by writer. For
each fold a model learns from the training reports of the other folds, is calibrated on their validation reports, and
reads the fold. The predictions, in the order of the corpus, are what `conflictspan annotations audit --predictions`
compares the annotations with; the scores tell how well a model reads a region, or a writer, that is new to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from conflictspan.corpus import SCHEMA, Corpus, read_corpus, to_report, write_corpus
from conflictspan.errors import ConfigError, InputError, OutputError
from conflictspan.extractor import Extractor
from conflictspan.records import Report
from conflictspan.writing import check_output, write_extractions
from training.command import run_command
from training.config import TrainingConfig, load_config
from training.fold_scores import SCORES, TABLE, FoldScores, scores_table, write_scores
from training.grouping import FOLDS, By, group_reports
from training.progress import validation_scores
from training.run import run_training

PREDICTIONS = "predictions.jsonl"
LEARNED = ("train", "validation")
"""The splits that are parted into folds. Test reports are left alone."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    config_file: Annotated[Path, typer.Argument(metavar="CONFIG", help="A TOML file, as in training/configs/.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the models, predictions and scores.")],
    by: Annotated[By, typer.Option(help="What a fold is: random reports, a region, or a writer.")] = By.report,
    folds: Annotated[int | None, typer.Option(min=2, help="How many, by report.", show_default=str(FOLDS))] = None,
    overrides: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Train models, each without one fold of the reports; let each read the fold it lacks, and score it."""
    config = load_config(config_file, overrides or [])
    scores = run_folds(config, output, by=by, folds=folds, overwrite=overwrite)
    typer.echo(scores_table(scores))
    typer.echo(f"\n{PREDICTIONS}, {SCORES} and {TABLE} written to {output}")


def run_folds(
    config: TrainingConfig, output: Path, *, by: By = By.report, folds: int | None = None, overwrite: bool = False
) -> list[FoldScores]:
    """Train by a configuration on all folds but one, for each fold, and predict and score that one.

    Args:
        config: the recipe; its `corpus` is parted into folds, its `output` is not used.
        output: folder to write: `fold-0/model`, `fold-0/corpus` and so on (`fold-the-americas`, `fold-a`), the
            predictions (extractions with the ids of the reports, in the order of the corpus) and the scores.
        by: what a fold is.
        folds: how many, by report.
        overwrite: replace predictions, scores and folds that are there.

    Returns:
        The scores, as written.

    Raises:
        ConfigError: before any training, where a fold would leave a split without reports, or a number of folds is
            asked for other than by report.
        InputError: where the corpus has no reports.jsonl, or that names a conflict without a region, or a file without
            a writer.
        OutputError: where predictions, scores or folds are there and `overwrite` is not set.
    """
    output.mkdir(parents=True, exist_ok=True)
    for name in (PREDICTIONS, SCORES, TABLE):
        check_output(output / name, overwrite=overwrite)
    if not overwrite and (there := next(output.glob("fold-*"), None)):
        raise OutputError(f"{there} is there already; give another output, or --overwrite to replace it")
    corpus = read_corpus(config.corpus, splits=LEARNED)
    if not corpus.infos:
        raise InputError(f"{config.corpus}: has no reports.jsonl, which the folds' corpora need")
    gold = {id_: to_report(id_, rows, corpus.infos[id_]) for id_, rows in corpus.sentences.items()}
    parted = group_reports([corpus.infos[id_] for id_ in gold], by=by, folds=folds, seed=config.seed)
    for name, held_out in parted.items():
        _check_rest(corpus, held_out, name)
    found: dict[str, Report] = {}
    scores: list[FoldScores] = []
    for name, held_out in parted.items():
        folder = output / f"fold-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        _write_without(corpus, config.corpus, held_out, folder / "corpus")
        record = run_training(config.model_copy(update={"corpus": folder / "corpus", "output": folder / "model"}))
        extractor = Extractor.from_pretrained(folder / "model")
        reports = [gold[id_] for id_ in held_out]
        found |= {r.id: r for r in extractor.extract(replace(r, mentions=(), relations=()) for r in reports)}
        scores.append(
            FoldScores(
                name,
                len(reports),
                record["counts"]["validation_reports"],
                held_out={score: round(f1, 4) for score, f1 in validation_scores(extractor, reports).items()},
                rest=record["validation"],  # the fold's own corpus lacks what is held out
            )
        )
    write_extractions((found[id_] for id_ in gold), output / PREDICTIONS, overwrite=overwrite)
    write_scores(scores, output, by=by)
    return scores


def _check_rest(corpus: Corpus, held_out: Sequence[str], name: str) -> None:
    for split in LEARNED:
        if corpus.splits[split].keys() <= set(held_out):
            raise ConfigError(
                f"the fold {name} would take all reports of the {split} split; ask for more folds, another seed, or "
                "folds by something else"
            )


def _write_without(corpus: Corpus, source: Path, held_out: Sequence[str], folder: Path) -> None:
    """Write the corpus that a fold's model learns from; each report keeps its split."""
    lacking = set(held_out)
    infos = [info for info in corpus.infos.values() if info.split in LEARNED and info.id not in lacking]
    folder.mkdir(parents=True)
    shutil.copy(source / SCHEMA, folder)
    write_corpus(folder, infos, {id_: [located.row for located in rows] for id_, rows in corpus.sentences.items()})


if __name__ == "__main__":
    run_command(app)
