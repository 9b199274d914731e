from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictspan.corpus import load_corpus
from conflictspan.events.assembly import Assembler
from conflictspan.records import Mention, Relation, Report
from conflictspan.sentences import split_sentences
from tests.event_reports import ROOT, SCHEMA, events_of, numbers, report_of

CLASH = """
[IS|ARMED_GROUP a1] [killed|DEATH e1] [28|COUNT n1] [SDF fighters|ARMED_GROUP a2] in an [attack|ATTACK e2] near [Manbij|LOC p1] on [Sunday|TIME t1], a [monitor|ORG o1] said.
> e1 AGENT a1; e1 VICTIM a2; a2 COUNT n1; e1 CAUSE e2; e2 AGENT a1; e2 TARGET a2; e2 PLACE p1; e2 TIME t1; e1 SOURCE o1; e2 SOURCE o1
"""


def test_every_field_can_be_traced_to_its_words() -> None:
    report = report_of(CLASH)
    (event,) = Assembler().events(report)
    words = {name: [report.text[a:b] for a, b in spans] for name, spans in event.evidence.items()}
    assert words == {
        "event_type": ["killed", "attack"],
        "status": ["attack"],
        "place": ["Manbij"],
        "date": ["Sunday"],
        "side_a": ["IS"],
        "side_b": ["SDF fighters"],
        "sources": ["monitor"],
        "killed": ["killed", "28", "SDF fighters"],
    }
    assert event.event_id == "r:e2"
    assert report.text[event.trigger.start : event.trigger.end] == event.trigger.text == "attack"


def test_a_claim_has_its_sources_numbers_and_words() -> None:
    (event,) = events_of(CLASH)
    (claim,) = event.claims
    assert (claim.source, claim.status) == ("monitor", "asserted")
    assert [(said.type, said.text, said.status) for said in claim.says] == [
        ("DEATH", "killed", "asserted"),
        ("ATTACK", "attack", "asserted"),
    ]
    assert numbers(claim.killed.b) == "28 28 28"


def test_claims_of_one_event_are_never_summed() -> None:
    (event,) = events_of(
        "A [blast|BOMBING e1] [killed|DEATH e2] [12|COUNT n1] [people|PEOPLE g1], [police|STATE_FORCE a1] said. "
        "The [blast|BOMBING e3] [killed|DEATH e4] [15|COUNT n2] [people|PEOPLE g2], [medics|PEOPLE g3] said.\n"
        "> e2 CAUSE e1; e2 VICTIM g1; g1 COUNT n1; e2 SOURCE a1; e4 CAUSE e3; e4 VICTIM g2; g2 COUNT n2; e4 SOURCE g3"
    )
    assert numbers(event.killed.total) == "12 - 15"
    assert event.disputes == ("police and medics give numbers killed that do not meet",)


def test_each_side_counting_its_own_dead_is_a_sum_and_no_dispute() -> None:
    (event,) = events_of(
        "The [army|STATE_FORCE a1] [clashed|CLASH e1] with [Boko Haram|ARMED_GROUP a2] and [lost|DEATH e2] [three|COUNT n1] [soldiers|STATE_FORCE a3], "
        "[police|STATE_FORCE a4] said. In the [clash|CLASH e3] [five|COUNT n2] [Boko Haram fighters|ARMED_GROUP a5] [died|DEATH e4], "
        "[residents|PEOPLE g1] said.\n"
        "> e1 AGENT a1; e1 TARGET a2; e2 CAUSE e1; e2 VICTIM a3; a3 COUNT n1; e2 SOURCE a4; e4 CAUSE e3; e4 VICTIM a5; a5 COUNT n2; e4 SOURCE g1"
    )
    assert (numbers(event.killed.total), numbers(event.killed.a), numbers(event.killed.b)) == (
        "8 8 8",
        "3 3 3",
        "5 5 5",
    )
    assert not event.disputed


def test_denied_and_planned_deaths_are_not_counted() -> None:
    (event,) = events_of(
        "[No|PEOPLE g2] and [ten|COUNT n1] [civilians|PEOPLE g1] were [killed|DEATH e1 denied].\n> e1 VICTIM g1; g1 COUNT n1"
    )
    assert (event.status, numbers(event.killed.total)) == ("denied", "- - -")


