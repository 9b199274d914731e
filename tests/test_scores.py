import dataclasses
import warnings
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.crosscheck import check_with_seqeval
from eval.match import match_report
from eval.scores import STRICT, Counts, Row, count_reports, rows
from eval.vocabulary import Vocabulary

SCHEMA = Schema.parse(
    """
    name = "small"
    statuses = ["planned", "denied"]
    max_sentence_gap = 2
    [entities]
    GROUP = ""
    LOC = ""
    [events]
    ATTACK = ""
    DEATH = ""
    [relations.AGENT]
    head = ["@events"]
    tail = ["GROUP"]
    cross_sentence = true
    [relations.PLACE]
    head = ["@events"]
    tail = ["LOC"]
    [relations.ALLY_OF]
    head = ["GROUP"]
    tail = ["GROUP"]
    [relations.SAME_AS]
    head = ["GROUP"]
    tail = ["GROUP"]
    alias = true
    """
)


Tally = Mapping[Row, Counts]


def count_all(
    pairs: list[tuple[Report, Report]], schema: Schema = SCHEMA, vocabulary: Vocabulary | None = None
) -> Tally:
    """The summed counts of reports, which stand for relations on gold spans too where all mentions are gold's."""
    matches = [match_report(*pair) for pair in pairs]
    on_gold = matches if all(gold.mentions == predicted.mentions for gold, predicted in pairs) else []
    sums = count_reports(matches, on_gold, schema, vocabulary).sum(axis=0).tolist()
    known = rows(schema, words=vocabulary is not None)
    return {row: Counts(*sums) for row, sums in zip(known, sums, strict=True)}


def count(gold: Report, predicted: Report, schema: Schema = SCHEMA, vocabulary: Vocabulary | None = None) -> Tally:
    return count_all([(gold, predicted)], schema, vocabulary)


def nonzero(counts: Tally) -> Mapping[tuple[str, str], tuple[int, int, int]]:
    """The strict scores in which anything was counted."""
    return {
        (row.score, row.part): (c.tp, c.predicted, c.gold)
        for row, c in counts.items()
        if c != Counts() and row.score in STRICT
    }


def report(*mentions: Mention, relations: tuple[Relation, ...] = (), id_: str = "r1") -> Report:
    """A report of ten words of nine letters, two sentences of five: word i is at 10 i to 10 i + 9."""
    return Report(id_, "abcdefghi " * 10, sentences=((0, 49), (50, 99)), mentions=mentions, relations=relations)


def word(index: int, type_: str, status: str | None = None, *, words: int = 1) -> Mention:
    return Mention(f"m{index}", 10 * index, 10 * (index + words) - 1, type_, status)


def test_ratios_by_hand() -> None:
    counts = Counts(tp=3, predicted=4, gold=6)
    assert counts.precision == 3 / 4
    assert counts.recall == 3 / 6
    assert counts.f1 == pytest.approx(2 * (3 / 4) * (3 / 6) / (3 / 4 + 3 / 6))  # 0.6 = 6 / 10


def test_ratios_without_a_denominator_are_zero() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (0, 0, 0)
    assert Counts(predicted=2).recall == 0
    assert Counts(gold=2).precision == 0


def test_counts_are_summed_first_and_divided_last() -> None:
    # Report 1: 1 of 1 found, F1 1. Report 2: 0 of 3 found with 1 prediction, F1 0. The mean of the two would be 0.5;
    # micro is 2 * 1 / (2 predicted + 4 gold) = 1/3.
    first = (report(word(0, "LOC")), report(word(0, "LOC")))
    second = (report(word(0, "LOC"), word(1, "LOC"), word(2, "LOC")), report(word(5, "LOC")))
    assert count_all([first, second])[Row("entities")] == Counts(tp=1, predicted=2, gold=4)
    assert count_all([first, second])[Row("entities")].f1 == pytest.approx(1 / 3)


def test_spans_by_hand() -> None:
    gold = report(word(0, "GROUP"), word(1, "ATTACK"), word(2, "LOC"), word(3, "LOC"), word(4, "DEATH"))
    predicted = report(
        word(0, "GROUP"),  # right
        word(1, "DEATH"),  # wrong type: ATTACK missed, DEATH spurious
        word(2, "LOC", words=2),  # one span over two: both LOCs missed, one spurious
        word(4, "DEATH"),  # right
    )
    assert nonzero(count(gold, predicted)) == {
        ("entities", ""): (1, 2, 3),  # GROUP + LOC; F1 2 * 1 / 5
        ("entities", "GROUP"): (1, 1, 1),
        ("entities", "LOC"): (0, 1, 2),
        ("triggers", ""): (1, 2, 2),
        ("triggers", "ATTACK"): (0, 0, 1),
        ("triggers", "DEATH"): (1, 2, 1),
        ("status_accuracy", ""): (1, 1, 1),  # only word 4 is a trigger found, rightly asserted
    }


