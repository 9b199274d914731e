"""`python -m eval.bench`: how long scoring takes, on reports of the corpus repeated and readings of them made up.

Everything that `python -m eval` does with a reading is timed, but for the reading itself and the writing of results.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from conflictspan.corpus import load_corpus, load_report_infos
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import SPLITS
from conflictspan.schema import Schema
from eval.console import errors_in_one_line
from eval.evaluation import evaluate
from eval.match import check_report, match_report
from eval.slices import group_reports, slice_reports
from eval.systems import Run
from eval.vocabulary import training_vocabulary


def main(
    reports: Annotated[int, typer.Option(min=1, help="How many reports to score.")] = 10_000,
    data: Annotated[Path, typer.Option(help="Corpus folder.")] = Path("data/annotations"),
) -> None:
    """Time the scoring of a reading of many reports, end to end and on gold spans."""
    with errors_in_one_line():
        schema, infos = Schema.load(data / "schema.toml"), load_report_infos(data)
        training = load_corpus(data, "train")
        corpus = [report for split in SPLITS for report in load_corpus(data, split)]
        gold = list(islice(cycle(corpus), reports))
        read, related = made_up(gold, schema, seed=0), made_up(gold, schema, seed=1, keep_spans=True)
        lines = []
        started = lap = time.process_time()
        for report in (*read, *related):
            check_report(report, schema, source="made up")
        end_to_end, on_gold = tuple(map(match_report, gold, read)), tuple(map(match_report, gold, related))
        lines.append(f"checking and pairing {time.process_time() - lap:.1f} s")
        lap = time.process_time()
        unseen = {report.id for report in gold[::3]}
        evaluation = evaluate(
            [Run("made up", end_to_end, on_gold, 0, 0)],
            schema,
            group_reports([report.id for report in gold], unseen),
            slices=slice_reports(gold, infos),
            vocabulary=training_vocabulary(training),
            seed=0,
        )
        lines.append(f"counting, check with seqeval and {evaluation.draws} draws {time.process_time() - lap:.1f} s")
        lines.append(f"all of it {time.process_time() - started:.1f} s for {len(gold)} reports")
    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(line)


def made_up(gold: Sequence[Report], schema: Schema, *, seed: int, keep_spans: bool = False) -> list[Report]:
    """Readings as good as a fair model's: of ten mentions and relations, about one is lost and one is wrong.

    Args:
        gold: the reports.
        schema: the label scheme.
        seed: of the mistakes.
        keep_spans: let the mistakes be in the relations only.
    """
    random = np.random.default_rng(seed)
    return [_misread(report, schema, random, keep_spans=keep_spans) for report in gold]


def _misread(report: Report, schema: Schema, random: np.random.Generator, *, keep_spans: bool) -> Report:
    mentions = report.mentions if keep_spans else tuple(_mentions(report, schema, random))
    ids = {mention.id for mention in mentions}
    relations = tuple(_relations(report, schema, random, ids))
    return dataclasses.replace(report, mentions=mentions, relations=relations)


def _mentions(report: Report, schema: Schema, random: np.random.Generator) -> Iterator[Mention]:
    for mention in report.mentions:
        luck = random.random()
        if luck < 0.1:
            continue
        if luck < 0.15:
            yield dataclasses.replace(mention, type=schema.types[random.integers(len(schema.types))], status=None)
        elif luck < 0.2 and mention.end - mention.start > 1:
            yield dataclasses.replace(mention, start=mention.start + 1)
        else:
            yield mention


def _relations(report: Report, schema: Schema, random: np.random.Generator, ids: set[str]) -> Iterator[Relation]:
    for relation in report.relations:
        luck = random.random()
        if luck > 0.1 and {relation.head, relation.tail} <= ids:
            label = schema.labels[random.integers(len(schema.labels))] if luck < 0.2 else relation.label
            yield dataclasses.replace(relation, label=label)


if __name__ == "__main__":
    typer.run(main)
