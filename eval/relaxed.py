"""Milder ways to pair gold with predictions: spans that overlap, spans of any type, relations to an end's other name.

Each is one to one, as the strict pairing of `eval/match.py`, and each keeps all pairs of that one: a milder score is
never lower than the strict one, and its recall still has all gold in the denominator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import islice

from conflictspan.records import Mention, Relation, Report
from eval.match import Match, Pair


def match_overlapping(gold: Sequence[Mention], predicted: Sequence[Mention]) -> tuple[Pair[Mention], ...]:
    """Pair mentions that share at least one character and have the same type.

    A prediction may overlap two gold mentions and a gold mention two predictions, but each answers one only. Of all
    ways to pair them, one with the most pairs is taken (a maximum matching), and of these one whose pairs share the
    most characters.

    Args:
        gold: flat, as `check_report` has it: no two of them overlap.
        predicted: flat too.

    Returns:
        Pairs in the order of gold, then the spurious predictions in theirs.
    """
    # Flat spans overlap in the order of the text, so overlaps that exclude each other (they share a mention) stand
    # beside each other in it. The best choice among the first overlaps leaves the last of them out, or takes it and
    # with it the best choice among those that it does not exclude.
    overlaps = list(_overlaps(gold, predicted))
    best: list[tuple[int, int]] = [(0, 0)]  # (pairs, shared characters) among the first i overlaps
    free: list[int] = []  # how many overlaps stand before those that overlap i excludes
    for i, (left, right, shared) in enumerate(overlaps):
        before = i
        while before and (overlaps[before - 1][0] is left or overlaps[before - 1][1] is right):
            before -= 1
        pairs, characters = best[before]
        free.append(before)
        best.append(max(best[i], (pairs + 1, characters + shared)))
    answers: dict[str, Mention] = {}
    i = len(overlaps)
    while i:
        if best[i] == best[i - 1]:
            i -= 1
        else:
            answers[overlaps[i - 1][0].id] = overlaps[i - 1][1]
            i = free[i - 1]
    used = {mention.id for mention in answers.values()}
    spurious = (Pair(None, mention) for mention in predicted if mention.id not in used)
    return (*(Pair(mention, answers.get(mention.id)) for mention in gold), *spurious)


def _overlaps(gold: Sequence[Mention], predicted: Sequence[Mention]) -> Iterator[tuple[Mention, Mention, int]]:
    """Any two mentions of one type that overlap, with the number of characters they share, in the order of the text."""
    ordered = sorted(predicted, key=lambda m: m.start)
    first = 0
    for left in sorted(gold, key=lambda m: m.start):
        while first < len(ordered) and ordered[first].end <= left.start:
            first += 1
        for right in islice(ordered, first, None):
            if right.start >= left.end:
                break
            if right.type == left.type:
                yield left, right, min(left.end, right.end) - max(left.start, right.start)


def match_bounds(gold: Sequence[Mention], predicted: Sequence[Mention]) -> tuple[Pair[Mention], ...]:
    """Pair mentions that have the same start and end, of whatever types."""
    unused = {(m.start, m.end): m for m in predicted}
    pairs = [Pair(m, unused.pop((m.start, m.end), None)) for m in gold]
    return (*pairs, *(Pair(None, m) for m in unused.values()))


def match_resolved(match: Match, aliases: Set[str]) -> tuple[Pair[Relation], ...]:
    """Pair relations whose ends name the same things.

    The gold relations that the scheme marks as aliases ("the Syrian Democratic Forces" SAME_AS "SDF") join a report's
    mentions into clusters, over any number of steps and in either direction. An end of a prediction is right where its
    mention is strictly paired with any gold mention in the cluster of the gold end. A relation answers one gold
    relation at most: strict pairs stand, and what they leave is paired in order. So a relation between two clusters
    counts as often as gold states it, and a system that states it more often is wrong from there on.

    Alias relations themselves stay strict: resolved, both their ends would be one thing.

    Args:
        match: strict pairs.
        aliases: the labels that join, `Schema.aliases`.
    """
    cluster = alias_clusters(match.gold, aliases)
    gold_end = {p.predicted.id: cluster[p.gold.id] for p in match.mentions if p.gold and p.predicted}
    missed: dict[tuple[str | None, str, str | None], list[Relation]] = {}
    for pair in match.relations:
        if pair.gold and not pair.predicted and pair.gold.label not in aliases:
            key = (cluster[pair.gold.head], pair.gold.label, cluster[pair.gold.tail])
            missed.setdefault(key, []).append(pair.gold)
    answers: dict[Relation, Relation] = {}
    spurious: list[Relation] = []
    for pair in match.relations:
        if pair.gold and pair.predicted:
            answers[pair.gold] = pair.predicted
        elif relation := pair.predicted:
            waiting = missed.get((gold_end.get(relation.head), relation.label, gold_end.get(relation.tail)))
            if waiting:
                answers[waiting.pop(0)] = relation
            else:
                spurious.append(relation)
    golds = (pair.gold for pair in match.relations if pair.gold)
    return (*(Pair(gold, answers.get(gold)) for gold in golds), *(Pair(None, relation) for relation in spurious))


def alias_clusters(report: Report, aliases: Set[str]) -> dict[str, str]:
    """Mention id -> the id of one mention that stands for all that alias relations join it with."""
    cluster = {mention.id: mention.id for mention in report.mentions}
    for relation in report.relations:
        if relation.label in aliases:
            kept, joined = cluster[relation.head], cluster[relation.tail]
            cluster = {id_: kept if of == joined else of for id_, of in cluster.items()}
    return cluster
