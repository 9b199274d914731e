from collections import Counter

from hypothesis import given

from conflictspan.records import Mention, Relation, Report
from eval.answers import answer_mentions, answer_relations
from eval.match import Pair, match_mentions, match_report
from tests.readings import readings


def answered(gold: list[Mention], predicted: list[Mention]) -> set[tuple[str | None, str | None]]:
    pairs = answer_mentions(match_mentions(gold, predicted))
    return {(p.gold.id if p.gold else None, p.predicted.id if p.predicted else None) for p in pairs}


def test_equal_bounds_come_before_all_else() -> None:
    # p0 overlaps both; its bounds are those of g1 though its type is that of g0 (which overlaps p0 not at all).
    gold = [Mention("g0", 0, 5, "LOC"), Mention("g1", 5, 9, "GROUP")]
    assert answered(gold, [Mention("p0", 5, 9, "LOC")]) == {("g0", None), ("g1", "p0")}


def test_one_type_comes_before_the_larger_overlap() -> None:
    # p0 shares 6 with g0 (GROUP) and 2 with g1 (LOC), and is a LOC.
    gold = [Mention("g0", 0, 6, "GROUP"), Mention("g1", 6, 9, "LOC")]
    assert answered(gold, [Mention("p0", 0, 8, "LOC")]) == {("g0", None), ("g1", "p0")}


def test_among_one_type_the_larger_overlap_wins_and_the_other_may_answer_elsewhere() -> None:
    # Overlaps: g0-p0 2, g0-p1 5, g1-p1 3. p1 goes to g0, which leaves g1 and p0 alone.
    gold = [Mention("g0", 0, 10, "LOC"), Mention("g1", 10, 13, "LOC")]
    predicted = [Mention("p0", 0, 2, "LOC"), Mention("p1", 5, 13, "LOC")]
    assert answered(gold, predicted) == {("g0", "p1"), ("g1", None), (None, "p0")}


def test_spans_that_only_touch_do_not_answer() -> None:
    assert answered([Mention("g0", 0, 5, "LOC")], [Mention("p0", 5, 9, "LOC")]) == {("g0", None), (None, "p0")}


GROUP, ATTACK = Mention("a", 0, 6, "GROUP"), Mention("e", 7, 15, "ATTACK")


def related(gold: list[Relation], predicted: list[Relation], found: Mention = ATTACK) -> list[Pair[Relation]]:
    match = match_report(
        Report("r", "rebels attacked", mentions=(GROUP, ATTACK), relations=tuple(gold)),
        Report("r", "rebels attacked", mentions=(GROUP, found), relations=tuple(predicted)),
    )
    return list(answer_relations(match.relations, answer_mentions(match.mentions)))


def test_a_relation_answers_over_ends_with_wrong_bounds() -> None:
    gold, wrong = Relation("e", "AGENT", "a"), Relation("x", "AGENT", "a")
    assert related([gold], [wrong], Mention("x", 7, 12, "RAID")) == [Pair(gold, wrong)]


def test_the_same_label_answers_first_then_any_other_in_order() -> None:
    agent, source = Relation("e", "AGENT", "a"), Relation("e", "SOURCE", "a")
    place, wrong = Relation("x", "PLACE", "a"), Relation("x", "SOURCE", "a")
    found = related([agent, source], [place, wrong], Mention("x", 7, 12, "ATTACK"))
    assert found == [Pair(agent, place), Pair(source, wrong)]


def test_the_other_way_round_is_no_answer() -> None:
    gold, reversed_ = Relation("e", "AGENT", "a"), Relation("a", "AGENT", "e")
    assert related([gold], [reversed_]) == [Pair(gold, None), Pair(None, reversed_)]


@given(readings())
def test_every_item_of_the_strict_pairs_stands_in_one_pair(two: tuple[Report, Report]) -> None:
    match = match_report(*two)
    mentions = answer_mentions(match.mentions)
    relations = answer_relations(match.relations, mentions)
    for side in ("gold", "predicted"):
        for before, after in ((match.mentions, mentions), (match.relations, relations)):
            items = [Counter(item for pair in pairs if (item := getattr(pair, side))) for pairs in (before, after)]
            assert items[0] == items[1]
    assert {pair for pair in match.mentions if pair.gold and pair.predicted} <= set(mentions)
    assert {pair for pair in match.relations if pair.gold and pair.predicted} <= set(relations)


@given(readings())
def test_nothing_that_overlaps_is_left_alone_on_both_sides(two: tuple[Report, Report]) -> None:
    pairs = answer_mentions(match_report(*two).mentions)
    missed = [pair.gold for pair in pairs if pair.gold and not pair.predicted]
    spurious = [pair.predicted for pair in pairs if pair.predicted and not pair.gold]
    assert not [(g, p) for g in missed for p in spurious if g.start < p.end and p.start < g.end]
