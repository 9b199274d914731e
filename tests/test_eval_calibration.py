from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.calibration import Calibrator, KindCalibrator
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.calibration import (
    BINS,
    POINTS,
    WHOLE,
    Bin,
    Calibration,
    Point,
    Promise,
    calibration_of,
    equal_mass_bins,
    expected_calibration_error,
    reliability,
)
from eval.match import match_report

SCHEMA = Schema.parse(
    """
    [entities]
    LOC = ""
    [events]
    ATTACK = ""
    [relations.PLACE]
    head = ["ATTACK"]
    tail = ["LOC"]
    """
)


def test_bins_hold_the_same_number_each() -> None:
    scores = [i / 100 for i in range(30)]
    bins = equal_mass_bins(scores, [i % 2 == 0 for i in range(30)])
    assert len(bins) == BINS
    assert bins[0] == Bin(low=0.0, high=0.01, predictions=2, right=1, mean_score=0.005)
    assert {(b.predictions, b.right) for b in bins} == {(2, 1)}


def test_equal_scores_are_never_parted() -> None:
    """100 of .9, half of them right, are one bin that is .4 off, and not some bins of right ones and some of wrong."""
    (one,) = equal_mass_bins([0.9] * 100, [False] * 50 + [True] * 50)
    assert (one.low, one.high, one.predictions, one.right) == (0.9, 0.9, 100, 50)
    assert expected_calibration_error([one]) == pytest.approx(0.4)


def test_the_error_is_that_of_each_bin_by_its_number() -> None:
    # Three of score .6, one right: .267 off; one of score .9, right: .1 off. (3 * .8/3 + .1) / 4 = .225
    bins = [Bin(0.6, 0.6, 3, 1, 0.6), Bin(0.9, 0.9, 1, 1, 0.9)]
    assert expected_calibration_error(bins) == pytest.approx(0.225)


def test_scores_too_high_and_too_low_do_not_make_up_for_each_other() -> None:
    found = reliability([0.9, 0.9, 0.1, 0.1], [True, False, True, False], gold=2)
    assert found.mean_score == pytest.approx(0.5)  # and half of them are right
    assert found.ece == pytest.approx(0.4)


def test_a_reliability_worked_by_hand() -> None:
    found = reliability([0.5, 1.0, 0.8], [False, True, True], gold=4)
    assert (found.predictions, found.right, found.gold) == (3, 2, 4)
    assert found.mean_score == pytest.approx(2.3 / 3)
    assert found.brier == pytest.approx((0.5**2 + 0.2**2 + 0) / 3)
    assert found.ece == pytest.approx((0.5 + 0.2 + 0) / 3)  # three scores, three bins
    assert found.curve == (Point(1.0, 1.0, 0.25), Point(0.8, 1.0, 0.5), Point(0.5, 2 / 3, 0.5))


def test_a_curve_counts_all_of_one_score_at_once() -> None:
    found = reliability([0.9, 0.9, 0.9, 0.2], [True, False, True, False], gold=2)
    assert found.curve == (Point(0.9, 2 / 3, 1.0), Point(0.2, 0.5, 1.0))


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=600))
def test_nothing_is_lost_between_bins_and_curves_end_with_all(rows: list[tuple[float, bool]]) -> None:
    scores, right = [score for score, _ in rows], [hit for _, hit in rows]
    found = reliability(scores, right, gold=sum(right))
    assert (sum(b.predictions for b in found.bins), sum(b.right for b in found.bins)) == (len(rows), sum(right))
    assert all(before.high < after.low for before, after in zip(found.bins, found.bins[1:], strict=False))
    assert len(found.curve) <= POINTS
    assert found.curve[-1].threshold == min(scores)
    assert found.curve[-1].precision == sum(right) / len(rows)
    assert [p.recall for p in found.curve] == sorted(p.recall for p in found.curve)


