from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from conflictspan.calibration import Calibrator, KindCalibrator, Scale, end_to_end_score
from conflictspan.errors import ModelError
from conflictspan.extractor import UNLIKELY, Extractor
from conflictspan.model import ConflictModel
from conflictspan.records import Mention, Report
from conflictspan.schema import Schema

STORY = (
    "BEIRUT, June 20 - At least 28 SDF fighters were killed in an Islamic State attack near Manbij on Sunday. "
    "The Observatory said the militants used a car bomb. Residents fled the city. "
)
CPU = torch.device("cpu")


@pytest.fixture
def extractor(model: ConflictModel, tokenizer: PreTrainedTokenizerFast) -> Extractor:
    return Extractor(model, tokenizer, device=CPU)


def check_fits(report: Report, schema: Schema) -> None:
    """Whatever a random model finds, it obeys the contract."""
    assert [(m.start, m.end) for m in report.mentions] == sorted((m.start, m.end) for m in report.mentions)
    for before, after in pairwise(report.mentions):
        assert before.end <= after.start
    spans = {m.id: m for m in report.mentions}
    assert len(spans) == len(report.mentions)
    for mention in report.mentions:
        surface = report.text[mention.start : mention.end]
        assert surface == surface.strip() != ""
        assert mention.type in schema.types
        assert report.sentence_of(mention.start) == report.sentence_of(mention.end - 1)
        assert mention.score is not None and 0 <= mention.score <= 1
        assert mention.status is None or (schema.is_event(mention.type) and mention.status in schema.statuses)
    for relation in report.relations:
        head, tail = spans[relation.head], spans[relation.tail]
        rule = schema.relations[relation.label]
        assert rule.fault(head.type, tail.type) is None
        gap = report.sentence_of(head.start) - report.sentence_of(tail.start)
        assert gap == 0 or (rule.cross_sentence and 0 < gap <= schema.max_sentence_gap)
        assert relation.score is not None and 0 <= relation.score <= 1


def test_a_long_report_comes_back_whole_and_in_order(extractor: Extractor) -> None:
    reports = [Report("short", STORY), Report("long", STORY * 60, published="2016-06-21"), Report("empty", "")]
    found = list(extractor.extract(reports))
    assert [(r.id, r.text, r.published) for r in found] == [(r.id, r.text, r.published) for r in reports]
    for report in found:
        check_fits(report, extractor.schema)
    long = found[1]
    assert max(m.start for m in long.mentions) > len(long.text) * 0.95
    crossing = [
        r
        for r in long.relations
        if long.sentence_of(next(m.start for m in long.mentions if m.id == r.head))
        != long.sentence_of(next(m.start for m in long.mentions if m.id == r.tail))
    ]
    assert crossing


def test_a_report_alone_is_read_as_among_others(extractor: Extractor) -> None:
    reports = [Report(str(n), STORY * n) for n in (1, 9, 3)]
    together = list(extractor.extract(reports))
    for report, expected in zip(reports, together, strict=True):
        (alone,) = extractor.extract([report])
        assert [(m.start, m.end, m.type, m.status) for m in alone.mentions] == [
            (m.start, m.end, m.type, m.status) for m in expected.mentions
        ]
        assert [m.score for m in alone.mentions] == pytest.approx([m.score for m in expected.mentions], abs=1e-3)


