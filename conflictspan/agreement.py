"""How far two hands agree that annotated the same reports without seeing each other's work.

Spans are compared strictly (both ends and the type), relaxed (the type, and some overlap; one to one), and word by
word with Cohen's kappa: a type's kappa asks of every word whether it stands in a span of that type. Relations are
compared on the spans that both hands drew, which leaves the spans' disagreements out, and on all spans. F1 treats both
hands alike: 2 agreed / (first + second).

Source of kappa: Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement, 1960.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conflictspan.encoding import WORD
from conflictspan.errors import InputError
from conflictspan.records import Mention, Report
from conflictspan.schema import Schema

ALL_ENTITIES, ALL_TRIGGERS, ALL_RELATIONS = "all entities", "all triggers", "all relations"
STATUS = "status (planned, denied)"


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Agreement on the spans of one type, or of several.

    Attributes:
        first, second: spans that each hand drew.
        strict: spans that both drew.
        relaxed: pairs of overlapping spans of one type.
        kappa: Cohen's kappa over words; None where chance alone would agree on every word.
    """

    first: int
    second: int
    strict: int
    relaxed: int
    kappa: float | None

    @property
    def strict_f1(self) -> float:
        """2 agreed / (first + second)."""
        return _f1(self.strict, self.first, self.second)

    @property
    def relaxed_f1(self) -> float:
        """The same with overlap for agreement."""
        return _f1(self.relaxed, self.first, self.second)


@dataclass(frozen=True, slots=True)
class RelationAgreement:
    """Agreement on the relations of one label, or of all.

    Attributes:
        first, second: relations that each hand drew.
        agreed: relations that both drew.
        first_shared, second_shared: those of each hand whose two ends are spans that both drew.
    """

    first: int
    second: int
    agreed: int
    first_shared: int
    second_shared: int

    @property
    def f1(self) -> float:
        """On all spans."""
        return _f1(self.agreed, self.first, self.second)

    @property
    def shared_f1(self) -> float:
        """On the spans that both drew."""
        return _f1(self.agreed, self.first_shared, self.second_shared)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One sentence on which two hands differ.

    Attributes:
        report: its id.
        sentence: its index, from 0.
        text: the sentence.
        first, second: what only this hand has, in words.
    """

    report: str
    sentence: int
    text: str
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What comparing two hands gives.

    Attributes:
        reports, sentences: compared: the reports that both hands have.
        only_first, only_second: ids of reports that one hand alone has; they take no part.
        spans: type, or a sum of types -> agreement; only those that somebody drew.
        relations: label, or their sum -> agreement; likewise.
        disagreements: every sentence on which they differ, in the order of the reports.
    """

    reports: int
    sentences: int
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    spans: Mapping[str, SpanAgreement]
    relations: Mapping[str, RelationAgreement]
    disagreements: tuple[Disagreement, ...]


def agreement(first: Iterable[Report], second: Iterable[Report], schema: Schema) -> Agreement:
    """Compare two hands' versions of the same reports.

    Raises:
        InputError: where the two have no report in common, or a report's text or sentences are not the same.
    """
    ours, theirs = {report.id: report for report in first}, {report.id: report for report in second}
    pairs = [(report, theirs[id_]) for id_, report in ours.items() if id_ in theirs]
    _check_comparable(pairs)
    word_starts = [[match.start() for match in WORD.finditer(a.text)] for a, _ in pairs]
    spans = {name: _span_agreement(pairs, word_starts, types) for name, types in _span_groups(schema).items()}
    spans[STATUS] = _status_agreement(pairs)
    groups = {ALL_RELATIONS: schema.labels, **{label: (label,) for label in schema.labels}}
    relations = {name: _relation_agreement(pairs, labels) for name, labels in groups.items()}
    return Agreement(
        reports=len(pairs),
        sentences=sum(len(a.sentences) for a, _ in pairs),
        only_first=tuple(id_ for id_ in ours if id_ not in theirs),
        only_second=tuple(id_ for id_ in theirs if id_ not in ours),
        spans={name: counted for name, counted in spans.items() if counted.first + counted.second},
        relations={name: counted for name, counted in relations.items() if counted.first + counted.second},
        disagreements=tuple(item for a, b in pairs for item in _disagreements(a, b)),
    )


def cohens_kappa(both: Counter[tuple[str, str]]) -> float | None:
    """Cohen's kappa from the counts of (first hand's label, second hand's label).

    Returns:
        (observed - expected) / (1 - expected), 1 for full agreement, 0 for chance; None where expected is 1.

    >>> cohens_kappa(Counter({("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15}))   # (.7 - .5) / .5
    0.4
    """
    total = both.total()
    first, second = Counter[str](), Counter[str]()
    for (a, b), count in both.items():
        first[a] += count
        second[b] += count
    agreed = sum(count for (a, b), count in both.items() if a == b) * total
    chance = sum(first[label] * second[label] for label in first)  # both times total squared, to stay exact
    return (agreed - chance) / (total * total - chance) if total * total != chance else None


def _f1(agreed: int, first: int, second: int) -> float:
    return 2 * agreed / (first + second) if first + second else 0.0


def _check_comparable(pairs: Sequence[tuple[Report, Report]]) -> None:
    if not pairs:
        raise InputError("the two hands have no report in common; compare annotations of the same reports")
    for a, b in pairs:
        if (a.text, a.sentences) != (b.text, b.sentences):
            raise InputError(f"report {a.id!r}: the two hands' texts are not the same; compare equal texts only")


