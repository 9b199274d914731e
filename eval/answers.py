"""Pairing beyond strict match: which wrong prediction stands for which missed gold item.

`eval.match` pairs what is right. Here its leftovers are paired, one to one, so that each error can be named: a gold
mention with a prediction that overlaps it, a gold relation with a predicted one between the same two mentions. What
finds no answer stays alone. Every item that stood in a pair before stands in exactly one pair after.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence

from conflictspan.records import Mention, Relation
from eval.match import Pair


def answer_mentions(strict: Sequence[Pair[Mention]]) -> tuple[Pair[Mention], ...]:
    """Pair missed mentions with wrong predictions that overlap them.

    The closest first: those with equal bounds, then those of one type, then those that share the most code points,
    then by place; a mention answers once.

    Args:
        strict: of one report, from `match_mentions`; flat on both sides.

    Returns:
        The strict pairs, then the answered ones by place, then what is left of gold, then of the predictions.
    """
    missed = sorted((p.gold for p in strict if p.gold and not p.predicted), key=lambda m: m.start)
    wrong = sorted((p.predicted for p in strict if p.predicted and not p.gold), key=lambda m: m.start)
    starts, ends = [m.start for m in wrong], [m.end for m in wrong]
    overlaps = [
        (gold, predicted)
        for gold in missed
        for predicted in wrong[bisect_right(ends, gold.start) : bisect_left(starts, gold.end)]
    ]
    answers: dict[str, Mention] = {}
    taken: set[str] = set()
    for gold, predicted in sorted(overlaps, key=lambda pair: _distance(*pair)):
        if gold.id not in answers and predicted.id not in taken:
            answers[gold.id] = predicted
            taken.add(predicted.id)
    return (
        *(pair for pair in strict if pair.gold and pair.predicted),
        *(Pair(gold, answers[gold.id]) for gold in missed if gold.id in answers),
        *(Pair(gold, None) for gold in missed if gold.id not in answers),
        *(Pair(None, predicted) for predicted in wrong if predicted.id not in taken),
    )


def _distance(gold: Mention, predicted: Mention) -> tuple[bool, bool, int, int, int]:
    bounds_differ = (gold.start, gold.end) != (predicted.start, predicted.end)
    shared = min(gold.end, predicted.end) - max(gold.start, predicted.start)
    return bounds_differ, gold.type != predicted.type, -shared, gold.start, predicted.start


def answer_relations(strict: Sequence[Pair[Relation]], mentions: Sequence[Pair[Mention]]) -> tuple[Pair[Relation], ...]:
    """Pair missed relations with wrong ones whose head and tail answer theirs; same label first, then in order.

    A relation the other way round answers nothing.

    Args:
        strict: of one report, from `match_relations`.
        mentions: from `answer_mentions`, of the same report.

    Returns:
        The strict pairs, then the answered ones, then what is left of gold, then of the predictions.
    """
    gold_id = {p.predicted.id: p.gold.id for p in mentions if p.gold and p.predicted}
    open_: defaultdict[tuple[str | None, str | None], list[Relation]] = defaultdict(list)
    for pair in strict:
        if pair.predicted and not pair.gold:
            ends = gold_id.get(pair.predicted.head), gold_id.get(pair.predicted.tail)
            if None not in ends:
                open_[ends].append(pair.predicted)
    missed = [p.gold for p in strict if p.gold and not p.predicted]
    answers: dict[Relation, Relation] = {}
    for same_label in (True, False):
        for gold in missed:
            candidates = open_[gold.head, gold.tail] if gold not in answers else []
            fitting = [r for r in candidates if r.label == gold.label or not same_label]
            if fitting:
                answers[gold] = fitting[0]
                candidates.remove(fitting[0])
    taken = set(answers.values())
    return (
        *(pair for pair in strict if pair.gold and pair.predicted),
        *(Pair(gold, answers[gold]) for gold in missed if gold in answers),
        *(Pair(gold, None) for gold in missed if gold not in answers),
        *(pair for pair in strict if pair.predicted and not pair.gold and pair.predicted not in taken),
    )
