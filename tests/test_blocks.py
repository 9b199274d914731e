from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan import blocks
from conflictspan.blocks import Consumed, cut_blocks
from conflictspan.reading import Item, Located, Reject
from conflictspan.records import Report


def located(characters: int, id_: str = "r") -> Located:
    return Located(Report(id_, "x" * characters), "in.jsonl", 1)


def sizes(items: list[Item]) -> list[list[int]]:
    return [[len(i.report.text) if isinstance(i, Located) else -1 for i in block] for block in cut_blocks(items)]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_CHARACTERS", 1_000)


def test_a_block_has_as_many_reports_as_fit_and_a_longer_report_is_alone() -> None:
    assert sizes([located(n) for n in (400, 600, 1, 200, 5_000, 300, 1_000, 999)]) == [
        [400, 600],
        [1, 200],
        [5_000],
        [300],
        [1_000],
        [999],
    ]
    assert sizes([]) == []


def test_what_has_no_text_fills_a_block_too() -> None:
    assert [len(block) for block in cut_blocks([Reject("in.jsonl", n, "no") for n in range(25)])] == [10, 10, 5]


@given(st.lists(st.integers(0, 1_500)), st.data())
def test_cutting_goes_on_behind_any_block_as_if_it_had_not_stopped(lengths: list[int], data: st.DataObject) -> None:
    items: list[Item] = [located(n, str(index)) for index, n in enumerate(lengths)]
    whole = list(cut_blocks(items))
    assert list(chain.from_iterable(whole)) == items
    done = data.draw(st.integers(0, len(whole)))
    assert list(cut_blocks(chain.from_iterable(whole[done:]))) == whole[done:]


def test_the_digest_tells_every_difference() -> None:
    report = Report("a", "Shots.", published="2020", title="t")
    streams: list[list[Item]] = [
        [],
        [Located(report, "in.csv", 1)],
        [Located(report, "in.csv", 2)],
        [Located(report, "on.csv", 1)],
        [Located(Report("b", "Shots.", published="2020", title="t"), "in.csv", 1)],
        [Located(Report("a", "Shots!", published="2020", title="t"), "in.csv", 1)],
        [Located(Report("a", "Shots.", published="2021", title="t"), "in.csv", 1)],
        [Located(Report("a", "Shots.", published="2020"), "in.csv", 1)],
        [Located(Report("a", "\ud800"), "in.csv", 1)],
        [Reject("in.csv", 1, "empty")],
        [Reject("in.csv", 1, "empty", "duplicate id")],
        [Reject("in.csv", None, "empty")],
    ]
    digests = set()
    for stream in streams:
        consumed, skipped = Consumed(), Consumed()
        consumed.take(stream)
        skipped.skip(iter([*stream, located(1)]), len(stream))
        assert (consumed.items, consumed.digest) == (skipped.items, skipped.digest) == (len(stream), consumed.digest)
        digests.add(consumed.digest)
    assert len(digests) == len(streams)


def test_no_more_is_skipped_than_there_is() -> None:
    consumed = Consumed()
    consumed.skip(iter([located(1)]), 5)
    assert consumed.items == 1
