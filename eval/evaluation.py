"""The evaluation: all systems' scores over groups and slices of the reports, with intervals, and their differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from conflictspan.schema import Schema
from eval.bootstrap import DRAWS, Interval, drawn_f1, percentile_interval, resample
from eval.crosscheck import check_with_seqeval
from eval.event_scores import EVENT_ROWS, count_run_events, gold_events
from eval.scores import WHOLE, Counts, Row, count_reports, rows
from eval.significance import holm, paired_bootstrap_p
from eval.slices import Groups
from eval.systems import Run
from eval.vocabulary import Vocabulary

_Key = TypeVar("_Key", Row, str)

COMPARED = ("entities", "triggers", "status", "relations_on_gold", "relations")
"""The scores in which the model is set against every other system, and that are told for every slice."""


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
        slices: way to part the reports -> slice -> row -> score, for each of `COMPARED`.
        events: each of `EVENT_ROWS` -> score, over all reports; empty where gold assembles to no events.
    """

    name: str
    extract_seconds: float
    relate_seconds: float
    groups: Mapping[str, Mapping[Row, Scored]]
    slices: Mapping[str, Mapping[str, Mapping[Row, Scored]]] = dataclasses.field(default_factory=dict)
    events: Mapping[str, Scored] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """F1 of the model less F1 of another system, on the same draws.

    Attributes:
        group: the reports.
        score: the score.
        other: the other system.
        value: -1..1; above 0 where the model is better.
        interval: None where there is none.
        p: two-sided, of the paired bootstrap; None where there is no interval.
        p_holm: p with Holm's correction over all differences of the evaluation.
    """

    group: str
    score: str
    other: str
    value: float
    interval: Interval | None
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run of the harness found.

    Attributes:
        reports: group -> number of reports: "all", and "seen" and "unseen" where there are both.
        slices: way to part the reports -> slice -> number of reports.
        systems: the model first, then the others.
        differences: model against every other system, for each group and each of `COMPARED`.
        seed, draws: of the bootstrap.
    """

    reports: Mapping[str, int]
    systems: tuple[SystemScores, ...]
    differences: tuple[Difference, ...]
    seed: int
    draws: int
    slices: Mapping[str, Mapping[str, int]] = dataclasses.field(default_factory=dict)


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
        compared: path, model_sha256 and model_run of the second model, if there is one.
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
    compared: Mapping[str, str | None] | None = None


def evaluate(
    runs: Sequence[Run],
    schema: Schema,
    groups: Groups,
    *,
    slices: Mapping[str, Groups] | None = None,
    vocabulary: Vocabulary | None = None,
    seed: int,
    draws: int = DRAWS,
) -> Evaluation:
    """Score runs over the same gold reports.

    Args:
        runs: the model's first, then the others'.
        schema: the label scheme.
        groups: group -> indices of its reports, from `group_reports`.
        slices: way to part the reports -> slice -> indices of its reports, from `slice_reports`.
        vocabulary: the words that training has, for the scores of words seen and unseen; None leaves these out.
        seed: of the bootstrap; all systems are scored on the same draws, and all groups too: a group's draw is that
            part of a draw of all reports.
        draws: how many.

    Raises:
        ScoreError: the span scores are not those of seqeval.
    """
    slices = slices or {}
    scored = rows(schema, words=vocabulary is not None)
    compared = [index for index, row in enumerate(scored) if row.part == WHOLE and row.score in COMPARED]
    counts = np.stack([_count(run, schema, vocabulary) for run in runs], axis=1)
    weights = resample(len(counts), draws=draws, seed=seed)
    by_group: list[dict[str, dict[Row, Scored]]] = [{} for _ in runs]
    by_slice: list[dict[str, dict[str, dict[Row, Scored]]]] = [{way: {} for way in slices} for _ in runs]
    differences: list[Difference] = []
    for group, indices in groups.items():
        drawn = drawn_f1(weights[:, indices], counts[indices])
        for system in range(len(runs)):
            by_group[system][group] = _scored(scored, counts[indices, system], drawn[:, system])
        scores = [by_group[system][group] for system in range(len(runs))]
        differences += _differences(group, [run.name for run in runs], scores, drawn)
    for way, parts in slices.items():
        for name, indices in parts.items():
            counted = counts[indices][:, :, compared]
            drawn = drawn_f1(weights[:, indices], counted)
            for system in range(len(runs)):
                kept = [scored[index] for index in compared]
                by_slice[system][way][name] = _scored(kept, counted[:, system], drawn[:, system])
    gold = gold_events(runs[0])
    events = [_events(count_run_events(run, gold), weights) for run in runs]
    return Evaluation(
        reports={group: len(indices) for group, indices in groups.items()},
        slices={way: {name: len(indices) for name, indices in parts.items()} for way, parts in slices.items()},
        systems=tuple(
            SystemScores(run.name, run.extract_seconds, run.relate_seconds, by_group[i], by_slice[i], events[i])
            for i, run in enumerate(runs)
        ),
        differences=tuple(_corrected(differences)),
        seed=seed,
        draws=draws,
    )


def _count(run: Run, schema: Schema, vocabulary: Vocabulary | None) -> NDArray[np.int64]:
    """What `count_reports` has, after a check with seqeval."""
    counts = count_reports(run.end_to_end, run.on_gold, schema, vocabulary)
    sums = zip(rows(schema, words=vocabulary is not None), counts.sum(axis=0).tolist(), strict=True)
    check_with_seqeval(run.end_to_end, schema, {row: Counts(*count) for row, count in sums})
    return counts


def _scored(scored: Sequence[_Key], counts: NDArray[np.int64], drawn: NDArray[np.float64]) -> dict[_Key, Scored]:
    """Counts (reports, rows, 3) and drawn F1 (draws, rows) of one system, as scores."""
    sums = counts.sum(axis=0).tolist()
    return {row: Scored(Counts(*sums[i]), percentile_interval(drawn[:, i])) for i, row in enumerate(scored)}


def _events(counts: NDArray[np.int64], weights: NDArray[np.uint16]) -> dict[str, Scored]:
    """The scores of one system's event records; none where gold has none."""
    return _scored(EVENT_ROWS, counts, drawn_f1(weights, counts)) if counts[:, 0, 2].any() else {}


def _differences(
    group: str, names: Sequence[str], scores: Sequence[Mapping[Row, Scored]], drawn: NDArray[np.float64]
) -> Iterator[Difference]:
    index = {row: number for number, row in enumerate(scores[0])}
    for score in COMPARED:
        row = Row(score)
        if row not in index:
            continue
        for other in range(1, len(names)):
            value = scores[0][row].counts.f1 - scores[other][row].counts.f1
            apart = drawn[:, 0, index[row]] - drawn[:, other, index[row]]
            interval, p = percentile_interval(apart), paired_bootstrap_p(value, apart)
            yield Difference(group, score, names[other], value, interval, p)


def _corrected(differences: Sequence[Difference]) -> Iterator[Difference]:
    corrected = iter(holm([difference.p for difference in differences if difference.p is not None]))
    for difference in differences:
        yield difference if difference.p is None else dataclasses.replace(difference, p_holm=next(corrected))
