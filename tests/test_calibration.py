from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.calibration import Calibrator, KindCalibrator, Scale, end_to_end_score
from conflictspan.records import Mention, Relation
from conflictspan.schema import Schema

CURVE = ((0.7, 0.0), (0.85, 0.31), (0.9, 0.42))


def test_a_temperature_divides_the_logit_and_a_bias_moves_it() -> None:
    # logit(.8) = ln 4; at temperature 2 it is ln 2, the logit of 2/3; with bias ln 3 it is ln 6, the logit of 6/7.
    assert Scale(temperature=2.0)(0.8) == pytest.approx(2 / 3)
    assert Scale(temperature=2.0, bias=math.log(3))(0.8) == pytest.approx(6 / 7)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 10), st.floats(-10, 10))
def test_a_scale_keeps_the_order_and_gives_probabilities(a: float, b: float, temperature: float, bias: float) -> None:
    scale = Scale(temperature, bias)
    low, high = scale(min(a, b)), scale(max(a, b))
    assert 0 <= low <= high <= 1


@given(st.floats(0, 1))
def test_nothing_fitted_changes_nothing(score: float) -> None:
    assert Scale()(score) == score


@pytest.mark.parametrize(
    ("precision", "threshold"), [(0.5, 0.0), (0.7, 0.0), (0.71, 0.31), (0.85, 0.31), (0.9, 0.42), (0.91, None)]
)
def test_a_threshold_is_the_lowest_that_promises_the_precision(precision: float, threshold: float | None) -> None:
    kind = KindCalibrator(curves={"LOC": CURVE})
    assert kind.threshold("LOC", precision) == threshold
    assert kind.threshold("ORG", precision) is None


def test_types_find_the_calibration_of_their_kind(schema: Schema) -> None:
    calibrator = Calibrator(entity=KindCalibrator(Scale(2.0)), trigger=KindCalibrator(Scale(3.0)))
    assert calibrator.of_type("LOC", schema).scale == Scale(2.0)
    assert calibrator.of_type("ATTACK", schema).scale == Scale(3.0)


@pytest.mark.parametrize(
    "calibrator",
    [
        Calibrator(),
        Calibrator(
            KindCalibrator(Scale(1.7, -0.6), {"LOC": CURVE, 'odd "name"': ()}, least=0.41),
            relation=KindCalibrator(Scale(0.9)),
        ),
    ],
)
def test_what_is_written_is_json_and_comes_back_the_same(calibrator: Calibrator) -> None:
    text = calibrator.to_json()
    assert json.loads(text).keys() == {"entity", "trigger", "relation"}
    assert Calibrator.from_json(text) == calibrator


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "JSON"),
        ('{"entity": {"scale": {"temperature": 0, "bias": 0}}}', "temperature"),
        ('{"entity": {"curves": {"LOC": [[0.7]]}}}', "LOC"),
    ],
)
def test_what_is_no_calibration_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Calibrator.from_json(text)


def test_end_to_end_a_relation_is_as_probable_as_it_and_its_mentions_together() -> None:
    head, tail = Mention("e", 0, 1, "ATTACK", score=0.5), Mention("p", 2, 3, "LOC", score=0.8)
    relation = Relation("e", "PLACE", "p", 0.9)
    assert end_to_end_score(relation, {"e": head, "p": tail}) == pytest.approx(0.36)
    assert end_to_end_score(relation, {"e": head, "p": replace(tail, score=None)}) is None
    assert end_to_end_score(replace(relation, score=None), {"e": head, "p": tail}) is None
