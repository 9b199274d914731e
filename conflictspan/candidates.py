"""Candidate pairs: which two mentions the relation model is asked about, and what it is told of their places.

A pair is a candidate where the schema lets at least one label join its types in its order and over its sentence
gap. Over sentences the tail stands first: an event's argument is looked for in the sentences before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conflictspan.schema import Schema

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_DISTANCES = np.array([1, 2, 3, 5, 8, 13, 25])
"""Words between two mentions, as buckets: 0, 1, 2, 3-4, 5-7, 8-12, 13-24, 25 and more."""

DISTANCE_BUCKETS = len(_DISTANCES) + 1
BETWEEN_BUCKETS = 4
"""Mentions of a type between two: 0, 1, 2, 3 and more."""


@dataclass(frozen=True, slots=True)
class MentionArrays:
    """Mentions of one stretch of text, sorted by place. N mentions.

    Attributes:
        first_words, last_words: [N] outer words.
        sentences: [N] index of the sentence.
        types: [N] index into `Schema.types`.
    """

    first_words: Ints
    last_words: Ints
    sentences: Ints
    types: Ints


@dataclass(frozen=True, slots=True)
class CandidatePairs:
    """Candidate pairs and their features. P pairs.

    Attributes:
        heads, tails: [P] indices of mentions.
        distances: [P] bucket of words between; + DISTANCE_BUCKETS where the head comes first.
        gaps: [P] sentences between.
        heads_between, tails_between: [P] mentions of the head's, of the tail's type between the two, at most 3.
        allowed: [P, labels] the labels that the schema allows this pair.
    """

    heads: Ints
    tails: Ints
    distances: Ints
    gaps: Ints
    heads_between: Ints
    tails_between: Ints
    allowed: Bools


class PairRules:
    """A schema's relation rules as arrays."""

    def __init__(self, schema: Schema) -> None:
        """Tabulate the rules of a schema."""
        rules = [schema.relations[label] for label in schema.labels]
        self.n_types = len(schema.types)
        self.max_gap = schema.max_sentence_gap
        self.types = np.zeros((self.n_types, self.n_types, len(rules)), dtype=bool)
        for i, head in enumerate(schema.types):
            for j, tail in enumerate(schema.types):
                self.types[i, j] = [rule.fault(head, tail) is None for rule in rules]
        self.cross = np.array([rule.cross_sentence for rule in rules], dtype=bool)
        self.head_first = np.array([rule.order != "tail_first" for rule in rules], dtype=bool)
        self.tail_first = np.array([rule.order != "head_first" for rule in rules], dtype=bool)


def candidate_pairs(mentions: MentionArrays, rules: PairRules, *, asked: Bools | None = None) -> CandidatePairs:
    """All pairs that some label may join.

    Args:
        mentions: sorted by place.
        rules: from the schema.
        asked: [N] only pairs whose later mention is marked here; all where None.
    """
    n = len(mentions.types)
    head, tail = (grid.ravel() for grid in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    gap = mentions.sentences[head] - mentions.sentences[tail]
    near = (head != tail) & (gap >= 0) & (gap <= rules.max_gap)
    if asked is not None:
        near &= asked[np.maximum(head, tail)]
    head, tail, gap = head[near], tail[near], gap[near]
    allowed = rules.types[mentions.types[head], mentions.types[tail]]
    allowed = allowed & np.where((gap > 0)[:, None], rules.cross, True)
    allowed &= np.where((head < tail)[:, None], rules.head_first, rules.tail_first)
    some = allowed.any(axis=1)
    head, tail, gap, allowed = head[some], tail[some], gap[some], allowed[some]

    first, last = np.minimum(head, tail), np.maximum(head, tail)
    words = np.maximum(mentions.first_words[last] - mentions.last_words[first] - 1, 0)
    distances = np.searchsorted(_DISTANCES, words, side="right") + DISTANCE_BUCKETS * (head < tail)
    seen = np.zeros((n + 1, rules.n_types), dtype=np.int64)
    seen[np.arange(n) + 1, mentions.types] = 1
    seen = seen.cumsum(axis=0)

    def between(types: Ints) -> Ints:
        counts: Ints = np.minimum(seen[last, types] - seen[first + 1, types], BETWEEN_BUCKETS - 1)
        return counts

    return CandidatePairs(
        heads=head,
        tails=tail,
        distances=distances,
        gaps=gap,
        heads_between=between(mentions.types[head]),
        tails_between=between(mentions.types[tail]),
        allowed=allowed,
    )
