from __future__ import annotations

from dataclasses import replace

from conflictspan.events.assembly import Assembler
from conflictspan.records import Report
from eval.event_scores import EVENT_ROWS, FOUND, count_events, count_run_events, gold_events
from eval.match import match_report
from eval.scores import Counts
from eval.systems import Run
from tests.event_reports import report_of

GOLD = report_of(
    "[Rebels|ARMED_GROUP a1] [shelled|SHELLING e1] [Raqqa|LOC p1] on [Sunday|TIME t1], [killing|DEATH e2] [two|COUNT n1] [civilians|PEOPLE g1]. "
    "[Police|STATE_FORCE a2] [arrested|ARREST e3] [Ali Ibn|PERSON h1] there.\n"
    "> e1 AGENT a1; e1 PLACE p1; e1 TIME t1; e2 CAUSE e1; e2 VICTIM g1; g1 COUNT n1; e3 AGENT a2; e3 VICTIM h1"
)


def _count(predicted: Report) -> dict[str, Counts]:
    assembler = Assembler()
    return count_events(GOLD, assembler.events(GOLD), predicted, assembler.events(predicted))


def _without(report: Report, *ids: str) -> Report:
    return replace(
        report,
        mentions=tuple(m for m in report.mentions if m.id not in ids),
        relations=tuple(r for r in report.relations if not {r.head, r.tail} & set(ids)),
    )


def test_gold_against_itself_is_right_in_every_field() -> None:
    counts = _count(GOLD)
    assert counts[FOUND] == Counts(2, 2, 2)
    assert counts["sides"] == Counts(4, 4, 4)  # rebels on civilians, police on a civilian
    assert counts["killed"] == Counts(1, 1, 1)
    assert all(count.tp == count.gold == count.predicted for count in counts.values())


def test_a_missed_event_costs_its_fields_too() -> None:
    counts = _count(_without(GOLD, "e3"))
    assert counts[FOUND] == Counts(1, 1, 2)
    assert counts["sides"] == Counts(2, 2, 4)
    assert counts["status"] == Counts(1, 1, 2)


def test_a_wrong_field_is_wrong_in_that_field_alone() -> None:
    counts = _count(_without(GOLD, "t1"))
    assert counts["date"] == Counts(0, 0, 1)
    assert counts["place"] == Counts(1, 1, 1)
    wrong_number = replace(GOLD, text=GOLD.text.replace("two", "six"))
    assert _count(wrong_number)["killed"] == Counts(0, 1, 1)


def test_a_run_is_counted_report_by_report() -> None:
    run = Run("mine", (match_report(GOLD, _without(GOLD, "e3")), match_report(GOLD, GOLD)), (), 0.0, 0.0)
    counts = count_run_events(run, gold_events(run))
    assert counts.shape == (2, len(EVENT_ROWS), 3)
    assert counts[:, 0].tolist() == [[1, 1, 2], [2, 2, 2]]


def test_records_that_a_system_brings_are_its_own() -> None:
    silent = replace(GOLD, events=Assembler().events(GOLD)[:1])
    run = Run("mine", (match_report(GOLD, silent),), (), 0.0, 0.0)
    assert count_run_events(run, gold_events(run))[0, 0].tolist() == [1, 1, 2]
