"""The evaluation: all systems' scores over all reports and over seen and unseen conflicts, with their intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from conflictspan.schema import Schema
from eval.bootstrap import DRAWS, Interval, drawn_f1, percentile_interval, resample
from eval.match import Match
from eval.scores import Counts, Row, check_with_seqeval, rows, tally, total
from eval.systems import Run

COMPARED = (Row("entities"), Row("relations"))
"""The scores in which the model is set against the best baseline."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Counts over a group of reports and the bootstrap interval of their F1 (None where there is none)."""

    counts: Counts
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class SystemScores:
    """All scores of one system.

    Attributes:
        name: the system.
        extract_seconds, relate_seconds: wall time of its two passes.
        groups: group of reports -> row -> score.
    """

    name: str
    extract_seconds: float
    relate_seconds: float
    groups: Mapping[str, Mapping[Row, Scored]]


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of the model less F1 of the best baseline, on the same draws.

    Attributes:
        group: the reports.
        score: the score.
        baseline: which baseline has the highest F1 there.
        value: -1..1; above 0 where the model is better.
        interval: None where there is none.
    """

    group: str
    score: str
    baseline: str
    value: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run of the harness found.

    Attributes:
        reports: group -> number of reports: "all", and "seen" and "unseen" where there are both.
        systems: the model first, then the baselines.
        differences: model against best baseline, for each group and each of `COMPARED`; empty without baselines.
        seed, draws: of the bootstrap.
    """

    reports: Mapping[str, int]
    systems: tuple[SystemScores, ...]
    differences: tuple[Difference, ...]
    seed: int
    draws: int


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was scored, and with what.

    Attributes:
        split: of the corpus.
        data_file, data_sha256: the split's file.
        schema: the label scheme's name.
        model_path: as it was given.
        model_sha256: of the weights, by the model folder's manifest, if it has one.
        model_run: when its training finished, by the model folder's `run.json`, if it has one.
        versions: package (or "python") -> version.
        unseen_conflicts: conflicts in the split that no training report tells of.
    """

    split: str
    data_file: str
    data_sha256: str
    schema: str
    model_path: str
    model_sha256: str | None
    model_run: str | None
    versions: Mapping[str, str]
    unseen_conflicts: tuple[str, ...]


def group_reports(ids: Sequence[str], unseen: Set[str]) -> dict[str, list[int]]:
    """Group reports by whether training has seen their conflict.

    Args:
        ids: of the reports.
        unseen: ids of those that tell of a conflict no training report tells of.

    Returns:
        Group -> indices of its reports; "seen" and "unseen" only where both have reports.
    """
    groups = {"all": list(range(len(ids)))}
    parted = {
        "seen": [index for index, id_ in enumerate(ids) if id_ not in unseen],
        "unseen": [index for index, id_ in enumerate(ids) if id_ in unseen],
    }
    return groups | parted if all(parted.values()) else groups


def evaluate(
    runs: Sequence[Run], schema: Schema, groups: Mapping[str, Sequence[int]], *, seed: int, draws: int = DRAWS
) -> Evaluation:
    """Score runs over the same gold reports.

    Args:
        runs: the model's first, then the baselines'.
        schema: the label scheme.
        groups: group -> indices of its reports, from `group_reports`.
        seed: of the bootstrap; all systems are scored on the same draws.
        draws: how many.

    Raises:
        ScoreError: the span scores are not those of seqeval.
    """
    weights = {group: resample(len(indices), draws=draws, seed=seed) for group, indices in groups.items()}
    draws_of: dict[tuple[str, str, str], NDArray[np.float64]] = {}
    systems = []
    for run in runs:
        matches: Sequence[Match | None] = run.on_gold or [None] * len(run.end_to_end)
        tallies = [tally(match, on_gold, schema) for match, on_gold in zip(run.end_to_end, matches, strict=True)]
        check_with_seqeval(run.end_to_end, schema, total(tallies))
        scores: dict[str, dict[Row, Scored]] = {group: {} for group in groups}
        for group, row in product(groups, rows(schema)):
            counts = [tallies[index][row] for index in groups[group]]
            drawn = drawn_f1(weights[group], counts)
            scores[group][row] = Scored(sum(counts, Counts()), percentile_interval(drawn))
            if row in COMPARED:
                draws_of[run.name, group, row.score] = drawn
        systems.append(SystemScores(run.name, run.extract_seconds, run.relate_seconds, scores))
    return Evaluation(
        reports={group: len(indices) for group, indices in groups.items()},
        systems=tuple(systems),
        differences=tuple(_differences(systems, draws_of)),
        seed=seed,
        draws=draws,
    )


def _differences(
    systems: Sequence[SystemScores], draws_of: Mapping[tuple[str, str, str], NDArray[np.float64]]
) -> Iterator[Difference]:
    model, *baselines = systems
    if not baselines:
        return
    for group, row in product(model.groups, COMPARED):
        if row not in model.groups[group]:
            continue
        best = max(baselines, key=lambda system: system.groups[group][row].counts.f1)
        value = model.groups[group][row].counts.f1 - best.groups[group][row].counts.f1
        drawn = draws_of[model.name, group, row.score] - draws_of[best.name, group, row.score]
        yield Difference(group, row.score, best.name, value, percentile_interval(drawn))
