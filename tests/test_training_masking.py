"""`training.masking`: whole words are hidden, and nothing else changes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from conflictspan.errors import ConfigError
from conflictspan.model import WindowBatch
from training.masking import WordMasker

MASK = 99


def windows(lengths: list[list[int]]) -> WindowBatch:
    """Windows of words of so many pieces each, numbered through, between two special pieces."""
    width, most = max(map(sum, lengths)) + 2, max(map(len, lengths))
    pieces, first, last, words = (torch.zeros(len(lengths), n, dtype=torch.long) for n in (width, most, most, most))
    for row, words_of_window in enumerate(lengths):
        at = 1
        for word, length in enumerate(words_of_window):
            first[row, word], last[row, word], words[row, word] = at, at + length - 1, 1
            at += length
        pieces[row, : at + 1] = torch.arange(1, at + 2)
    return WindowBatch(pieces, (pieces > 0).long(), torch.zeros_like(pieces), first, last, words.bool())


@given(
    st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=9), min_size=1, max_size=3),
    st.floats(0.01, 1),
    st.integers(0, 9),
)
def test_a_word_is_hidden_with_all_its_pieces_or_read_as_it_is(
    lengths: list[list[int]], share: float, seed: int
) -> None:
    torch.manual_seed(seed)
    before = windows(lengths)
    after = WordMasker(share, MASK)(before)
    inside = torch.zeros_like(before.pieces, dtype=torch.bool)
    for row, words_of_window in enumerate(lengths):
        for word in range(len(words_of_window)):
            here = slice(int(before.first_pieces[row, word]), int(before.last_pieces[row, word]) + 1)
            inside[row, here] = True
            assert (after.pieces[row, here] == MASK).all() or torch.equal(
                after.pieces[row, here], before.pieces[row, here]
            )
    assert torch.equal(after.pieces[~inside], before.pieces[~inside]), "special pieces and padding stay"
    for name in ("attention", "shapes", "first_pieces", "last_pieces", "words"):
        assert torch.equal(getattr(after, name), getattr(before, name))


def test_the_share_of_hidden_words_is_the_one_asked_for_and_drawn_anew() -> None:
    torch.manual_seed(0)
    batch, masker = windows([[1] * 4000]), WordMasker(0.1, MASK)
    first, second = masker(batch).pieces == MASK, masker(batch).pieces == MASK
    assert 340 < int(first.sum()) < 460  # 400 expected, three standard deviations are 57
    assert not torch.equal(first, second)


def test_a_word_of_several_pieces_is_hidden_whole() -> None:
    assert WordMasker(1.0, MASK)(windows([[2, 1], [3]])).pieces.tolist() == [[1, 99, 99, 99, 5], [1, 99, 99, 99, 5]]


def test_nothing_is_hidden_where_nothing_is_asked_for(tokenizer: PreTrainedTokenizerFast) -> None:
    assert WordMasker.of(tokenizer, 0.0) is None
    masker = WordMasker.of(tokenizer, 0.1)
    assert masker is not None and masker.piece == tokenizer.mask_token_id


def test_a_tokenizer_without_a_mask_token_is_refused(tokenizer: PreTrainedTokenizerFast) -> None:
    bare = PreTrainedTokenizerFast(tokenizer_object=tokenizer.backend_tokenizer)  # type: ignore[no-untyped-call]
    with pytest.raises(ConfigError, match="mask_share = 0"):
        WordMasker.of(bare, 0.1)
