"""Sentences that stand, nearly word for word, in two splits: a model would be tested on what it was trained on."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

MIN_WORDS = 6
SIMILARITY = 0.8
SHINGLE = 3


def near_duplicate_faults(sentences: Sequence[tuple[str, str, str]]) -> list[str]:
    """Name each sentence that is nearly the same as one of another split.

    Args:
        sentences: (split, text, `file:line`) of each.

    Returns:
        One line a pair.
    """
    pairs = near_duplicates([text for _, text, _ in sentences], [split for split, _, _ in sentences])
    return [
        f"{sentences[second][2]}: {sentences[second][1]!r} stands nearly the same ({similarity:.2f}) "
        f"in {sentences[first][0]}, {sentences[first][2]}: {sentences[first][1]!r}; reword one"
        for first, second, similarity in pairs
    ]


def near_duplicates(texts: Sequence[str], groups: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Find the pairs of texts of different groups that have nearly the same words in the same order.

    Texts of fewer than `MIN_WORDS` words are left out. Two texts are compared by their sets of word triples: Jaccard
    similarity, `SIMILARITY` or more. Sets that similar share one of the `n - ceil(SIMILARITY * n) + 1` rarest members
    of either, n its size (prefix filtering: Chaudhuri, Ganti and Kaushik 2006), so only texts that do are compared.

    Args:
        texts: the texts.
        groups: the group of each.

    Yields:
        (index, later index, similarity), by later index, then index.
    """
    triples = [_triples(text) for text in texts]
    frequency = Counter(triple for own in triples for triple in own)
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for second, own in enumerate(triples):
        rarest_first = sorted(own, key=lambda triple: (frequency[triple], triple))
        prefix = rarest_first[: len(own) - math.ceil(SIMILARITY * len(own)) + 1]
        for first in sorted({first for triple in prefix for first in holders[triple]}):
            shared = len(own & triples[first])
            similarity = shared / (len(own) + len(triples[first]) - shared)
            if groups[first] != groups[second] and similarity >= SIMILARITY:
                yield first, second, similarity
        for triple in prefix:
            holders[triple].append(second)


def normalise(text: str) -> list[str]:
    """The words that are compared: casefolded, each digit a 0, no punctuation.

    >>> normalise("At least 28 SDF fighters, killed.")
    ['at', 'least', '00', 'sdf', 'fighters', 'killed']
    """
    return re.findall(r"[^\W_]+", re.sub(r"\d", "0", text.casefold()))


def _triples(text: str) -> set[tuple[str, ...]]:
    words = normalise(text)
    if len(words) < MIN_WORDS:
        return set()
    return {tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1)}
