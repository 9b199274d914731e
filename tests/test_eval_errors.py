from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given

from conflictspan.candidates import MentionArrays, PairRules, candidate_pairs
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.errors import MentionError, RelationError, mention_errors, relation_errors, run_errors, why_unproposed
from eval.match import match_report
from eval.scores import Counts, Row, count_reports, rows
from eval.systems import Run
from tests.readings import SCHEMA, readings

#                 1         2         3         4
#       01234567890123456789012345678901234567890123456
TEXT = "rebels attacked Taiz port. Rebels raided Aden."
SENTENCES = ((0, 26), (27, 46))
REBELS = Mention("a1", 0, 6, "GROUP")
ATTACKED = Mention("e1", 7, 15, "ATTACK")
TAIZ = Mention("p1", 16, 20, "LOC")
REBELS_2 = Mention("a2", 27, 33, "GROUP")
RAIDED = Mention("e2", 34, 40, "RAID")
ADEN = Mention("p2", 41, 45, "LOC")
GOLD = (REBELS, ATTACKED, TAIZ, REBELS_2, RAIDED, ADEN)


def report(
    *mentions: Mention, relations: tuple[Relation, ...] = (), sentences: tuple[tuple[int, int], ...] = SENTENCES
) -> Report:
    return Report("r1", TEXT, sentences=sentences, mentions=mentions, relations=relations)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (Mention("m", 16, 25, "LOC"), "boundary"),
        (Mention("m", 18, 20, "LOC"), "boundary"),
        (Mention("m", 16, 20, "GROUP"), "type"),
        (Mention("m", 16, 25, "GROUP"), "both"),
    ],
)
def test_a_wrong_mention_that_answers_gold_is_one_error(found: Mention, kind: str) -> None:
    (error,) = mention_errors([match_report(report(TAIZ), report(found))])
    assert (error.kind, error.gold, error.predicted) == (kind, TAIZ, found)


def test_mentions_that_nothing_answers_are_missed_and_spurious() -> None:
    port = Mention("m", 21, 25, "LOC")
    errors = list(mention_errors([match_report(report(TAIZ, ADEN), report(TAIZ, port))]))
    assert [(e.kind, e.gold, e.predicted) for e in errors] == [("spurious", None, port), ("missed", ADEN, None)]


def test_a_second_prediction_over_one_gold_mention_is_spurious() -> None:
    gold = Mention("g", 0, 15, "ATTACK")
    rebels, attacked = Mention("m0", 0, 6, "ATTACK"), Mention("m1", 7, 15, "ATTACK")
    errors = list(mention_errors([match_report(report(gold), report(rebels, attacked))]))
    assert [(e.kind, e.predicted) for e in errors] == [("boundary", attacked), ("spurious", rebels)]


def test_a_wrong_status_is_an_error_of_its_own() -> None:
    planned = Mention("m", 7, 15, "ATTACK", "planned")
    assert [e.kind for e in mention_errors([match_report(report(ATTACKED), report(planned))])] == ["status"]
    assert list(mention_errors([match_report(report(ATTACKED), report(ATTACKED))])) == []


def test_an_error_stands_in_its_gold_sentence_with_all_mentions_of_it() -> None:
    late = Mention("m", 41, 46, "LOC")
    (first, second) = mention_errors([match_report(report(*GOLD), report(ATTACKED, TAIZ, REBELS_2, RAIDED, late))])
    assert (first.kind, first.excerpt.report, first.excerpt.start, first.excerpt.end) == ("missed", "r1", 0, 26)
    assert first.excerpt.text == "rebels attacked Taiz port."
    assert first.excerpt.gold == (REBELS, ATTACKED, TAIZ)
    assert first.excerpt.predicted == (ATTACKED, TAIZ)
    assert (second.kind, second.excerpt.text) == ("boundary", "Rebels raided Aden.")


def test_errors_of_one_sentence_share_their_excerpt() -> None:
    errors = list(mention_errors([match_report(report(REBELS, TAIZ), report())]))
    assert errors[0].excerpt is errors[1].excerpt


def test_a_mention_over_a_sentence_border_widens_its_excerpt() -> None:
    over = Mention("m", 21, 33, "LOC")
    (error,) = mention_errors([match_report(report(), report(over))])
    assert error.excerpt.text == TEXT
    assert error.excerpt.predicted == (over,)


AGENT, PLACE = Relation("e1", "AGENT", "a1"), Relation("e1", "PLACE", "p1")


