"""Counting pairs into scores: strict spans, statuses, relations; micro, so counts are summed first and divided last.

The scores, each with its parts:

    entities                  F1 of entity spans: start, end and type right             by type
    triggers                  F1 of event triggers, the same way                        by type
    status                    F1 of triggers that are not asserted: strict trigger      by status
                              and status right
    status_accuracy           of the triggers found, how many have the right status     -
    relations_on_gold         F1 of relations between gold mentions                     by label
    cross_sentence_on_gold    ... those whose ends stand in two sentences               by label
    relations                 F1 of relations end to end: both spans, both types and    by label
                              the label right
    cross_sentence            ... those whose ends stand in two sentences               by label

Recall's denominator is all gold relations, also those that a system never looked at. A scheme without triggers,
statuses, relations or cross-sentence relations has no such scores: they are absent, not 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from conflictspan.errors import ConflictSpanError
from conflictspan.records import Mention, Relation
from conflictspan.schema import Schema
from eval.match import Match, Pair

WHOLE = ""
"""The part of a score that holds all its parts."""


class ScoreError(ConflictSpanError):
    """Two independent ways to count disagree: a fault of the program, never of the data."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a score is made of. Add counts, never scores.

    A ratio with nothing below the line is 0, as in seqeval with `zero_division=0`.

    >>> (Counts(tp=1, predicted=1, gold=1) + Counts(tp=0, predicted=0, gold=2)).f1   # 2 * 1 / (1 + 3)
    0.5
    """

    tp: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tp + other.tp, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """The share of the predictions that is right."""
        return _ratio(self.tp, self.predicted)

    @property
    def recall(self) -> float:
        """The share of gold that was found."""
        return _ratio(self.tp, self.gold)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 tp / (predicted + gold)."""
        return _ratio(2 * self.tp, self.predicted + self.gold)


class Row(NamedTuple):
    """A score, or one part of it (a type, a status, a label); `WHOLE` for all of it."""

    score: str
    part: str = WHOLE


Tally = Mapping[Row, Counts]
"""The counts of one report, or of many; its rows are those of `rows(schema)`, in that order."""


def rows(schema: Schema) -> tuple[Row, ...]:
    """What is scored under a label scheme: for each score the whole first, then its parts."""
    parts: dict[str, Sequence[str]] = {}
    if schema.entities:
        parts["entities"] = tuple(schema.entities)
    if schema.events:
        parts["triggers"] = tuple(schema.events)
    if schema.events and schema.statuses:
        parts |= {"status": schema.statuses, "status_accuracy": ()}
    crossing = any(rule.cross_sentence for rule in schema.relations.values())
    for suffix in ("_on_gold", "") if schema.relations else ():
        parts[f"relations{suffix}"] = schema.labels
        if crossing:
            parts[f"cross_sentence{suffix}"] = schema.labels
    return tuple(Row(score, part) for score in parts for part in (WHOLE, *parts[score]))


def tally(end_to_end: Match, on_gold: Match | None, schema: Schema) -> Tally:
    """Count one report.

    Args:
        end_to_end: gold against what a system made of the bare text.
        on_gold: gold against the relations a system put between gold mentions; None in a scheme without relations.
        schema: the label scheme; its `rows` are the keys of the result.
    """
    counts = dict.fromkeys(rows(schema), Counts())
    contributions = [*_mention_counts(end_to_end, schema), *_relation_counts(end_to_end, "")]
    if on_gold is not None:
        contributions += _relation_counts(on_gold, "_on_gold")
    for row, count in contributions:
        for key in {row, Row(row.score)}:
            if key in counts:
                counts[key] += count
    return counts


def total(tallies: Sequence[Tally]) -> Tally:
    """Sum the tallies of many reports, row by row."""
    return {row: sum((tally[row] for tally in tallies), Counts()) for row in (tallies[0] if tallies else ())}