def _span_groups(schema: Schema) -> dict[str, tuple[str, ...]]:
    groups = {ALL_ENTITIES: tuple(schema.entities), ALL_TRIGGERS: tuple(schema.events)}
    return {name: types for name, types in groups.items() if types} | {type_: (type_,) for type_ in schema.types}


def _span_agreement(
    pairs: Sequence[tuple[Report, Report]], word_starts: Sequence[Sequence[int]], types: Sequence[str]
) -> SpanAgreement:
    n_first = n_second = strict = relaxed = 0
    words: Counter[tuple[str, str]] = Counter()
    for reports, starts in zip(pairs, word_starts, strict=True):
        first, second = ([m for m in report.mentions if m.type in types] for report in reports)
        n_first += len(first)
        n_second += len(second)
        strict += len({_key(m) for m in first} & {_key(m) for m in second})
        relaxed += _overlapping(first, second)
        words.update(zip(_labels(starts, first), _labels(starts, second), strict=True))
    return SpanAgreement(n_first, n_second, strict, relaxed, cohens_kappa(words))


def _status_agreement(pairs: Sequence[tuple[Report, Report]]) -> SpanAgreement:
    """Triggers that are not asserted, their status beside the type; kappa over the triggers that both drew."""
    counts = [0, 0, 0]
    both: Counter[tuple[str, str]] = Counter()
    for reports in pairs:
        ours, theirs = ({_key(m): m.status for m in report.mentions} for report in reports)
        marked = [{(key, status) for key, status in side.items() if status} for side in (ours, theirs)]
        counts = [n + len(s) for n, s in zip(counts, (*marked, marked[0] & marked[1]), strict=True)]
        both.update((ours[key] or "", theirs[key] or "") for key in ours.keys() & theirs.keys())
    first, second, agreed = counts
    return SpanAgreement(first, second, strict=agreed, relaxed=agreed, kappa=cohens_kappa(both))


def _overlapping(first: Sequence[Mention], second: Sequence[Mention]) -> int:
    """Pairs of overlapping spans of one type, one to one. Both sides are flat, so first come is most pairs."""
    unused = list(second)
    pairs = 0
    for mention in first:
        for other in unused:
            if other.type == mention.type and other.start < mention.end and mention.start < other.end:
                unused.remove(other)
                pairs += 1
                break
    return pairs


def _labels(starts: Sequence[int], mentions: Sequence[Mention]) -> list[str]:
    """The type at each word, "" outside all spans."""
    labels = [""] * len(starts)
    for mention in mentions:
        for index in range(bisect_left(starts, mention.start), bisect_left(starts, mention.end)):
            labels[index] = labels[index] or mention.type
    return labels


def _key(mention: Mention) -> tuple[int, int, str]:
    return mention.start, mention.end, mention.type


def _arcs(report: Report, labels: Sequence[str]) -> set[tuple[tuple[int, int, str], str, tuple[int, int, str]]]:
    spans = {m.id: _key(m) for m in report.mentions}
    return {(spans[r.head], r.label, spans[r.tail]) for r in report.relations if r.label in labels}


def _relation_agreement(pairs: Sequence[tuple[Report, Report]], labels: Sequence[str]) -> RelationAgreement:
    counts = Counter[str]()
    for a, b in pairs:
        shared = {_key(m) for m in a.mentions} & {_key(m) for m in b.mentions}
        first, second = _arcs(a, labels), _arcs(b, labels)
        counts["first"] += len(first)
        counts["second"] += len(second)
        counts["agreed"] += len(first & second)
        counts["first_shared"] += sum(head in shared and tail in shared for head, _, tail in first)
        counts["second_shared"] += sum(head in shared and tail in shared for head, _, tail in second)
    return RelationAgreement(**{name: counts[name] for name in RelationAgreement.__slots__})


def _disagreements(a: Report, b: Report) -> Iterator[Disagreement]:
    first, second = _statements(a), _statements(b)
    for index, (start, end) in enumerate(a.sentences):
        ours, theirs = ({text for where, text in side if where == index} for side in (first, second))
        if ours != theirs:
            yield Disagreement(
                a.id, index, a.text[start:end], tuple(sorted(ours - theirs)), tuple(sorted(theirs - ours))
            )


def _statements(report: Report) -> set[tuple[int, str]]:
    """Every span and relation in words, each with its sentence: a relation stands with its later end.

    Words that stand twice in a sentence are told apart by where they begin in it.
    """
    words = {m.id: _words(report, m) for m in report.mentions}
    sentence = {m.id: report.sentence_of(m.start) for m in report.mentions}
    spans = {(sentence[m.id], f"[{words[m.id]}|{m.type}{' ' + m.status if m.status else ''}]") for m in report.mentions}
    return spans | {
        (max(sentence[r.head], sentence[r.tail]), f"{words[r.head]} {r.label} {words[r.tail]}")
        for r in report.relations
    }


def _words(report: Report, mention: Mention) -> str:
    surface = report.text[mention.start : mention.end]
    start, end = report.sentences[report.sentence_of(mention.start)]
    twice = report.text[start:end].count(surface) > 1
    return f"{surface} @{mention.start - start}" if twice else surface
