"""BIO tags of words: spans to tags, and the best valid tag sequence back to spans.

With T types there are 2T + 1 tags: 0 is O, 1 + t is B-t and 1 + T + t is I-t. A sequence is valid (IOB2) where
each I-t follows B-t or I-t.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class WordSpan:
    """A typed, half-open range of words.

    Attributes:
        start, end: words.
        type: index of the type.
        score: probability of exactly this range and type, tags taken as independent.
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


def spans_of(tags: Ints, log_probs: Floats) -> Iterator[WordSpan]:
    """Read the spans off one valid sequence.

    Args:
        tags: [W] a valid sequence.
        log_probs: [W, 2T + 1] log-probabilities, for the spans' scores.
    """
    n_types = (log_probs.shape[1] - 1) // 2
    inside = tags > n_types
    for start in np.flatnonzero((tags > 0) & ~inside):
        kind = int(tags[start]) - 1
        end = start + 1
        while end < len(tags) and inside[end]:
            end += 1
        log_score = log_probs[start, 1 + kind] + log_probs[start + 1 : end, 1 + n_types + kind].sum()
        goes_on = np.exp(log_probs[end, 1 + n_types + kind]) if end < len(tags) else 0.0
        yield WordSpan(int(start), int(end), kind, float(np.exp(log_score) * (1.0 - goes_on)))
