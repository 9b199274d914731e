"""One happening as several reports tell it: events of an archive become incidents.

Events are compared only with the incidents of their own and the neighbouring half degrees and days, so that the work
grows with the number of events and not with its square.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from rapidfuzz.fuzz import token_set_ratio

from conflictspan.events.gazetteer import place_key
from conflictspan.events.records import Actor, Claim, Event, Text
from conflictspan.events.times import day_of, make_when
from conflictspan.events.tolls import are_rivals, do_meet, event_toll
from conflictspan.records import Report

CELL = 0.5
"""Degrees; the side of a cell of the grid by which events are looked up."""

NEAR_KM = 25
"""Kilometres within which two precise places are one, as in UCDP's where_prec 2."""

SAME_NAME = 90
"""Similarity from 0 to 100 (`rapidfuzz.fuzz.token_set_ratio`) from which two names are one actor."""

LONGEST_DAYS = 7
"""Days of the longest range that is compared: an event of "March" could be any of March."""


class ToldClaim(Claim):
    """A claim, and which report has it."""

    report_id: Text
    event_id: Text


class Incident(Event):
    """A happening over several reports; every field of an event, and where it was told.

    Attributes:
        incident_id: `inc:<first event>`.
        events: ids of the events that tell of it, in input order.
        reports: ids of their reports.
        number_of_sources: distinct named sources, and reports that tell of it in their own voice.
        told: each claim with its report.
        notes: the sentence of each event's trigger.
    """

    incident_id: Text
    events: tuple[Text, ...]
    reports: tuple[Text, ...]
    number_of_sources: int
    told: tuple[ToldClaim, ...]
    notes: tuple[Text, ...] = ()


@dataclass(slots=True)
class _Group:
    """Events taken for one incident so far; the first one is what others are compared with, and its actors grow."""

    members: list[Event] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sides: list[tuple[Actor | None, Actor | None]] = field(default_factory=list)


def find_incidents(reports: Iterable[Report]) -> Iterator[Incident]:
    """Group the events of many reports into incidents, in input order of their first event.

    Two events are one incident where they have the same ACLED event type, overlapping dates of at most a week each,
    the same place (the same name in one country, or 25 km apart at most where both are precise), and sides that do not
    contradict each other; and where, besides, a side agrees, or the deaths do, or the place is the same by name and the
    day is one. Events of one report are never one incident: assembly has told them apart. An event without a date, a
    place or a type is an incident of its own, as is what is planned or denied.
    """
    groups: list[_Group] = []
    cells: dict[tuple[str, str, int, int, int], list[int]] = defaultdict(list)
    for report in reports:
        for event in report.events:
            keys = list(_keys(event))
            near = sorted({index for key in keys for index in cells.get(key, ())}) if keys else []
            chosen = next((i for i in near if _fits(groups[i], event)), None)
            if chosen is None:
                chosen = len(groups)
                groups.append(_Group())
                for key in _home_keys(event):
                    cells[key].append(chosen)
            group = groups[chosen]
            group.members.append(event)
            group.sides.append((event.side_a, event.side_b))
            group.notes.append(sentence_of(report, event))
    for group in groups:
        yield _incident(group)


def sentence_of(report: Report, event: Event) -> str:
    """The sentence of an event's trigger, on one line."""
    if not report.sentences:
        return " ".join(report.text[event.trigger.start : event.trigger.end].split())
    start, end = report.sentences[report.sentence_of(event.trigger.start)]
    return " ".join(report.text[start:end].split())


def _days(event: Event) -> tuple[dt.date, dt.date] | None:
    start, end = day_of(event.date_start), day_of(event.date_end)
    return (start, end) if start and end and (end - start).days < LONGEST_DAYS else None


def _home_keys(event: Event) -> Iterator[tuple[str, str, int, int, int]]:
    """The cells that an event is filed under: each of its days, at its place."""
    days, place = _days(event), event.place
    if (
        event.status != "asserted"
        or not event.event_type
        or not days
        or not place
        or place.lat is None
        or place.lon is None
    ):
        return
    y, x = math.floor(place.lat / CELL), math.floor(place.lon / CELL)
    for day in range(days[0].toordinal(), days[1].toordinal() + 1):
        yield event.event_type, place.country or "", y, x, day


def _keys(event: Event) -> Iterator[tuple[str, str, int, int, int]]:
    """The cells in which its incident may be filed: also the neighbouring ones."""
    for type_, country, y, x, day in _home_keys(event):
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                yield type_, country, y + dy, x + dx, day


