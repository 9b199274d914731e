"""Annotations as they come to spans as the project has them: flat, without outer space, each in one sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from conflictspan.formats.sources import SourceReport, Tally, free_names
from conflictspan.records import Mention, Offsets, Relation
from conflictspan.sentences import split_sentences

RULES = (
    "A span's outer white space is left out; a span of nothing else is lost.",
    "Of spans over the same words the one of the highest confidence stays, of these the first; relations of another "
    "of the same type pass to it.",
    "Of spans that overlap the longest stays (in characters), of these the earliest.",
    "A relation is lost with either of its ends, where it joins a span with itself, and where it stands twice.",
    "Sentences are those of the source, or else the project's own; where a span reaches over a border the two "
    "sentences become one.",
    "Between two sentences the corpus has one space, whatever stood there.",
)


def flatten(source: SourceReport, tally: Tally) -> SourceReport:
    """Make the spans of a report flat and give it its sentences.

    Args:
        source: with all annotations that are gold.
        tally: what is lost or changed is counted there.

    Returns:
        The same report; mentions stand by start and are called m1, m2, ..., but for those whose ids are the source's
        own; every mention lies in one sentence. Scores stay only where they are a model's.
    """
    report, split = source.report, source.split
    trimmed = list(_trimmed(source, tally))
    stands_for = _one_per_range(trimmed)
    unlike = [mention for mention in trimmed if stands_for[mention.id] == mention.id]
    tally.add(split, "mentions", "lost", "over the same words as another", len(trimmed) - len(unlike))
    flat = _without_overlaps(unlike)
    tally.add(split, "mentions", "lost", "overlap a longer or earlier one", len(unlike) - len(flat))
    free = free_names("m", source.own_ids)
    names = {mention.id: mention.id if mention.id in source.own_ids else next(free) for mention in flat}
    ends = {id_: names[winner] for id_, winner in stands_for.items() if winner in names}
    given = report.sentences or split_sentences(report.text)
    sentences = [(start, end) for start, end in given if report.text[start:end].strip()]
    tally.add(split, "sentences", "lost", "white space only", len(given) - len(sentences))
    joined = join_sentences(sentences, flat)
    tally.add(split, "sentence borders", "changed", "gone: a span reaches over it", len(sentences) - len(joined))
    return replace(
        source,
        report=replace(
            report,
            sentences=joined,
            mentions=tuple(
                replace(mention, id=names[mention.id], score=mention.score if source.model else None)
                for mention in flat
            ),
            relations=tuple(_relations(source, ends, tally)),
        ),
    )


def join_sentences(sentences: Sequence[Offsets], mentions: Sequence[Mention]) -> tuple[Offsets, ...]:
    """Make one sentence of those that a mention reaches over; mentions are flat and stand by start."""
    joined: list[Offsets] = []
    waiting = list(reversed(mentions))
    reach = 0
    for start, end in sentences:
        if joined and reach > start:
            start = joined.pop()[0]
        joined.append((start, end))
        while waiting and waiting[-1].start < end:
            reach = waiting.pop().end
    return tuple(joined)


def best_by_range(mentions: Sequence[Mention]) -> dict[Offsets, Mention]:
    """Range -> the mention of the highest score over it, of equals the first given."""
    best: dict[Offsets, Mention] = {}
    for mention in sorted(mentions, key=lambda m: -(m.score or 0.0)):
        best.setdefault((mention.start, mention.end), mention)
    return best


def _trimmed(source: SourceReport, tally: Tally) -> Iterator[Mention]:
    for mention in source.report.mentions:
        words = source.report.text[mention.start : mention.end]
        start = mention.start + len(words) - len(words.lstrip())
        end = mention.end - len(words) + len(words.rstrip())
        if start >= end:
            tally.add(source.split, "mentions", "lost", "white space only")
            continue
        if (start, end) != (mention.start, mention.end):
            tally.add(source.split, "mentions", "changed", "outer white space left out")
        yield replace(mention, start=start, end=end)


def _one_per_range(mentions: Sequence[Mention]) -> dict[str, str]:
    """Id of each mention -> id of the one that stands for it; "" where that is one of another type."""
    best = best_by_range(mentions)
    winners = {mention.id: best[mention.start, mention.end] for mention in mentions}
    return {m.id: winners[m.id].id if winners[m.id].type == m.type else "" for m in mentions}


def _without_overlaps(mentions: Sequence[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start - m.end, m.start)):
        place = bisect_left(kept, mention.start, key=lambda m: m.start)
        after_all_before = place == 0 or kept[place - 1].end <= mention.start
        before_all_after = place == len(kept) or mention.end <= kept[place].start
        if after_all_before and before_all_after:
            kept.insert(place, mention)
    return kept


def _relations(source: SourceReport, ends: Mapping[str, str], tally: Tally) -> Iterator[Relation]:
    seen: set[Relation] = set()
    for relation in source.report.relations:
        if relation.head not in ends or relation.tail not in ends:
            tally.add(source.split, "relations", "lost", "an end was lost")
            continue
        moved = Relation(ends[relation.head], relation.label, ends[relation.tail])
        if moved.head == moved.tail:
            tally.add(source.split, "relations", "lost", "join a span with itself")
        elif moved in seen:
            tally.add(source.split, "relations", "lost", "stand twice")
        else:
            seen.add(moved)
            yield replace(moved, score=relation.score if source.model else None)
