from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.tagging import WordSpan, best_tags, spans_of, tags_of

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
    assert [(s.start, s.end, s.type) for s in spans_of(tags, np.zeros((4, 5), dtype=np.float32))] == [
        (0, 1, 0),
        (1, 3, 0),
    ]


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


def test_score_is_the_probability_of_exactly_this_range() -> None:
    probs = np.array([[0.1, 0.8, 0.05, 0.03, 0.02], [0.1, 0.1, 0.1, 0.6, 0.1], [0.5, 0.1, 0.1, 0.25, 0.05]])
    (span,) = spans_of(np.array([B0, I0, OUT]), np.log(probs).astype(np.float32))
    assert span.score == pytest.approx(0.8 * 0.6 * (1 - 0.25))  # begins, goes on, and does not go on further


def test_no_words_no_tags() -> None:
    assert best_tags(np.zeros((2, 0, 5), dtype=np.float32), np.array([0, 0])).shape == (2, 0)
