"""Agreement as Markdown."""

from __future__ import annotations

from dataclasses import replace

from conflictspan.agreement import agreement
from conflictspan.agreement_text import agreement_markdown, summary_line
from conflictspan.schema import Schema
from tests.test_agreement import FIRST, SECOND


def test_tables_and_disagreements(schema: Schema) -> None:
    text = agreement_markdown(agreement([FIRST], [SECOND], schema), first="one", second="two")
    assert "1 reports, 2 sentences compared; 2 sentences differ" in text
    assert "| all entities | 3 | 3 | 0.67 | 1.00 |" in text
    assert "| all relations | 3 | 3 | 0.33 | 2 | 0.50 |" in text
    assert "| died CAUSE shelled | died COUNT Two |" in text


def test_what_only_one_hand_has_is_said(schema: Schema) -> None:
    found = agreement([FIRST, replace(FIRST, id="mine")], [FIRST], schema)
    assert summary_line(found) == "1 reports, 2 sentences compared (1 only in A); 0 sentences differ"


def test_hostile_text_stays_text(schema: Schema) -> None:
    hostile = "Rebels|<script>alert(1)</script> `x`"
    first = replace(FIRST, text=hostile, sentences=((0, len(hostile)),), relations=(), mentions=FIRST.mentions[:1])
    second = replace(first, mentions=(replace(first.mentions[0], end=len(hostile)),))
    text = agreement_markdown(agreement([first], [second], schema), first="a", second="b")
    assert "<script>" not in text
    assert r"Rebels\|\<script\>" in text
