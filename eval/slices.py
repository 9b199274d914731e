"""Parting reports: by whether training knows their conflict, by conflict, by genre, by length."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache
from itertools import pairwise
from pathlib import Path

from conflictspan.corpus import ReportInfo
from conflictspan.records import Report

OTHER = "other"
LENGTHS = (100, 150, 200, 400)
"""The most words (runs of characters without white space) in a report of each length but the last."""

Groups = dict[str, list[int]]
"""Name -> indices of its reports."""


def group_reports(ids: Sequence[str], unseen: Set[str]) -> Groups:
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


def slice_reports(reports: Sequence[Report], infos: Mapping[str, ReportInfo]) -> dict[str, Groups]:
    """Part reports in several ways; in each of them every report stands in one slice.

    Args:
        reports: the reports.
        infos: what is known about them; without it there is no conflict and no genre.

    Returns:
        "conflict" and "genre" (its family), the largest slice first, and "length", the shortest first.
    """
    slices: dict[str, Groups] = {}
    if infos:
        slices["conflict"] = _part(infos[report.id].conflict or OTHER for report in reports)
        slices["genre"] = _part(genre_family(infos[report.id].genre) for report in reports)
    by_length = _part(length_bucket(report.text) for report in reports)
    slices["length"] = {bucket: by_length[bucket] for bucket in _buckets() if bucket in by_length}
    return slices


def genre_family(genre: str) -> str:
    """The family of a genre, by the rule in `genres.toml`."""
    genre = genre.casefold().replace("-", " ")
    return next((name for name, fits in _families() if fits(genre)), OTHER)


def length_bucket(text: str) -> str:
    """How long a report is, in words."""
    words = len(text.split())
    return _buckets()[sum(words > most for most in LENGTHS)]


@cache
def _buckets() -> tuple[str, ...]:
    between = (f"{low + 1} to {high} words" for low, high in pairwise(LENGTHS))
    return (f"up to {LENGTHS[0]} words", *between, f"over {LENGTHS[-1]} words")


@cache
def _families() -> tuple[tuple[str, Callable[[str], object]], ...]:
    rules = tomllib.loads(Path(__file__).with_name("genres.toml").read_text(encoding="utf-8"))
    families = []
    for family in rules["families"]:
        keywords = (re.escape(k.removesuffix("*")) + (r"\w*" if k.endswith("*") else "") for k in family["keywords"])
        families.append((family["name"], re.compile(rf"\b(?:{'|'.join(keywords)})\b").search))
    return tuple(families)


def _part(names: Iterable[str]) -> Groups:
    groups: Groups = {}
    for index, name in enumerate(names):
        groups.setdefault(name, []).append(index)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))
