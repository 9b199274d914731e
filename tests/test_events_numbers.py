from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.events.numbers import parse_number
from conflictspan.events.records import Amount
from conflictspan.events.tables import csv_table
from tests.event_reports import ROOT

GOLD = list(csv.DictReader((ROOT / "tests/fixtures/expressions/numbers.csv").open(encoding="utf-8")))


def test_at_least_95_of_100_expressions_are_read_right() -> None:
    def wanted(row: dict[str, str]) -> Amount:
        low, best, high = (int(row[key]) if row[key] else None for key in ("low", "best", "high"))
        return Amount(low=low, best=best, high=high, estimated=row["estimated"] == "yes")

    wrong = [row["text"] for row in GOLD if parse_number(row["text"]) != wanted(row)]
    assert len(GOLD) >= 150
    assert len(wrong) <= 0.05 * len(GOLD), wrong


@pytest.mark.parametrize(
    ("text", "low", "best", "high"),
    [
        ("at least 28", 28, 28, None),
        ("between 15 and 20", 15, None, 20),
        ("two to three million", 2_000_000, None, 3_000_000),
        ("20 to 300", 20, None, 300),
        ("40 or more", 40, 40, None),
        ("half", None, None, None),
        ("28th", None, None, None),
        ("", None, None, None),
    ],
)
def test_bounds(text: str, low: int | None, best: int | None, high: int | None) -> None:
    amount = parse_number(text)
    assert (amount.low, amount.best, amount.high) == (low, best, high)


def test_every_vague_word_is_marked_estimated_and_has_its_source() -> None:
    for row in csv_table("vague_numbers"):
        assert parse_number(row["word"]) == Amount(low=int(row["number"]), best=int(row["number"]), estimated=True)
        assert row["source"]


WORDS = [
    "at least",
    "up to",
    "between",
    "and",
    "to",
    "about",
    "dozen",
    "several",
    "million",
    "two",
    "15",
    "more",
    "-",
    "of",
    "½",
    "٣",
]


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)))
def test_bounds_are_in_order_whatever_the_words(text: str) -> None:
    amount = parse_number(text)
    known = [n for n in (amount.low, amount.best, amount.high) if n is not None]
    assert known == sorted(known)


@pytest.mark.parametrize(
    "text", ["9" * 400, "9" * 4_000, "11 billion", "9 billion crore", "dozen " * 12, "dozen " * 1_000]
)
def test_more_than_there_are_people_is_no_number(text: str) -> None:
    assert parse_number(text) == Amount()
