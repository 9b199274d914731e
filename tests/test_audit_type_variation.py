"""Mentions that have another type elsewhere."""

from __future__ import annotations

from conflictspan.audit.type_variation import type_variation
from tests.audited import sentences_of

FIRED = "[Guards|FORCE a1] [fired|ATTACK e1] at dawn.\n> e1 AGENT a1"
PLACE = "They [fired|ATTACK e1] in [Turkey|LOC p1] at dawn.\n> e1 PLACE p1"
SPOKE = "[Turkey|ORG o1] said so."


def test_the_minority_s_type_is_found_with_counts_and_examples() -> None:
    odd = FIRED.replace("FORCE", "PEOPLE")
    (finding,) = type_variation(sentences_of(FIRED, FIRED, FIRED, odd))
    assert (finding.kind, finding.row.report, finding.surface) == ("type-varies", "r3", "Guards")
    assert finding.reading == "PEOPLE"
    assert finding.reason == "PEOPLE here, rather FORCE by other reports; there it is FORCE 3"
    assert finding.examples[0] == "FORCE: r0 sentence 0: [Guards] fired at dawn."


def test_the_majority_is_not_found_and_nothing_where_all_agree() -> None:
    assert list(type_variation(sentences_of(FIRED, FIRED, FIRED))) == []


def test_a_type_that_follows_the_role_is_no_finding() -> None:
    assert list(type_variation(sentences_of(PLACE, PLACE, PLACE, SPOKE, SPOKE, SPOKE))) == []


def test_case_is_kept_where_it_tells_names_apart() -> None:
    name, word = "[IS|FORCE a1] [fired|ATTACK e1].\n> e1 AGENT a1", "What [is|LOC p1] [fired|ATTACK e1].\n> e1 PLACE p1"
    assert list(type_variation(sentences_of(name, name, name, word))) == []
