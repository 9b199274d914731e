"""The checks' view of a sentence."""

from __future__ import annotations

from conflictspan.audit.sentences import EDGE, NOTHING, word_form
from tests.audited import sentences_of

(FIRST, SECOND) = sentences_of(
    """
    [IS fighters|FORCE a1] [attacked|ATTACK e1] U.S. troops near the old mill on the hill of [Raqqa|LOC p1].
    > e1 AGENT a1; e1 PLACE p1
    It [killed|DEATH e2] [two|COUNT n1].
    > e2 AGENT a1; e2 COUNT n1
    """
)


def test_words_are_compared_without_their_case_but_for_names_in_capitals() -> None:
    assert [word_form(word) for word in ("IS", "is", "Is", "Killed", "I", "F", "UNMISS")] == [
        *("IS", "is", "is", "killed", "i", "f", "UNMISS")
    ]
    assert FIRST.forms[:3] == ("IS", "fighters", "attacked")


def test_words_know_what_covers_them() -> None:
    assert [(m.id, first, end) for m, first, end in FIRST.spans()] == [("a1", 0, 2), ("e1", 2, 3), ("p1", 16, 17)]
    assert [m and m.id for m in FIRST.covers[:4]] == ["a1", "a1", "e1", None]
    assert FIRST.offsets(0, 2) == (0, len("IS fighters"))


def test_mentions_know_what_they_are_joined_to_also_across_sentences() -> None:
    assert FIRST.roles["a1"] == ["AGENT of ATTACK", "AGENT of DEATH"]
    assert SECOND.roles["e2"] == ["has AGENT FORCE", "has COUNT COUNT"]
    assert SECOND.roles["n1"] == ["COUNT of DEATH"]


def test_what_stands_beside_a_word() -> None:
    assert (FIRST.form(-1), FIRST.form(0), FIRST.form(18)) == (EDGE, "IS", EDGE)
    troops = FIRST.forms.index("troops")
    assert FIRST.type_beside(troops - 1, -1) == NOTHING, "attacked U . S . troops: out of reach"
    assert FIRST.type_beside(troops - 2, -1) == "ATTACK"
    assert FIRST.type_beside(troops + 1, 1) == NOTHING
    assert FIRST.type_beside(17, 1) == EDGE
    assert FIRST.type_beside(18, 1) == EDGE
    assert FIRST.type_beside(-1, -1) == EDGE
