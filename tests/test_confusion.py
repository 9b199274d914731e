from collections import Counter

from hypothesis import given

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.confusion import mention_confusion, relation_confusion, run_confusion
from eval.match import Match, match_report
from eval.systems import Run
from tests.readings import SCHEMA, readings


def test_worked_by_hand() -> None:
    # g0 found; g1 with a wrong end; g2 with a wrong type; g3 missed; p9 spurious.
    gold = Report(
        "r",
        "x" * 30,
        mentions=(
            Mention("g0", 0, 2, "LOC"),
            Mention("g1", 3, 6, "GROUP"),
            Mention("g2", 7, 9, "ATTACK"),
            Mention("g3", 10, 12, "LOC"),
        ),
        relations=(Relation("g2", "PLACE", "g0"), Relation("g2", "AGENT", "g1"), Relation("g2", "PLACE", "g3")),
    )
    predicted = Report(
        "r",
        "x" * 30,
        mentions=(
            Mention("p0", 0, 2, "LOC"),
            Mention("p1", 3, 5, "GROUP"),
            Mention("p2", 7, 9, "RAID"),
            Mention("p9", 20, 22, "LOC"),
        ),
        relations=(Relation("p2", "PLACE", "p0"), Relation("p2", "SOURCE", "p1"), Relation("p2", "PLACE", "p9")),
    )
    match = match_report(gold, predicted)
    mentions = mention_confusion([match], SCHEMA, title="Mentions")
    assert mentions.labels == ("GROUP", "LOC", "ATTACK", "RAID")
    assert mentions.counts == {
        ("LOC", "LOC"): 1,
        ("GROUP", "GROUP"): 1,
        ("ATTACK", "RAID"): 1,
        ("LOC", None): 1,
        (None, "LOC"): 1,
    }
    assert relation_confusion([match], SCHEMA, title="Relations").counts == {
        ("PLACE", "PLACE"): 1,
        ("AGENT", "SOURCE"): 1,
        ("PLACE", None): 1,
        (None, "PLACE"): 1,
    }
    twice = mention_confusion([match, match], SCHEMA, title="Mentions")
    assert twice.counts["LOC", "LOC"] == 2


@given(readings())
def test_rows_sum_to_gold_and_columns_to_the_predictions(two: tuple[Report, Report]) -> None:
    match = match_report(*two)
    mentions = mention_confusion([match], SCHEMA, title="")
    relations = relation_confusion([match], SCHEMA, title="")
    for side, report in enumerate(two):
        assert sums(mentions.counts, side) == Counter(mention.type for mention in report.mentions)
    assert sums(relations.counts, 0) == Counter(pair.gold.label for pair in match.relations if pair.gold)
    assert sums(relations.counts, 1) == Counter(pair.predicted.label for pair in match.relations if pair.predicted)


def sums(counts: object, side: int) -> Counter[str]:
    assert isinstance(counts, dict)
    total: Counter[str] = Counter()
    for cell, count in counts.items():
        if cell[side] is not None:
            total[cell[side]] += count
    return total


def test_a_scheme_of_spans_has_one_matrix() -> None:
    spans = Schema.parse('name = "spans"\n[entities]\nLOC = ""')
    report = Report("r", "Taiz", mentions=(Mention("g", 0, 4, "LOC"),))
    match: Match = match_report(report, report)
    assert [one.title for one in run_confusion(Run("x", (match,), (), 0, 0), spans)] == ["Mentions"]
    assert len(run_confusion(Run("x", (match,), (match,), 0, 0), SCHEMA)) == 3
