"""Events beside a verb of saying."""

from __future__ import annotations

from conflictspan.audit.finding import Finding
from conflictspan.audit.missing_sources import missing_sources
from tests.audited import SCHEMA, sentences_of

BEFORE = "[Rebels|FORCE a1] [attacked|ATTACK e1], the [Observatory|ORG o1] said.\n> e1 SOURCE o1"
BEHIND = "The [Observatory|ORG o1] said [rebels|FORCE a1] [attacked|ATTACK e1].\n> e1 SOURCE o1"


def found(*reports: str) -> list[Finding]:
    return list(missing_sources(sentences_of(*reports), SCHEMA))


def test_an_event_without_a_source_is_found() -> None:
    bare = BEFORE.partition("\n")[0]
    (finding,) = found(*[BEFORE] * 5, *[BEHIND] * 5, bare)
    assert (finding.kind, finding.row.report, finding.surface) == ("source-missing", "r10", "attacked")
    assert finding.reason == 'no SOURCE, and it stands before "said"; in other reports 5 of 5 such events have one'
    (finding,) = found(*[BEFORE] * 3, *[BEHIND] * 5, BEHIND.partition("\n")[0])
    assert 'behind "said"; in other reports 5 of 5' in finding.reason


def test_one_of_two_events_in_a_sentence_can_lack_it() -> None:
    both = "[Rebels|FORCE a1] [attacked|ATTACK e1] and [killed|DEATH e2] [two|COUNT n1], the [Observatory|ORG o1] said."
    whole, half = f"{both}\n> e1 SOURCE o1; e2 SOURCE o1", f"{both}\n> e1 SOURCE o1"
    (finding,) = found(*[whole] * 6, half)
    assert finding.surface == "killed"


def test_places_where_events_mostly_have_none_are_no_findings() -> None:
    aside = "The [Observatory|ORG o1], whose office rebels [attacked|ATTACK e1], said nothing."
    assert found(*[BEFORE] * 5, *[aside] * 6) == []


def test_without_a_verb_of_saying_or_an_event_nothing_is_asked() -> None:
    assert found(*[BEFORE] * 5, "[Rebels|FORCE a1] [attacked|ATTACK e1].", "The [Observatory|ORG o1] said so.") == []
