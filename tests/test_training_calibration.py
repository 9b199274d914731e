from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.calibration import Calibrator, KindCalibrator, Scale
from conflictspan.extractor import UNLIKELY
from conflictspan.model import ModelConfig
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from training.calibration import Answers, calibrate, fit_curves, fit_least, fit_scale


def answers(*rows: tuple[str, float, int, int]) -> Answers:
    """Label, score, how many right, how many wrong."""
    return Answers.of(
        (label, score, right)
        for label, score, n_right, n_wrong in rows
        for right, n in ((True, n_right), (False, n_wrong))
        for _ in range(n)
    )


def test_a_scale_moves_two_scores_to_how_often_they_are_right() -> None:
    """Two parameters fit two groups exactly: of what is called .9 and .6, 3 of 4 and 1 of 2 are right."""
    scale = fit_scale(answers(("LOC", 0.9, 60, 20), ("LOC", 0.6, 40, 40)))
    assert scale(0.9) == pytest.approx(0.75, abs=1e-3)
    assert scale(0.6) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    "few", [answers(("LOC", 0.9, 20, 29)), answers(("LOC", 0.9, 100, 9)), answers(("LOC", 0.9, 9, 100)), answers()]
)
def test_where_there_is_too_little_to_tell_nothing_is_fitted(few: Answers) -> None:
    assert fit_scale(few) == Scale()


def test_a_scale_where_the_score_tells_nothing_stays_in_its_bounds() -> None:
    scale = fit_scale(answers(("LOC", 0.9, 30, 30), ("LOC", 0.1, 30, 30)))
    assert 0.1 <= scale.temperature <= 10
    assert scale(0.9) == pytest.approx(0.5, abs=0.06)


def test_a_curve_is_the_label_s_own_precision_drawn_to_that_of_its_kind() -> None:
    """From .9 on: LOC 45 of 50, ORG 50 of 50, the kind 95 of 100 = .95.

    LOC (45 + 50 * .95) / (50 + 50) = .925, ORG (50 + 47.5) / 100 = .975, FAC, never seen, 47.5 / 50 = .95.
    From .4 on: LOC 55 of 100, ORG 50 of 50, the kind 105 of 150 = .7.
    LOC (55 + 35) / 150 = .6, ORG (50 + 35) / 100 = .85, FAC .7.
    """
    curves = fit_curves(answers(("LOC", 0.9, 45, 5), ("ORG", 0.9, 50, 0), ("LOC", 0.4, 10, 40)), ["LOC", "ORG", "FAC"])
    assert curves == {
        "LOC": ((0.6, 0.0), (0.92, 0.9)),
        "ORG": ((0.85, 0.0), (0.97, 0.9)),
        "FAC": ((0.7, 0.0), (0.95, 0.9)),
    }


def test_no_score_promises_more_than_any_higher_one() -> None:
    """From .9 on 30 of 60 are right (with itself as its kind, .5), from .8 on 90 of 120 = .75: .8 promises .5 too."""
    assert fit_curves(answers(("LOC", 0.9, 30, 30), ("LOC", 0.8, 60, 0)), ["LOC"]) == {"LOC": ((0.5, 0.0),)}


def test_scores_that_few_reach_promise_nothing() -> None:
    curves = fit_curves(answers(("LOC", 0.99, 49, 0), ("LOC", 0.5, 30, 21)), ["LOC"])
    assert curves == {"LOC": ((0.79, 0.0),)}  # 79 of 100; the 49 of .99 alone are too few
    assert fit_curves(answers(("LOC", 0.9, 49, 0)), ["LOC"]) == {}


@given(
    st.lists(
        st.tuples(st.sampled_from(["LOC", "ORG"]), st.sampled_from([0.2, 0.5, 0.7, 0.9]), st.booleans()), min_size=50
    )
)
def test_curves_ascend_and_begin_with_all(rows: list[tuple[str, float, bool]]) -> None:
    for curve in fit_curves(Answers.of(rows), ["LOC", "ORG"]).values():
        precisions, scores = zip(*curve, strict=True)
        assert list(precisions) == sorted(set(precisions)) and precisions[0] >= 0 and precisions[-1] <= 1
        assert list(scores) == sorted(set(scores)) and scores[0] == 0


TEXT = "Rebels shelled Raqqa."
GOLD = Report(
    "",
    TEXT,
    sentences=((0, len(TEXT)),),
    mentions=(Mention("a", 0, 6, "ARMED_GROUP"), Mention("e", 7, 14, "SHELLING"), Mention("p", 15, 20, "LOC")),
    relations=(Relation("e", "AGENT", "a"),),
)


