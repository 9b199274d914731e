"""`python -m training.folds CONFIG`: k-fold training; every report predicted by a model that did not learn from it.

The reports of the training and the validation split are dealt into k folds. For each fold a model learns from the
training reports of the other folds, is calibrated on their validation reports, and reads the fold. The predictions,
in the order of the corpus, are what `conflictspan annotations audit --predictions` compares the annotations with.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from conflictspan.corpus import SCHEMA, Corpus, read_corpus, to_report, write_corpus
from conflictspan.errors import ConfigError, InputError, OutputError
from conflictspan.extractor import Extractor
from conflictspan.records import Report
from conflictspan.writing import check_output, write_extractions
from training.command import run_command
from training.config import TrainingConfig, load_config
from training.run import run_training

PREDICTIONS = "predictions.jsonl"
LEARNED = ("train", "validation")
"""The splits that are dealt into folds. Test reports are left alone."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

_Item = TypeVar("_Item")


@app.command()
def run(
    config_file: Annotated[Path, typer.Argument(metavar="CONFIG", help="A TOML file, as in training/configs/.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the models and the predictions.")],
    folds: Annotated[int, typer.Option(min=2, help="How many.")] = 5,
    overrides: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Train k models, each without one fold of the reports, and let each read the fold it lacks."""
    path = run_folds(load_config(config_file, overrides or []), output, folds=folds, overwrite=overwrite)
    typer.echo(f"predictions written to {path}")


def run_folds(config: TrainingConfig, output: Path, *, folds: int, overwrite: bool = False) -> Path:
    """Train by a configuration on all folds but one, for each fold, and predict that one.

    Args:
        config: the recipe; its `corpus` is dealt into folds, its `output` is not used.
        output: folder to write: `fold-0/model`, `fold-0/corpus` and so on, and the predictions.
        folds: how many.
        overwrite: replace predictions and folds that are there.

    Returns:
        The file of predictions: extractions with the ids of the reports, in the order of the corpus.

    Raises:
        ConfigError: before any training, where a fold would leave a split without reports.
        InputError: where the corpus has no reports.jsonl.
        OutputError: where predictions or folds are there and `overwrite` is not set.
    """
    output.mkdir(parents=True, exist_ok=True)
    predictions = output / PREDICTIONS
    check_output(predictions, overwrite=overwrite)
    if not overwrite and (there := next(output.glob("fold-*"), None)):
        raise OutputError(f"{there} is there already; give another output, or --overwrite to replace it")
    corpus = read_corpus(config.corpus, splits=LEARNED)
    if not corpus.infos:
        raise InputError(f"{config.corpus}: has no reports.jsonl, which the folds' corpora need")
    order = [id_ for split in LEARNED for id_ in corpus.splits[split]]
    hands = deal(order, folds, seed=config.seed)
    for held_out in hands:
        _check_rest(corpus, held_out)
    found: dict[str, Report] = {}
    for number, held_out in enumerate(hands):
        folder = output / f"fold-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        _write_without(corpus, config.corpus, held_out, folder / "corpus")
        run_training(config.model_copy(update={"corpus": folder / "corpus", "output": folder / "model"}))
        extractor = Extractor.from_pretrained(folder / "model")
        found |= {report.id: report for report in extractor.extract(_bare(corpus, held_out))}
    write_extractions((found[id_] for id_ in order), predictions, overwrite=overwrite)
    return predictions


def deal(items: Sequence[_Item], hands: int, *, seed: int) -> list[list[_Item]]:
    """Shuffle items and deal them out, so that each is in one hand and no hand has two more than another.

    >>> [len(hand) for hand in deal(range(7), 3, seed=1)]
    [3, 2, 2]
    """
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 (no secret)
    return [shuffled[start::hands] for start in range(hands)]


def _check_rest(corpus: Corpus, held_out: Sequence[str]) -> None:
    for split in LEARNED:
        if corpus.splits[split].keys() <= set(held_out):
            raise ConfigError(
                f"a fold would take all reports of the {split} split; ask for more folds, or another seed"
            )


def _write_without(corpus: Corpus, source: Path, held_out: Sequence[str], folder: Path) -> None:
    """Write the corpus that a fold's model learns from; each report keeps its split."""
    lacking = set(held_out)
    infos = [info for info in corpus.infos.values() if info.split in LEARNED and info.id not in lacking]
    folder.mkdir(parents=True)
    shutil.copy(source / SCHEMA, folder)
    write_corpus(folder, infos, {id_: [located.row for located in rows] for id_, rows in corpus.sentences.items()})


def _bare(corpus: Corpus, ids: Sequence[str]) -> Iterator[Report]:
    """Reports with the text and the sentences of the corpus and no annotation."""
    for id_ in ids:
        report = to_report(id_, corpus.sentences[id_], corpus.infos[id_])
        yield replace(report, mentions=(), relations=())


if __name__ == "__main__":
    run_command(app)
