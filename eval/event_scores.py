"""Event records from predictions against event records from gold spans and relations: found events, and their fields.

Both are assembled by the same rules, so the scores say what the model's mistakes cost in the record that people open,
and not how good the rules are. Recall's denominator is all gold: the fields of events that were missed count as missed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conflictspan.events.assembly import Assembler
from conflictspan.events.gazetteer import place_key
from conflictspan.events.records import Amount, Event
from conflictspan.records import Offsets, Report
from eval.bootstrap import DRAWS, Interval, drawn_f1, percentile_interval, resample
from eval.scores import Counts
from eval.systems import Run
from eval.tables import Grid

FOUND = "found events"
FIELDS = ("sides", "place", "country", "date", "killed", "sources", "status", "ACLED type")


@dataclass(frozen=True, slots=True)
class EventScores:
    """The event scores of one system: row -> counts and the interval of their F1; `FOUND` first, then `FIELDS`."""

    name: str
    rows: dict[str, tuple[Counts, Interval | None]]


def score_events(runs: Sequence[Run], *, seed: int, draws: int = DRAWS) -> list[EventScores]:
    """Score the event records of all systems over the same gold reports.

    Args:
        runs: over the same gold reports in the same order.
        seed: of the bootstrap; all systems are scored on the same draws.
        draws: how many.
    """
    assembler = Assembler()
    gold = [assembler.events(match.gold) for match in runs[0].end_to_end] if runs else []
    weights = resample(len(gold), draws=draws, seed=seed)
    scores = []
    for run in runs:
        tallies = [
            count_events(
                match.gold, events, match.predicted, match.predicted.events or assembler.events(match.predicted)
            )
            for match, events in zip(run.end_to_end, gold, strict=True)
        ]
        rows = {}
        for row in (FOUND, *FIELDS):
            counts = [tally.get(row, Counts()) for tally in tallies]
            rows[row] = sum(counts, Counts()), percentile_interval(drawn_f1(weights, counts))
        scores.append(EventScores(run.name, rows))
    return scores


def count_events(
    gold_report: Report, gold: Sequence[Event], predicted_report: Report, predicted: Sequence[Event]
) -> dict[str, Counts]:
    """Count one report: row -> counts."""
    counts = dict.fromkeys((FOUND, *FIELDS), Counts())
    for ours, theirs in pair_events(gold_report, gold, predicted_report, predicted):
        counts[FOUND] += Counts(tp=int(bool(ours and theirs)), predicted=int(bool(theirs)), gold=int(bool(ours)))
        for field in FIELDS:
            a, b = (values(event)[field] if event else frozenset() for event in (ours, theirs))
            counts[field] += Counts(tp=len(a & b), predicted=len(b), gold=len(a))
    return counts


def pair_events(
    gold_report: Report, gold: Sequence[Event], predicted_report: Report, predicted: Sequence[Event]
) -> Iterator[tuple[Event | None, Event | None]]:
    """Pair events that share a trigger: those that share most first, each event once.

    Triggers are the same where their ranges overlap.
    """
    spans = [_spans(gold_report, event) for event in gold]
    others = [_spans(predicted_report, event) for event in predicted]
    shared = [
        (-n, i, j)
        for i, mine in enumerate(spans)
        for j, theirs in enumerate(others)
        if (n := sum(any(a < d and c < b for c, d in theirs) for a, b in mine))
    ]
    used: set[int] = set()
    paired: set[int] = set()
    for _, i, j in sorted(shared):
        if i not in used and j not in paired:
            used.add(i)
            paired.add(j)
            yield gold[i], predicted[j]
    yield from ((event, None) for i, event in enumerate(gold) if i not in used)
    yield from ((None, event) for j, event in enumerate(predicted) if j not in paired)


def _spans(report: Report, event: Event) -> list[Offsets]:
    by_id = {m.id: (m.start, m.end) for m in report.mentions}
    return [by_id[id_] for id_ in event.triggers]


def values(event: Event) -> dict[str, frozenset[object]]:
    """What an event says in each field: a set, so that nothing said counts for nothing."""
    sides = {(name, side.name.casefold()) for name, side in (("a", event.side_a), ("b", event.side_b)) if side}
    place = event.place
    total = event.killed.total
    return {
        "sides": frozenset(sides),
        "place": frozenset({place_key(place.name)} if place else ()),
        "country": frozenset({place.country} if place and place.country else ()),
        "date": frozenset({(event.date_start, event.date_end)} if event.date_start or event.date_end else ()),
        "killed": frozenset({_numbers(total)} if total.is_known else ()),
        "sources": frozenset(source.casefold() for source in event.sources),
        "status": frozenset({event.status}),
        "ACLED type": frozenset({event.sub_event_type} if event.sub_event_type else ()),
    }


def _numbers(amount: Amount) -> tuple[int | None, int | None, int | None]:
    return amount.low, amount.best, amount.high


def event_grid(scores: Sequence[EventScores]) -> Grid:
    """F1 of events and fields, one column a system."""
    rows = ((row, *(_cell(*system.rows[row]) for system in scores)) for row in (FOUND, *FIELDS))
    title = "Event records: F1 in %, with its 95 % interval over reports, against records assembled from gold"
    return Grid(title, ("", *(system.name for system in scores)), tuple(rows))


def _cell(counts: Counts, interval: Interval | None) -> str:
    if not counts.gold + counts.predicted:
        return "–"
    shown = f" [{100 * interval.low:.1f}, {100 * interval.high:.1f}]" if interval else ""
    return f"{100 * counts.f1:.1f}{shown}"
