"""BIO tags of words: spans to tags, and the best valid tag sequence back to spans with their probabilities.

With T types there are 2T + 1 tags: 0 is O, 1 + t is B-t and 1 + T + t is I-t. A sequence is valid (IOB2) where
each I-t follows B-t or I-t.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A typed, half-open range of words.

    Attributes:
        start, end: words.
        type: index of the type.
        score: probability of exactly this range and type among all valid sequences.
    """

    start: int
    end: int
    type: int
    score: float = 1.0


def tags_of(spans: Iterable[WordSpan], *, n_words: int, n_types: int) -> Ints:
    """[words] the tags that spell out flat spans."""
    tags = np.zeros(n_words, dtype=np.int64)
    for span in spans:
        tags[span.start] = 1 + span.type
        tags[span.start + 1 : span.end] = 1 + n_types + span.type
    return tags


def best_tags(log_probs: Floats, lengths: Ints) -> Ints:
    """The most probable valid sequences (Viterbi), in time linear in the number of tags.

    Only I-t is bound by its predecessor, so the best way to O or to any B-t is the best way to anything, and the
    best way to I-t is the better of B-t and I-t.

    Args:
        log_probs: [B, W, 2T + 1] log-probabilities of each word's tags.
        lengths: [B] words in each sequence; what lies beyond is ignored and comes back as O.
    """
    n_rows, n_words, n_tags = log_probs.shape
    n_types = (n_tags - 1) // 2
    tags = np.zeros((n_rows, n_words), dtype=np.int64)
    if n_words == 0:
        return tags
    rows = np.arange(n_rows)
    came_from = np.zeros((n_words, n_rows), dtype=np.int64)  # the best tag of all, one word before
    inside_from_begin = np.zeros((n_words, n_rows, n_types), dtype=bool)
    scores = log_probs[:, 0].astype(np.float64)
    scores[:, 1 + n_types :] = -np.inf
    for word in range(1, n_words):
        best = scores.argmax(axis=1)
        came_from[word] = best
        begin, inside = scores[:, 1 : 1 + n_types], scores[:, 1 + n_types :]
        inside_from_begin[word] = begin >= inside
        before = np.empty_like(scores)
        before[:, : 1 + n_types] = scores[rows, best][:, None]
        before[:, 1 + n_types :] = np.maximum(begin, inside)
        now = before + log_probs[:, word]
        padding = lengths <= word
        now[padding] = -np.inf
        now[padding, 0] = scores[padding].max(axis=1)  # beyond the end only O, at no cost
        scores = now
    tag = scores.argmax(axis=1)
    for word in range(n_words - 1, -1, -1):
        tags[:, word] = tag
        if word:
            is_inside = tag > n_types
            kind = np.where(is_inside, tag - 1 - n_types, 0)
            begin_tag = np.where(inside_from_begin[word, rows, kind], 1 + kind, 1 + n_types + kind)
            tag = np.where(is_inside, begin_tag, came_from[word])
    return tags


def outer_masses(log_probs: Floats, lengths: Ints) -> tuple[Doubles, Doubles]:
    """What the valid sequences on either side of a gap between words weigh (forward-backward).

    The tags of two words are taken as independent but for validity: the weight of a sequence is the product of its
    tags' probabilities, and a sequence that is not valid weighs nothing. Linear in the number of tags, as `best_tags`.

    Args:
        log_probs: [B, W, 2T + 1] log-probabilities of each word's tags.
        lengths: [B] words in each sequence; what lies beyond weighs nothing.

    Returns:
        before: [B, W + 1] logarithm of the sum over all valid sequences of the words before word w. The last entry
            is that of the whole sequence.
        after: [B, W + 1] the same over the words from w on, of those sequences that do not begin with an I-t: what
            may follow a span that ends before w.
    """
    n_rows, n_words, n_tags = log_probs.shape
    n_types = (n_tags - 1) // 2
    probs = np.exp(log_probs.astype(np.float64))
    beyond = np.arange(n_words) >= lengths[:, None]
    probs[beyond] = 0.0
    probs[beyond, 0] = 1.0  # beyond the end only O, which weighs nothing
    out, begin, inside = np.split(probs, [1, 1 + n_types], axis=2)
    before, after = np.zeros((n_rows, n_words + 1)), np.zeros((n_rows, n_words + 1))
    # Weights are kept relative to their sum and the sum as a logarithm: long sequences would underflow.
    in_type = np.zeros((n_rows, n_types))  # of the sequences before w: the share whose last word is in a span of t
    for word in range(n_words):
        in_type = begin[:, word] + in_type * inside[:, word]
        total = out[:, word, 0] + in_type.sum(axis=1)
        in_type /= total[:, None]
        before[:, word + 1] = before[:, word] + np.log(total)
    after_type = np.ones((n_rows, n_types))  # from w on, of the sequences that may follow a word in a span of t
    after_other, scale = np.ones(n_rows), np.zeros(n_rows)
    for word in range(n_words - 1, -1, -1):
        after_other = out[:, word, 0] * after_other + (begin[:, word] * after_type).sum(axis=1)
        after_type = after_other[:, None] + inside[:, word] * after_type
        total = after_type.max(axis=1)
        after_other, after_type, scale = after_other / total, after_type / total[:, None], scale + np.log(total)
        with np.errstate(divide="ignore"):  # where a span is sure to go on, the weight of its end may underflow to 0
            after[:, word] = np.log(after_other) + scale
    return before, after


def spans_of(tags: Ints, log_probs: Floats, before: Doubles, after: Doubles) -> Iterator[WordSpan]:
    """Read the spans off one valid sequence of W words.

    A span's score is its posterior probability, as in a linear-chain model: the weight of all valid sequences that
    have exactly this span, over that of all valid sequences. The product of the span's own tags would be too low for
    a span of many words, since most of what it takes away for them goes to sequences that are not valid.

    >>> probs = np.array([[[0.1, 0.8, 0.1], [0.4, 0.0, 0.6]]])  # two words, one type: O, B, I
    >>> before, after = outer_masses(np.log(probs + 1e-12), np.array([2]))
    >>> [span] = spans_of(np.array([1, 2]), np.log(probs[0] + 1e-12), before[0], after[0])
    >>> round(span.score, 2)   # BI .8 * .6 = .48, of the valid BI .48, BO .32, OO .04; the invalid OI, II, IO are out
    0.57

    Args:
        tags: [W] a valid sequence.
        log_probs: [W, 2T + 1] log-probabilities of the words' tags.
        before: [W + 1] or longer, from `outer_masses`.
        after: the same.
    """
    n_types = (log_probs.shape[1] - 1) // 2
    inside = tags > n_types
    for start in np.flatnonzero((tags > 0) & ~inside):
        kind = int(tags[start]) - 1
        end = start + 1
        while end < len(tags) and inside[end]:
            end += 1
        own = log_probs[start, 1 + kind] + log_probs[start + 1 : end, 1 + n_types + kind].sum(dtype=np.float64)
        score = np.exp(before[start] + own + after[end] - before[len(tags)])
        yield WordSpan(int(start), int(end), kind, min(float(score), 1.0))  # rounding may carry it past 1
