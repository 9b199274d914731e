"""Records of 15 validation reports against records coded by hand from the bare text."""

from __future__ import annotations

import tomllib
from typing import Any

from conflictspan.corpus import load_corpus
from conflictspan.events.assembly import Assembler
from conflictspan.events.records import Event
from tests.event_reports import ROOT

GOLD: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests/fixtures/events/validation.toml").read_text(encoding="utf-8")
)["event"]
LISTS = ("date", "killed", "injured", "deaths_b", "deaths_civilians")


def _values(event: Event, name: str) -> object:
    place, killed = event.place, event.killed
    amounts = {
        "killed": killed.total,
        "deaths_b": killed.b,
        "deaths_civilians": killed.civilians,
        "injured": event.injured.total,
    }
    if name in amounts:
        return [amounts[name].low, amounts[name].best, amounts[name].high]
    if name == "date":
        return [event.date_start, event.date_end, event.date_prec]
    side = {"side_a": event.side_a, "side_b": event.side_b}
    if name in side:
        actor = side[name]
        return {actor.name, *actor.aliases} if actor else {""}
    if name in ("place", "country", "where_prec"):
        return getattr(place, "name" if name == "place" else name) if place else None
    return getattr(event, name)


def _is_right(event: Event, name: str, wanted: Any) -> bool:
    value = _values(event, name)
    if name == "sources":
        return bool(set(wanted) & set(event.sources)) or not (wanted or event.sources)
    if name in LISTS:
        return value == [None if item == "" else item for item in wanted]
    allowed = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(value, set):
        return bool(value & set(allowed))
    return ("" if value is None else value) in allowed


def test_at_least_95_of_100_coded_fields_are_right() -> None:
    reports = {r.id: r for r in load_corpus(ROOT / "data/annotations", "validation")}
    assembler = Assembler()
    events = {id_: assembler.events(reports[id_]) for id_ in {gold["report"] for gold in GOLD}}
    wrong, fields = [], 0
    for gold in GOLD:
        report = reports[gold["report"]]
        words = {m.id: report.text[m.start : m.end] for m in report.mentions}
        named = [e for e in events[report.id] if any(gold["trigger"] in words[t].split() for t in e.triggers)]
        coded = {name: value for name, value in gold.items() if name not in ("report", "trigger")}
        fields += len(coded)
        faults = [[name for name, value in coded.items() if not _is_right(e, name, value)] for e in named]
        wrong += [(report.id, gold["trigger"], name) for name in min(faults, key=len, default=list(coded))]
    assert len({gold["report"] for gold in GOLD}) == 15
    assert fields > 350
    assert len(wrong) <= 0.05 * fields, wrong
