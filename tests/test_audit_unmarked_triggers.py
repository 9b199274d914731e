"""Words that are an event elsewhere and unmarked here."""

from __future__ import annotations

from conflictspan.audit.finding import Finding
from conflictspan.audit.unmarked_triggers import unmarked_triggers
from tests.audited import SCHEMA, sentences_of

MARKED = "[Rebels|FORCE a1] [attacked|ATTACK e1] the [town|LOC p1].\n> e1 AGENT a1; e1 PLACE p1"
DEAD = "[Rebels|FORCE a1] [shot dead|DEATH e1] [two|COUNT n1].\n> e1 COUNT n1"


def found(*reports: str) -> list[Finding]:
    return list(unmarked_triggers(sentences_of(*reports), SCHEMA))


def test_a_trigger_left_unmarked_is_found() -> None:
    (finding,) = found(*[MARKED] * 5, "[Rebels|FORCE a1] attacked the [town|LOC p1].")
    assert (finding.kind, finding.row.report, finding.surface) == ("trigger-unmarked", "r5", "attacked")
    assert finding.reason == "a trigger in 5 of 5 places of other reports, mostly ATTACK"
    assert finding.examples == (
        "r0 sentence 0: Rebels [attacked] the town.",
        "r1 sentence 0: Rebels [attacked] the town.",
    )


def test_rarer_unmarked_words_surprise_more() -> None:
    often = found(*[MARKED] * 9, "[Rebels|FORCE a1] attacked the [town|LOC p1].")
    seldom = found(*[MARKED] * 4, "[Rebels|FORCE a1] attacked the [town|LOC p1].")
    assert often[0].surprise > seldom[0].surprise


def test_a_word_that_is_as_often_unmarked_is_no_finding() -> None:
    other = "The budget was attacked."
    assert found(*[MARKED] * 3, *[other] * 3) == []


def test_surroundings_like_those_of_other_unmarked_places_take_the_surprise_away() -> None:
    figurative = "The budget was attacked by nobody."
    alone = found(*[MARKED] * 8, figurative)
    in_company = found(*[MARKED] * 8, figurative, figurative)
    assert {f.row.report for f in in_company} <= {"r8", "r9"}
    assert max((f.surprise for f in in_company), default=0.0) < max((f.surprise for f in alone), default=0.5)


def test_words_inside_a_span_are_not_asked_about() -> None:
    assert found(*[MARKED] * 5, "[Attacked soldiers|FORCE a1] left.") == []


def test_a_phrase_is_one_form() -> None:
    (finding,) = found(*[DEAD] * 5, "[Rebels|FORCE a1] shot dead [two|COUNT n1].")
    assert finding.surface == "shot dead"
    assert found(*[DEAD] * 5, "[Rebels|FORCE a1] shot at dead [two|COUNT n1].") == []
