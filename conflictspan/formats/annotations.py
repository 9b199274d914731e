"""Annotations between two formats: flat spans, sentences, one label scheme, and the count of what is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from conflictspan.errors import AnnotationError
from conflictspan.formats import flattening, schema_derivation
from conflictspan.formats.flattening import flatten
from conflictspan.formats.schema_derivation import derive_schema, fitting
from conflictspan.formats.sources import ImportSource, SourceReport, Tally, iso_date, repeated_ids
from conflictspan.records import Report
from conflictspan.rows import Located, MentionRow, RelationRow, SentenceRow
from conflictspan.schema import Schema
from conflictspan.validation import report_faults

_NUMBERS: dict[str, Callable[[SourceReport], int]] = {
    "sentences": lambda item: len(item.report.sentences),
    "mentions": lambda item: len(item.report.mentions),
    "relations": lambda item: len(item.report.relations),
    "statuses": lambda item: sum(mention.status is not None for mention in item.report.mentions),
    "scores": lambda item: (
        sum(mention.score is not None for mention in item.report.mentions)
        + sum(relation.score is not None for relation in item.report.relations)
    ),
    "ids of mentions": lambda item: len(item.report.mentions),
    "titles": lambda item: item.report.title is not None,
    "dates": lambda item: item.report.published is not None and iso_date(item.report.published) is None,
    "times of day": lambda item: iso_date(item.report.published) not in (None, item.report.published),
}
"""What a format may have no place for, and how much of it a report has."""


@dataclass(frozen=True, slots=True)
class Annotations:
    """What a format's writer takes.

    Attributes:
        format: where they come from, as in `--from NAME`.
        rules: what was done to the data on the way, in words.
        files: the files that were read, by the names that a record calls them.
        schema: the label scheme.
        reports: flat mentions by start, each in one sentence; relations between them.
        tally: what was read, changed and lost; goes on counting.
    """

    format: str
    rules: tuple[str, ...]
    files: Mapping[str, Path]
    schema: Schema
    reports: Sequence[SourceReport]
    tally: Tally

    def lose(self, why: str, *things: str) -> None:
        """Count as lost what a format has no place for: names of "statuses", "scores", "relations" and so on."""
        for thing in things:
            for item in self.reports:
                self.tally.add(item.split, thing, "lost", why, _NUMBERS[thing](item))

    def lost(self) -> Counter[tuple[str, str]]:
        """(thing, split) -> how many are lost so far."""
        numbers: Counter[tuple[str, str]] = Counter()
        for (count, split), number in self.tally.counts.items():
            if count.fate == "lost":
                numbers[count.what, split] += number
        return numbers

    def count_kept(self, before: Mapping[tuple[str, str], int]) -> None:
        """Count as kept what the reports have, less what a writer lost since `before`."""
        gone = self.lost()
        for thing in ("reports", "sentences", "mentions", "relations"):
            for item in self.reports:
                self.tally.add(item.split, thing, "kept", number=1 if thing == "reports" else _NUMBERS[thing](item))
            for split in dict.fromkeys(item.split for item in self.reports):
                lost = gone[thing, split] - before.get((thing, split), 0)
                self.tally.add(split, thing, "kept", number=-lost)


def settle(source: ImportSource, schema: Schema | None = None) -> Annotations:
    """Make what was read flat and check it against its label scheme.

    Args:
        source: as a reader left it.
        schema: the scheme that the annotations must keep to; where None, one is read off the data.

    Raises:
        AnnotationError: where two reports have one id, the annotations break the scheme, or there is no scheme and
            none can be derived.
    """
    tally = source.tally
    if faults := [*repeated_ids(source.reports), *_unusable_types(source.reports)]:
        raise AnnotationError(faults)
    flat = []
    for item in source.reports:
        if item.report.text.strip():
            flat.append(flatten(item, tally))
        else:
            tally.add(item.split, "reports", "lost", "no text")
            tally.add(item.split, "sentences", "lost", "white space only", len(item.report.sentences))
            tally.add(item.split, "mentions", "lost", "white space only", len(item.report.mentions))
            tally.add(item.split, "relations", "lost", "an end was lost", len(item.report.relations))
    rules = (*source.rules, *flattening.RULES)
    if schema is None:
        if not any(item.report.mentions for item in flat):
            raise AnnotationError([f"{source.format}: no annotation is left, so there is nothing to learn"])
        schema = derive_schema(flat, source.events, name=source.format)
        rules += schema_derivation.RULES
        flat = [replace(i, report=replace(i.report, relations=tuple(fitting(i, schema, tally)))) for i in flat]
    faults = [fault for item in flat for fault in report_faults(_located(item), schema)]
    if faults:
        raise AnnotationError(faults)
    return Annotations(source.format, rules, source.files, schema, flat, tally)


def sentence_rows(report: Report) -> list[SentenceRow]:
    """A settled report as rows of the corpus."""
    mentions: list[list[MentionRow]] = [[] for _ in report.sentences]
    relations: list[list[RelationRow]] = [[] for _ in report.sentences]
    place = {mention.id: report.sentence_of(mention.start) for mention in report.mentions}
    for m in report.mentions:
        start = report.sentences[place[m.id]][0]
        row = MentionRow(id=m.id, start=m.start - start, end=m.end - start, type=m.type, status=m.status)
        mentions[place[m.id]].append(row)
    for r in report.relations:
        relations[max(place[r.head], place[r.tail])].append(RelationRow(head=r.head, label=r.label, tail=r.tail))
    return [
        SentenceRow(
            report=report.id,
            sentence=number,
            text=report.text[start:end],
            mentions=tuple(mentions[number]),
            relations=tuple(relations[number]),
        )
        for number, (start, end) in enumerate(report.sentences)
    ]


def _unusable_types(sources: Iterable[SourceReport]) -> Iterator[str]:
    for source in sources:
        for type_ in sorted({m.type for m in source.report.mentions if m.type.startswith("@")}):
            yield f"{source.where}: the type {type_!r} begins with @, which a schema keeps for groups; rename it"


def _located(item: SourceReport) -> list[Located]:
    return [Located(row, item.where, (item.where,) * len(row.relations)) for row in sentence_rows(item.report)]
