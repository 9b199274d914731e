import dataclasses

import pytest

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.crosscheck import ScoreError
from eval.evaluation import COMPARED, evaluate
from eval.match import Match, match_report
from eval.scores import STRICT, Counts, Row
from eval.systems import Run

SCHEMA = Schema.parse('[entities]\nLOC = ""\n[relations.IN]\nhead = ["LOC"]\ntail = ["LOC"]', where="small")
SPANS_ONLY = Schema.parse('[entities]\nLOC = ""', where="spans")


def gold(id_: str) -> Report:
    """Ten letters, each a place in the next."""
    mentions = tuple(Mention(f"p{i}", i, i + 1, "LOC") for i in range(10))
    relations = tuple(Relation(f"p{i}", "IN", f"p{i + 1}") for i in range(9))
    return Report(id_, "abcdefghij", sentences=((0, 10),), mentions=mentions, relations=relations)


def first(report: Report, spans: int) -> Report:
    """A reading that finds the first few spans, and the relations between them."""
    mentions = report.mentions[:spans]
    ids = {m.id for m in mentions}
    relations = tuple(r for r in report.relations if {r.head, r.tail} <= ids)
    return dataclasses.replace(report, mentions=mentions, relations=relations)


def run(name: str, found: list[int]) -> Run:
    reports = [gold(f"r{i}") for i in range(len(found))]
    end_to_end = tuple(match_report(r, first(r, n)) for r, n in zip(reports, found, strict=True))
    return Run(name, end_to_end, tuple(match_report(r, r) for r in reports), 1.5, 0.5)


def test_scores_by_group_by_hand() -> None:
    evaluation = evaluate([run("model", [10, 4, 0])], SCHEMA, {"all": [0, 1, 2], "unseen": [1]}, seed=0, draws=100)
    assert evaluation.reports == {"all": 3, "unseen": 1}
    system = evaluation.systems[0]
    assert (system.name, system.extract_seconds, system.relate_seconds) == ("model", 1.5, 0.5)
    whole = {
        group: {row: s.counts for row, s in scores.items() if not row.part and row.score in STRICT}
        for group, scores in system.groups.items()
    }
    assert whole == {
        "all": {
            Row("entities"): Counts(14, 14, 30),
            Row("relations_on_gold"): Counts(27, 27, 27),
            Row("relations"): Counts(12, 12, 27),  # 9 + 3 + 0: four spans have three relations between them
        },
        "unseen": {
            Row("entities"): Counts(4, 4, 10),
            Row("relations_on_gold"): Counts(9, 9, 9),
            Row("relations"): Counts(3, 3, 9),
        },
    }
    interval = system.groups["all"][Row("entities")].interval
    assert interval is not None
    assert 0 <= interval.low < 2 * 14 / (14 + 30) < interval.high <= 1


def test_slices_have_the_compared_scores_of_their_reports() -> None:
    slices = {"length": {"short": [0, 2], "long": [1]}}
    evaluation = evaluate([run("model", [10, 4, 0])], SCHEMA, {"all": [0, 1, 2]}, slices=slices, seed=0, draws=50)
    assert evaluation.slices == {"length": {"short": 2, "long": 1}}
    short, long = evaluation.systems[0].slices["length"].values()
    assert set(short) == {Row(score) for score in COMPARED} & set(evaluation.systems[0].groups["all"])
    assert short[Row("entities")].counts == Counts(10, 10, 20)
    assert long[Row("entities")].counts == Counts(4, 4, 10)
    assert short[Row("entities")].interval is not None
    assert long[Row("entities")].interval is None  # one report tells nothing of others


