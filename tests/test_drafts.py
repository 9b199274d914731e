from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerFast

from conflictspan import drafts
from conflictspan.calibration import Calibrator
from conflictspan.drafts import Draft, batches, chunks, mention_arrays, spans_starting_in, without_overlaps
from conflictspan.encoding import Window, cut_windows, encode
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from conflictspan.tagging import WordSpan


def draft_of(report: Report, tokenizer: PreTrainedTokenizerFast, *, budget: int = 100) -> Draft:
    encoded = encode(report, tokenizer)
    return Draft(report, encoded, list(cut_windows(encoded, budget=budget, context=0)))


def of_sentences(name: str, *sentences: str) -> Report:
    starts = [sum(len(s) + 1 for s in sentences[:i]) for i in range(len(sentences))]
    borders = tuple((start, start + len(s)) for start, s in zip(starts, sentences, strict=True))
    return Report(name, " ".join(sentences), sentences=borders)


def test_a_draft_finishes_with_what_was_found(tokenizer: PreTrainedTokenizerFast, schema: Schema) -> None:
    draft = draft_of(of_sentences("r", "Rebels shelled Raqqa."), tokenizer)
    types, labels = schema.types, schema.labels
    draft.spans = [WordSpan(0, 1, types.index("ARMED_GROUP"), 0.75), WordSpan(1, 2, types.index("SHELLING"), 0.5)]
    draft.statuses = {1: "planned"}
    draft.relations = [(1, labels.index("AGENT"), 0, 0.25)]
    found = draft.finish(schema, Calibrator())
    assert found.mentions == (
        Mention("m0", 0, 6, "ARMED_GROUP", score=0.75),
        Mention("m1", 7, 14, "SHELLING", status="planned", score=0.5),
    )
    assert found.relations == (Relation("m1", "AGENT", "m0", 0.25),)


def test_given_mentions_come_back_as_they_were(tokenizer: PreTrainedTokenizerFast, schema: Schema) -> None:
    report = of_sentences("r", "Rebels shelled Raqqa.")
    given = (Mention("e9", 7, 14, "SHELLING"), Mention("a9", 0, 6, "ARMED_GROUP"))
    draft = draft_of(Report("r", report.text, sentences=report.sentences, mentions=given), tokenizer)
    draft.take(given, schema)
    assert [(span.start, span.end) for span in draft.spans] == [(0, 1), (1, 2)]  # by place
    draft.relations = [(1, schema.labels.index("AGENT"), 0, 0.5)]
    found = draft.finish(schema, Calibrator())
    assert found.mentions == given
    assert found.relations == (Relation("e9", "AGENT", "a9", 0.5),)


def test_given_mentions_without_a_word_are_kept_too(tokenizer: PreTrainedTokenizerFast, schema: Schema) -> None:
    given = (Mention("x", 2, 3, "LOC"),)  # a space
    draft = draft_of(Report("r", "In  Raqqa.", sentences=((0, 10),), mentions=given), tokenizer)
    draft.take(given, schema)
    assert draft.finish(schema, Calibrator()).mentions == given


def test_a_report_is_whole_once_its_last_window_is_read(
    tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "CHUNK_PIECES", 1)  # every window is a chunk of its own
    long = draft_of(of_sentences("long", "Raqqa", "Tabqa", "Manbij"), tokenizer, budget=1)
    short = draft_of(of_sentences("short", "Raqqa"), tokenizer)
    assert len(long.windows) == 3
    found = [
        ([draft.report.id for draft, _ in chunk], [d.report.id for d in done]) for chunk, done in chunks([long, short])
    ]
    assert found == [(["long"], []), (["long"], []), (["long"], ["long"]), (["short"], ["short"]), ([], [])]


def test_windows_of_like_length_share_a_batch(
    tokenizer: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"a": "Raqqa fell.", "b": " ".join(["Raqqa"] * 30), "c": "Tabqa fell.", "d": " ".join(["Tabqa"] * 30)}
    members = [
        (draft, draft.windows[0]) for draft in (draft_of(of_sentences(n, t), tokenizer) for n, t in names.items())
    ]
    longest = max(draft.encoded.count_pieces(window.start, window.end) for draft, window in members)
    monkeypatch.setattr(drafts, "BATCH_PIECES", 2 * longest)
    assert [{draft.report.id for draft, _ in batch} for batch in batches(members)] == [{"b", "d"}, {"a", "c"}]


def test_arrays_hold_the_spans_words_sentences_and_types(tokenizer: PreTrainedTokenizerFast) -> None:
    encoded = encode(of_sentences("r", "Raqqa fell.", "Tabqa fell too."), tokenizer)
    arrays = mention_arrays(encoded, [WordSpan(0, 1, 4), WordSpan(3, 5, 2)])
    assert arrays.first_words.tolist() == [0, 3]
    assert arrays.last_words.tolist() == [0, 4]
    assert arrays.sentences.tolist() == [0, 1]
    assert arrays.types.tolist() == [4, 2]


def test_spans_are_a_windows_from_its_left_context_to_the_end_of_its_core() -> None:
    spans = [WordSpan(start, start + 1, 0) for start in (0, 4, 5, 9, 12)]
    assert list(spans_starting_in(spans, Window(start=4, core_start=5, core_end=12, end=15))) == [1, 2, 3]


def test_a_span_that_begins_inside_its_predecessor_goes() -> None:
    spans = [WordSpan(5, 7, 0), WordSpan(0, 3, 1), WordSpan(2, 4, 2), WordSpan(3, 5, 3)]
    assert without_overlaps(spans) == [WordSpan(0, 3, 1), WordSpan(3, 5, 3), WordSpan(5, 7, 0)]
