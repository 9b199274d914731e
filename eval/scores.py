"""Counting pairs into scores; micro, so counts are summed first and divided last.

The scores, each with its parts. First the strict ones (`STRICT`):

    entities                    F1 of entity spans: start, end and type right             by type
    triggers                    F1 of event triggers, the same way                        by type
    status                      F1 of triggers that are not asserted: strict trigger      by status
                                and status right
    status_accuracy             of the triggers found, how many have the right status     -
    relations_on_gold           F1 of relations between gold mentions                     by label
    cross_sentence_on_gold      ... those whose ends stand in two sentences               by label
    relations                   F1 of relations end to end: both spans, both types and    by label
                                the label right
    cross_sentence              ... those whose ends stand in two sentences               by label

Then milder ones, paired as `eval/relaxed.py` tells, and strict ones over a part of the mentions:

    entities_relaxed            entity spans that overlap and have the same type          by type
    triggers_relaxed            event triggers, the same way                              by type
    spans                       entities and triggers together, strict                    -
    spans_untyped               entities and triggers, start and end right, of whatever   -
                                types
    entities_seen_words         strict entities whose words training has as a mention     -
                                of that type; of gold for recall, of predictions for
                                precision
    entities_unseen_words       strict entities that training has not                     -
    triggers_seen_words         triggers, the same way                                    -
    triggers_unseen_words                                                                 -
    relations_resolved_on_gold  relations between gold mentions; another name of an end,  by label
                                by the gold aliases, is as good
    relations_relaxed           relations end to end whose ends overlap and have the      by label
                                same type
    relations_resolved          relations end to end, strict spans; another name of an    by label
                                end is as good

Recall's denominator is all gold relations, also those that a system never looked at. A scheme without triggers,
statuses, relations, aliases or cross-sentence relations has no such scores: they are absent, not 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conflictspan.records import Mention, Relation
from conflictspan.schema import Schema
from eval.match import Match, Pair, match_relations
from eval.relaxed import match_bounds, match_overlapping, match_resolved
from eval.vocabulary import Vocabulary, words_of

STRICT = (
    *("entities", "triggers", "status", "status_accuracy"),
    *("relations_on_gold", "cross_sentence_on_gold", "relations", "cross_sentence"),
)
"""The scores that the project is judged by, in the order in which they are shown."""

WHOLE = ""
"""The part of a score that holds all its parts."""


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


def rows(schema: Schema, *, words: bool = False) -> tuple[Row, ...]:
    """What is scored under a label scheme: for each score the whole first, then at once its parts.

    Args:
        schema: the label scheme.
        words: whether it is known which words training has seen.
    """
    types = {kind: tuple(of) for kind, of in (("entities", schema.entities), ("triggers", schema.events)) if of}
    suffixes = ("_on_gold", "") if schema.relations else ()
    crossing = any(rule.cross_sentence for rule in schema.relations.values())
    parts: dict[str, Sequence[str]] = dict(types)
    if schema.events and schema.statuses:
        parts |= {"status": schema.statuses, "status_accuracy": ()}
    for suffix in suffixes:
        parts[f"relations{suffix}"] = schema.labels
        if crossing:
            parts[f"cross_sentence{suffix}"] = schema.labels
    parts |= {f"{kind}_relaxed": of for kind, of in types.items()}
    parts |= {"spans": (), "spans_untyped": ()} if len(types) == 2 else {"spans_untyped": ()}
    if words:
        parts |= {f"{kind}_{known}_words": () for kind in types for known in ("seen", "unseen")}
    if schema.aliases:
        parts["relations_resolved_on_gold"] = schema.labels
    if schema.relations:
        parts["relations_relaxed"] = schema.labels
    if schema.aliases:
        parts["relations_resolved"] = schema.labels
    return tuple(Row(score, part) for score in parts for part in (WHOLE, *parts[score]))


def count_reports(
    end_to_end: Sequence[Match], on_gold: Sequence[Match], schema: Schema, vocabulary: Vocabulary | None = None
) -> NDArray[np.int64]:
    """Count what one system made of some reports.

    Args:
        end_to_end: gold against what the system made of the bare texts, one per report.
        on_gold: gold against the relations it put between gold mentions, one per report; empty in a scheme without
            relations.
        schema: the label scheme.
        vocabulary: the words that training has; None where that is not known.

    Returns:
        (reports, rows, 3): how much is right, predicted and gold, for each of the `rows` of the scheme.
    """
    scored = rows(schema, words=vocabulary is not None)
    index: dict[tuple[str, str], int] = {row: number for number, row in enumerate(scored)}
    counts = np.zeros((len(end_to_end), len(scored), 3), dtype=np.int64)
    for number, match in enumerate(end_to_end):
        contributions = Counter(_end_to_end(match, schema, vocabulary))
        if on_gold:
            contributions.update(_relations(on_gold[number], "_on_gold", schema))
        report = [[0, 0, 0] for _ in scored]  # plain integers: numpy is slow at small sums
        for (score, part, (right, found, wanted)), times in contributions.items():
            if (score, part) in index:
                count = report[index[score, part]]
                count[0] += right * times
                count[1] += found * times
                count[2] += wanted * times
        counts[number] = report
    whole = 0
    for number, row in enumerate(scored):
        if row.part == WHOLE:
            whole = number
        else:
            counts[:, whole] += counts[:, number]
    return counts


Outcome = tuple[bool, bool, bool]
"""Whether an item is right, predicted, gold: what it adds to each of the counts."""
Contribution = tuple[str, str, Outcome]
"""Score, part (`WHOLE` in a score without parts), and what an item adds to it."""


def _end_to_end(match: Match, schema: Schema, vocabulary: Vocabulary | None) -> Iterator[Contribution]:
    overlapping = match_overlapping(match.gold.mentions, match.predicted.mentions)
    yield from _mentions(match, schema)
    for mentions in overlapping:
        yield f"{_kind(mentions, schema)}_relaxed", mentions.either.type, _outcome(mentions)
    for mentions in match_bounds(match.gold.mentions, match.predicted.mentions):
        yield "spans_untyped", WHOLE, _outcome(mentions)
    if vocabulary is not None:
        # Both mentions of a strict pair have the same words and type, so it stands wholly on one side.
        for mentions in match.mentions:
            words = (words_of(mentions.either, match.gold.text), mentions.either.type)
            yield (
                f"{_kind(mentions, schema)}_{'seen' if words in vocabulary else 'unseen'}_words",
                WHOLE,
                _outcome(mentions),
            )
    yield from _relations(match, "", schema)
    for relations in match_relations(match.gold.relations, match.predicted.relations, overlapping):
        yield "relations_relaxed", relations.either.label, _outcome(relations)


def _mentions(match: Match, schema: Schema) -> Iterator[Contribution]:
    for pair in match.mentions:
        kind = _kind(pair, schema)
        yield kind, pair.either.type, _outcome(pair)
        yield "spans", WHOLE, _outcome(pair)
        if kind == "entities":
            continue
        gold = pair.gold.status if pair.gold else None
        predicted = pair.predicted.status if pair.predicted else None
        if gold:
            yield "status", gold, (gold == predicted, False, True)
        if predicted:
            yield "status", predicted, (False, True, False)
        if pair.gold and pair.predicted:
            yield "status_accuracy", WHOLE, (gold == predicted, True, True)


def _relations(match: Match, suffix: str, schema: Schema) -> Iterator[Contribution]:
    gold = {mention.id: mention for mention in match.gold.mentions}
    predicted = {mention.id: mention for mention in match.predicted.mentions}
    for pair in match.relations:
        relation, mentions = pair.either, gold if pair.gold else predicted
        yield f"relations{suffix}", relation.label, _outcome(pair)
        # Gold sentences decide for both sides, so that a system's own splitting moves no relation between the rows.
        if len({match.gold.sentence_of(mentions[end].start) for end in (relation.head, relation.tail)}) == 2:
            yield f"cross_sentence{suffix}", relation.label, _outcome(pair)
    if schema.aliases:
        for pair in match_resolved(match, schema.aliases):
            yield f"relations_resolved{suffix}", pair.either.label, _outcome(pair)


def _kind(pair: Pair[Mention], schema: Schema) -> str:
    return "triggers" if schema.is_event(pair.either.type) else "entities"


def _outcome(pair: Pair[Mention] | Pair[Relation]) -> Outcome:
    found, wanted = pair.predicted is not None, pair.gold is not None
    return found and wanted, found, wanted


def _ratio(above: int, below: int) -> float:
    return above / below if below else 0.0
