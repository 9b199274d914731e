"""Which report trains, validates and tests: drawn once, then kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from conflictspan.rows import SPLITS, AnnotatedReport, ReportInfo, Split

SEED = 20240229
"""Of the one draw of the corpus: 40 reports each from the files train-e* to train-q*, evenly over the 13 letters."""


def draw_splits(groups: Mapping[str, Sequence[str]], size: int, seed: int = SEED) -> dict[str, Split]:
    """Draw reports for validation and as many for test, evenly over groups; the rest train.

    Reports stand in the order of the SHA-256 of `seed:id`, which depends on no library's random numbers. Each group
    gives its first reports to validation and the next ones to test, `size // len(groups)` each; what is then missing
    comes one each from the groups that stand first in the same order (of `seed:split:group`).

    Args:
        groups: group name -> ids of its reports.
        size: how many reports each of the two splits gets.
        seed: another seed, another draw.

    Returns:
        id -> split, for every report of the groups.

    Raises:
        ValueError: where a group has too few reports.
    """
    left = {group: sorted(ids, key=lambda id_: _rank(f"{seed}:{id_}")) for group, ids in groups.items()}
    splits: dict[str, Split] = {id_: "train" for ids in groups.values() for id_ in ids}
    for split in SPLITS[1:]:
        by_rank = sorted(groups, key=lambda group: _rank(f"{seed}:{split}:{group}"))
        even, extra = divmod(size, len(groups))
        for place, group in enumerate(by_rank):
            count = even + (place < extra)
            if len(left[group]) < count:
                raise ValueError(f"group {group!r} has too few reports for a {split} split of {size}; draw fewer")
            splits.update(dict.fromkeys(left[group][:count], split))
            del left[group][:count]
    return splits


def assign_splits(reports: Iterable[AnnotatedReport], known: Mapping[str, ReportInfo]) -> list[ReportInfo]:
    """Give each report its split: the one it has; else the one its file name begins with; else train."""
    return [
        ReportInfo(
            **report.header.model_dump(),
            split=known[report.header.id].split if report.header.id in known else _split_of_origin(report.origin),
            origin=report.origin,
        )
        for report in reports
    ]


def _split_of_origin(origin: str) -> Split:
    return next((split for split in SPLITS if origin.startswith(f"{split}-")), "train")


def _rank(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
