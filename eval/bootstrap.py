"""Percentile bootstrap over reports: how far a score, or a difference of two, would move with other reports.

Reports are drawn, not sentences or spans: what stands in one report is alike, and an interval over spans would be too
narrow. Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13; for the comparison of two systems on
the same draws see Koehn, Statistical significance tests for machine translation evaluation, EMNLP 2004.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
LEVEL = 0.95
_BLOCK = 8_000_000  # weights that are worked on at a time: 64 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile interval; a score's ends lie in 0..1, a difference's in -1..1."""

    low: float
    high: float


def resample(reports: int, *, draws: int = DRAWS, seed: int) -> NDArray[np.uint16]:
    """Draw as many reports as there are, with replacement, many times.

    Use the result for every system: the comparison is paired. For a group of the reports use its columns: then a draw
    holds more or fewer of the group, as other reports would.

    Args:
        reports: how many reports there are.
        draws: how often to draw.
        seed: the same seed, the same draws.

    Returns:
        (draws, reports): how often each draw holds each report; every line sums to `reports`.
    """
    random = np.random.default_rng(seed)
    weights = np.empty((draws, reports), dtype=np.uint16)
    for draw in weights if reports else ():
        # Drawing and counting is many times faster than numpy's multinomial, whose definition it is.
        draw[:] = np.bincount(random.integers(reports, size=reports), minlength=reports)
    return weights


def drawn_f1(weights: NDArray[np.uint16], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Micro F1 of every draw: counts are summed over the drawn reports first and divided last.

    Args:
        weights: (draws, reports), from `resample`, or its columns for some of the reports.
        counts: (reports, ..., 3): what is right, predicted and gold, of any number of scores.

    Returns:
        (draws, ...): NaN where a draw has neither gold nor predictions, for it then says nothing. All NaN for fewer
        than two reports: they cannot tell how much reports differ, and an interval without width would lie.
    """
    reports, scores = counts.shape[0], counts.shape[1:-1]
    f1 = np.full((len(weights), *scores), np.nan)
    if reports < 2:
        return f1
    # (reports, scores): what stands above and below the line of F1 = 2 tp / (predicted + gold)
    above = (2 * counts[..., 0]).reshape(reports, -1)
    below = (counts[..., 1] + counts[..., 2]).reshape(reports, -1)
    # Matrix products are fast in floating point only. Sums below 2 ** 24 are exact in single precision.
    largest = max(int(above.max(initial=0)), int(below.max(initial=0)))
    drawn = int(weights.sum(axis=1, dtype=np.int64).max(initial=0))
    kind: type[np.floating] = np.float32 if largest * drawn < 2**24 else np.float64
    above, below = above.astype(kind), below.astype(kind)
    flat = f1.reshape(len(weights), -1)
    step = max(1, _BLOCK // reports)
    for start in range(0, len(weights), step):
        block = weights[start : start + step].astype(kind)
        divisor = block @ below
        np.divide(block @ above, divisor, out=flat[start : start + step], where=divisor > 0, dtype=np.float64)
    return f1


def percentile_interval(values: NDArray[np.float64], *, level: float = LEVEL) -> Interval | None:
    """The middle `level` of the values, NaNs left out; None where nothing is left."""
    values = values[~np.isnan(values)]
    if not values.size:
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
