from __future__ import annotations

import csv
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.events.times import resolve_time
from tests.event_reports import ROOT

GOLD = list(csv.DictReader((ROOT / "tests/fixtures/expressions/times.csv").open(encoding="utf-8")))


def test_at_least_90_of_100_expressions_are_read_right() -> None:
    wrong = []
    for row in GOLD:
        when = resolve_time(row["text"], row["published"] or None, future=row["status"] == "planned")
        wanted = (row["start"] or None, row["end"] or None, int(row["prec"]) if row["prec"] else None)
        if (when.date_start, when.date_end, when.date_prec) != wanted:
            wrong.append(row["text"])
    assert len(GOLD) >= 150
    assert len(wrong) <= 0.1 * len(GOLD), wrong


@pytest.mark.parametrize(
    ("text", "published", "start", "end", "prec"),
    [
        ("Sunday", "2016-06-21", "2016-06-19", "2016-06-19", 1),
        ("Tuesday", "2016-06-21", "2016-06-21", "2016-06-21", 1),
        ("29 February", "2018-03-14", "2016-02-29", "2016-02-29", 1),
        ("Saturday 24 June", "2023-06-19", "2017-06-24", "2017-06-24", 1),
        ("the night of 31 December to 1 January", "2020-01-05", "2019-12-31", "2020-01-01", 2),
        ("4-Nov-2019", "2020-01-05", "2019-11-04", "2019-11-04", 1),
        ("three nights ago", "2014-08-05", "2014-08-02", "2014-08-02", 1),
    ],
)
def test_days(text: str, published: str, start: str, end: str, prec: int) -> None:
    when = resolve_time(text, published)
    assert (when.date_start, when.date_end, when.date_prec) == (start, end, prec)


@pytest.mark.parametrize(
    ("text", "published", "why"),
    [
        ("Sunday", None, "the report has no date to count from"),
        ("dawn", "2016-06-21", "a time of day without a day"),
        ("two days later", "2016-06-21", "it is counted from another event"),
        ("three hours", "2016-06-21", "how long, not when"),
    ],
)
def test_what_gives_no_date_says_why(text: str, published: str | None, why: str) -> None:
    when = resolve_time(text, published)
    assert (when.date_start, when.date_unresolved) == (None, why)


@pytest.mark.parametrize("future", [False, True])
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("since 4 May", "2017-05-04", "2017-05-06"),  # in a plan, too, "since" looks back
        ("since Friday", "2017-05-05", "2017-05-06"),
        ("since 5 May 2030", "2030-05-05", None),  # surely wrong, but no reason to end before it begins
        ("after 5 May 2030", "2030-05-06", None),
    ],
)
def test_an_open_period_never_ends_before_it_begins(text: str, start: str, end: str | None, *, future: bool) -> None:
    when = resolve_time(text, "2017-05-06", future=future)
    assert (when.date_start, when.date_end) == (start, end)


def test_a_date_of_another_form_is_no_date_of_the_report() -> None:
    assert resolve_time("Sunday", "yesterday").date_start is None


WORDS = [
    "since",
    "until",
    "late",
    "early",
    "3",
    "31",
    "May",
    "2016",
    "Sunday",
    "night",
    "of",
    "to",
    "-",
    "two",
    "weeks",
    "ago",
    "last",
    "99999",
    "0",
]


@given(
    st.one_of(st.text(max_size=30), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)),
    st.one_of(st.none(), st.dates().map(dt.date.isoformat)),
    st.booleans(),
)
def test_ends_are_in_order_whatever_the_words(text: str, published: str | None, future: bool) -> None:
    when = resolve_time(text, published, future=future)
    if when.date_start and when.date_end:
        assert when.date_start <= when.date_end
        assert when.date_prec
    else:
        assert when.date_prec is None


@pytest.mark.parametrize(
    ("text", "published"),
    [("the past 5,000 years", "2016-06-21"), ("yesterday", "0001-01-01"), ("next week", "9999-12-31")],
)
def test_days_off_the_calendar_end_nothing(text: str, published: str) -> None:
    when = resolve_time(text, published)
    assert (when.date_start, when.date_unresolved) == (None, "before the year 1 or after 9999")


def test_no_date_has_a_thousand_words() -> None:
    assert resolve_time("Sunday " * 1_000, "2016-06-21").date_unresolved == "not a date that can be read"
