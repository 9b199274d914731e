"""The lexicon baseline with the memory's names and nouns in its lexicon."""

from __future__ import annotations

from conflictspan.schema import Schema
from eval.baselines.lexicon import Lexicon
from eval.baselines.memory import Memory
from eval.baselines.tokens import form

_GRAMMAR_TYPES = frozenset({"TIME", "COUNT"})


class LexiconMemory(Lexicon):
    """A Lexicon that also knows the surfaces that a Memory keeps; what both know stays the lexicon's.

    The memory's triggers, times and numbers are left out: on the validation split they lower the score.
    """

    name = "lexicon+memory"

    def __init__(self, schema: Schema, memory: Memory) -> None:
        """Join the counted lexicon and a fitted memory."""
        super().__init__(schema)
        for surface, type_ in memory.types.items():
            if not schema.is_event(type_) and type_ not in _GRAMMAR_TYPES:
                noun = " ".join(form(word) for word in surface)
                if noun not in self._runs.stopwords:
                    self.nouns.setdefault(noun, type_)