def test_the_score_is_the_least_of_the_triggers_and_its_arcs() -> None:
    report = Report(
        "r",
        "Rebels shelled Raqqa.",
        sentences=((0, 21),),
        mentions=(
            Mention("m0", 0, 6, "ARMED_GROUP", score=0.5),
            Mention("m1", 7, 14, "SHELLING", score=0.9),
            Mention("m2", 15, 20, "LOC", score=0.8),
        ),
        relations=(Relation("m1", "AGENT", "m0", 0.7), Relation("m1", "PLACE", "m2", 0.95)),
    )
    (event,) = Assembler().events(report)
    assert event.score == 0.7


def test_a_report_without_a_date_takes_the_one_it_bears() -> None:
    markup = "Bulletin, [14 September 2024|TIME t1]. [Rebels|ARMED_GROUP a1] [shelled|SHELLING e1] [Raqqa|LOC p1] on [Friday|TIME t2].\n> e1 AGENT a1; e1 PLACE p1; e1 TIME t2"
    assert [e.date_start for e in events_of(markup, published=None)] == ["2024-09-13"]
    assert [e.date_start for e in events_of(markup, published="2024-09-30")] == ["2024-09-27"]


def test_labels_of_another_scheme_give_no_events() -> None:
    report = Report("r", "Rebels shelled Raqqa.", mentions=(Mention("m0", 7, 14, "Attack"),))
    assert Assembler().events(report) == ()


def test_the_same_report_gives_the_same_records() -> None:
    reports = load_corpus(ROOT / "data" / "annotations", "validation")[:20]
    first, second = (list(map(Assembler().events, reports)) for _ in range(2))
    assert first == second
    assert sum(map(len, first)) > 60


def test_all_of_the_corpus_is_assembled_with_every_trigger_in_one_event() -> None:
    assembler = Assembler()
    for report in load_corpus(ROOT / "data" / "annotations", "test"):
        events = assembler.events(report)
        told = [id_ for event in events for id_ in event.triggers]
        assert sorted(told) == sorted(m.id for m in report.mentions if SCHEMA.is_event(m.type))
        for event in events:
            for spans in event.evidence.values():
                assert all(0 <= a < b <= len(report.text) for a, b in spans)


TEXT = "The army killed 12 rebels near Manbij on Sunday; a monitor said nine. \ud800 يوم 💣 The attack was repelled."


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_marked_and_joined_gives_records(data: st.DataObject) -> None:
    """Random spans of random types with random arcs between them, as a poor model may give."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(TEXT)), min_size=2, max_size=12)))
    mentions = [
        Mention(
            f"m{i}", a, b, data.draw(st.sampled_from(SCHEMA.types)), data.draw(st.sampled_from([None, "denied"])), 0.5
        )
        for i, (a, b) in enumerate(pairwise(cuts))
    ]
    ids = st.sampled_from([m.id for m in mentions])
    arcs = data.draw(st.lists(st.tuples(ids, st.sampled_from(SCHEMA.labels), ids), max_size=20))
    report = Report(
        "r", TEXT, "2016-06-21", None, split_sentences(TEXT), tuple(mentions), tuple(Relation(*a, 0.5) for a in arcs)
    )
    told = [id_ for event in Assembler().events(report) for id_ in event.triggers]
    assert sorted(told) == sorted(m.id for m in mentions if SCHEMA.is_event(m.type))


@pytest.mark.parametrize(
    ("markup", "acled"),
    [
        ("A [suicide bomber|ARMED_GROUP a1] [blew up|BOMBING e1] a bus.\n> e1 AGENT a1", "Suicide bomb"),
        (
            "[Gas|WEAPON w1] from a [chlorine bomb|WEAPON w2] [dropped|AIRSTRIKE e1].\n> e1 INSTRUMENT w2",
            "Chemical weapon",
        ),
        (
            "[Police|STATE_FORCE a1] [found|CAPTURE e1] a [rifle|WEAPON w1] there.\n> e1 AGENT a1; e1 TARGET w1",
            "Disrupted weapons use",
        ),
        ("[Rebels|ARMED_GROUP a1] [killed|DEATH e1] a [teacher|PEOPLE g1].\n> e1 AGENT a1; e1 VICTIM g1", "Attack"),
        (
            "The [army|STATE_FORCE a1] [took|CAPTURE e1] [Raqqa|LOC p1].\n> e1 AGENT a1; e1 PLACE p1",
            "Government regains territory",
        ),
        ("A [mob|PEOPLE g1] [rioted|PROTEST e1] there.\n> e1 AGENT g1", "Violent demonstration"),
    ],
)
def test_acled_types(markup: str, acled: str) -> None:
    (event,) = events_of(markup)
    assert event.sub_event_type == acled
