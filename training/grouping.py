"""Parting reports into the folds of a cross-validation: at random, by the region of their conflict, or by writer."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from conflictspan.errors import ConfigError, InputError
from conflictspan.rows import ReportInfo

FOLDS = 5
"""Random folds where nobody says how many."""

Folds = dict[str, list[str]]
"""Name, fit for a file -> ids of its reports."""

_REGIONS = Path(__file__).with_name("regions.toml")
_WRITER = re.compile(r"(?:train|validation|test)-([a-z]+)\d+")
_Item = TypeVar("_Item")


class By(StrEnum):
    """What a fold is: a random share of the reports, those of one region, or those of one writer."""

    report = "report"
    region = "region"
    writer = "writer"


def group_reports(infos: Sequence[ReportInfo], *, by: By, folds: int | None, seed: int) -> Folds:
    """Part reports into folds, each report into one.

    Args:
        infos: of the reports.
        by: what a fold is.
        folds: how many, by report; `FOLDS` where None, as it must be otherwise.
        seed: of the shuffle, by report.

    Returns:
        By report "0", "1" and so on; by region and by writer in the order of their names. A region or writer without
        reports is no fold.

    Raises:
        ConfigError: where a number of folds is asked for that the reports decide.
        InputError: naming every conflict without a region, or every origin without a writer.
    """
    if by is By.report:
        hands = deal([info.id for info in infos], folds or FOLDS, seed=seed)
        return {str(number): hand for number, hand in enumerate(hands)}
    if folds is not None:
        raise ConfigError(f"--folds {folds}: by {by} there are as many folds as {by}s; leave it out")
    groups: Folds = {}
    strays = []
    for info in infos:
        if group := region_of(info.conflict) if by is By.region else writer_of(info.origin):
            groups.setdefault(_slug(group), []).append(info.id)
        else:
            strays.append(info)
    if strays:
        raise InputError(_fault(strays, by))
    return dict(sorted(groups.items()))


def deal(items: Sequence[_Item], hands: int, *, seed: int) -> list[list[_Item]]:
    """Shuffle items and deal them out, so that each is in one hand and no hand has two more than another.

    >>> [len(hand) for hand in deal(range(7), 3, seed=1)]
    [3, 2, 2]
    """
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 (no secret)
    return [shuffled[start::hands] for start in range(hands)]


def region_of(conflict: str) -> str | None:
    """The region of a conflict, by the rule in `regions.toml`; None where no keyword stands in its name."""
    regions, pattern = _regions()
    found = pattern.search(conflict.casefold())
    return regions[found.group()] if found else None


def writer_of(origin: str) -> str | None:
    """The letter of the file that a report came from ("validation-r1": r); None where it has no such name."""
    found = _WRITER.fullmatch(origin)
    return found.group(1) if found else None


@cache
def _regions() -> tuple[dict[str, str], re.Pattern[str]]:
    """The region of each keyword, and what finds the keyword that stands first in a name."""
    rules = tomllib.loads(_REGIONS.read_text(encoding="utf-8"))
    regions = {keyword: region["name"] for region in rules["regions"] for keyword in region["keywords"]}
    return regions, re.compile(rf"\b(?:{'|'.join(map(re.escape, regions))})\b")


def _fault(strays: Sequence[ReportInfo], by: By) -> str:
    if by is By.region:
        names = sorted({repr(info.conflict) for info in strays})
        return f"reports.jsonl: no region for the conflict {', '.join(names)}; add a keyword to training/regions.toml"
    names = sorted({repr(info.origin) for info in strays})
    return (
        f"reports.jsonl: no writer's letter in the origin {', '.join(names)}; name files as in train-a1, validation-r2"
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
