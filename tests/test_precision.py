from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from conflictspan.calibration import Calibrator, KindCalibrator
from conflictspan.errors import ConfigError, ModelError
from conflictspan.precision import Thresholds, thresholds_for, usual_thresholds
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema

SCHEMA = Schema.parse(
    """
    [entities]
    LOC = ""
    ORG = ""
    [events]
    ATTACK = ""
    [relations.PLACE]
    head = ["ATTACK"]
    tail = ["LOC"]
    [relations.AGENT]
    head = ["ATTACK"]
    tail = ["ORG"]
    """
)
CALIBRATOR = Calibrator(
    entity=KindCalibrator(curves={"LOC": ((0.8, 0.0), (0.9, 0.6)), "ORG": ((0.7, 0.0), (0.9, 0.7))}),
    trigger=KindCalibrator(curves={"ATTACK": ((0.8, 0.0), (0.9, 0.5))}),
    relation=KindCalibrator(curves={"PLACE": ((0.6, 0.0), (0.9, 0.4)), "AGENT": ((0.5, 0.0), (0.8, 0.3))}),
)
REPORT = Report(
    "r",
    "The UN was attacked in Taiz, Aden and Mocha.",
    mentions=(
        Mention("m0", 4, 6, "ORG", score=0.9),
        Mention("m1", 11, 19, "ATTACK", score=0.8),
        Mention("m2", 23, 27, "LOC", score=0.6),
        Mention("m3", 29, 33, "LOC", score=0.59),
        Mention("m4", 38, 43, "LOC", score=0.99),
    ),
    relations=(
        Relation("m1", "PLACE", "m2", 0.9),  # .9 * .8 * .6 = .432
        Relation("m1", "PLACE", "m3", 0.99),  # .467, but m3 is below its threshold
        Relation("m1", "PLACE", "m4", 0.5),  # .396
        Relation("m1", "AGENT", "m0", 0.99),
    ),
)


def test_below_their_thresholds_mentions_go_with_their_relations_and_relations_end_to_end() -> None:
    kept = Thresholds({"LOC": 0.6, "ORG": 0.7, "ATTACK": 0.5}, {"PLACE": 0.4, "AGENT": 0.4}).apply(REPORT)
    assert [m.id for m in kept.mentions] == ["m0", "m1", "m2", "m4"]
    assert kept.relations == (REPORT.relations[0], REPORT.relations[3])
    assert (kept.id, kept.text) == (REPORT.id, REPORT.text)


def test_what_has_no_score_stays() -> None:
    gold = Report("r", "Taiz", mentions=(Mention("p", 0, 4, "LOC"),))
    assert Thresholds({"LOC": 0.99}, {}).apply(gold) == gold


def test_each_label_has_the_threshold_of_its_curve_and_what_cannot_be_promised_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        thresholds = thresholds_for(0.9, CALIBRATOR, SCHEMA)
    assert thresholds.types == {"LOC": 0.6, "ORG": 0.7, "ATTACK": 0.5}
    assert thresholds.labels["PLACE"] == 0.4
    assert [r.label for r in thresholds.apply(REPORT).relations] == ["PLACE"], "no score of an AGENT is high enough"
    assert caplog.messages == [
        "a precision of 0.9 cannot be promised for these relations, which are left out: AGENT",
    ]


USUAL = Calibrator(
    entity=replace(CALIBRATOR.entity, least=0.65),
    trigger=replace(CALIBRATOR.trigger, least=0.1),
    relation=replace(CALIBRATOR.relation, least=0.4),
)


def test_usually_each_kind_has_the_one_least_score_that_was_fitted() -> None:
    thresholds = usual_thresholds(USUAL, SCHEMA)
    assert thresholds.types == {"LOC": 0.65, "ORG": 0.65, "ATTACK": 0.1}
    assert thresholds.labels == {"PLACE": 0.4, "AGENT": 0.4}
    kept = thresholds.apply(REPORT)
    assert [m.id for m in kept.mentions] == ["m0", "m1", "m4"]
    assert [r.label for r in kept.relations] == ["AGENT"], "PLACE m4 is .396"


def test_without_anything_fitted_all_is_given_out() -> None:
    assert usual_thresholds(CALIBRATOR, SCHEMA).apply(REPORT) == REPORT


def test_what_is_not_given_out_usually_is_not_given_out_for_a_low_precision_either() -> None:
    thresholds = thresholds_for(0.5, USUAL, SCHEMA)
    assert thresholds == usual_thresholds(USUAL, SCHEMA)
    assert thresholds_for(0.9, USUAL, SCHEMA).types == {"LOC": 0.65, "ORG": 0.7, "ATTACK": 0.5}


def test_a_precision_that_all_predictions_have_leaves_all(caplog: pytest.LogCaptureFixture) -> None:
    assert thresholds_for(0.5, CALIBRATOR, SCHEMA).apply(REPORT) == REPORT
    assert caplog.messages == []


@pytest.mark.parametrize("share", [0.0, 1.0, 90, -0.1, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=rf"precision of {share} .* such as 0\.9"):
        thresholds_for(share, CALIBRATOR, SCHEMA)


def test_a_model_without_curves_promises_nothing() -> None:
    with pytest.raises(ModelError, match=r"no curves in calibration.json; train it again"):
        thresholds_for(0.9, Calibrator(), SCHEMA)