def test_an_entity_taken_for_a_trigger_is_wrong_in_both_scores() -> None:
    assert nonzero(count(report(word(0, "GROUP")), report(word(0, "ATTACK")))) == {
        ("entities", ""): (0, 0, 1),
        ("entities", "GROUP"): (0, 0, 1),
        ("triggers", ""): (0, 1, 0),
        ("triggers", "ATTACK"): (0, 1, 0),
    }


def test_statuses_by_hand() -> None:
    gold = report(
        word(0, "ATTACK", "planned"),
        word(1, "ATTACK", "planned"),
        word(2, "ATTACK", "denied"),
        word(3, "ATTACK", "denied"),
        word(4, "ATTACK"),
        word(5, "ATTACK"),
        word(6, "DEATH", "planned"),
    )
    predicted = report(
        word(0, "ATTACK", "planned"),  # right
        word(1, "ATTACK"),  # planned missed
        word(2, "ATTACK", "planned"),  # denied missed, planned spurious
        word(3, "ATTACK", "denied", words=1),  # right
        word(4, "ATTACK", "denied"),  # denied spurious
        word(5, "ATTACK"),  # asserted, and so it is: no part of the status score
        word(6, "ATTACK", "planned"),  # the trigger is wrong, so its status is: planned missed and spurious
    )
    counts = count(gold, predicted)
    assert counts[Row("status", "planned")] == Counts(tp=1, predicted=3, gold=3)  # words 0; 0 2 6; 0 1 6
    assert counts[Row("status", "denied")] == Counts(tp=1, predicted=2, gold=2)  # word 3; 3 4; 2 3
    assert counts[Row("status")] == Counts(tp=2, predicted=5, gold=5)
    # Of the 7 triggers words 0 to 5 are found; 0, 3 and 5 have the right status: 3 / 6.
    assert counts[Row("status_accuracy")] == Counts(tp=3, predicted=6, gold=6)
    assert counts[Row("status_accuracy")].f1 == 1 / 2


def test_relations_on_gold_spans_by_hand() -> None:
    spans = (word(0, "GROUP"), word(1, "ATTACK"), word(2, "LOC"), word(6, "ATTACK"), word(7, "GROUP"))
    gold = report(
        *spans,
        relations=(
            Relation("m1", "AGENT", "m0"),  # found
            Relation("m1", "PLACE", "m2"),  # never proposed, and in the denominator of recall all the same
            Relation("m6", "AGENT", "m0"),  # found, over two sentences
            Relation("m6", "AGENT", "m7"),  # missed
        ),
    )
    predicted = report(
        *spans,
        relations=(
            Relation("m1", "AGENT", "m0"),
            Relation("m6", "AGENT", "m0"),
            Relation("m1", "AGENT", "m7"),  # spurious, over two sentences
            Relation("m7", "ALLY_OF", "m0"),  # spurious, over two sentences, under a label that gold keeps in one
        ),
    )
    counts = count(gold, predicted)
    assert {row: c for row, c in nonzero(counts).items() if "on_gold" in row[0]} == {
        ("relations_on_gold", ""): (2, 4, 4),  # precision 1/2, recall 1/2
        ("relations_on_gold", "AGENT"): (2, 3, 3),
        ("relations_on_gold", "PLACE"): (0, 0, 1),
        ("relations_on_gold", "ALLY_OF"): (0, 1, 0),
        ("cross_sentence_on_gold", ""): (1, 3, 1),
        ("cross_sentence_on_gold", "AGENT"): (1, 2, 1),
        ("cross_sentence_on_gold", "ALLY_OF"): (0, 1, 0),
    }


def test_relations_end_to_end_by_hand() -> None:
    gold = report(
        word(0, "GROUP"),
        word(1, "ATTACK"),
        word(2, "LOC"),
        word(3, "DEATH"),
        relations=(
            Relation("m1", "AGENT", "m0"),
            Relation("m1", "PLACE", "m2"),
            Relation("m3", "PLACE", "m2"),
        ),
    )
    predicted = report(
        word(0, "GROUP"),
        word(1, "ATTACK"),
        word(2, "GROUP"),  # the right span with a wrong type spoils every relation to it
        relations=(
            Relation("m0", "AGENT", "m1"),  # head and tail swapped
            Relation("m1", "PLACE", "m2"),
        ),
    )
    # No prediction is right, and m3 PLACE m2 counts although m3 was never found.
    assert count(gold, predicted)[Row("relations")] == Counts(tp=0, predicted=2, gold=3)
    fixed = dataclasses.replace(predicted, relations=(Relation("m1", "AGENT", "m0"), predicted.relations[1]))
    assert count(gold, fixed)[Row("relations")] == Counts(tp=1, predicted=2, gold=3)


