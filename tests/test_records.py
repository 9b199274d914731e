from __future__ import annotations

from conflictspan.records import Report


def test_a_code_point_lies_in_the_last_sentence_that_begins_before_it() -> None:
    report = Report("r", "One two.  Three.", sentences=((0, 8), (10, 16)))
    assert [report.sentence_of(i) for i in (0, 7, 8, 9, 10, 15)] == [0, 0, 0, 0, 1, 1]


def test_without_sentences_all_is_one() -> None:
    assert Report("r", "text").sentence_of(3) == 0
