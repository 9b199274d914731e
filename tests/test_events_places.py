from __future__ import annotations

import csv
from pathlib import Path

import pytest

from conflictspan.corpus import load_corpus
from conflictspan.events import gazetteer
from conflictspan.events.coding import default_coding
from conflictspan.events.countries import countries_in, country_in
from conflictspan.events.gazetteer import lookup, place_key
from conflictspan.events.graph import ReportGraph
from conflictspan.events.places import resolve_places
from conflictspan.events.records import Place
from tests.event_reports import ROOT, report_of

GOLD = list(csv.DictReader((ROOT / "tests/fixtures/expressions/places.csv").open(encoding="utf-8")))


def _is_right(row: dict[str, str], place: Place) -> bool:
    """The country, the precision and the coordinates as coded; empty where that is allowed."""
    precs = row["prec"].split("|")
    if place.where_prec is None:
        return row["may_be_empty"] == "yes" or "-" in precs
    right = not row["country"] or place.country == row["country"]
    right = right and precs != ["-"] and (not row["prec"] or str(place.where_prec) in precs)
    if row["lat"] and place.lat is not None and place.lon is not None:
        reach = 0.35 if place.where_prec <= 2 else 1.6
        right = right and abs(place.lat - float(row["lat"])) < reach and abs(place.lon - float(row["lon"])) < reach
    return right


def test_at_least_85_of_100_places_are_resolved_right() -> None:
    reports = {
        r.id: r for split in ("train", "validation", "test") for r in load_corpus(ROOT / "data/annotations", split)
    }
    wrong = []
    for row in GOLD:
        place = resolve_places(ReportGraph(reports[row["report"]], default_coding()))[row["mention"]]
        if not _is_right(row, place):
            wrong.append((row["report"], row["text"], place.country, place.where_prec))
    assert len(GOLD) >= 150
    assert len(wrong) <= 0.15 * len(GOLD), wrong


def _place(markup: str, id_: str = "p1") -> Place:
    return resolve_places(ReportGraph(report_of(markup), default_coding()))[id_]


def test_the_reports_other_places_decide() -> None:
    libya = _place("[Tripoli|LOC p1] was quiet. [Misrata|LOC p2] was not. [Libya|LOC p3] waits.")
    lebanon = _place("[Tripoli|LOC p1] was quiet. [Sidon|LOC p2] was not. [Lebanon|LOC p3] waits.")
    assert (libya.country, lebanon.country) == ("LY", "LB")


def test_a_namesake_in_another_province_is_not_taken_for_it() -> None:
    place = _place(
        "[Manbij|LOC p1] lies in [Daraa province|LOC p2], [Syria|LOC p3], here.\n> p1 LOCATED_IN p2; p2 LOCATED_IN p3"
    )
    assert (place.country, place.admin, place.where_prec) == ("SY", "Daraa", 4)


def test_what_is_not_settled_lists_its_candidates() -> None:
    place = _place("They met in [San Juan|LOC p1] once.")
    assert (place.country, place.lat, place.where_prec) == (None, None, None)
    assert len({c.country for c in place.candidates}) > 1


def test_a_border_is_on_no_side() -> None:
    assert _place("[Qaraz|LOC p1] on the [Turkish border|LOC p2].\n> p1 LOCATED_IN p2").country is None


def test_a_ring_of_containers_ends() -> None:
    place = _place("[Aqqqa|LOC p1] and [Bqqqa|LOC p2].\n> p1 LOCATED_IN p2; p2 LOCATED_IN p1")
    assert place.where_prec is None


@pytest.mark.parametrize(
    ("one", "other"), [("Sa'ada", "Saada"), ("al-Raqqa", "Raqqa"), ("Tartūs", "Tartus"), ("Deir ez-Zor", "Deir ez Zor")]
)
def test_transliterations_meet(one: str, other: str) -> None:
    assert place_key(one) == place_key(other)


def test_countries() -> None:
    assert country_in("Turkey's army") == ("TR", "Turkey")
    assert country_in("pro-Russian gunmen") is None
    assert country_in("Bosnian Serb forces") is None
    assert countries_in("Russian jets over Syria") == ["RU", "SY"]


def test_without_a_folder_to_write_to_the_gazetteer_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr(gazetteer, "_towns", lambda _: iter(()))  # the towns take seconds
    gazetteer._index.cache_clear()
    lookup.cache_clear()
    try:
        assert [e.where_prec for e in lookup("Helmand")] == [4]
    finally:
        gazetteer._index.cache_clear()
        lookup.cache_clear()
