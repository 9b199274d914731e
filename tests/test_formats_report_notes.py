from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from conflictspan.formats.report_notes import ReportNote
from conflictspan.records import Mention, Relation

TEXT = "Rebels came. They left."


def test_a_span_where_one_stood_has_its_id_and_any_other_a_new_one() -> None:
    note = ReportNote(report="r1", sentences=((0, 12), (13, 23)), ids={"a7": (0, 6), "new-0": (13, 17)})
    mentions = [Mention("9", 18, 22, "GO"), Mention("8", 0, 6, "ORG"), Mention("7", 0, 6, "LOC")]
    item = note.source(TEXT, mentions, [Relation("9", "BY", "8")], where="f:1")
    assert [mention.id for mention in item.report.mentions] == ["new-1", "a7", "new-2"]
    assert item.report.relations == (Relation("new-1", "BY", "a7"),)
    assert item.own_ids == {"a7"}


def test_a_note_comes_back_and_without_one_a_report_is_named_after_its_place() -> None:
    note = ReportNote(report="r1", conflict="C", split="test", ids={"a7": (0, 6)})
    fields = json.loads(json.dumps({"reviewed_by": "kay", **note.model_dump()}))
    assert ReportNote.read(fields, stem="export", number=3, split="train") == note
    for lacking in ("report", "ids"):
        less = {name: value for name, value in fields.items() if name != lacking}
        found = ReportNote.read(less, stem="export", number=3, split="validation")
        assert found == ReportNote(report="export-3", split="validation", origin="export")
    with pytest.raises(ValidationError, match="split"):
        ReportNote.read(fields | {"split": "tset"}, stem="export", number=3, split="train")


@pytest.mark.parametrize(
    ("sentences", "says"),
    [
        ((), None),
        (((0, 12), (13, 23)), None),
        (((0, 12),), "sentences: 'They left.' is in none; was the text changed?"),
        (((1, 23),), "sentences: 'R' is in none"),
        (((0, 12), (11, 23)), "sentences: 11 to 23 is none of a text of 23 characters"),
        (((0, 12), (13, 24)), "sentences: 13 to 24 is none of a text of 23 characters"),
    ],
)
def test_sentences_must_fit_the_text(sentences: tuple[tuple[int, int], ...], says: str | None) -> None:
    fault = ReportNote(report="r1", sentences=sentences).fault(TEXT)
    assert fault is None if says is None else (fault or "").startswith(says)
