"""An audit as a file: Markdown for people, JSON Lines for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conflictspan.audit.checks import Audit
from conflictspan.audit.finding import KINDS, Finding
from conflictspan.markdown import escape, table
from conflictspan.parts import whole_or_not
from conflictspan.writing import check_output


def write_audit(audit: Audit, path: Path, *, limit: int | None = None, overwrite: bool = False) -> None:
    """Write an audit, as JSON Lines where the file's name ends in `.jsonl`, as Markdown else.

    Args:
        audit: what was found.
        path: the file, replaced as a whole.
        limit: how many findings are listed at most; the table counts all.
        overwrite: replace a file that is there.

    Raises:
        OutputError: where the file is there and `overwrite` is not set, or cannot be one.
    """
    check_output(path, overwrite=overwrite)
    form = audit_lines if path.suffix == ".jsonl" else audit_markdown
    with whole_or_not(path) as part:
        part.write_text(form(audit, limit=limit), encoding="utf-8", newline="\n")


def summary_line(audit: Audit) -> str:
    """How many findings there are, and what became of them."""
    counts = {
        "findings": sum(audit.found.values()),
        "judged right": sum(audit.right.values()),
        "judged faults and still there": len(audit.faults),
        "not reviewed": audit.n_unreviewed,
    }
    return "; ".join([", ".join(f"{count:,} {what}" for what, count in counts.items()), *audit.notes])


def audit_markdown(audit: Audit, *, limit: int | None = None) -> str:
    """A table of counts for each kind, then the findings in their order."""
    faults = [finding.kind for finding in audit.findings if finding.id in audit.faults]
    rows = [
        (
            kind,
            KINDS[kind],
            f"{found:,}",
            f"{audit.right.get(kind, 0):,}",
            f"{faults.count(kind):,}",
            f"{found - audit.right.get(kind, 0) - faults.count(kind):,}",
        )
        for kind, found in audit.found.items()
    ]
    columns = ("kind", "what", "found", "judged right", "judged faults, still there", "not reviewed")
    listed = audit.findings[:limit]
    blocks = ["# Audit", f"{summary_line(audit)}.", table(columns, rows)]
    if len(listed) < len(audit.findings):
        blocks.append(f"The first {len(listed):,} of {len(audit.findings):,} are listed.")
    blocks += [_block(number, finding, audit) for number, finding in enumerate(listed, 1)]
    return "\n\n".join(blocks) + "\n"


def audit_lines(audit: Audit, *, limit: int | None = None) -> str:
    """One JSON object a finding, in their order. Offsets are code points into the sentence's text, half open."""
    return "".join(json.dumps(_record(finding, audit), ensure_ascii=False) + "\n" for finding in audit.findings[:limit])


def _block(number: int, finding: Finding, audit: Audit) -> str:
    row = finding.row
    before, after = row.text[: finding.start], row.text[finding.end :]
    lines = [
        f"### {number}. {finding.kind}: {escape(row.report)}, sentence {row.sentence} ({finding.split}), "
        f"{finding.surprise:.2f}, `{finding.id}`",
        f"> {_sentence(before, finding.surface, after)}",
        f"{escape(finding.reason)}.",
    ]
    if finding.id in audit.faults:
        note = audit.faults[finding.id]
        lines.append(f"Judged a fault{': ' if note else ''}{escape(note)}.")
    if finding.examples:
        lines.append("\n".join(f"- {escape(example)}" for example in finding.examples))
    return "\n\n".join(lines)


def _sentence(before: str, surface: str, after: str) -> str:
    """The span in bold; what stands right beside it keeps its distance."""
    left = escape(before) + (" " if before[-1:].isspace() else "")
    right = (" " if after[:1].isspace() else "") + escape(after)
    return f"{left}**{escape(surface)}**{right}"


def _record(finding: Finding, audit: Audit) -> dict[str, Any]:
    row = finding.row
    return {
        "id": finding.id,
        "kind": finding.kind,
        "report": row.report,
        "split": finding.split,
        "sentence": row.sentence,
        "text": row.text,
        "start": finding.start,
        "end": finding.end,
        "surface": finding.surface,
        "reading": finding.reading or None,
        "surprise": round(finding.surprise, 4),
        "reason": finding.reason,
        "examples": finding.examples,
        "fault": audit.faults.get(finding.id),
    }