def _fits(group: _Group, event: Event) -> bool:
    first = group.members[0]
    if any(member.report_id == event.report_id for member in group.members):
        return False
    named = _same_place_name(first, event)
    if not named and not _near(first, event):
        return False
    agreement = [_compare_sides(sides, (event.side_a, event.side_b)) for sides in group.sides]
    if min(agreement) < 0:
        return False
    exact_day = named and first.date_prec == 1 and event.date_prec == 1
    return max(agreement) > 0 or exact_day or _same_deaths(first, event)


def _same_place_name(one: Event, other: Event) -> bool:
    return bool(one.place and other.place) and place_key(one.place.name) == place_key(other.place.name)  # type: ignore[union-attr]


def _near(one: Event, other: Event) -> bool:
    a, b = one.place, other.place
    if not a or not b or a.lat is None or b.lat is None or a.lon is None or b.lon is None:
        return False
    if (a.where_prec or 9) > 2 or (b.where_prec or 9) > 2:
        return False
    # An equirectangular distance: exact enough over 25 km, but for the poles.
    dy, dx = a.lat - b.lat, (a.lon - b.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return 111.2 * math.hypot(dy, dx) <= NEAR_KM


def _compare_sides(one: tuple[Actor | None, Actor | None], other: tuple[Actor | None, Actor | None]) -> int:
    """1 where a side agrees, -1 where both tell who did it to whom and nothing agrees, else 0."""
    pairs = [(a, b) for a in one for b in other if a and b]
    if any(_is_same_actor(a, b) for a, b in pairs if a.actor_class != "civilians"):
        return 1
    both = one[0] is not None and other[0] is not None
    named = both and all(a.name[:1].isupper() for a in (one[0], other[0]) if a)
    return -1 if named else 0


def _is_same_actor(one: Actor, other: Actor) -> bool:
    if one.actor_class != other.actor_class:
        return False
    names, others = ({a.name, *a.aliases} for a in (one, other))
    return any(token_set_ratio(n, o) >= SAME_NAME for n in names for o in others if n[:1].isupper() and o[:1].isupper())


def _same_deaths(one: Event, other: Event) -> bool:
    deaths = one.killed.total.best, other.killed.total.best
    return deaths[0] is not None and deaths[0] > 0 and deaths[0] == deaths[1]


def _incident(group: _Group) -> Incident:
    members = group.members
    first = members[0]
    starts = [m.date_start for m in members if m.date_start]
    ends = [m.date_end for m in members if m.date_end]
    start, end = max(starts, default=None), min(ends, default=None)
    if start and end and start > end:
        start, end = first.date_start, first.date_end
    when = make_when(day_of(start), day_of(end), text=dict.fromkeys(t for m in members for t in m.date_text))
    place = min((m.place for m in members if m.place), key=lambda p: p.where_prec or 9, default=None)
    told = tuple(
        ToldClaim(**dict(claim), report_id=member.report_id, event_id=member.event_id)
        for member in members
        for claim in member.claims
    )
    voices = {claim.source if claim.source is not None else ("report", claim.report_id) for claim in told}
    killed, injured = (event_toll([getattr(claim, kind) for claim in told]) for kind in ("killed", "injured"))
    disputes = tuple(dict.fromkeys(d for m in members for d in m.disputes))
    when_fields = {} if len(members) == 1 else {**dict(when), "date_unresolved": None}
    update = {
        **when_fields,
        "place": place,
        "side_a": next((m.side_a for m in members if m.side_a), None),
        "side_b": next((m.side_b for m in members if m.side_b), None),
        "type_of_violence": next((m.type_of_violence for m in members if m.type_of_violence), None),
        "killed": killed,
        "injured": injured,
        "weapons": tuple(dict.fromkeys(w for m in members for w in m.weapons)),
        "sources": tuple(dict.fromkeys(s for m in members for s in m.sources)),
        "disputed": any(m.disputed for m in members) or _numbers_clash(told),
        "disputes": disputes,
    }
    fields = {**dict(first), **update}
    return Incident(
        **fields,
        incident_id=f"inc:{first.event_id}",
        events=tuple(m.event_id for m in members),
        reports=tuple(dict.fromkeys(m.report_id for m in members)),
        number_of_sources=len(voices),
        told=told,
        notes=tuple(group.notes),
    )


def _numbers_clash(told: tuple[ToldClaim, ...]) -> bool:
    """Whether the numbers of two reports cannot both be true."""
    totals = list(dict.fromkeys(c.killed for c in told if c.killed.total.is_known))
    return any(are_rivals(a, b) and not do_meet(a.total, b.total) for a, b in combinations(totals[:50], 2))
