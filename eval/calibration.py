"""Whether scores mean probabilities, and what a threshold on them buys.

`calibration.json`, by kind ("entities", "triggers", "relations_on_gold", "relations"; one without scored predictions is
left out):

    {"kinds": {"entities": {
         "predictions": 2857, "right": 2337, "gold": 2672, "mean_score": 0.81, "ece": 0.01, "brier": 0.11,
         "bins": [{"low": 0.2, "high": 0.4, "predictions": 190, "right": 60, "mean_score": 0.3}, ...],
         "curve": [{"threshold": 0.99, "precision": 1.0, "recall": 0.01}, ...]}, ...},
     "promises": [{"min_precision": 0.9, "kind": "entities", "label": "" or "LOC",
                   "predicted": 9, "right": 8, "gold": 10, "right_before": 9}, ...]}

Shares are 0..1. What the keys mean is told at the classes below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from conflictspan.calibration import Calibrator, end_to_end_score
from conflictspan.precision import thresholds_for
from conflictspan.schema import Schema
from eval.match import Match, match_report

BINS = 15
POINTS = 200
"""Points of a precision-recall curve, at most."""

PROMISES = (0.8, 0.9, 0.95)
"""The precisions that are asked for, to see whether they are reached."""

WHOLE = ""
"""The label of a promise over all labels of its kind."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same score.

    Attributes:
        low, high: the lowest and the highest score among them.
        predictions: how many there are.
        right: how many of them are right.
        mean_score: what their scores say of that share.
    """

    low: float
    high: float
    predictions: int
    right: int
    mean_score: float


@dataclass(frozen=True, slots=True)
class Point:
    """Precision and recall of the predictions whose score is at least the threshold."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well the scores of one kind of prediction tell how often they are right.

    Attributes:
        predictions, right, gold: counts; strict match.
        mean_score: 0..1.
        ece: expected calibration error, 0..1, see `expected_calibration_error`.
        brier: Brier score, 0..1: the mean of (score - right)^2 (Brier 1950).
        bins: the reliability diagram, by ascending score.
        curve: precision and recall, by descending threshold. Recall is over all gold; it ends where the system stops.
    """

    predictions: int
    right: int
    gold: int
    mean_score: float
    ece: float
    brier: float
    bins: tuple[Bin, ...]
    curve: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """What `--min-precision` leaves of the predictions of a kind, end to end.

    Attributes:
        min_precision: what was asked for.
        kind: "entities", "triggers" or "relations".
        label: the type or label; `WHOLE` for all of the kind.
        predicted, right: what is kept, and how much of it is right.
        gold: what there is to find.
        right_before: right predictions before any was left out.
    """

    min_precision: float
    kind: str
    label: str
    predicted: int
    right: int
    gold: int
    right_before: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The calibration of a system's scores.

    Attributes:
        kinds: "entities", "triggers": mentions in the bare text. "relations_on_gold": relations between gold mentions,
            by their own score, which is given their mentions. "relations": relations end to end, by their score
            times those of their mentions. Kinds without scored predictions are left out.
        promises: empty where the model has no precision curves.
    """

    kinds: Mapping[str, Reliability]
    promises: tuple[Promise, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Item:
    """A gold item, a prediction, or both where they match."""

    kind: str
    label: str
    is_gold: bool
    is_predicted: bool
    score: float | None


def calibration_of(
    end_to_end: Sequence[Match], on_gold: Sequence[Match], schema: Schema, calibrator: Calibrator | None = None
) -> Calibration:
    """Measure the calibration of a system's scores.

    Args:
        end_to_end: gold against extraction from the bare text.
        on_gold: gold against the relations put between gold mentions; may be empty.
        schema: tells entities from triggers.
        calibrator: the model's, for what it promises; no promises where None or without curves.
    """
    items = [*_end_to_end_items(end_to_end, schema), *_on_gold_items(on_gold)]
    kinds = {}
    for kind in ("entities", "triggers", "relations_on_gold", "relations"):
        own = [item for item in items if item.kind == kind]
        scored = [(item.score, item.is_gold) for item in own if item.is_predicted and item.score is not None]
        if scored:
            scores, right = zip(*scored, strict=True)
            kinds[kind] = reliability(scores, right, gold=sum(item.is_gold for item in own))
    promises: list[Promise] = []
    if kinds and calibrator and calibrator.has_curves:
        promises = [p for share in PROMISES for p in _promises(end_to_end, schema, calibrator, share)]
    return Calibration(kinds, tuple(promises))


def reliability(scores: Sequence[float], right: Sequence[bool], *, gold: int) -> Reliability:
    """Measure N scored predictions, at least one.

    Args:
        scores: [N] 0..1.
        right: [N] whether each is right.
        gold: how many right ones there are to be found.
    """
    order = np.argsort(scores, kind="stable")
    ordered, hits = np.asarray(scores, dtype=np.float64)[order], np.asarray(right, dtype=np.float64)[order]
    bins = equal_mass_bins(ordered.tolist(), hits.astype(bool).tolist())
    return Reliability(
        predictions=len(hits),
        right=int(hits.sum()),
        gold=gold,
        mean_score=float(ordered.mean()),
        ece=expected_calibration_error(bins),
        brier=float(((ordered - hits) ** 2).mean()),
        bins=bins,
        curve=tuple(_curve(ordered.tolist(), hits.astype(bool).tolist(), gold)),
    )


def equal_mass_bins(scores: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """Cut predictions, sorted by score, into at most `BINS` bins of as nearly the same number as ties allow.

    Bins of equal mass (Nguyen and O'Connor 2015, "Posterior calibration and exploratory analysis for natural language
    processing models") rather than of equal width: most scores are near 1, where bins of equal width would put nearly
    all predictions into one or two and leave the rest to chance. Equal scores are never parted.
    """
    cuts = {int(np.searchsorted(scores, scores[len(scores) * i // BINS])) for i in range(BINS)}
    borders = [*sorted(cuts), len(scores)]
    return tuple(
        Bin(
            low=scores[start],
            high=scores[end - 1],
            predictions=end - start,
            right=sum(right[start:end]),
            mean_score=sum(scores[start:end]) / (end - start),
        )
        for start, end in pairwise(borders)
    )


def expected_calibration_error(bins: Iterable[Bin]) -> float:
    """The mean over all predictions of how far their bin's share of right ones is from its mean score.

    Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning", here over bins of equal mass.

    >>> expected_calibration_error([Bin(0.5, 0.7, 30, 15, 0.6), Bin(0.9, 0.9, 10, 9, 0.9)])   # (30 * .1 + 10 * 0) / 40
    0.075
    """
    bins = list(bins)
    off = sum(abs(b.right - b.mean_score * b.predictions) for b in bins)
    return off / sum(b.predictions for b in bins)


def _curve(scores: Sequence[float], right: Sequence[bool], gold: int) -> Iterator[Point]:
    """At the lowest of each number of predictions that is a POINTS-th of them all, from the highest score down."""
    lowest = {scores[len(scores) - 1 - (len(scores) - 1) * i // (POINTS - 1)] for i in range(POINTS)}
    for threshold in sorted(lowest, reverse=True):
        start = int(np.searchsorted(scores, threshold))
        hits = sum(right[start:])
        yield Point(threshold, hits / (len(scores) - start), hits / gold if gold else 0.0)


def _promises(
    matches: Sequence[Match], schema: Schema, calibrator: Calibrator, min_precision: float
) -> Iterator[Promise]:
    """Over all labels of each kind first, then by label."""
    thresholds = thresholds_for(min_precision, calibrator, schema)
    kept = [match_report(match.gold, thresholds.apply(match.predicted)) for match in matches]
    before, after = list(_end_to_end_items(matches, schema)), list(_end_to_end_items(kept, schema))
    for kind, labels in (("entities", schema.entities), ("triggers", schema.events), ("relations", schema.labels)):
        for label in (WHOLE, *labels) if labels else ():
            own_before, own = (
                [item for item in items if item.kind == kind and label in (WHOLE, item.label)]
                for items in (before, after)
            )
            yield Promise(
                min_precision=min_precision,
                kind=kind,
                label=label,
                predicted=sum(item.is_predicted for item in own),
                right=sum(item.is_predicted and item.is_gold for item in own),
                gold=sum(item.is_gold for item in own),
                right_before=sum(item.is_predicted and item.is_gold for item in own_before),
            )


def _end_to_end_items(matches: Iterable[Match], schema: Schema) -> Iterator[_Item]:
    for match in matches:
        for pair in match.mentions:
            kind = "triggers" if schema.is_event(pair.either.type) else "entities"
            score = pair.predicted.score if pair.predicted else None
            yield _Item(kind, pair.either.type, pair.gold is not None, pair.predicted is not None, score)
        mentions = {m.id: m for m in match.predicted.mentions}
        for arcs in match.relations:
            score = end_to_end_score(arcs.predicted, mentions) if arcs.predicted else None
            yield _Item("relations", arcs.either.label, arcs.gold is not None, arcs.predicted is not None, score)


def _on_gold_items(matches: Iterable[Match]) -> Iterator[_Item]:
    for match in matches:
        for arcs in match.relations:
            score = arcs.predicted.score if arcs.predicted else None
            yield _Item(
                "relations_on_gold", arcs.either.label, arcs.gold is not None, arcs.predicted is not None, score
            )
