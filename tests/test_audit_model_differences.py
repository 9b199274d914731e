"""Where models and annotators differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conflictspan.audit.model_differences import gold_only, model_only, predicted_sentences
from conflictspan.audit.sentences import audited_sentences
from conflictspan.corpus import to_report
from conflictspan.errors import InputError
from conflictspan.records import Mention, Report
from tests.audited import corpus_of

FIRST = "[Rebels|FORCE a1] [attacked|ATTACK e1] it.\nIt burned."
CORPUS = corpus_of(FIRST, FIRST, FIRST)
SENTENCES = audited_sentences(CORPUS)
# Rebels attacked it. It burned.
# 0      7            20 23
REBELS, ATTACKED = Mention("m0", 0, 6, "FORCE", score=0.99), Mention("m1", 7, 15, "ATTACK", score=0.95)
BURNED = Mention("m2", 23, 29, "DEATH", score=0.97)


def prediction(report: str, *mentions: Mention) -> Report:
    return replace(to_report(report, CORPUS.sentences[report]), mentions=mentions)


def test_what_only_a_model_finds_is_told_with_what_is_annotated_there() -> None:
    org = replace(REBELS, type="ORG")
    longer = replace(ATTACKED, end=18, score=0.92)
    predicted, notes = predicted_sentences(SENTENCES, [prediction("r1", org, longer, BURNED)])
    assert notes == ["2 reports have no prediction"]
    findings = list(model_only(predicted))
    assert [(f.row.sentence, f.surface, f.reading, f.surprise) for f in findings] == [
        (0, "Rebels", "ORG", 0.99),
        (0, "attacked it", "ATTACK", 0.92),
        (1, "burned", "DEATH", 0.97),
    ]
    assert findings[0].reason.endswith('annotated is "Rebels" FORCE')
    assert findings[2].reason.endswith("annotated is nothing")


def test_what_a_model_is_not_sure_of_or_has_right_is_no_finding() -> None:
    predicted, _ = predicted_sentences(SENTENCES, [prediction("r0", REBELS, ATTACKED, replace(BURNED, score=0.89))])
    assert list(model_only(predicted)) == []


def test_what_models_overlook_though_they_find_its_like() -> None:
    # r0 to r2: of three FORCE "rebels" two are found; from r2's point of view 2 of 2. The prior is 4 * 2/3.
    readings = [prediction("r0", REBELS, ATTACKED), prediction("r1", REBELS, ATTACKED), prediction("r2", ATTACKED)]
    predicted, _ = predicted_sentences(SENTENCES, readings)
    assert list(gold_only(predicted)) == [], "(2 + 4 * 2/3) / (2 + 4) = 0.78 is not sure"

    many = corpus_of(*[FIRST] * 40)
    found = [replace(to_report(f"r{i}", many.sentences[f"r{i}"]), mentions=(REBELS, ATTACKED)) for i in range(39)]
    missed = replace(to_report("r39", many.sentences["r39"]), mentions=(ATTACKED,))
    predicted, _ = predicted_sentences(audited_sentences(many), [*found, missed])
    (finding,) = gold_only(predicted)
    assert (finding.row.report, finding.surface, finding.reading) == ("r39", "Rebels", "FORCE")
    assert finding.surprise == pytest.approx((39 + 4 * 39 / 40) / (39 + 4))
    found_elsewhere = "models find 39 of the 39 of these words and this type in other reports, and 98% of all FORCE"
    assert finding.reason.endswith(found_elsewhere)

    other_type = replace(missed, mentions=(ATTACKED, replace(REBELS, type="ORG")))
    predicted, _ = predicted_sentences(audited_sentences(many), [*found, other_type])
    assert list(gold_only(predicted)) == [], "something is found there: that is model_only's"


def test_what_cannot_be_compared_is_counted() -> None:
    changed = replace(prediction("r0"), text="Rebels attacked it. It stood.")
    _, notes = predicted_sentences(SENTENCES, [prediction("r1"), changed, replace(prediction("r2"), id="x")])
    assert notes == [
        "1 reports have no prediction",
        "1 predictions are of another text than the report has now",
        "1 predictions are of no report here",
    ]


def test_predictions_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(InputError, match="no prediction is of a report of the corpus"):
        predicted_sentences(SENTENCES, [replace(prediction("r0"), id="x")])
    with pytest.raises(InputError, match="'r0' has two predictions"):
        predicted_sentences(SENTENCES, [prediction("r0"), prediction("r0")])
    with pytest.raises(InputError, match="'r0': its mentions have no score"):
        predicted_sentences(SENTENCES, [prediction("r0", replace(REBELS, score=None))])
