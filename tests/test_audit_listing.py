"""An audit as Markdown and as JSON Lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conflictspan.audit.checks import Audit
from conflictspan.audit.finding import Finding
from conflictspan.audit.listing import audit_lines, audit_markdown, summary_line, write_audit
from conflictspan.errors import OutputError
from conflictspan.rows import SentenceRow

ROW = SentenceRow(report="a-001", sentence=4, text="Rebels|<b> attacked  and left.")
ODD = Finding(
    kind="type-varies",
    split="train",
    row=ROW,
    start=11,
    end=19,
    reading="ATTACK",
    reason="ATTACK here, rather SHELLING by other reports; there it is SHELLING 3",
    surprise=0.876,
    examples=("SHELLING: b-002 sentence 0: They [attacked] <it>",),
)
MISSED = Finding("trigger-unmarked", "test", ROW, 25, 29, "", "a trigger in 5 of 6 places", 0.6)
AUDIT = Audit(
    findings=(ODD, MISSED),
    found={"type-varies": 3, "trigger-unmarked": 1},
    right={"type-varies": 2},
    faults={MISSED.id: "it is a *retreat*"},
    notes=("without predictions nothing is looked for of model-only, gold-only",),
)


def test_the_summary_counts_what_became_of_the_findings() -> None:
    assert summary_line(AUDIT) == (
        "4 findings, 2 judged right, 1 judged faults and still there, 1 not reviewed; "
        "without predictions nothing is looked for of model-only, gold-only"
    )


def test_markdown_has_the_counts_and_every_finding_with_its_span() -> None:
    text = audit_markdown(AUDIT)
    assert "| type-varies | the same words have another type elsewhere | 3 | 2 | 0 | 1 |\n" in text
    assert "| trigger-unmarked | words that are an event elsewhere are outside all spans | 1 | 0 | 1 | 0 |\n" in text
    assert f"### 1. type-varies: a-001, sentence 4 (train), 0.88, `{ODD.id}`\n" in text
    assert "\n> Rebels\\|\\<b\\> **attacked** and left.\n" in text, "escaped, and the span in bold"
    assert "\nATTACK here, rather SHELLING by other reports; there it is SHELLING 3.\n" in text
    assert "\n- SHELLING: b-002 sentence 0: They \\[attacked\\] \\<it\\>\n" in text
    assert text.index(ODD.id) < text.index(MISSED.id)
    assert text.endswith("\n\na trigger in 5 of 6 places.\n\nJudged a fault: it is a \\*retreat\\*.\n")


def test_lines_have_all_of_a_finding() -> None:
    first, second = map(json.loads, audit_lines(AUDIT).splitlines())
    assert first == {
        "id": ODD.id,
        "kind": "type-varies",
        "report": "a-001",
        "split": "train",
        "sentence": 4,
        "text": ROW.text,
        "start": 11,
        "end": 19,
        "surface": "attacked",
        "reading": "ATTACK",
        "surprise": 0.876,
        "reason": ODD.reason,
        "examples": list(ODD.examples),
        "fault": None,
    }
    assert first["text"][first["start"] : first["end"]] == first["surface"]
    assert (second["reading"], second["fault"]) == (None, "it is a *retreat*")


def test_a_limit_shortens_the_list_and_not_the_counts() -> None:
    text = audit_markdown(AUDIT, limit=1)
    assert "The first 1 of 2 are listed." in text
    assert MISSED.id not in text
    assert "| trigger-unmarked | words that are an event elsewhere are outside all spans | 1 |" in text
    assert len(audit_lines(AUDIT, limit=1).splitlines()) == 1


def test_the_file_s_name_decides_its_form_and_what_is_there_is_kept(tmp_path: Path) -> None:
    write_audit(AUDIT, tmp_path / "a.md")
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == audit_markdown(AUDIT)
    write_audit(AUDIT, tmp_path / "a.jsonl", limit=1)
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == audit_lines(AUDIT, limit=1)
    with pytest.raises(OutputError, match="--overwrite"):
        write_audit(AUDIT, tmp_path / "a.jsonl")
    write_audit(AUDIT, tmp_path / "a.jsonl", overwrite=True)
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == audit_lines(AUDIT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.md"]
