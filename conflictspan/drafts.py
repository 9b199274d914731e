"""Reports on their way through the model: cut into windows, which are read in groups, and put together again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from conflictspan.backends import ranges_within
from conflictspan.calibration import Calibrator
from conflictspan.candidates import MentionArrays
from conflictspan.encoding import EncodedReport, Window
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from conflictspan.tagging import WordSpan

BATCH_PIECES = 4096
"""Pieces that go through the heads at a time, padding included; the encoder may take them in smaller steps."""

CHUNK_PIECES = 8 * BATCH_PIECES
"""Pieces whose states are held at a time; inside, windows are batched by length."""


@dataclass(slots=True)
class Draft:
    """A report on its way through the model; its windows may be spread over several chunks.

    Attributes:
        report: as it came, with sentences.
        encoded: its word pieces.
        windows: which the model reads.
        given: the mentions behind the spans, where the report brings them; None where they are to be found.
        spans: of mentions, sorted by place once all windows are read.
        statuses: of events that did not or not yet happen, by the span's index.
        relations: head and tail as spans' indices, label as the schema's, score of the network's.
    """

    report: Report
    encoded: EncodedReport
    windows: list[Window]
    given: list[Mention] | None = None
    spans: list[WordSpan] = field(default_factory=list)
    statuses: dict[int, str] = field(default_factory=dict)
    relations: list[tuple[int, int, int, float]] = field(default_factory=list)  # head, label, tail, score

    def take(self, mentions: Iterable[Mention], schema: Schema) -> None:
        """Relate these mentions and find no others; one without a word cannot be related."""
        self.given = []
        for mention in sorted(mentions, key=lambda m: (m.start, m.end)):
            words = self.encoded.words_of(mention)
            if words is not None:
                self.spans.append(WordSpan(*words, schema.types.index(mention.type)))
                self.given.append(mention)

    def finish(self, schema: Schema, calibrator: Calibrator) -> Report:
        """The report with what was found in it, scores calibrated."""
        mentions = self._found(schema, calibrator) if self.given is None else self.given
        relations = tuple(
            Relation(mentions[head].id, schema.labels[label], mentions[tail].id, calibrator.relation.scale(score))
            for head, label, tail, score in sorted(self.relations)
        )
        kept = tuple(mentions) if self.given is None else self.report.mentions
        return replace(self.report, mentions=kept, relations=relations)

    def _found(self, schema: Schema, calibrator: Calibrator) -> list[Mention]:
        scales = [calibrator.of_type(type_, schema).scale for type_ in schema.types]
        return [
            Mention(
                id=f"m{index}",
                start=int(self.encoded.word_starts[span.start]),
                end=int(self.encoded.word_ends[span.end - 1]),
                type=schema.types[span.type],
                status=self.statuses.get(index),
                score=scales[span.type](span.score),
            )
            for index, span in enumerate(self.spans)
        ]


Member = tuple[Draft, Window]
"""A window and the report that it is of."""


def chunks(drafts: Iterable[Draft]) -> Iterator[tuple[list[Member], list[Draft]]]:
    """Windows to read together, and the reports that have been read whole once they are."""
    waiting: list[Draft] = []
    chunk: list[Member] = []
    pieces = 0
    for draft in drafts:
        waiting.append(draft)
        for window in draft.windows:
            chunk.append((draft, window))
            pieces += draft.encoded.count_pieces(window.start, window.end)
            if pieces >= CHUNK_PIECES:
                is_last = window is draft.windows[-1]
                yield chunk, waiting if is_last else waiting[:-1]
                chunk, pieces, waiting = [], 0, [] if is_last else [draft]
    yield chunk, waiting


def batches(chunk: Sequence[Member]) -> Iterator[list[Member]]:
    """Windows of like length together, as many as fit the budget once padded."""

    def length(member: Member) -> int:
        draft, window = member
        return draft.encoded.count_pieces(window.start, window.end)

    ordered = sorted(chunk, key=length, reverse=True)
    for start, end in ranges_within([length(member) for member in ordered], BATCH_PIECES):
        yield ordered[start:end]


def mention_arrays(encoded: EncodedReport, spans: Sequence[WordSpan]) -> MentionArrays:
    """Spans, sorted by place, as the pair scorer's arrays."""
    first = np.array([s.start for s in spans], dtype=np.int64)
    return MentionArrays(
        first_words=first,
        last_words=np.array([s.end - 1 for s in spans], dtype=np.int64),
        sentences=encoded.word_sentences[first],
        types=np.array([s.type for s in spans], dtype=np.int64),
    )


def spans_starting_in(spans: Sequence[WordSpan], window: Window) -> range:
    """Indices of the spans, sorted by start, that begin in a window's left context or core."""
    return range(
        bisect_left(spans, window.start, key=lambda s: s.start),
        bisect_left(spans, window.core_end, key=lambda s: s.start),
    )


def without_overlaps(spans: Iterable[WordSpan]) -> list[WordSpan]:
    """Sort spans by place; one that begins inside its predecessor, read in the next window, goes."""
    kept: list[WordSpan] = []
    for span in sorted(spans, key=lambda s: s.start):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
