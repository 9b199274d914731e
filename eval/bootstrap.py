"""Percentile bootstrap over reports: how far a score, or a difference of two, would move with other reports.

Reports are drawn, not sentences or spans: what stands in one report is alike, and an interval over spans would be too
narrow. Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; for the comparison of two systems on
the same draws see Koehn, Statistical significance tests for machine translation evaluation, EMNLP 2004.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.scores import Counts

DRAWS = 10_000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile interval; a score's ends lie in 0..1, a difference's in -1..1."""

    low: float
    high: float


def resample(reports: int, *, draws: int = DRAWS, seed: int) -> NDArray[np.int64]:
    """Draw as many reports as there are, with replacement, many times.

    Use the result for every system: the comparison is paired.

    Args:
        reports: how many reports there are.
        draws: how often to draw.
        seed: the same seed, the same draws.

    Returns:
        (draws, reports): how often each draw holds each report; every line sums to `reports`. No draws at all from
        fewer than two reports: they cannot tell how much reports differ, and an interval without width would lie.
    """
    if reports < 2:
        return np.zeros((0, reports), dtype=np.int64)
    return np.random.default_rng(seed).multinomial(reports, np.full(reports, 1 / reports), size=draws)


def drawn_f1(weights: NDArray[np.int64], counts: Sequence[Counts]) -> NDArray[np.float64]:
    """Micro F1 of every draw: counts are summed over the drawn reports first and divided last.

    Args:
        weights: (draws, reports), from `resample`.
        counts: one per report.

    Returns:
        (draws,): NaN where a draw has neither gold nor predictions, for it then says nothing.
    """
    # (reports, 2): what stands above and below the line of F1 = 2 tp / (predicted + gold)
    parts = np.array([(2 * c.tp, c.predicted + c.gold) for c in counts], dtype=np.int64).reshape(-1, 2)
    above, below = (weights @ parts).T
    f1 = np.full(len(weights), np.nan)
    np.divide(above, below, out=f1, where=below > 0)
    return f1


def percentile_interval(values: NDArray[np.float64], *, level: float = LEVEL) -> Interval | None:
    """The middle `level` of the values, NaNs left out; None where nothing is left."""
    values = values[~np.isnan(values)]
    if not values.size:
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