def test_gold_sentences_decide_what_crosses_a_border() -> None:
    spans = (word(4, "GROUP"), word(5, "ATTACK"))
    relations = (Relation("m5", "AGENT", "m4"),)
    gold = report(*spans)
    predicted = dataclasses.replace(report(*spans, relations=relations), sentences=((0, 99),))
    assert count(gold, predicted)[Row("cross_sentence")] == Counts(predicted=1)


def test_a_scheme_without_something_has_no_row_for_it() -> None:
    spans_only = Schema.parse('statuses = ["planned"]\n[entities]\nLOC = ""')
    assert rows(spans_only) == (
        *(Row("entities"), Row("entities", "LOC")),
        *(Row("entities_relaxed"), Row("entities_relaxed", "LOC"), Row("spans_untyped")),
    )
    unlinked = Schema.parse('[entities]\nLOC = ""\n[events]\nATTACK = ""')
    assert whole(unlinked) == ["entities", "triggers", "entities_relaxed", "triggers_relaxed", "spans", "spans_untyped"]
    one_sentence = Schema.parse('[entities]\nLOC = ""\n[relations.IN]\nhead = ["LOC"]\ntail = ["LOC"]')
    assert whole(one_sentence) == [
        *("entities", "relations_on_gold", "relations"),
        *("entities_relaxed", "spans_untyped", "relations_relaxed"),
    ]
    assert {"relations_resolved", "relations_resolved_on_gold"} <= set(whole(SCHEMA))


def whole(schema: Schema) -> list[str]:
    return [row.score for row in rows(schema) if not row.part]


def test_all_rows_are_there_for_a_report_without_anything() -> None:
    counts = count(report(), report())
    assert tuple(counts) == rows(SCHEMA)
    assert set(counts.values()) == {Counts()}


Spans = tuple[Mention, ...]


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    """Flat spans over 20 letters, many of them touching."""
    cuts = sorted(draw(st.sets(st.integers(0, 20), max_size=12)))
    types = draw(st.lists(st.sampled_from(["GROUP", "LOC", "ATTACK", "DEATH", None]), min_size=12, max_size=12))
    ranges = zip(cuts, cuts[1:], types, strict=False)
    return tuple(Mention(f"m{start}", start, end, type_) for start, end, type_ in ranges if type_)


def letters(mentions: Spans, types: set[str]) -> list[str]:
    """IOB2 tags with each letter a token."""
    tags = ["O"] * 20
    for mention in mentions:
        if mention.type in types:
            tags[mention.start : mention.end] = [f"I-{mention.type}"] * (mention.end - mention.start)
            tags[mention.start] = f"B-{mention.type}"
    return tags


@given(st.lists(st.tuples(spans(), spans()), min_size=1, max_size=4))
def test_span_scores_are_those_of_seqeval_over_letters(
    pairs: list[tuple[Spans, Spans]],
) -> None:
    reports = [(Report("r", "x" * 20, mentions=g), Report("r", "x" * 20, mentions=p)) for g, p in pairs]
    counts = count_all(reports)
    for score, types in (("entities", {"GROUP", "LOC"}), ("triggers", {"ATTACK", "DEATH"})):
        gold, predicted = ([letters(pair[side], types) for pair in pairs] for side in (0, 1))
        ours = counts[Row(score)]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # seqeval warns of ratios without a denominator
            for value, theirs in ((ours.precision, precision_score), (ours.recall, recall_score), (ours.f1, f1_score)):
                assert value == pytest.approx(theirs(gold, predicted, mode="strict", scheme=IOB2))
    check_with_seqeval([match_report(*pair) for pair in reports], SCHEMA, counts)


def independent_relation_f1(reports: list[tuple[Report, Report]]) -> float:
    """Micro F1 over sets of (report, head, label, tail), written without the code under test."""
    gold, predicted = (
        {
            (index, spans[r.head], r.label, spans[r.tail])
            for index, pair in enumerate(reports)
            for spans in [{m.id: (m.start, m.end, m.type) for m in pair[side].mentions}]
            for r in pair[side].relations
        }
        for side in (0, 1)
    )
    right = len(gold & predicted)
    if not right:
        return 0.0
    precision, recall = right / len(predicted), right / len(gold)
    return 2 * precision * recall / (precision + recall)