TEXT = "They attacked Taiz and Aden."
ATTACKED, TAIZ, ADEN = Mention("e", 5, 13, "ATTACK"), Mention("p", 14, 18, "LOC"), Mention("q", 23, 27, "LOC")
GOLD = Report(
    "r",
    TEXT,
    sentences=((0, 28),),
    mentions=(ATTACKED, TAIZ, ADEN),
    relations=(Relation("e", "PLACE", "p"), Relation("e", "PLACE", "q")),
)
FOUND = replace(
    GOLD,
    mentions=(
        Mention("m0", 5, 13, "ATTACK", score=0.8),
        Mention("m1", 14, 18, "LOC", score=0.5),
        Mention("m2", 19, 22, "LOC", score=0.6),
    ),
    relations=(Relation("m0", "PLACE", "m1", 0.9), Relation("m0", "PLACE", "m2", 0.5)),
)
RELATED = replace(GOLD, relations=(Relation("e", "PLACE", "p", 0.7),))


def test_kinds_are_told_apart_and_relations_scored_on_gold_and_end_to_end() -> None:
    found = calibration_of([match_report(GOLD, FOUND)], [match_report(GOLD, RELATED)], SCHEMA)
    assert list(found.kinds) == ["entities", "triggers", "relations_on_gold", "relations"]
    counts = {kind: (r.right, r.predictions, r.gold) for kind, r in found.kinds.items()}
    assert counts == {
        "entities": (1, 2, 2),
        "triggers": (1, 1, 1),
        "relations_on_gold": (1, 1, 2),
        "relations": (1, 2, 2),
    }
    assert found.kinds["entities"].brier == pytest.approx((0.5**2 + 0.6**2) / 2)
    assert found.kinds["relations_on_gold"].brier == pytest.approx(0.3**2)
    # .9 * .8 * .5 = .36, right; .5 * .8 * .6 = .24, wrong
    assert found.kinds["relations"].brier == pytest.approx((0.64**2 + 0.24**2) / 2)
    assert found.promises == ()


def test_what_has_no_scores_is_left_out() -> None:
    bare = [match_report(GOLD, GOLD)]
    assert calibration_of(bare, bare, SCHEMA) == Calibration({})
    assert list(calibration_of([match_report(GOLD, replace(GOLD, relations=()))], [], SCHEMA).kinds) == []
    assert list(calibration_of([match_report(GOLD, FOUND)], [], SCHEMA).kinds) == ["entities", "triggers", "relations"]


def test_promises_are_kept_or_not_as_counted() -> None:
    """At .9 a LOC needs .55, so that Taiz goes with its relation; nothing is promised of ATTACK at .95."""
    calibrator = Calibrator(
        entity=KindCalibrator(curves={"LOC": ((0.85, 0.0), (0.95, 0.55))}),
        trigger=KindCalibrator(curves={"ATTACK": ((0.9, 0.0),)}),
        relation=KindCalibrator(curves={"PLACE": ((0.99, 0.2),)}),
    )
    promises = calibration_of([match_report(GOLD, FOUND)], [], SCHEMA, calibrator).promises
    counts = {
        (p.min_precision, p.kind): (p.right, p.predicted, p.gold, p.right_before) for p in promises if p.label == WHOLE
    }
    assert counts == {
        (0.8, "entities"): (1, 2, 2, 1),
        (0.8, "triggers"): (1, 1, 1, 1),
        (0.8, "relations"): (1, 2, 2, 1),
        (0.9, "entities"): (0, 1, 2, 1),
        (0.9, "triggers"): (1, 1, 1, 1),
        (0.9, "relations"): (0, 1, 2, 1),
        (0.95, "entities"): (0, 1, 2, 1),
        (0.95, "triggers"): (0, 0, 1, 1),
        (0.95, "relations"): (0, 0, 2, 1),
    }
    assert Promise(0.9, "entities", "LOC", predicted=1, right=0, gold=2, right_before=1) in promises


def test_it_goes_to_json_as_it_is() -> None:
    found = calibration_of([match_report(GOLD, FOUND)], [], SCHEMA)
    data = json.loads(json.dumps(found.to_dict()))
    assert data["kinds"]["triggers"] == {
        "predictions": 1,
        "right": 1,
        "gold": 1,
        "mean_score": 0.8,
        "ece": pytest.approx(0.2),
        "brier": pytest.approx(0.04),
        "bins": [{"low": 0.8, "high": 0.8, "predictions": 1, "right": 1, "mean_score": 0.8}],
        "curve": [{"threshold": 0.8, "precision": 1.0, "recall": 1.0}],
    }
    assert data["promises"] == []
