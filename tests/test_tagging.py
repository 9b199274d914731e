from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from conflictspan.tagging import WordSpan, best_tags, outer_masses, spans_of, tags_of

OUT, B0, B1, I0, I1 = range(5)  # two types


def is_valid(tags: tuple[int, ...]) -> bool:
    return all(
        tag <= 2 or (i > 0 and tags[i - 1] in (tag, tag - 2))  # I-t after I-t or B-t
        for i, tag in enumerate(tags)
    )


def test_tags_spell_out_spans() -> None:
    spans = [WordSpan(0, 2, 1), WordSpan(2, 3, 0), WordSpan(4, 7, 0)]
    assert tags_of(spans, n_words=8, n_types=2).tolist() == [B1, I1, B0, OUT, B0, I0, I0, OUT]


def test_adjacent_spans_of_one_type_stay_apart() -> None:
    tags = np.array([B0, B0, I0, OUT])
    assert [(s.start, s.end, s.type) for s in spans_with_scores(tags, np.full((4, 5), 0.2))] == [(0, 1, 0), (1, 3, 0)]


def spans_with_scores(tags: NDArray[np.int64], probs: NDArray[np.float64]) -> list[WordSpan]:
    log_probs = np.log(probs).astype(np.float32)
    before, after = outer_masses(log_probs[None], np.array([len(tags)]))
    return list(spans_of(tags, log_probs, before[0], after[0]))


@given(st.integers(1, 5), st.integers(0, 2**31))
def test_best_tags_is_the_best_of_all_valid_sequences(n_words: int, seed: int) -> None:
    log_probs = np.log(np.random.default_rng(seed).dirichlet(np.ones(5) * 0.5, size=(1, n_words)) + 1e-9).astype(
        np.float32
    )

    def total(tags: tuple[int, ...]) -> float:
        return float(sum(log_probs[0, i, tag] for i, tag in enumerate(tags)))

    best = max(total(tags) for tags in product(range(5), repeat=n_words) if is_valid(tags))
    found = tuple(best_tags(log_probs, np.array([n_words]))[0].tolist())
    assert is_valid(found)
    assert total(found) == pytest.approx(best, abs=1e-4)


def test_padding_changes_nothing_and_comes_back_as_o() -> None:
    rng = np.random.default_rng(3)
    short = np.log(rng.dirichlet(np.ones(5), size=(1, 3))).astype(np.float32)
    padded = np.concatenate([short, np.log(rng.dirichlet(np.ones(5), size=(1, 4)))], axis=1).astype(np.float32)
    alone = best_tags(short, np.array([3]))[0].tolist()
    assert best_tags(padded, np.array([3]))[0].tolist() == alone + [OUT] * 4


def test_an_inside_tag_alone_is_repaired_to_the_likeliest_valid_sequence() -> None:
    # Word 0: O .6, B1 .3; word 1: I1 .9. By itself each word says OUT, I1, which is no valid sequence;
    # B1 I1 (.3 * .9) beats O with any other second tag (.6 * .04).
    probs = np.array([[[0.6, 0.05, 0.3, 0.02, 0.03], [0.04, 0.02, 0.02, 0.02, 0.9]]])
    assert best_tags(np.log(probs).astype(np.float32), np.array([2]))[0].tolist() == [B1, I1]


def test_score_is_the_share_of_the_valid_sequences_that_have_the_span() -> None:
    """Two words. Valid are B0 I0 (.48) and any of O, B0, B1 (.95 in all) before O, B0, B1 (.3), B1 I1 (.005)."""
    probs = np.array([[0.1, 0.8, 0.05, 0.03, 0.02], [0.1, 0.1, 0.1, 0.6, 0.1]])
    (span,) = spans_with_scores(np.array([B0, I0]), probs)
    assert span.score == pytest.approx(0.48 / (0.48 + 0.95 * 0.3 + 0.005))
    (span,) = spans_with_scores(np.array([B0, OUT]), probs)  # only its first word: B0 and then no I0
    assert span.score == pytest.approx(0.8 * 0.3 / (0.48 + 0.95 * 0.3 + 0.005))


@given(st.integers(1, 5), st.integers(0, 3), st.integers(0, 2**31))
def test_every_score_is_that_of_counting_all_valid_sequences(n_words: int, padding: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.ones(5) * 0.5, size=(1, n_words + padding)) + 1e-6
    log_probs = np.log(probs).astype(np.float32)
    lengths = np.array([n_words])
    before, after = outer_masses(log_probs, lengths)
    weights: dict[frozenset[tuple[int, int, int]], float] = {}
    for sequence in product(range(5), repeat=n_words):
        if is_valid(sequence):
            spans = spans_of(np.array(sequence), log_probs[0, :n_words], before[0], after[0])
            weight = float(np.prod(probs[0, np.arange(n_words), sequence]))
            weights[frozenset((s.start, s.end, s.type) for s in spans)] = weight
    tags = best_tags(log_probs, lengths)[0, :n_words]
    for span in spans_of(tags, log_probs[0, :n_words], before[0], after[0]):
        having = sum(w for spans, w in weights.items() if (span.start, span.end, span.type) in spans)
        assert span.score == pytest.approx(having / sum(weights.values()), rel=1e-4)


def test_scores_of_ten_thousand_unlikely_words_neither_underflow_nor_pass_one() -> None:
    """Half of the weight is lost to invalid sequences at each word, and one span is sure to go on and on."""
    probs = np.tile([0.2, 0.2, 0.1, 0.4, 0.1], (10_000, 1))
    probs[5000:5300] = [1e-12, 1e-12, 1e-12, 1 - 4e-12, 1e-12]
    probs[4999] = [1e-12, 1 - 4e-12, 1e-12, 1e-12, 1e-12]
    probs[5300] = [1 - 4e-12, 1e-12, 1e-12, 1e-12, 1e-12]
    tags = np.zeros(10_000, dtype=np.int64)
    tags[0], tags[4999], tags[5000:5300] = B0, B0, I0
    first, long = spans_with_scores(tags, probs)
    assert 0 < first.score < 0.5
    assert 0.999 < long.score <= 1


def test_no_words_no_tags() -> None:
    assert best_tags(np.zeros((2, 0, 5), dtype=np.float32), np.array([0, 0])).shape == (2, 0)
