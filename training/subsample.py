"""A share of the training reports, for a learning curve."""

from __future__ import annotations

import random
from collections.abc import Sequence

from conflictspan.records import Report


def subsample(reports: Sequence[Report], share: float, *, seed: int) -> list[Report]:
    """Draw a share of the reports, all of them alike.

    With one seed the samples are nested: a larger share has all reports of a smaller one, so that a curve over shares
    shows what more reports bring, not what other reports bring.

    Args:
        reports: to draw from.
        share: 0 < share <= 1; rounded to a whole number of reports, at least one.
        seed: the same seed, the same sample.

    Returns:
        The sample in the order of `reports`.
    """
    order = list(range(len(reports)))
    random.Random(seed).shuffle(order)  # noqa: S311 (a sample, no secret)
    kept = sorted(order[: max(1, round(share * len(reports)))])
    return [reports[index] for index in kept]
