"""Pairing gold with predictions: which mention answers which, and which relation. Nothing is counted here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from conflictspan.errors import ConflictSpanError
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema

T = TypeVar("T")


class MatchError(ConflictSpanError):
    """Reports that cannot be compared: another text, overlapping spans, unknown labels, relations to no mention."""


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """A gold item and the prediction that answers it.

    Attributes:
        gold: None where the prediction answers nothing (a false positive).
        predicted: None where the gold item was missed (a false negative).
    """

    gold: T | None
    predicted: T | None

    @property
    def either(self) -> T:
        """The gold item, or the prediction where there is none."""
        item = self.predicted if self.gold is None else self.gold
        if item is None:
            raise ValueError("a pair of two Nones; at least one side must stand in it")
        return item


@dataclass(frozen=True, slots=True)
class Match:
    """Two readings of one report, paired: every gold item and every prediction stands in exactly one pair.

    Attributes:
        gold: the annotated report; its sentences decide what crosses a sentence border.
        predicted: what a system made of it.
        mentions: pairs of mentions, gold order first, then the spurious ones.
        relations: pairs of relations, in the same order.
    """

    gold: Report
    predicted: Report
    mentions: tuple[Pair[Mention], ...]
    relations: tuple[Pair[Relation], ...]


def match_report(gold: Report, predicted: Report) -> Match:
    """Pair two readings of one text by strict match; both must have passed `check_report`."""
    mentions = match_mentions(gold.mentions, predicted.mentions)
    return Match(gold, predicted, mentions, match_relations(gold.relations, predicted.relations, mentions))


def match_mentions(gold: Sequence[Mention], predicted: Sequence[Mention]) -> tuple[Pair[Mention], ...]:
    """Pair mentions that have the same start, end and type; the status takes no part in it."""
    unused = {(m.start, m.end, m.type): m for m in predicted}
    pairs = [Pair(m, unused.pop((m.start, m.end, m.type), None)) for m in gold]
    return (*pairs, *(Pair(None, m) for m in unused.values()))


def match_relations(
    gold: Sequence[Relation], predicted: Sequence[Relation], mentions: Sequence[Pair[Mention]]
) -> tuple[Pair[Relation], ...]:
    """Pair relations that have the same label and whose heads and whose tails are paired.

    A relation stated twice is one relation: its repetition stands in no pair.

    Args:
        gold: relations between gold mentions.
        predicted: relations between predicted mentions.
        mentions: the pairing of all these mentions; under strict pairs the match is strict end to end.
    """
    gold_id = {p.predicted.id: p.gold.id for p in mentions if p.gold and p.predicted}
    answers: dict[tuple[str | None, str, str | None], Relation] = {}
    spurious: dict[tuple[str, str, str], Relation] = {}
    wanted = {(r.head, r.label, r.tail): r for r in gold}
    for relation in predicted:
        key = (gold_id.get(relation.head), relation.label, gold_id.get(relation.tail))
        if key in wanted:
            answers.setdefault(key, relation)
        else:
            spurious.setdefault((relation.head, relation.label, relation.tail), relation)
    pairs = [Pair(relation, answers.get(key)) for key, relation in wanted.items()]
    return (*pairs, *(Pair(None, relation) for relation in spurious.values()))


def check_report(report: Report, schema: Schema, *, source: str) -> None:
    """Make sure that a report can be scored: flat spans inside the text, known labels, relations between its mentions.

    Args:
        report: gold or predicted.
        schema: the label scheme that both follow.
        source: who made it, for the error ("gold", a system's name).

    Raises:
        MatchError: naming the source, the report, the item and the remedy; all faults of the report, at most 5.
    """
    faults = [*_mention_faults(report, schema), *_relation_faults(report, schema)]
    if faults:
        more = f" (and {len(faults) - 5} more)" if len(faults) > 5 else ""
        raise MatchError(f"{source}, report {report.id!r}: {'; '.join(faults[:5])}{more}")


def _mention_faults(report: Report, schema: Schema) -> Iterator[str]:
    seen: set[str] = set()
    previous: Mention | None = None
    for mention in sorted(report.mentions, key=lambda m: (m.start, m.end)):
        if not 0 <= mention.start < mention.end <= len(report.text):
            yield f"{_span(mention)} is empty or outside the text (0 to {len(report.text)})"
        if mention.type not in schema.types:
            yield f"{_span(mention)} has a type that the scheme {schema.name!r} lacks"
        if mention.status is not None and mention.status not in schema.statuses:
            yield f"{_span(mention)} has the status {mention.status!r} that the scheme {schema.name!r} lacks"
        if mention.id in seen:
            yield f"two mentions have the id {mention.id!r}; ids are unique in a report"
        if previous and mention.start < previous.end:
            yield f"{_span(previous)} and {_span(mention)} overlap; spans are flat: keep one of them"
        seen.add(mention.id)
        previous = mention


def _relation_faults(report: Report, schema: Schema) -> Iterator[str]:
    ids = {mention.id for mention in report.mentions}
    for relation in report.relations:
        arc = f"{relation.head} {relation.label} {relation.tail}"
        if relation.label not in schema.labels:
            yield f"relation {arc}: the scheme {schema.name!r} lacks this label"
        yield from (f"relation {arc}: no mention {end!r}" for end in (relation.head, relation.tail) if end not in ids)


def _span(mention: Mention) -> str:
    return f"{mention.type} {mention.id!r} [{mention.start}, {mention.end})"