def relation_kinds(gold: Report, predicted: Report) -> list[tuple[str, str]]:
    """Kind and gold or predicted label."""
    errors = relation_errors([match_report(gold, predicted)], SCHEMA)
    return [(e.kind, (e.gold or e.predicted or PLACE).label) for e in errors]


def test_a_relation_is_lost_with_the_end_that_was_not_found() -> None:
    gold = report(*GOLD, relations=(AGENT,))
    wrong_head, wrong_tail = Mention("m0", 7, 14, "ATTACK"), Mention("m1", 0, 6, "LOC")
    assert relation_kinds(gold, report(REBELS)) == [("head", "AGENT")]
    assert relation_kinds(gold, report(REBELS, wrong_head)) == [("head", "AGENT")]
    assert relation_kinds(gold, report(ATTACKED, wrong_tail)) == [("tail", "AGENT")]
    assert relation_kinds(gold, report(wrong_head, wrong_tail)) == [("both ends", "AGENT")]
    assert relation_kinds(gold, report()) == [("both ends", "AGENT")]


def test_a_relation_between_wrong_spans_that_answers_gold_is_the_same_error() -> None:
    wrong = Mention("m0", 7, 14, "ATTACK")
    predicted = report(REBELS, wrong, relations=(Relation("m0", "AGENT", "a1"),))
    (error,) = relation_errors([match_report(report(*GOLD, relations=(AGENT,)), predicted)], SCHEMA)
    assert (error.kind, error.gold, error.predicted) == ("head", AGENT, predicted.relations[0])
    assert (error.head.gold, error.head.predicted) == (ATTACKED, wrong)
    assert (error.tail.gold, error.tail.predicted) == (REBELS, REBELS)


def test_another_label_between_right_spans_is_one_error() -> None:
    source = Relation("e1", "SOURCE", "a1")
    (error,) = relation_errors(
        [match_report(report(*GOLD, relations=(AGENT,)), report(*GOLD, relations=(source,)))], SCHEMA
    )
    assert (error.kind, error.gold, error.predicted) == ("label", AGENT, source)


def test_a_wrong_status_does_not_lose_a_relation() -> None:
    planned = Mention("m", 7, 15, "ATTACK", "planned")
    assert relation_kinds(report(*GOLD, relations=(AGENT,)), report(REBELS, planned)) == [("missed", "AGENT")]


def test_missed_and_spurious() -> None:
    gold = report(*GOLD, relations=(AGENT, PLACE))
    swapped = Relation("a1", "AGENT", "e1")
    assert relation_kinds(gold, report(*GOLD, relations=(PLACE, swapped))) == [
        ("spurious", "AGENT"),
        ("missed", "AGENT"),
    ]
    port = Mention("m", 21, 25, "LOC")
    on_wrong_span = report(*GOLD, port, relations=(AGENT, PLACE, Relation("e1", "PLACE", "m")))
    assert relation_kinds(gold, on_wrong_span) == [("spurious span", "PLACE")]


def test_a_pair_that_the_systems_own_sentences_keep_apart_was_never_proposed() -> None:
    gold = report(*GOLD, relations=(PLACE,))
    torn = report(*GOLD, sentences=((0, 15), (16, 46)))
    (error,) = relation_errors([match_report(gold, torn)], SCHEMA)
    assert error.kind == "unproposed"
    assert error.reason.startswith("the tail stands 1 sentence after the head")
    # A system that gives no sentences back is judged by those of gold.
    assert relation_kinds(gold, report(*GOLD, sentences=())) == [("missed", "PLACE")]


@pytest.mark.parametrize(
    ("relation", "says"),
    [
        (Relation("a1", "PLACE", "p1"), "PLACE cannot have GROUP at its head"),
        (Relation("e1", "AGENT", "a2"), "the tail stands 1 sentence after the head"),
        (Relation("e2", "PLACE", "p1"), "PLACE does not reach over sentences"),
        (Relation("a2", "ALLY_OF", "a1"), "ALLY_OF does not reach over sentences"),
        (Relation("e1", "AGENT", "e1"), "never paired with itself"),
    ],
)
def test_the_reason_names_the_rule(relation: Relation, says: str) -> None:
    (error,) = relation_errors([match_report(report(*GOLD, relations=(relation,)), report(*GOLD))], SCHEMA)
    assert error.kind == "unproposed"
    assert says in error.reason


