"""Numbers before what can be counted."""

from __future__ import annotations

import pytest

from conflictspan.audit.finding import Finding
from conflictspan.audit.missing_counts import missing_counts
from tests.audited import SCHEMA, sentences_of

COUNTED = "They saw [five|COUNT n1] [rebels|FORCE a1] at dawn.\n> a1 COUNT n1"
UNMARKED_NOUN = "They saw [five|COUNT n1] rebels at dawn."
DIGITS = "They saw [12|COUNT n1] [rebels|FORCE a1] at dawn.\n> a1 COUNT n1"


def found(*reports: str) -> list[Finding]:
    return list(missing_counts(sentences_of(*reports), SCHEMA))


@pytest.mark.parametrize(
    ("report", "surface"),
    [
        ("They saw five [rebels|FORCE a1] at dawn.", "five"),
        ("They saw five rebels at dawn.", "five"),  # most of the noun's other places are mentions
        ("They saw [five rebels|FORCE a1] at dawn.", "five"),  # swallowed by the span
        ("They saw twenty-five [rebels|FORCE a1] at dawn.", "twenty-five"),
    ],
)
def test_a_number_that_nobody_counted_is_found(report: str, surface: str) -> None:
    (finding,) = found(*[COUNTED] * 6, *[UNMARKED_NOUN] * 5, report)
    assert (finding.kind, finding.row.report, finding.surface) == ("count-missing", "r11", surface)
    assert finding.reason == '"five" before what can be counted is a COUNT in 11 of 11 places of other reports'


@pytest.mark.parametrize("number", ["12", "1,200", "7.5"])
def test_numbers_in_digits_are_one_form(number: str) -> None:
    (finding,) = found(*[DIGITS] * 5, f"They saw {number} [rebels|FORCE a1] at dawn.")
    assert finding.surface == number
    assert finding.reason.startswith("a number in digits before")


@pytest.mark.parametrize(
    "report",
    [
        "They saw T-12 [rebels|FORCE a1] at dawn.",  # a part of a name
        "They saw [12 Brigade|FORCE a1] at dawn.",  # a name that begins with a number
        "They saw $12 [rebels|FORCE a1] at dawn.",
        "They saw 12 pounds at dawn.",  # nothing that is counted here
        "They saw [rebels|FORCE a1] at 12.",
        "They saw [12 rebels' towns|LOC p1] at dawn.",  # in the span of what is not counted
    ],
)
def test_other_numbers_are_not(report: str) -> None:
    assert found(*[DIGITS] * 5, report) == []


def test_no_one_is_no_number() -> None:
    one = "They saw [one|COUNT n1] [shot|ATTACK e1].\n> e1 COUNT n1"
    assert [finding.surface for finding in found(*[one] * 5, "They saw one [shot|ATTACK e1].")] == ["one"]
    assert found(*[one] * 5, "They saw no one [shot|ATTACK e1].") == []


def test_the_number_of_a_paragraph_is_no_part_of_the_number_that_counts() -> None:
    counted = "It was so. [Five|COUNT n1] [rebels|FORCE a1] came.\n> a1 COUNT n1"
    (finding,) = found(*[counted] * 5, "3. Five [rebels|FORCE a1] came.")
    assert finding.surface == "Five"


def test_a_number_word_that_mostly_counts_nothing_is_no_finding() -> None:
    assert found(COUNTED, *["They saw five [rebels|FORCE a1] at dawn."] * 4) == []