class Canned:
    """In every report it is .9 sure of SHELLING, .9 of LOC and .8 of an AGENT and a PLACE; the group it never finds.

    Where the report has an uneven number, the LOC is one letter short.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.model = SimpleNamespace(
            calibrator=Calibrator(entity=KindCalibrator(Scale(5.0))), config=ModelConfig(encoder={})
        )

    def find(self, reports: Iterable[Report]) -> Iterator[Report]:
        calibrator = self.model.calibrator
        for report in reports:
            assert report.sentences == () and report.mentions == (), "as in use, only the text is known"
            assert self.model.config.relation_threshold == UNLIKELY, "the unlikely ones are asked for too"
            mentions = (
                Mention("m0", 7, 14, "SHELLING", score=calibrator.trigger.scale(0.9)),
                Mention("m1", 15, 19 if int(report.id) % 2 else 20, "LOC", score=calibrator.entity.scale(0.9)),
                Mention("m2", 0, 1, "ORG", score=calibrator.entity.scale(0.001)),
            )
            relation = Relation("m0", "PLACE", "m1", calibrator.relation.scale(0.8))
            yield replace(report, mentions=mentions, relations=(relation,))

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            score = self.model.calibrator.relation.scale(0.8)
            yield replace(report, relations=(Relation("e", "AGENT", "a", score), Relation("e", "PLACE", "p", score)))


def test_calibrate_fits_mentions_end_to_end_and_relations_on_gold(schema: Schema) -> None:
    # Of 60 reports the triggers are all right, half of the LOC, none of the ORG, which is too unlikely to be given out,
    # and of the relations on gold mentions the AGENT, and PLACE in every fourth; end to end PLACE is right in those of
    # the fourths whose number is even: all of them.
    gold = [
        replace(GOLD, id=str(i), relations=(*GOLD.relations, *((Relation("e", "PLACE", "p"),) if i % 4 == 0 else ())))
        for i in range(60)
    ]
    extractor = Canned(schema)
    found = calibrate(extractor, gold)  # type: ignore[arg-type]
    counts = {kind: (entry["predictions"], entry["right"]) for kind, entry in found.items()}
    assert counts == {"entity": (120, 30), "trigger": (60, 60), "relation": (120, 75)}
    calibrator = extractor.model.calibrator
    assert calibrator.entity.scale(0.9) == pytest.approx(0.5, abs=1e-3), "not that of the scale it had before"
    assert calibrator.trigger.scale == Scale(), "none was wrong"
    assert calibrator.relation.scale(0.8) == pytest.approx(75 / 120, abs=1e-3)
    assert calibrator.entity.curves["LOC"] == ((0.5, 0.0),), "of what is given out"
    assert calibrator.trigger.curves["SHELLING"] == ((1.0, 0.0),)
    assert calibrator.relation.curves["PLACE"] == ((0.25, 0.0),)
    assert {*calibrator.entity.curves, *calibrator.trigger.curves} == set(schema.types)
    assert [*calibrator.relation.curves] == list(schema.labels)
    assert extractor.model.config == ModelConfig(encoder={}), "its threshold is as it was"
    # F1 of the LOC, 30 of 60 found among 120 entities wanted, is 60 / 180; of the relations end to end, 15 of 60 found
    # among 75 wanted, 30 / 135. Half of it is the least score given out. Triggers are all given out.
    assert [found[kind]["least"] for kind in found] == [0.1667, None, 0.1111]
    assert [getattr(calibrator, kind).least for kind in found] == [0.1667, None, 0.1111]


def test_the_least_score_is_half_of_the_best_f1() -> None:
    # 40 right of 40 at .9, 10 right of 20 at .5, none of 40 at .2, and 80 wanted: F1 is 80 / 120, 100 / 140, 100 / 180.
    rows = [("LOC", 0.9, True)] * 40 + [("LOC", 0.5, i < 10) for i in range(20)] + [("LOC", 0.2, False)] * 40
    assert fit_least(Answers.of(rows[::-1]), 80) == round(100 / 140 / 2, 4)


def test_equal_scores_are_given_out_together_or_not_at_all() -> None:
    rows = [("LOC", 0.9, i < 30) for i in range(60)]  # if the right ones came first, F1 would be 1 after 30
    assert fit_least(Answers.of(rows), 30) == round(60 / 90 / 2, 4)


def test_of_too_few_answers_no_least_score_is_fitted() -> None:
    assert fit_least(Answers.of([("LOC", 0.9, True)] * 49), 49) is None


def test_calibrate_without_reports_fits_nothing(schema: Schema) -> None:
    extractor = Canned(schema)
    calibrate(extractor, [])  # type: ignore[arg-type]
    assert extractor.model.calibrator == Calibrator()


def test_answers_are_arrays_also_when_empty() -> None:
    empty = Answers.of([])
    assert empty.scores.dtype == np.float64 and empty.right.dtype == np.bool_
