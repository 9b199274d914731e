"""Error analysis: every wrong mention and relation, sorted by what went wrong, each with its sentence.

A mention:

    missed      no prediction overlaps it, or only one that answers another mention
    spurious    it overlaps no gold mention, or only one that another prediction answers
    boundary    overlap, right type
    type        right start and end, wrong type
    both        overlap, wrong type
    status      all right but the status (no error of the span scores, but of the status accuracy)

A relation; the first cause counts:

    head, tail, both ends   lost because of a span: this end was not found strictly
    label                   both ends found, and joined by another label
    unproposed              both ends found, but the schema or the sentence gap keeps the pair from being asked
    missed                  both ends found and the pair asked: it scored too low
    spurious                predicted between two right spans, and gold has no such relation
    spurious span           predicted with an end that is no right span, and no gold relation stands between what its
                            ends answer

One error can hold a gold item and the prediction that answers it. Every gold item and every prediction that is no true
positive stands in exactly one error. A pair that a model leaves out because its windows are cut short counts as missed:
that takes the model's tokenizer to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.answers import answer_mentions, answer_relations
from eval.match import Match, Pair
from eval.systems import Run

MentionKind = Literal["missed", "spurious", "boundary", "type", "both", "status"]
RelationKind = Literal["head", "tail", "both ends", "label", "unproposed", "missed", "spurious", "spurious span"]


MENTIONS = "Mentions"
RELATIONS = "Relations end to end"
ON_GOLD = "Relations on gold spans"
"""What the lists of errors and the confusion matrices of a run are called."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The gold sentences that an error stands in; all errors of the same sentences share one.

    Attributes:
        report: the report's id.
        start, end: code points into the report's text, half open.
        text: what stands there.
        gold, predicted: the mentions that lie wholly in it, by start; offsets are those of the report.
    """

    report: str
    start: int
    end: int
    text: str
    gold: tuple[Mention, ...]
    predicted: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class MentionError:
    """A wrong mention: a gold one, a predicted one, or one that answers the other."""

    kind: MentionKind
    excerpt: Excerpt
    gold: Mention | None
    predicted: Mention | None


@dataclass(frozen=True, slots=True)
class RelationError:
    """A wrong relation: a gold one, a predicted one, or one that answers the other.

    Attributes:
        head, tail: the mentions at its ends, each with the mention of the other side that answers it.
        reason: why the pair could not be asked, of an unproposed one.
    """

    kind: RelationKind
    excerpt: Excerpt
    gold: Relation | None
    predicted: Relation | None
    head: Pair[Mention]
    tail: Pair[Mention]
    reason: str = ""


Errors = Sequence[MentionError] | Sequence[RelationError]


def run_errors(run: Run, schema: Schema) -> dict[str, Errors]:
    """All errors of a system by list; a scheme without relations has mentions alone."""
    errors: dict[str, Errors] = {MENTIONS: list(mention_errors(run.end_to_end))}
    if schema.relations:
        errors[RELATIONS] = list(relation_errors(run.end_to_end, schema))
        errors[ON_GOLD] = list(relation_errors(run.on_gold, schema))
    return errors


def mention_errors(matches: Iterable[Match]) -> Iterator[MentionError]:
    """The wrong mentions of reports, by report and place."""
    for match in matches:
        excerpts = _Excerpts(match)
        pairs = sorted(answer_mentions(match.mentions), key=lambda p: p.either.start)
        for pair in pairs:
            kind = mention_kind(pair)
            if kind:
                yield MentionError(kind, excerpts.around([pair.gold, pair.predicted]), pair.gold, pair.predicted)


def mention_kind(pair: Pair[Mention]) -> MentionKind | None:
    """What is wrong with a mention; None where all is right."""
    gold, predicted = pair.gold, pair.predicted
    if predicted is None:
        return "missed"
    if gold is None:
        return "spurious"
    same_bounds = (gold.start, gold.end) == (predicted.start, predicted.end)
    if gold.type != predicted.type:
        return "type" if same_bounds else "both"
    if not same_bounds:
        return "boundary"
    return "status" if gold.status != predicted.status else None


def relation_errors(matches: Iterable[Match], schema: Schema) -> Iterator[RelationError]:
    """The wrong relations of reports, by report and place of the head; end to end or on gold, as the matches are."""
    for match in matches:
        excerpts = _Excerpts(match)
        mentions = answer_mentions(match.mentions)
        by_gold = {pair.gold.id: pair for pair in mentions if pair.gold}
        by_predicted = {pair.predicted.id: pair for pair in mentions if pair.predicted}
        found = []
        for pair in answer_relations(match.relations, mentions):
            ends = by_gold if pair.gold else by_predicted
            head, tail = ends[pair.either.head], ends[pair.either.tail]
            kind, reason = _relation_kind(pair, head, tail, match, schema)
            if kind:
                excerpt = excerpts.around([head.gold, head.predicted, tail.gold, tail.predicted])
                found.append(RelationError(kind, excerpt, pair.gold, pair.predicted, head, tail, reason))
        yield from sorted(found, key=lambda error: (error.head.either.start, error.tail.either.start))


def _relation_kind(
    pair: Pair[Relation], head: Pair[Mention], tail: Pair[Mention], match: Match, schema: Schema
) -> tuple[RelationKind | None, str]:
    head_found, tail_found = _strict(head), _strict(tail)
    if pair.gold is None:
        return ("spurious" if head_found and tail_found else "spurious span"), ""
    if not (head_found and tail_found):
        return ("both ends" if head_found == tail_found else "tail" if head_found else "head"), ""
    if pair.predicted:
        return (None if pair.predicted.label == pair.gold.label else "label"), ""
    reader = match.predicted if match.predicted.sentences else match.gold
    reason = why_unproposed(pair.gold.label, head.either, tail.either, reader, schema)
    return ("unproposed", reason) if reason else ("missed", "")


def _strict(end: Pair[Mention]) -> bool:
    return mention_kind(end) in (None, "status")


def why_unproposed(label: str, head: Mention, tail: Mention, report: Report, schema: Schema) -> str | None:
    """Why no `candidate_pairs` ever proposes a relation; None where it may.

    Args:
        label: of the relation.
        head: the mention at its head.
        tail: the mention at its tail.
        report: as the system read it; its sentences decide, for a system cuts its own.
        schema: the label scheme.
    """
    rule = schema.relations[label]
    gap = report.sentence_of(head.start) - report.sentence_of(tail.start)
    if head.id == tail.id:
        return "a mention is never paired with itself"
    if fault := rule.fault(head.type, tail.type):
        return fault
    if gap < 0:
        return f"the tail stands {_sentences(-gap)} after the head; a tail is only looked for in the sentences before"
    if gap and not rule.cross_sentence:
        return f"the tail stands {_sentences(gap)} before the head; {label} does not reach over sentences"
    if gap > schema.max_sentence_gap:
        return f"the tail stands {_sentences(gap)} before the head; the scheme allows {schema.max_sentence_gap}"
    if rule.order == ("tail_first" if head.start < tail.start else "head_first"):
        return f"{label} wants its {rule.order.removesuffix('_first')} first"
    return None


def _sentences(number: int) -> str:
    return f"{number} sentence{'s' if number != 1 else ''}"


class _Excerpts:
    """The excerpts of one report, each made once."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._made: dict[tuple[int, int], Excerpt] = {}

    def around(self, mentions: Sequence[Mention | None]) -> Excerpt:
        """The gold sentences that hold these mentions, widened where a mention reaches out of them."""
        gold, predicted = self._match.gold, self._match.predicted
        start = min(m.start for m in mentions if m)
        end = max(m.end for m in mentions if m)
        if gold.sentences:
            start = min(start, gold.sentences[gold.sentence_of(start)][0])
            end = max(end, gold.sentences[gold.sentence_of(end - 1)][1])
        if (start, end) not in self._made:
            inside = [
                tuple(sorted((m for m in r.mentions if start <= m.start and m.end <= end), key=lambda m: m.start))
                for r in (gold, predicted)
            ]
            self._made[start, end] = Excerpt(gold.id, start, end, gold.text[start:end], *inside)
        return self._made[start, end]
