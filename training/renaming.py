"""Other names in the same report, so that what a name is gets learned from where it stands and less from its letters.

A name is swapped for another of the same type and form, everywhere in the report that it stands as that type; the
rest of the text and all annotation stay as they are.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

from conflictspan.records import Report
from conflictspan.schema import Schema

NAMED = 0.18
"""Types of which at least so large a share of the mentions are names have their names swapped."""

SWAPPED = 0.6
"""The share of a report's names that are swapped; the rest hold its world together."""


def name_form(words: str) -> str | None:
    """What a name has in common with those that may take its place; None where the words are no name.

    >>> name_form("ELN"), name_form("al-Bab"), name_form("Deir ez-Zor"), name_form("Abu Omar")
    ('acronym', 'name1', None, 'name2')
    """
    parts = words.split()
    if len(parts) == 1 and len(words) > 1 and words.isupper():
        return "acronym"
    return f"name{min(len(parts), 3)}" if all(any(c.isupper() for c in part) for part in parts) else None


class Renamer:
    """Swaps names of entities for those of other reports."""

    def __init__(self, reports: Iterable[Report], schema: Schema) -> None:
        """Collect the names of annotated reports."""
        names: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        mentions, named = Counter[str](), Counter[str]()
        entities = [
            (m.type, report.text[m.start : m.end])
            for report in reports
            for m in report.mentions
            if not schema.is_event(m.type)
        ]
        self._nouns = {(type_, surface) for type_, surface in entities if surface.islower()}
        for type_, surface in entities:
            mentions[type_] += 1
            if form := self._form(type_, surface):
                named[type_] += 1
                names[type_, form].add(surface)
        self._names = {
            (type_, form): sorted(surfaces)
            for (type_, form), surfaces in names.items()
            if named[type_] >= NAMED * mentions[type_]
        }

    def _form(self, type_: str, surface: str) -> str | None:
        """As `name_form`, but None for what is also written small as that type: "Police" at a sentence's head."""
        return None if (type_, surface.lower()) in self._nouns and not surface.isupper() else name_form(surface)

    def rename(self, report: Report, rng: random.Random) -> Report:
        """The report with other names, its offsets moved to fit."""
        others: dict[tuple[str, str], str] = {}
        ends, growths, parts, done = [0], [0], [], 0
        for m in sorted(report.mentions, key=lambda m: m.start):
            surface = report.text[m.start : m.end]
            names = self._names.get((m.type, self._form(m.type, surface) or ""), [surface])
            if (m.type, surface) not in others:
                others[m.type, surface] = rng.choice(names) if rng.random() < SWAPPED else surface
            parts += [report.text[done : m.start], others[m.type, surface]]
            ends.append(m.end)
            growths.append(len(others[m.type, surface]) - len(surface))
            done = m.end
        shifts = list(accumulate(growths))

        def moved(offset: int) -> int:
            return offset + shifts[bisect_right(ends, offset) - 1]

        return replace(
            report,
            text="".join([*parts, report.text[done:]]),
            sentences=tuple((moved(start), moved(end)) for start, end in report.sentences),
            mentions=tuple(replace(m, start=moved(m.start), end=moved(m.end)) for m in report.mentions),
        )
