"""The check against seqeval; that both agree on random data stands in test_scores.py."""

from __future__ import annotations

import pytest

from conflictspan.records import Mention, Report
from conflictspan.schema import Schema
from eval.crosscheck import ScoreError, check_with_seqeval
from eval.match import match_report
from eval.scores import Counts, Row

SCHEMA = Schema.parse('[entities]\nGROUP = ""\nLOC = ""\n[events]\nDEATH = ""')
REPORT = Report("r1", "rebels left Taiz", mentions=(Mention("a", 0, 6, "GROUP"), Mention("p", 12, 16, "LOC")))
RIGHT = {
    Row("entities"): Counts(2, 2, 2),
    Row("entities", "GROUP"): Counts(1, 1, 1),
    Row("entities", "LOC"): Counts(1, 1, 1),
    Row("triggers"): Counts(),
    Row("triggers", "DEATH"): Counts(),
}


@pytest.mark.parametrize(
    "wrong",
    [
        {Row("entities"): Counts(tp=1, predicted=2, gold=2)},
        {Row("entities", "LOC"): Counts(tp=1, predicted=1, gold=2)},  # the same F1 of the whole, other parts
        {Row("triggers", "DEATH"): Counts(tp=0, predicted=0, gold=1)},
    ],
)
def test_a_count_that_seqeval_does_not_share_is_an_error(wrong: dict[Row, Counts]) -> None:
    matches = [match_report(REPORT, REPORT)]
    check_with_seqeval(matches, SCHEMA, RIGHT)
    row = next(iter(wrong))
    with pytest.raises(ScoreError, match=f"{' '.join(filter(None, row))}: .* by seqeval"):
        check_with_seqeval(matches, SCHEMA, RIGHT | wrong)


def test_seqeval_accepts_reports_without_any_span() -> None:
    empty = Report("r1", "nothing")
    check_with_seqeval([match_report(empty, empty)], SCHEMA, dict.fromkeys(RIGHT, Counts()))
