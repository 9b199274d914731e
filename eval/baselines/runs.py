"""Stretches of a sentence that may hold one name or noun phrase, found without a tagger."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from conflictspan.records import Offsets
from eval.baselines.tokens import Token

_LINKS = frozenset({"of", "for", "on"})
_INSIDE_SENTENCE = frozenset({",", "(", "'", "&"})
"""Marks after which a capital letter is a name's and not a beginning's."""


@dataclass(frozen=True)
class RunWords:
    """The words that end a run or hold one together, in small letters.

    Attributes:
        stopwords: words that stand in no name or noun phrase.
        joints: nouns that take "of", "for" or "on" within a name ("ministry").
        particles: small words within a name ("de", "bin").
    """

    stopwords: frozenset[str]
    joints: frozenset[str]
    particles: frozenset[str]

    def runs(self, tokens: Sequence[Token], blocked: Collection[int], held: Collection[int]) -> Iterator[Offsets]:
        """Ranges of tokens; "Ministry of Defence" and "Santa Rosa de Lima" hang together.

        Args:
            tokens: a sentence.
            blocked: positions that belong to no run.
            held: positions that belong to one whatever their word is.
        """

        def content(i: int) -> bool:
            if i >= len(tokens) or i in blocked:
                return False
            return i in held or (tokens[i].text[0].isalnum() and not self._stops(tokens, i))

        first = 0
        while first < len(tokens):
            last = first
            while content(last):
                last += 1
                link = self._link(tokens, last)
                if not content(last) and link and content(last + link):
                    last += link
            if last > first:
                yield first, last
            first = max(last, first + 1)

    def _stops(self, tokens: Sequence[Token], i: int) -> bool:
        before = tokens[i - 1].text if i else "."
        if tokens[i].capital and (before[-1].isalnum() or before in _INSIDE_SENTENCE):
            return tokens[i].lower in ("the", "i")
        return tokens[i].lower in self.stopwords

    def _link(self, tokens: Sequence[Token], i: int) -> int:
        """How many small words from `i` on join two capitalised parts of one name; 0 for none."""
        if i + 1 >= len(tokens) or not tokens[i - 1].capital:
            return 0
        if tokens[i].lower in self.particles and tokens[i + 1].capital:
            return 1
        if tokens[i].lower in _LINKS and tokens[i - 1].lower in self.joints:
            step = 2 if tokens[i + 1].lower == "the" else 1
            return step if i + step < len(tokens) and tokens[i + step].capital else 0
        return 0
