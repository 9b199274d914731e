"""A finding: one place of the corpus that may be a fault, with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from conflictspan.records import Offsets
from conflictspan.rows import SentenceRow

TYPE_VARIES, TRIGGER_UNMARKED, COUNT_MISSING = "type-varies", "trigger-unmarked", "count-missing"
SOURCE_MISSING, MODEL_ONLY, GOLD_ONLY = "source-missing", "model-only", "gold-only"

KINDS: Mapping[str, str] = MappingProxyType(
    {
        TYPE_VARIES: "the same words have another type elsewhere",
        TRIGGER_UNMARKED: "words that are an event elsewhere are outside all spans",
        COUNT_MISSING: "a number before people, weapons, sites or events is no COUNT",
        SOURCE_MISSING: "somebody says something beside an event that has no SOURCE",
        MODEL_ONLY: "models that did not learn from the report find a span that is not annotated",
        GOLD_ONLY: "they overlook a span, though they find its like elsewhere",
    }
)
"""Every kind of finding, in words."""

LIKELY = 0.5
"""A finding is listed from this surprise on: what is done elsewhere in like places is then the likelier reading."""

ID_DIGITS = 10


@dataclass(frozen=True)
class Finding:
    """One place that may be a fault.

    Attributes:
        kind: a key of KINDS.
        split: of the report.
        row: the sentence.
        start, end: the span in question, code points into the sentence, half open.
        reading: the type that the span has, or that a model gives it; "" where it has none.
        reason: what is odd about it.
        surprise: 0..1; findings are ranked by it.
        examples: places where the like is annotated otherwise, in words.
    """

    kind: str
    split: str
    row: SentenceRow
    start: int
    end: int
    reading: str
    reason: str
    surprise: float
    examples: tuple[str, ...] = ()

    @property
    def surface(self) -> str:
        """The words in question."""
        return self.row.text[self.start : self.end]

    @cached_property
    def id(self) -> str:
        """A name that outlives edits elsewhere: only kind, report, sentence, span and reading decide it."""
        parts = (self.kind, self.row.report, self.row.text, str(self.start), self.surface, self.reading)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:ID_DIGITS]


def in_context(row: SentenceRow, span: Offsets, *, around: int = 40) -> str:
    """A span with its place and some of the words around it: `a-001 sentence 4: … to stop [troops] from …`."""
    start, end = span
    before, after = row.text[max(0, start - around) : start], row.text[end : end + around]
    if start > around:
        before = f"… {before.partition(' ')[2]}"
    if end + around < len(row.text):
        after = f"{after.rpartition(' ')[0]} …"
    return f"{row.report} sentence {row.sentence}: {before}[{row.text[start:end]}]{after}"
