"""Event records from predictions against event records from gold spans and relations: found events, and their fields.

Both are assembled by the same rules, so the scores say what the model's mistakes cost in the record that people open,
and not how good the rules are. Recall's denominator is all gold: the fields of events that were missed count as missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from conflictspan.events.assembly import Assembler
from conflictspan.events.gazetteer import place_key
from conflictspan.events.records import Amount, Event
from conflictspan.records import Offsets, Report
from eval.scores import Counts
from eval.systems import Run

FOUND = "found events"
FIELDS = ("sides", "place", "country", "date", "killed", "sources", "status", "ACLED type")
EVENT_ROWS = (FOUND, *FIELDS)


def count_run_events(run: Run, gold: Sequence[Sequence[Event]]) -> NDArray[np.int64]:
    """Count the event records of a run: (reports, `EVENT_ROWS`, right / predicted / gold).

    Args:
        run: its own records count where its system assembles them, else those of its mentions and relations.
        gold: what `gold_events` gives, once for all runs over the same reports.
    """
    assembler = Assembler()
    tallies = [
        count_events(match.gold, events, match.predicted, match.predicted.events or assembler.events(match.predicted))
        for match, events in zip(run.end_to_end, gold, strict=True)
    ]
    counted = [[_as_row(tally[row]) for row in EVENT_ROWS] for tally in tallies]
    return np.array(counted, dtype=np.int64).reshape(len(tallies), len(EVENT_ROWS), 3)


def gold_events(run: Run) -> list[tuple[Event, ...]]:
    """The event records of the gold reports of a run."""
    assembler = Assembler()
    return [assembler.events(match.gold) for match in run.end_to_end]


def _as_row(counts: Counts) -> tuple[int, int, int]:
    return counts.tp, counts.predicted, counts.gold


def count_events(
    gold_report: Report, gold: Sequence[Event], predicted_report: Report, predicted: Sequence[Event]
) -> dict[str, Counts]:
    """Count one report: each of `EVENT_ROWS` -> counts."""
    counts = dict.fromkeys(EVENT_ROWS, Counts())
    for ours, theirs in pair_events(gold_report, gold, predicted_report, predicted):
        counts[FOUND] += Counts(tp=int(bool(ours and theirs)), predicted=int(bool(theirs)), gold=int(bool(ours)))
        said, found = (values(event) if event else {} for event in (ours, theirs))
        for field in FIELDS:
            a, b = said.get(field, frozenset()), found.get(field, frozenset())
            counts[field] += Counts(tp=len(a & b), predicted=len(b), gold=len(a))
    return counts


def pair_events(
    gold_report: Report, gold: Sequence[Event], predicted_report: Report, predicted: Sequence[Event]
) -> Iterator[tuple[Event | None, Event | None]]:
    """Pair events that share a trigger: those that share most first, each event once.

    Triggers are the same where their ranges overlap.
    """
    spans, others = _spans(gold_report, gold), _spans(predicted_report, predicted)
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


def _spans(report: Report, events: Iterable[Event]) -> list[list[Offsets]]:
    by_id = {m.id: (m.start, m.end) for m in report.mentions}
    return [[by_id[id_] for id_ in event.triggers] for event in events]


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