def test_chunks_leave_no_seam(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows read in one chunk or one by one give the same relations, also over the borders."""
    (together,) = extractor.extract([Report("r", STORY * 8)])
    monkeypatch.setattr("conflictspan.drafts.CHUNK_PIECES", 1)
    (one_by_one,) = extractor.extract([Report("r", STORY * 8)])
    assert len(together.relations) > 50
    together_arcs = {(r.head, r.label, r.tail) for r in together.relations}
    apart_arcs = {(r.head, r.label, r.tail) for r in one_by_one.relations}
    assert len(together_arcs ^ apart_arcs) <= 0.01 * len(together_arcs)  # rounding may move a score over the threshold


def test_sentences_that_a_report_brings_are_kept(extractor: Extractor) -> None:
    report = Report("r", "One two. Three four.", sentences=((0, 20),))
    (found,) = extractor.extract([report])
    assert found.sentences == ((0, 20),)


def test_a_sentence_longer_than_a_window_is_read_to_its_end(extractor: Extractor) -> None:
    text = "rebels attacked Raqqa and " * 1250  # 5,000 words
    (found,) = extractor.extract([Report("r", text, sentences=((0, len(text)),))])
    check_fits(found, extractor.schema)
    assert max(m.end for m in found.mentions) > len(text) * 0.99


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.one_of(
            st.characters(),
            st.sampled_from("\x00\u200b\u202e\ufeff\ud800\U0001f4a5é"),
            st.sampled_from("ABC abc. "),
        ),
        max_size=200,
    )
)
def test_offsets_fit_hostile_text_exactly(extractor: Extractor, text: str) -> None:
    (found,) = extractor.extract([Report("r", text)])
    assert found.text == text
    check_fits(found, extractor.schema)


def test_scores_are_calibrated_and_nothing_else_changes(extractor: Extractor) -> None:
    report = Report("r", STORY * 3)
    (raw,) = extractor.extract([report])
    scales = {"entity": Scale(2.0, -1.0), "trigger": Scale(0.5, 0.3), "relation": Scale(1.5, 2.0)}
    extractor.model.calibrator = Calibrator(**{kind: KindCalibrator(scale) for kind, scale in scales.items()})
    (found,) = extractor.extract([report])
    for before, after in zip(raw.mentions, found.mentions, strict=True):
        scale = scales["trigger" if extractor.schema.is_event(before.type) else "entity"]
        assert before.score is not None
        assert after == replace(before, score=scale(before.score))
    assert raw.relations
    for arc, scaled in zip(raw.relations, found.relations, strict=True):
        assert arc.score is not None
        assert scaled == replace(arc, score=scales["relation"](arc.score))
    given = replace(report, sentences=found.sentences, mentions=found.mentions)
    (related,) = extractor.relate([given])
    assert [r.score for r in related.relations] == pytest.approx([r.score for r in found.relations], abs=1e-4)


def test_a_minimum_of_precision_leaves_out_what_is_below(
    model: ConflictModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    report = Report("r", STORY * 3)
    (whole,) = Extractor(model, tokenizer, device=CPU).extract([report])
    median = sorted(m.score for m in whole.mentions if m.score is not None)[len(whole.mentions) // 2]
    curve = ((0.5, 0.0), (0.9, median))
    model.calibrator = Calibrator(
        entity=KindCalibrator(curves=dict.fromkeys(model.schema.entities, curve)),
        trigger=KindCalibrator(curves=dict.fromkeys(model.schema.events, curve)),
        relation=KindCalibrator(curves=dict.fromkeys(model.schema.labels, ((0.9, 0.0),))),
    )
    picky = Extractor(model, tokenizer, device=CPU, min_precision=0.9)
    (found,) = picky.extract([report])
    assert found.mentions == tuple(m for m in whole.mentions if m.score is not None and m.score >= median)
    kept = {m.id for m in found.mentions}
    assert found.relations == tuple(r for r in whole.relations if {r.head, r.tail} <= kept)
    assert 0 < len(found.relations) < len(whole.relations)
    (related,) = picky.relate([replace(whole, relations=())])
    assert related.mentions == whole.mentions, "mentions that were given stay"


def test_a_fitted_least_score_decides_over_a_relation_and_its_mentions_together(
    model: ConflictModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    report = Report("r", STORY * 3)
    extractor = Extractor(model, tokenizer, device=CPU)
    model.config = replace(model.config, relation_threshold=UNLIKELY)
    (whole,) = extractor.extract([report])
    by_id = {m.id: m for m in whole.mentions}
    scores = {r: end_to_end_score(r, by_id) or 0.0 for r in whole.relations}
    median = sorted(scores.values())[len(scores) // 2]
    model.config = replace(model.config, relation_threshold=0.99)  # what is fitted counts, not this
    model.calibrator = Calibrator(relation=KindCalibrator(least=median))
    (found,) = extractor.extract([report])
    assert found.mentions == whole.mentions
    assert found.relations == tuple(r for r in whole.relations if scores[r] >= median)
    assert 0 < len(found.relations) < len(whole.relations)
    (related,) = extractor.relate([replace(whole, relations=())])
    assert related.relations == (), "between given mentions the network's own threshold stands"


def test_events_are_assembled_from_all_that_is_likely_also_from_what_is_too_unsure_to_be_given_out(
    model: ConflictModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    report = Report("r", STORY * 3)
    extractor = Extractor(model, tokenizer, device=CPU)
    (whole,) = extractor.extract([report])
    assert whole.events and whole.relations
    model.calibrator = Calibrator(entity=KindCalibrator(least=1.0), relation=KindCalibrator(least=1.0))
    (found,) = extractor.extract([report])
    assert found.events == whole.events
    assert {m.id for m in found.mentions} == {m.id for m in whole.mentions if model.schema.is_event(m.type)}
    assert found.relations == ()


def test_a_minimum_of_precision_needs_a_calibrated_model(
    model: ConflictModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    with pytest.raises(ModelError, match="train it again"):
        Extractor(model, tokenizer, device=CPU, min_precision=0.9)


def test_relate_keeps_the_given_mentions(extractor: Extractor) -> None:
    mentions = (
        Mention("a1", 30, 33, "ARMED_GROUP"),
        Mention("e1", 48, 54, "DEATH", status="denied"),
        Mention("p1", 86, 92, "LOC"),
    )
    report = Report("r", STORY, sentences=((0, len(STORY)),), mentions=mentions)
    (found,) = extractor.relate([report])
    assert found.mentions == mentions
    assert found.relations
    assert {r.head for r in found.relations} | {r.tail for r in found.relations} <= {"a1", "e1", "p1"}


def test_relate_takes_mentions_that_begin_inside_words_or_overlap(extractor: Extractor) -> None:
    mentions = (Mention("a", 31, 33, "ARMED_GROUP"), Mention("b", 30, 42, "ARMED_GROUP"), Mention("e", 48, 54, "DEATH"))
    (found,) = extractor.relate([Report("r", STORY, sentences=((0, len(STORY)),), mentions=mentions)])
    assert found.mentions == mentions


def test_relate_without_mentions_finds_nothing(extractor: Extractor) -> None:
    (found,) = extractor.relate([Report("r", STORY, sentences=((0, len(STORY)),))])
    assert found.relations == () and found.mentions == ()


def test_extract_ignores_annotations_that_come_with_a_report(extractor: Extractor) -> None:
    bare = Report("r", STORY)
    marked = replace(bare, mentions=(Mention("x", 0, 6, "LOC"),))
    assert list(extractor.extract([bare])) == list(extractor.extract([marked]))


def test_the_model_stays_in_training_mode_if_it_was(extractor: Extractor) -> None:
    extractor.model.train()
    list(extractor.extract([Report("r", STORY)]))
    assert extractor.model.training


def test_reports_come_out_while_a_long_one_behind_them_is_still_read(
    extractor: Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long report only its own chunk waits; reports are drawn and handed on in the caller's thread."""
    monkeypatch.setattr("conflictspan.drafts.CHUNK_PIECES", 100)
    drawn: list[str] = []

    def reports() -> Iterator[Report]:
        assert threading.current_thread() is threading.main_thread()
        for report in (Report("short", STORY), Report("long", STORY * 20), *(Report(str(n), STORY) for n in range(20))):
            drawn.append(report.id)
            yield report

    found = extractor.extract(reports())
    assert next(found).id == "short"
    assert drawn == ["short", "long"]
    assert [report.id for report in found] == ["long", *map(str, range(20))]


def test_what_fails_in_the_model_reaches_the_caller(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(extractor, "backend", fail)
    extractor.model.train()
    with pytest.raises(RuntimeError, match="out of memory"):
        list(extractor.extract([Report("r", STORY)]))
    assert extractor.model.training  # as it was


def test_a_reader_that_stops_leaves_no_thread_behind(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conflictspan.drafts.CHUNK_PIECES", 1)
    found = extractor.find(Report(str(n), STORY) for n in range(100))
    next(found)
    assert isinstance(found, Generator)
    found.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("conflictspan-model")]
