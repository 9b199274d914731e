"""What somebody judged of findings: a JSON Lines file beside the corpus, one line a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from conflictspan.errors import AnnotationError
from conflictspan.rows import Word, scan_rows

REVIEWED = "audit-reviewed.jsonl"
"""The file in a corpus folder."""

RIGHT, FAULT = "right", "fault"


class Review(BaseModel):
    """One line: a verdict on a finding.

    Attributes:
        id: the finding's.
        verdict: "right" where the annotation stands as it is, "fault" where it must be corrected.
        note: why, for the next reader.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Word
    verdict: Literal["fault", "right"]
    note: str = ""


def read_reviews(path: Path) -> dict[str, Review]:
    """Read a file of reviews: finding id -> review.

    Raises:
        AnnotationError: with every fault of the file, each with file and line; an id that stands twice is one.
    """
    reviews: dict[str, Review] = {}
    faults: list[str] = []
    for where, review in scan_rows(path, Review, faults):
        if review.id in reviews:
            faults.append(f"{where}: the finding {review.id} is judged twice; leave one line")
        reviews[review.id] = review
    if faults:
        raise AnnotationError(faults)
    return reviews