@st.composite
def reading(draw: st.DrawFn, prefix: str) -> Report:
    mentions = tuple(dataclasses.replace(m, id=f"{prefix}{m.start}") for m in draw(spans().filter(bool)))
    ids = st.sampled_from([m.id for m in mentions])
    arcs = draw(st.lists(st.builds(Relation, ids, st.sampled_from(SCHEMA.labels), ids), max_size=6))
    return Report("r", "x" * 20, sentences=((0, 9), (10, 20)), mentions=mentions, relations=tuple(arcs))


@st.composite
def arcs_over(draw: st.DrawFn, gold: Report) -> Report:
    """The gold spans with some gold relations and some others."""
    ids = st.sampled_from([m.id for m in gold.mentions])
    arcs = draw(st.lists(st.builds(Relation, ids, st.sampled_from(SCHEMA.labels), ids), max_size=4))
    kept = gold.relations[: draw(st.integers(0, len(gold.relations)))]
    return dataclasses.replace(gold, relations=(*arcs, *kept))


@st.composite
def readings(draw: st.DrawFn) -> tuple[Report, Report]:
    """Gold and a prediction that gets some of it right: each on its own, or one with parts of the other."""
    gold, predicted = draw(reading("g")), draw(reading("p"))
    if draw(st.booleans()):
        kept = draw(st.sets(st.sampled_from(gold.mentions)))
        ids = {m.id for m in kept}
        arcs = tuple(r for r in gold.relations if {r.head, r.tail} <= ids)
        predicted = dataclasses.replace(gold, mentions=tuple(m for m in gold.mentions if m in kept), relations=arcs)
    return gold, predicted


@settings(max_examples=50)
@given(st.lists(readings(), min_size=1, max_size=4))
def test_relations_end_to_end_are_those_of_an_independent_count(reports: list[tuple[Report, Report]]) -> None:
    counts = count_all(reports)
    assert counts[Row("relations")].f1 == pytest.approx(independent_relation_f1(reports))


@settings(max_examples=50)
@given(st.lists(reading("g").flatmap(lambda gold: st.tuples(st.just(gold), arcs_over(gold))), min_size=1, max_size=4))
def test_relations_on_gold_spans_are_those_of_an_independent_count(reports: list[tuple[Report, Report]]) -> None:
    counts = count_all(reports)
    assert counts[Row("relations_on_gold")].f1 == pytest.approx(independent_relation_f1(reports))
    assert counts[Row("relations")] == counts[Row("relations_on_gold")]  # end to end with perfect spans


@given(st.tuples(spans(), spans()))
def test_a_whole_is_the_sum_of_its_parts(pair: tuple[Spans, Spans]) -> None:
    counts = count(Report("r", "x" * 20, mentions=pair[0]), Report("r", "x" * 20, mentions=pair[1]))
    for score in ("entities", "triggers", "status", "entities_relaxed", "triggers_relaxed"):
        parts = [c for row, c in counts.items() if row.score == score and row.part]
        assert counts[Row(score)] == sum(parts, Counts())


def test_milder_span_scores_by_hand() -> None:
    gold = report(word(0, "GROUP"), word(1, "LOC"), word(3, "ATTACK"), word(5, "LOC"))
    predicted = report(
        word(0, "GROUP"),  # right
        word(1, "LOC", words=2),  # overlaps, one border wrong
        word(3, "GROUP"),  # the bounds of a trigger
        word(6, "LOC"),  # beside word 5
    )
    counts = count(gold, predicted)
    assert counts[Row("entities")] == Counts(tp=1, predicted=4, gold=3)
    assert counts[Row("entities_relaxed")] == Counts(tp=2, predicted=4, gold=3)  # words 0 and 1
    assert counts[Row("entities_relaxed", "LOC")] == Counts(tp=1, predicted=2, gold=2)
    assert counts[Row("triggers_relaxed")] == Counts(tp=0, predicted=0, gold=1)
    assert counts[Row("spans")] == Counts(tp=1, predicted=4, gold=4)
    assert counts[Row("spans_untyped")] == Counts(tp=2, predicted=4, gold=4)  # words 0 and 3


