"""How far a run is, how fast it goes, and its record as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from conflictspan.parts import whole_or_not
from conflictspan.writing import Summary


@dataclass(slots=True)
class Progress:
    """How far a run is. Where it was interrupted, what was done before counts too, and so does its time.

    Attributes:
        summary: counts of what is written.
        under_way: reports of the block that is being worked on that are done.
        pieces: word pieces of the texts that were read.
        seconds: since the model was loaded and the records done before were skipped.
        resumed_at: records that were skipped; None where the run began at the beginning.
        bytes_read: of the files of the inputs; reading is up to a block ahead.
        bytes_done: those of them that hold what is done, or about so.
        bytes_total: of the files of the inputs; None where that is not known, as of standard input.
    """

    summary: Summary = field(default_factory=Summary)
    under_way: int = 0
    pieces: int = 0
    seconds: float = 0.0
    resumed_at: int | None = None
    bytes_read: int = 0
    bytes_done: int = 0
    bytes_total: int | None = None

    @property
    def reports_per_second(self) -> float:
        """Reports, on average."""
        return (self.summary.reports + self.under_way) / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Word pieces, on average."""
        return self.pieces / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """By the share of the inputs' bytes that is done; None where it is not known."""
        if self.bytes_total is None or not self.bytes_done:
            return None
        return self.seconds * max(self.bytes_total - self.bytes_done, 0) / self.bytes_done

    def count_bytes(self, count: int) -> None:
        """Add to the bytes read."""
        self.bytes_read += count

    def to_dict(self) -> dict[str, object]:
        """The record of a run that is over, as JSON types."""
        return {
            **asdict(self.summary),
            "tokens": self.pieces,
            "seconds": round(self.seconds, 3),
            "reports_per_second": round(self.reports_per_second, 3),
            "tokens_per_second": round(self.tokens_per_second, 1),
            "resumed_at": self.resumed_at,
        }


def write_record(path: Path, record: Mapping[str, object]) -> None:
    """Write the record of a run. Raises OutputError."""
    with whole_or_not(path) as part:
        part.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
