from __future__ import annotations

import time
from dataclasses import replace

import pytest

from conflictspan.events.assembly import Assembler
from conflictspan.events.incidents import Incident, find_incidents
from conflictspan.records import Report
from tests.event_reports import numbers, report_of

STRIKE = "[{agent}|STATE_FORCE a1] [bombed|AIRSTRIKE e1] [{place}|LOC p1] in [Syria|LOC p2] on [{day}|TIME t1], [killing|DEATH e2] [{dead}|COUNT n1] [people|PEOPLE g1], [{source}|ORG o1] said.\n> e1 AGENT a1; e1 PLACE p1; p1 LOCATED_IN p2; e1 TIME t1; e1 SOURCE o1; e2 CAUSE e1; e2 VICTIM g1; g1 COUNT n1; e2 SOURCE o1"


def _report(id_: str, **words: str) -> Report:
    told = {"agent": "Russian jets", "place": "Manbij", "day": "19 June 2016", "dead": "12", "source": "SOHR"} | words
    return Assembler().assemble(report_of(STRIKE.format(**told), id_=id_))


def _incidents(*reports: Report) -> list[Incident]:
    return list(find_incidents(reports))


def test_the_same_happening_in_two_reports_is_one_incident_with_both_claims() -> None:
    (incident,) = _incidents(_report("a"), _report("b", day="Sunday", dead="at least 14", source="Rudaw"))
    assert incident.reports == ("a", "b")
    assert incident.events == ("a:e1", "b:e1")
    assert incident.number_of_sources == 2
    assert [(c.report_id, c.source) for c in incident.told] == [("a", "SOHR"), ("b", "Rudaw")]
    assert (incident.killed.total.low, incident.killed.total.high) == (12, None)
    assert incident.disputed  # 12 and at least 14


def test_two_reports_of_one_agency_are_one_source() -> None:
    (incident,) = _incidents(_report("a"), _report("b"))
    assert (incident.number_of_sources, numbers(incident.killed.total)) == (1, "12 12 12")


@pytest.mark.parametrize("words", [{"day": "17 June 2016"}, {"place": "Raqqa"}], ids=["day", "place"])
def test_another_day_or_place_is_another_incident(words: dict[str, str]) -> None:
    assert [i.reports for i in _incidents(_report("a"), _report("b", **words))] == [("a",), ("b",)]


def test_events_of_one_report_stay_apart() -> None:
    report = _report("a")
    twice = replace(report, events=(*report.events, report.events[0].model_copy(update={"event_id": "a:e9"})))
    assert len(_incidents(twice)) == 2


def test_what_has_no_day_or_place_is_an_incident_of_its_own() -> None:
    dateless = [_report(id_, day="dawn") for id_ in "ab"]
    assert len(_incidents(*dateless)) == 2


def test_every_event_is_in_one_incident_and_the_work_grows_with_their_number() -> None:
    base = _report("x")
    (event,) = base.events
    place = event.place
    assert place and place.lat is not None and place.lon is not None

    def archive(size: int) -> list[Report]:
        reports = []
        for i in range(size):
            moved = place.model_copy(
                update={"lat": -60 + (i * 7 % 240) * 0.5, "lon": -170 + (i * 11 % 680) * 0.5, "name": f"P{i % 997}"}
            )
            told = event.model_copy(update={"event_id": f"{i}:e1", "report_id": str(i), "place": moved})
            reports.append(replace(base, id=str(i), events=(told,)))
        return reports

    seconds = []
    for size in (400, 1600):
        reports = archive(size)
        start = time.process_time()
        incidents = _incidents(*reports)
        seconds.append(time.process_time() - start)
        assert sorted(e for i in incidents for e in i.events) == sorted(f"{i}:e1" for i in range(size))
    assert seconds[1] < 10 * seconds[0] + 0.5  # 4 times the events; all pairs would be 16 times the work
