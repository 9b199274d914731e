"""The memory baseline: whatever the training split marked is marked again, with its most frequent type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from conflictspan.records import Offsets, Report
from conflictspan.schema import Schema
from eval.baselines.output import Found, assemble, split
from eval.baselines.relations import relate
from eval.baselines.tokens import Token, tokenize

Surface = tuple[str, ...]

LONGEST = 8
"""Tokens in the longest surface kept; longer ones never came twice."""

MIN_PRECISION_ENTITY = 0.3
MIN_PRECISION_TRIGGER = 0.5
"""A surface is kept where at least this share of its occurrences in the training text is marked as it stands.
Tuned on validation."""


@dataclass(frozen=True)
class Memory:
    """Longest match of the surfaces of the training split, on token borders and in their case.

    At the start of a sentence a surface also matches with its first letter lowered.

    Attributes:
        types: surface -> its most frequent type.
        statuses: trigger surface -> its most frequent status, where that is not "asserted".
    """

    types: Mapping[Surface, str]
    statuses: Mapping[Surface, str]
    schema: Schema
    name: str = "memory"

    @classmethod
    def fit(cls, reports: Iterable[Report], schema: Schema) -> Self:
        """Count the surfaces of annotated reports."""
        types: dict[Surface, Counter[str]] = defaultdict(Counter)
        statuses: dict[Surface, Counter[str | None]] = defaultdict(Counter)
        seen: Counter[Surface] = Counter()
        for report in reports:
            marked = {(m.start, m.end): m for m in report.mentions}
            for sentence in report.sentences:
                tokens = tokenize(report.text, sentence)
                for first, last in _windows(len(tokens)):
                    surface = _surface(tokens[first:last])
                    seen[surface] += 1
                    mention = marked.get((tokens[first].start, tokens[last - 1].end))
                    if mention is not None:
                        types[surface][mention.type] += 1
                        statuses[surface][mention.status] += 1
        kept = {}
        for surface, counter in types.items():
            type_, _ = counter.most_common(1)[0]
            least = MIN_PRECISION_TRIGGER if schema.is_event(type_) else MIN_PRECISION_ENTITY
            if counter.total() >= least * seen[surface]:
                kept[surface] = type_
        status = {s: statuses[s].most_common(1)[0][0] for s in kept}
        return cls(kept, {s: value for s, value in status.items() if value is not None}, schema)

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Mark every report; scores are 1.0."""
        for report in map(split, reports):
            found = [item for sentence in report.sentences for item in self._read(report.text, sentence)]
            yield relate(assemble(report, found), self.schema)

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        """Replace the relations by those of the span rules."""
        return (relate(report, self.schema) for report in reports)

    def _read(self, text: str, sentence: Offsets) -> Iterator[Found]:
        tokens = tokenize(text, sentence)
        first = 0
        while first < len(tokens):
            for last in range(min(first + LONGEST, len(tokens)), first, -1):
                surface = self._known(_surface(tokens[first:last]), initial=first == 0)
                if surface:
                    yield Found(
                        tokens[first].start, tokens[last - 1].end, self.types[surface], self.statuses.get(surface)
                    )
                    first = last
                    break
            else:
                first += 1

    def _known(self, surface: Surface, *, initial: bool) -> Surface | None:
        if surface in self.types:
            return surface
        lowered = (surface[0][:1].lower() + surface[0][1:], *surface[1:])
        return lowered if initial and lowered in self.types else None


def _surface(tokens: list[Token]) -> Surface:
    return tuple(token.text for token in tokens)


def _windows(length: int) -> Iterator[Offsets]:
    return ((i, j) for i in range(length) for j in range(i + 1, min(i + LONGEST, length) + 1))
