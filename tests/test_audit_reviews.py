"""The file of reviews."""

from __future__ import annotations

from pathlib import Path

import pytest

from conflictspan.audit.reviews import Review, read_reviews
from conflictspan.errors import AnnotationError
from tests.conftest import REPOSITORY


def test_reviews_are_read_by_finding(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"id": "a", "verdict": "right"}\n\n{"id": "b", "verdict": "fault", "note": "IS is no verb"}\n')
    assert read_reviews(path) == {
        "a": Review(id="a", verdict="right"),
        "b": Review(id="b", verdict="fault", note="IS is no verb"),
    }


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    lines = ['{"id": "a", "verdict": "right"}', '{"id": "a", "verdict": "fault"}', '{"id": "b", "verdict": "maybe"}']
    path.write_text("\n".join([*lines, "no", '{"id": "c", "verdict": "right", "by": "me"}']))
    with pytest.raises(AnnotationError) as caught:
        read_reviews(path)
    where = [fault.removeprefix(f"{path}:").partition(":")[0] for fault in caught.value.faults]
    assert where == ["2", "3", "4", "5"]
    assert "judged twice" in str(caught.value)
    with pytest.raises(AnnotationError, match="cannot be read"):
        read_reviews(tmp_path / "none.jsonl")


def test_the_corpus_s_own_reviews_can_be_read() -> None:
    reviews = read_reviews(REPOSITORY / "data" / "annotations" / "audit-reviewed.jsonl")
    assert all(len(id_) == 10 and review.note for id_, review in reviews.items())
