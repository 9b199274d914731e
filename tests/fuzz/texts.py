"""Sentences, words, windows and what the model finds: offsets fit the text, and nothing is left out."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from conflictspan.encoding import WORD, cut_windows, encode
from conflictspan.extractor import Extractor
from conflictspan.records import Report
from conflictspan.schema import Schema
from conflictspan.sentences import MAX_SENTENCE, split_sentences
from tests.conftest import REPOSITORY, tiny_conflict_model, tiny_tokenizer
from tests.fuzz.draws import Draws

_SURROGATE = re.compile("[\ud800-\udfff]")
_tokenizer = cache(tiny_tokenizer)


@cache
def schema() -> Schema:
    """The project's label scheme."""
    return Schema.load(REPOSITORY / "data" / "annotations" / "schema.toml")


@cache
def _extractor() -> Extractor:
    return Extractor(tiny_conflict_model(schema(), _tokenizer()), _tokenizer())


def text_of(data: bytes) -> str:
    """A hostile text: drawn, or the bytes themselves."""
    draws = Draws(data)
    if draws.flag():
        return draws.rest().decode("utf-8", "surrogateescape")
    return draws.text(200)


def sentences(data: bytes) -> None:
    """Sentences ascend, do not overlap, have no outer white space and hold all that is visible."""
    check_sentences(text_of(data))


def check_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Assert it of a text; returns its sentences."""
    found = split_sentences(text)
    borders = [0, *(border for sentence in found for border in sentence), len(text)]
    assert borders == sorted(borders)
    for start, end in found:
        assert start < end <= start + 2 * MAX_SENTENCE
        assert text[start:end] == text[start:end].strip()
    ends = [0, *(end for _, end in found)]
    starts = [*(start for start, _ in found), len(text)]
    assert not "".join(text[end:start] for end, start in zip(ends, starts, strict=True)).strip()
    return found


def windows(data: bytes) -> None:
    """Words are the text's own; each is core once; no window is larger than its budget."""
    draws = Draws(data)
    budget, context = 64 + draws.number(200), draws.number(5)
    text = text_of(draws.rest())
    encoded = encode(Report("r", text, sentences=split_sentences(text)), _tokenizer())
    words = list(zip(encoded.word_starts.tolist(), encoded.word_ends.tolist(), strict=True))
    for (start, end), (after, _) in pairwise([*words, (len(text), len(text))]):
        assert start < end <= after
        assert WORD.fullmatch(_SURROGATE.sub("\ufffd", text[start:end]))
    done = 0
    for window in cut_windows(encoded, budget=budget, context=context):
        assert window.start <= window.core_start == done < window.core_end <= window.end
        assert encoded.count_pieces(window.start, window.end) <= budget
        done = window.core_end
    assert done == len(words)


def extract(data: bytes) -> None:
    """A random model and the assembler, on several texts in a batch."""
    draws = Draws(data)
    texts = [draws.text(60) for _ in range(1 + draws.number(3))]
    texts.append(text_of(draws.rest()))
    given = [Report(f"r{n}", text, published=draws.pick(["2016-06-21", None])) for n, text in enumerate(texts)]
    found = list(_extractor().extract(given))
    assert [report.text for report in found] == texts
    for report in found:
        assert report.sentences == split_sentences(report.text)
        check_offsets(report)


def check_offsets(report: Report) -> None:
    """Assert that all that a report has is in its text."""
    size = len(report.text)
    ids = {mention.id for mention in report.mentions}
    for mention in report.mentions:
        assert 0 <= mention.start < mention.end <= size
        assert report.text[mention.start : mention.end].strip()
    for relation in report.relations:
        assert {relation.head, relation.tail} <= ids
    for event in report.events:
        assert 0 <= event.trigger.start < event.trigger.end <= size
        assert {event.trigger.mention, *event.triggers} <= ids
        for start, end in (span for spans in event.evidence.values() for span in spans):
            assert 0 <= start < end <= size