def test_relaxed_relations_by_hand() -> None:
    gold = report(
        word(0, "GROUP"),
        word(1, "ATTACK"),
        word(2, "LOC"),
        word(4, "GROUP"),
        relations=(Relation("m1", "AGENT", "m0"), Relation("m1", "PLACE", "m2"), Relation("m1", "AGENT", "m4")),
    )
    predicted = report(
        word(0, "GROUP"),
        word(1, "ATTACK"),
        word(2, "LOC", words=2),  # overlaps the gold LOC
        word(4, "LOC"),  # another type: no overlap that counts
        relations=(
            Relation("m1", "AGENT", "m0"),  # strict
            Relation("m1", "PLACE", "m2"),  # relaxed
            Relation("m1", "AGENT", "m4"),  # wrong either way
        ),
    )
    counts = count(gold, predicted)
    assert counts[Row("relations")] == Counts(tp=1, predicted=3, gold=3)
    assert counts[Row("relations_relaxed")] == Counts(tp=2, predicted=3, gold=3)
    assert counts[Row("relations_relaxed", "AGENT")] == Counts(tp=1, predicted=2, gold=2)
    swapped = dataclasses.replace(predicted, relations=(Relation("m2", "PLACE", "m1"),))
    assert count(gold, swapped)[Row("relations_relaxed")] == Counts(tp=0, predicted=1, gold=3)


def test_resolved_relations_by_hand() -> None:
    spans = (word(0, "GROUP"), word(1, "GROUP"), word(2, "ATTACK"), word(3, "GROUP"))
    gold = report(*spans, relations=(Relation("m1", "SAME_AS", "m0"), Relation("m2", "AGENT", "m0")))
    predicted = report(*spans, relations=(Relation("m2", "AGENT", "m1"), Relation("m2", "AGENT", "m3")))
    counts = count(gold, predicted)
    for suffix in ("", "_on_gold"):
        assert counts[Row(f"relations{suffix}")] == Counts(tp=0, predicted=2, gold=2)
        # m1 is another name of m0; m3 is not. The alias itself was missed and stays in recall's denominator.
        assert counts[Row(f"relations_resolved{suffix}")] == Counts(tp=1, predicted=2, gold=2)
        assert counts[Row(f"relations_resolved{suffix}", "AGENT")] == Counts(tp=1, predicted=2, gold=1)


def test_words_seen_and_unseen_in_training_by_hand() -> None:
    text = "Rebels stormed Taiz and Aden"
    rebels, stormed = Mention("a", 0, 6, "GROUP"), Mention("e", 7, 14, "ATTACK")
    taiz, aden = Mention("p", 15, 19, "LOC"), Mention("q", 24, 28, "LOC")
    gold = Report("r", text, mentions=(rebels, stormed, taiz, aden))
    predicted = Report("r", text, mentions=(rebels, taiz, dataclasses.replace(aden, type="GROUP")))
    vocabulary = {("rebels", "GROUP"), ("taiz", "GROUP"), ("aden", "LOC")}
    counts = {row.score: c for row, c in count(gold, predicted, SCHEMA, vocabulary).items() if "_words" in row.score}
    assert counts == {
        "entities_seen_words": Counts(tp=1, predicted=1, gold=2),  # gold: Rebels, Aden (LOC); predicted: Rebels
        "entities_unseen_words": Counts(tp=1, predicted=2, gold=1),  # gold: Taiz (LOC); predicted: Taiz, Aden (GROUP)
        "triggers_seen_words": Counts(),
        "triggers_unseen_words": Counts(tp=0, predicted=0, gold=1),
    }
    assert not any("_words" in row.score for row in count(gold, predicted))


@settings(max_examples=50)
@given(st.lists(readings(), min_size=1, max_size=3))
def test_milder_scores_have_the_same_denominators_and_are_never_lower(reports: list[tuple[Report, Report]]) -> None:
    counts = count_all(reports)
    for strict, milder in (
        ("entities", "entities_relaxed"),
        ("triggers", "triggers_relaxed"),
        ("spans", "spans_untyped"),
        ("relations", "relations_relaxed"),
        ("relations", "relations_resolved"),
        ("relations_on_gold", "relations_resolved_on_gold"),
    ):
        one, other = counts[Row(strict)], counts[Row(milder)]
        assert (one.predicted, one.gold) == (other.predicted, other.gold)
        assert one.tp <= other.tp <= min(other.predicted, other.gold)


@given(st.lists(readings(), min_size=1, max_size=3), st.sets(st.tuples(st.just("xxx"), st.just("LOC"))))
def test_words_seen_and_unseen_make_up_all_mentions(
    reports: list[tuple[Report, Report]], vocabulary: set[tuple[str, str]]
) -> None:
    counts = count_all(reports, SCHEMA, vocabulary)
    for kind in ("entities", "triggers"):
        assert counts[Row(f"{kind}_seen_words")] + counts[Row(f"{kind}_unseen_words")] == counts[Row(kind)]