def test_differences_are_from_every_other_system_by_hand() -> None:
    # Entities: the model finds 20 of 20, "low" 4 of 20, "high" 10 of 20: F1 1, 8/24, 20/30.
    systems = [run("model", [10, 10]), run("low", [2, 2]), run("high", [5, 5])]
    differences = evaluate(systems, SCHEMA, {"all": [0, 1]}, seed=0, draws=49).differences
    assert [(d.score, d.other) for d in differences] == [
        *(("entities", "low"), ("entities", "high")),
        *(("relations_on_gold", "low"), ("relations_on_gold", "high")),
        *(("relations", "low"), ("relations", "high")),
    ]
    # Relations: 18 of 18 against 2 of 18 and 8 of 18.
    assert [d.value for d in differences] == pytest.approx([1 - 1 / 3, 1 - 2 / 3, 0, 0, 1 - 4 / 20, 1 - 16 / 26])
    # Both reports are alike, so every draw gives the same difference.
    for difference in differences:
        assert difference.interval is not None
        assert (difference.interval.low, difference.interval.high) == pytest.approx((difference.value,) * 2)
    # None of 49 draws is as far from what was found as that is from 0: p = 1/50; where nothing differs all are.
    assert [d.p for d in differences] == [0.02, 0.02, 1, 1, 0.02, 0.02]
    # Holm over all six: the four small ones times 6, 5, 4, 3, but none below the one before.
    assert [d.p_holm for d in differences] == pytest.approx([0.12, 0.12, 1, 1, 0.12, 0.12])


def test_the_correction_is_over_all_groups_and_leaves_out_what_has_no_p() -> None:
    groups = {"all": [0, 1, 2], "seen": [0, 1], "unseen": [2]}
    differences = evaluate([run("model", [9, 7, 5]), run("other", [5, 3, 2])], SCHEMA, groups, seed=0, draws=99)
    by_group = {d.group: d for d in differences.differences if d.score == "entities"}
    assert (by_group["unseen"].interval, by_group["unseen"].p, by_group["unseen"].p_holm) == (None, None, None)
    smallest = min(d.p for d in differences.differences if d.p is not None)
    tested = sum(d.p is not None for d in differences.differences)
    assert tested == 6  # three scores over two groups
    assert by_group["all"].p == smallest
    assert by_group["all"].p_holm == pytest.approx(tested * smallest)


def test_the_difference_of_equal_systems_is_nothing_on_every_draw() -> None:
    systems = [run("model", [1, 9, 4, 3]), run("same", [1, 9, 4, 3])]
    for difference in evaluate(systems, SCHEMA, {"all": [0, 1, 2, 3]}, seed=0, draws=200).differences:
        assert difference.value == 0
        assert difference.interval is not None
        assert (difference.interval.low, difference.interval.high) == (0, 0)


def test_the_seed_decides_the_intervals() -> None:
    runs = [run("model", [1, 9, 4, 3, 8, 2]), run("other", [2, 2, 7, 3, 1, 0])]
    groups = {"all": list(range(6))}
    once = evaluate(runs, SCHEMA, groups, seed=4, draws=99)
    assert evaluate(runs, SCHEMA, groups, seed=4, draws=99) == once
    assert evaluate(runs, SCHEMA, groups, seed=5, draws=99).differences != once.differences


def test_a_scheme_without_relations_has_no_relation_scores() -> None:
    spans = [dataclasses.replace(gold("r0"), relations=())]
    matches = tuple(match_report(r, first(r, 5)) for r in spans)
    runs = [Run(name, matches, (), 1.0, 0.0) for name in ("model", "baseline")]
    evaluation = evaluate(runs, SPANS_ONLY, {"all": [0]}, seed=0, draws=20)
    assert {row.score for row in evaluation.systems[0].groups["all"]} == {
        *("entities", "entities_relaxed", "spans_untyped")
    }
    assert [difference.score for difference in evaluation.differences] == ["entities"]


def test_a_pairing_that_seqeval_does_not_share_stops_the_evaluation() -> None:
    match = match_report(gold("r0"), first(gold("r0"), 5))
    faulty = Match(match.gold, match.predicted, match.mentions[:-1], match.relations)
    with pytest.raises(ScoreError, match="entities: recall"):
        evaluate([Run("model", (faulty,), (match,), 1.0, 1.0)], SCHEMA, {"all": [0]}, seed=0, draws=5)