def test_the_sentence_gap_and_the_order_are_reasons() -> None:
    three = report(REBELS, RAIDED, sentences=((0, 6), (7, 26), (27, 46)))
    assert why_unproposed("AGENT", RAIDED, REBELS, three, SCHEMA) == (
        "the tail stands 2 sentences before the head; the scheme allows 1"
    )
    one = report(REBELS, REBELS_2, sentences=((0, 46),))
    assert why_unproposed("ALLY_OF", REBELS_2, REBELS, one, SCHEMA) == "ALLY_OF wants its head first"
    assert why_unproposed("ALLY_OF", REBELS, REBELS_2, one, SCHEMA) is None
    assert why_unproposed("SAME_AS", REBELS, REBELS_2, one, SCHEMA) == "SAME_AS wants its tail first"


@given(readings())
def test_no_reason_is_given_exactly_where_a_candidate_is_proposed(two: tuple[Report, Report]) -> None:
    for read in two:
        arrays = MentionArrays(
            first_words=np.array([m.start for m in read.mentions], dtype=np.int64),
            last_words=np.array([m.end - 1 for m in read.mentions], dtype=np.int64),
            sentences=np.array([read.sentence_of(m.start) for m in read.mentions], dtype=np.int64),
            types=np.array([SCHEMA.types.index(m.type) for m in read.mentions], dtype=np.int64),
        )
        pairs = candidate_pairs(arrays, PairRules(SCHEMA))
        proposed = {
            (head, SCHEMA.labels[label], tail)
            for head, tail, allowed in zip(pairs.heads, pairs.tails, pairs.allowed, strict=True)
            for label in np.flatnonzero(allowed)
        }
        for (i, head), (j, tail), label in product(enumerate(read.mentions), enumerate(read.mentions), SCHEMA.labels):
            assert (why_unproposed(label, head, tail, read, SCHEMA) is None) == ((i, label, j) in proposed)


@given(readings())
def test_the_errors_add_up_with_the_scores(two: tuple[Report, Report]) -> None:
    gold, predicted = two
    match = match_report(gold, predicted)
    on_gold = match_report(gold, replace(gold, relations=gold.relations[1:]))
    counted = count_reports([match], [on_gold], SCHEMA).sum(axis=0)
    scores = {row: Counts(*numbers) for row, numbers in zip(rows(SCHEMA), counted.tolist(), strict=True)}

    wrong = list(mention_errors([match]))
    spans = [e for e in wrong if e.kind != "status"]
    for row, event in (("entities", False), ("triggers", True)):
        missed = [e for e in spans if e.gold and SCHEMA.is_event(e.gold.type) == event]
        spurious = [e for e in spans if e.predicted and SCHEMA.is_event(e.predicted.type) == event]
        counts = scores[Row(row)]
        assert (len(missed), len(spurious)) == (counts.gold - counts.tp, counts.predicted - counts.tp)
    status = scores[Row("status_accuracy")]
    assert len(wrong) - len(spans) == status.gold - status.tp

    for row, one in (("relations", match), ("relations_on_gold", on_gold)):
        errors = list(relation_errors([one], SCHEMA))
        counts = scores[Row(row)]
        assert sum(e.gold is not None for e in errors) == counts.gold - counts.tp
        assert sum(e.predicted is not None for e in errors) == counts.predicted - counts.tp
        right = {pair.gold for pair in one.relations if pair.gold and pair.predicted}
        assert not right.intersection(e.gold for e in errors)


@given(readings())
def test_an_excerpt_holds_its_error(two: tuple[Report, Report]) -> None:
    match = match_report(*two)
    errors: list[MentionError | RelationError] = [*mention_errors([match]), *relation_errors([match], SCHEMA)]
    for error in errors:
        excerpt = error.excerpt
        assert excerpt.text == match.gold.text[excerpt.start : excerpt.end]
        if isinstance(error, MentionError):
            ends = [(error.gold, error.predicted)]
        else:
            ends = [(error.head.gold, error.head.predicted), (error.tail.gold, error.tail.predicted)]
        for gold, predicted in ends:
            assert gold is None or gold in excerpt.gold
            assert predicted is None or predicted in excerpt.predicted


def test_a_scheme_of_spans_has_one_list() -> None:
    match = match_report(report(TAIZ), report())
    spans = Schema.parse('name = "spans"\n[entities]\nLOC = ""')
    assert list(run_errors(Run("x", (match,), (), 0, 0), spans)) == ["Mentions"]
    errors = run_errors(Run("x", (match,), (match_report(report(TAIZ), report(TAIZ)),), 0, 0), SCHEMA)
    assert [len(found) for found in errors.values()] == [1, 0, 0]
