"""A finding's name, and how its place is shown."""

from __future__ import annotations

from dataclasses import replace

from conflictspan.audit.finding import Finding, in_context
from conflictspan.rows import MentionRow, SentenceRow

ROW = SentenceRow(report="a-001", sentence=4, text="Rebels attacked and were attacked.")
FINDING = Finding("type-varies", "train", ROW, 7, 15, "ATTACK", "odd", 0.9)


def test_an_id_outlives_what_is_done_elsewhere() -> None:
    edited = ROW.model_copy(
        update={"sentence": 5, "mentions": (MentionRow(id="a1", start=0, end=6, type="ARMED_GROUP"),)}
    )
    same = replace(FINDING, row=edited, split="test", reason="even odder", surprise=0.1, examples=("elsewhere",))
    assert same.id == FINDING.id
    assert len(FINDING.id) == 10


def test_an_id_changes_with_what_was_judged() -> None:
    others = [
        replace(FINDING, kind="trigger-unmarked"),
        replace(FINDING, row=ROW.model_copy(update={"report": "a-002"})),
        replace(FINDING, row=ROW.model_copy(update={"text": "Rebels attacked and were attacked!"})),
        replace(FINDING, start=25, end=33),  # the second "attacked"
        replace(FINDING, reading="SHELLING"),
    ]
    assert others[3].surface == FINDING.surface == "attacked"
    assert len({FINDING.id, *(other.id for other in others)}) == 6


def test_a_place_is_shown_with_the_words_around_it() -> None:
    assert in_context(ROW, (7, 15)) == "a-001 sentence 4: Rebels [attacked] and were attacked."
    assert in_context(ROW, (20, 24), around=14) == "a-001 sentence 4: … attacked and [were] attacked."
    assert in_context(ROW, (7, 15), around=8) == "a-001 sentence 4: Rebels [attacked] and …"
