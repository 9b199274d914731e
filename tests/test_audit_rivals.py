"""What an occurrence would be called if it were annotated as its like is elsewhere."""

from __future__ import annotations

import math

import pytest

from conflictspan.audit.rivals import Occurrence, Rival, rivals
from tests.audited import sentences_of

SENTENCES = sentences_of("One.", "Two.", "Three.", "Four.")


def occurrence(report: int, label: str, *, form: str = "turkey", word: str = "w", role: str = "r") -> Occurrence:
    return Occurrence(SENTENCES[report], (0, 3), (form,), label, (word,), (role,))


def rival_of(*occurrences: Occurrence) -> dict[str, Rival]:
    """By the label of the occurrence."""
    return {rival.occurrence.label: rival for rival in rivals(occurrences, least=0.0)}


def test_by_hand() -> None:
    # Seen from the report with ORG: the form has LOC three times elsewhere, and share is 3 / (3 + 1). Its cues, one
    # word and one role, stand at all three: P(cue) = (3 + 1) / (3 + 2) = 0.8 for each of the two. No other mention is
    # ORG, so P(cue | ORG) is P(cue). P(cue | LOC) = (3 + 4 * 0.8) / (3 + 4) = 0.8857, and of the form's own LOC
    # (3 + 4 * 0.8857) / (3 + 4) = 0.9347. The word weighs half, the role whole.
    found = rival_of(*(occurrence(report, "LOC") for report in range(3)), occurrence(3, "ORG"))
    assert found["ORG"].label == "LOC"
    assert found["ORG"].counts == {"LOC": 3}
    assert found["ORG"].surprise == pytest.approx(0.75 / (1 + (0.8 / 0.934694) ** 1.5), abs=1e-6)


def test_cues_by_hand() -> None:
    # Elsewhere: LOC twice as "place", ORG once as "source"; here ORG as "place".
    there = [*(occurrence(report, "LOC", role="place") for report in (0, 1)), occurrence(2, "ORG", role="source")]
    here = occurrence(3, "ORG", role="place")
    # The word w is everywhere: P(w) = (3 + 1) / (3 + 3), P(place) = (2 + 1) / (3 + 3).
    word_loc = (2 + 4 * (2 + 4 * 2 / 3) / 6) / 6
    word_org = (1 + 4 * (1 + 4 * 2 / 3) / 5) / 5
    role_loc = (2 + 4 * (2 + 4 * 1 / 2) / 6) / 6
    role_org = (0 + 4 * (0 + 4 * 1 / 2) / 5) / 5
    evidence = 0.5 * math.log(word_loc / word_org) + math.log(role_loc / role_org)
    rival = rival_of(*there, here)["ORG"]
    assert rival.surprise == pytest.approx(2 / 4 / (1 + math.exp(-evidence)))


def test_a_role_that_explains_the_label_takes_the_surprise_away() -> None:
    there = [
        *(occurrence(report, "LOC", role="place") for report in range(3) for _ in range(5)),
        *(occurrence(report, "ORG", role="source") for report in range(3)),
    ]
    explained = rival_of(*there, occurrence(3, "ORG", role="source"))["ORG"]
    odd = rival_of(*there, occurrence(3, "ORG", role="place"))["ORG"]
    assert explained.surprise < 0.2
    assert odd.surprise > 0.5


def test_its_own_report_is_no_witness() -> None:
    within = [occurrence(0, "LOC"), occurrence(0, "LOC"), occurrence(0, "ORG")]
    assert list(rivals(within, least=0.0)) == []
    rival = rival_of(*within, occurrence(1, "LOC"))["ORG"]
    assert rival.counts == {"LOC": 1}
    assert [example.sentence.row.report for example in rival.examples] == ["r1"]


def test_a_form_is_compared_with_itself_only() -> None:
    assert not rival_of(occurrence(0, "LOC"), occurrence(1, "ORG", form="kiev"))


def test_examples_are_of_the_rival_in_the_likest_places() -> None:
    there = [occurrence(report, "LOC", word=word) for report, word in enumerate(("in", "near", "of"))]
    rival = rival_of(*there, occurrence(3, "ORG", word="near"))["ORG"]
    assert [example.words for example in rival.examples] == [("near",), ("in",)]


def test_what_surprises_too_little_is_left_out() -> None:
    all_of_it = [*(occurrence(report, "LOC") for report in range(3)), occurrence(3, "ORG")]
    assert [rival.occurrence.label for rival in rivals(all_of_it, least=0.3)] == ["ORG"]
    assert not list(rivals(all_of_it, least=0.5))
