"""Whether a difference between two systems is more than the choice of reports: p-values, and Holm's correction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def paired_bootstrap_p(observed: float, drawn: NDArray[np.float64]) -> float | None:
    """The two-sided p-value of a difference, by the paired bootstrap.

    If the systems were alike the difference would scatter around 0 as the drawn ones scatter around the observed one:

        p = (1 + number of draws with |drawn - observed| >= |observed|) / (1 + number of draws)

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 16.4 (move the draws to where the null
    hypothesis holds); Berg-Kirkpatrick, Burkett and Klein, An empirical investigation of statistical significance in
    NLP, EMNLP 2012, have it one-sided. The ones keep p above 0, which no number of draws can show: Davison and
    Hinkley, Bootstrap Methods and their Application, 1997, section 4.2.

    Args:
        observed: score of one system less that of the other on the reports as they are.
        drawn: (draws,): the same on each draw, both systems on the same one; NaNs are left out.

    Returns:
        More than 0, at most 1; None where there is no draw.

    >>> paired_bootstrap_p(0.5, np.array([0.5, 0.6, 0.2, 1.1]))   # one in four is 0.5 off or more
    0.4
    """
    drawn = drawn[~np.isnan(drawn)]
    if not drawn.size:
        return None
    # A draw that is just as far off as observed must count, also where the last bit of a difference says otherwise.
    as_far = np.abs(drawn - observed) >= abs(observed) - 1e-12
    return (1 + int(as_far.sum())) / (1 + drawn.size)


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number: the chance of one false finding among them all stays below the level.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none may fall below one before it, nor exceed 1.
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.

    Returns:
        In the order given.

    >>> holm([0.04, 0.01, 0.03])   # 0.01 * 3, then 0.03 * 2, then 0.04 * 1, but not below 0.06
    [0.06, 0.03, 0.06]
    """
    corrected = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = floor
    return corrected
