"""The words of the domain as records: mention, relation, report. Gold and prediction are the same type."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conflictspan.events.records import Event

Offsets = tuple[int, int]
"""Half-open range of Unicode code points."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A typed span: an entity or an event trigger.

    Attributes:
        id: unique in its report.
        start, end: code points into the report's text, half open.
        type: a type of the schema.
        status: of a trigger that is not asserted ("planned", "denied"); None else.
        score: probability that span and type are right; None for gold.
    """

    id: str
    start: int
    end: int
    type: str
    status: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A labelled arc between two mentions of one report.

    Attributes:
        head, tail: ids of the mentions.
        label: a relation of the schema.
        score: probability that the arc is right, given its mentions; None for gold.
    """

    head: str
    label: str
    tail: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One report: bare when read, with mentions and relations when annotated or extracted.

    Attributes:
        id: the report's name.
        text: its whole text.
        published: its date as given (ISO 8601), if known.
        title: its title, if known.
        sentences: code-point ranges into `text`, ascending and not overlapping; empty where not split yet.
        mentions: typed spans, by start.
        relations: arcs between the mentions.
        events: records assembled from them, by first trigger.
    """

    id: str
    text: str
    published: str | None = None
    title: str | None = None
    sentences: tuple[Offsets, ...] = ()
    mentions: tuple[Mention, ...] = ()
    relations: tuple[Relation, ...] = ()
    events: tuple[Event, ...] = ()

    def sentence_of(self, start: int) -> int:
        """Index of the sentence that holds a code point (the last one that begins at or before it)."""
        return max(bisect_right(self.sentences, start, key=lambda s: s[0]) - 1, 0)