def _mention_counts(match: Match, schema: Schema) -> Iterator[tuple[Row, Counts]]:
    for pair in match.mentions:
        if not schema.is_event(pair.either.type):
            yield Row("entities", pair.either.type), _count(pair)
            continue
        yield Row("triggers", pair.either.type), _count(pair)
        gold = pair.gold.status if pair.gold else None
        predicted = pair.predicted.status if pair.predicted else None
        if gold:
            yield Row("status", gold), Counts(tp=int(gold == predicted), gold=1)
        if predicted:
            yield Row("status", predicted), Counts(predicted=1)
        if pair.gold and pair.predicted:
            yield Row("status_accuracy"), Counts(tp=int(gold == predicted), predicted=1, gold=1)


def _relation_counts(match: Match, suffix: str) -> Iterator[tuple[Row, Counts]]:
    gold = {mention.id: mention for mention in match.gold.mentions}
    predicted = {mention.id: mention for mention in match.predicted.mentions}
    for pair in match.relations:
        relation, mentions = pair.either, gold if pair.gold else predicted
        yield Row(f"relations{suffix}", relation.label), _count(pair)
        # Gold sentences decide for both sides, so that a system's own splitting moves no relation between the rows.
        if len({match.gold.sentence_of(mentions[end].start) for end in (relation.head, relation.tail)}) == 2:
            yield Row(f"cross_sentence{suffix}", relation.label), _count(pair)


def _count(pair: Pair[Mention] | Pair[Relation]) -> Counts:
    found, wanted = pair.predicted is not None, pair.gold is not None
    return Counts(tp=int(found and wanted), predicted=int(found), gold=int(wanted))


def _ratio(above: int, below: int) -> float:
    return above / below if below else 0.0


def check_with_seqeval(matches: Sequence[Match], schema: Schema, totals: Tally) -> None:
    """Count the spans of one system again, with seqeval (`mode="strict", scheme=IOB2`), and compare.

    seqeval scores tokens, spans here are code points that need not fall on any tokenizer's borders. So a report's
    tokens are cut for the purpose: at every start and end of a gold or predicted span. Each span is then a whole run of
    tokens, B- keeps neighbours of one type apart, and the comparison is exact.

    Args:
        matches: one per report; only the reports are read, not the pairs, so that the pairing is checked too.
        schema: the label scheme.
        totals: what `tally` and `total` made of the same matches.

    Raises:
        ScoreError: naming the type, both counts and the two ratios that differ.
    """
    for score, types in (("entities", schema.entities), ("triggers", schema.events)):
        tags = [_iob2(match, {type_: index for index, type_ in enumerate(types)}) for match in matches]
        if not any(tag != "O" for report in tags for side in report for tag in side):
            theirs = {}
        else:
            theirs = classification_report(
                [gold for gold, _ in tags],
                [predicted for _, predicted in tags],
                mode="strict",
                scheme=IOB2,
                output_dict=True,
                zero_division=0,
            )
        names = {Row(score): "micro avg"} | {Row(score, type_): str(index) for index, type_ in enumerate(types)}
        for row, name in names.items():
            if row in totals:
                _compare(row, totals[row], theirs.get(name, {}))


def _compare(row: Row, ours: Counts, theirs: Mapping[str, float]) -> None:
    for measure, value in (
        ("precision", ours.precision),
        ("recall", ours.recall),
        ("f1-score", ours.f1),
        ("support", ours.gold),
    ):
        other = float(theirs.get(measure, 0))
        if not math.isclose(value, other, abs_tol=1e-9):
            where = " ".join(filter(None, row))
            raise ScoreError(
                f"{where}: {measure} is {value:.6f} by the span matcher ({ours}) and {other:.6f} by seqeval; "
                "one of them counts wrong: trust neither and report it"
            )


def _iob2(match: Match, index: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Gold and predicted tags of a report's mentions of the types in `index`, over tokens that fit all these spans."""
    sides = [
        [mention for mention in report.mentions if mention.type in index] for report in (match.gold, match.predicted)
    ]
    cuts = sorted({0, len(match.gold.text)} | {cut for side in sides for m in side for cut in (m.start, m.end)})
    tags = []
    for side in sides:
        begins = {mention.start: mention for mention in side}
        line, inside = [], None
        for token in cuts[:-1]:
            if token in begins:
                inside = begins[token]
                line.append(f"B-{index[inside.type]}")
            elif inside and token < inside.end:
                line.append(f"I-{index[inside.type]}")
            else:
                line.append("O")
        tags.append(line)
    return tags[0], tags[1]
