import pytest

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.match import MatchError, Pair, check_report, match_mentions, match_relations, match_report

SCHEMA = Schema.parse(
    """
    name = "small"
    statuses = ["planned"]
    [entities]
    GROUP = ""
    LOC = ""
    [events]
    ATTACK = ""
    [relations.PLACE]
    head = ["ATTACK"]
    tail = ["LOC"]
    [relations.AGENT]
    head = ["ATTACK"]
    tail = ["GROUP"]
    """
)
TEXT = "rebels attacked Taiz and Aden"
REBELS = Mention("a1", 0, 6, "GROUP")
ATTACKED = Mention("e1", 7, 15, "ATTACK")
TAIZ = Mention("p1", 16, 20, "LOC")
ADEN = Mention("p2", 25, 29, "LOC")


def report(*mentions: Mention, relations: tuple[Relation, ...] = ()) -> Report:
    return Report("r1", TEXT, sentences=((0, 29),), mentions=mentions, relations=relations)


def test_ids_scores_and_statuses_take_no_part_in_the_match_of_spans() -> None:
    found = Mention("m0", 7, 15, "ATTACK", status="planned", score=0.7)
    assert match_mentions([ATTACKED], [found]) == (Pair(ATTACKED, found),)


@pytest.mark.parametrize(
    "near_miss",
    [
        Mention("m0", 15, 20, "LOC"),  # starts one too early
        Mention("m0", 17, 20, "LOC"),  # one too late
        Mention("m0", 16, 19, "LOC"),  # ends one too early
        Mention("m0", 16, 21, "LOC"),  # one too late
        Mention("m0", 16, 20, "GROUP"),
    ],
)
def test_a_span_with_one_border_or_the_type_wrong_is_both_missed_and_spurious(near_miss: Mention) -> None:
    assert match_mentions([TAIZ], [near_miss]) == (Pair(TAIZ, None), Pair(None, near_miss))


def test_every_mention_stands_in_one_pair() -> None:
    wrong = Mention("m1", 21, 24, "LOC")
    pairs = match_mentions([REBELS, ATTACKED, TAIZ], [wrong, TAIZ, REBELS])
    assert pairs == (Pair(REBELS, REBELS), Pair(ATTACKED, None), Pair(TAIZ, TAIZ), Pair(None, wrong))


def test_the_item_of_a_pair_is_gold_where_there_is_gold() -> None:
    assert Pair(TAIZ, ADEN).either is TAIZ
    assert Pair(None, ADEN).either is ADEN


def test_relations_match_over_the_pairs_of_their_ends() -> None:
    gold = report(REBELS, ATTACKED, TAIZ, relations=(Relation("e1", "AGENT", "a1"), Relation("e1", "PLACE", "p1")))
    # The same spans under other ids; TAIZ with its end one too far, so its relation cannot match.
    predicted = report(
        Mention("m0", 0, 6, "GROUP"),
        Mention("m1", 7, 15, "ATTACK"),
        Mention("m2", 16, 21, "LOC"),
        relations=(Relation("m1", "AGENT", "m0"), Relation("m1", "PLACE", "m2")),
    )
    assert match_report(gold, predicted).relations == (
        Pair(gold.relations[0], predicted.relations[0]),
        Pair(gold.relations[1], None),
        Pair(None, predicted.relations[1]),
    )


@pytest.mark.parametrize("wrong", [Relation("a1", "AGENT", "e1"), Relation("e1", "PLACE", "a1")])
def test_swapped_ends_and_another_label_are_wrong(wrong: Relation) -> None:
    right = Relation("e1", "AGENT", "a1")
    spans = [Pair(REBELS, REBELS), Pair(ATTACKED, ATTACKED)]
    assert match_relations([right], [wrong], spans) == (Pair(right, None), Pair(None, wrong))


def test_a_relation_stated_twice_is_one_relation() -> None:
    right, again, wrong = (
        Relation("e1", "PLACE", "p1"),
        Relation("e1", "PLACE", "p1", 0.5),
        Relation("e1", "PLACE", "p2"),
    )
    spans = [Pair(m, m) for m in (ATTACKED, TAIZ, ADEN)]
    assert match_relations([right, right], [right, again, wrong, wrong], spans) == (
        Pair(right, right),
        Pair(None, wrong),
    )


def test_two_relations_from_unpaired_mentions_stay_two() -> None:
    first, second = Relation("e1", "PLACE", "p1"), Relation("e1", "PLACE", "p2")
    spans = [Pair(None, m) for m in (ATTACKED, TAIZ, ADEN)]
    assert match_relations([], [first, second], spans) == (Pair(None, first), Pair(None, second))


def test_a_sound_report_passes() -> None:
    check_report(report(REBELS, ATTACKED, ADEN, relations=(Relation("e1", "PLACE", "p2"),)), SCHEMA, source="x")


@pytest.mark.parametrize(
    ("faulty", "says"),
    [
        (report(TAIZ, Mention("m1", 19, 29, "LOC")), r"LOC 'p1' \[16, 20\) and LOC 'm1' \[19, 29\) overlap"),
        (report(TAIZ, Mention("m1", 16, 20, "GROUP")), "overlap"),
        (report(Mention("m1", 25, 30, "LOC")), r"outside the text \(0 to 29\)"),
        (report(Mention("m1", -1, 3, "LOC")), "outside the text"),
        (report(Mention("m1", 4, 4, "LOC")), "is empty"),
        (report(Mention("m1", 0, 6, "RIVER")), "RIVER .* scheme 'small' lacks"),
        (report(Mention("m1", 7, 15, "ATTACK", "denied")), "status 'denied'"),
        (report(TAIZ, Mention("p1", 25, 29, "LOC")), "two mentions have the id 'p1'"),
        (report(ATTACKED, relations=(Relation("e1", "PLACE", "p1"),)), "e1 PLACE p1: no mention 'p1'"),
        (report(ATTACKED, TAIZ, relations=(Relation("e1", "NEAR", "p1"),)), "e1 NEAR p1: .* lacks this label"),
    ],
)
def test_what_cannot_be_scored_is_refused_with_source_and_report(faulty: Report, says: str) -> None:
    with pytest.raises(MatchError, match=f"^lexicon, report 'r1': .*{says}"):
        check_report(faulty, SCHEMA, source="lexicon")


def test_spans_that_touch_do_not_overlap() -> None:
    check_report(report(Mention("m0", 0, 6, "LOC"), Mention("m1", 6, 7, "LOC")), SCHEMA, source="x")
