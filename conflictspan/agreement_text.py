"""Showing an agreement in Markdown: the tables for the data card, and every disagreement for who settles it."""

from __future__ import annotations

from conflictspan.agreement import ALL_RELATIONS, Agreement
from conflictspan.markdown import escape, table


def summary_line(found: Agreement) -> str:
    """What was compared, and how much of it differs."""
    alone = [f"{len(ids)} only in {side}" for ids, side in ((found.only_first, "A"), (found.only_second, "B")) if ids]
    aside = f" ({', '.join(alone)})" if alone else ""
    compared = f"{found.reports} reports, {found.sentences} sentences compared{aside}"
    return f"{compared}; {len(found.disagreements)} sentences differ"


def agreement_tables(found: Agreement) -> str:
    """The two tables: spans and relations."""
    spans = [
        (
            name,
            str(a.first),
            str(a.second),
            f"{a.strict_f1:.2f}",
            f"{a.relaxed_f1:.2f}",
            "-" if a.kappa is None else f"{a.kappa:.2f}",
        )
        for name, a in found.spans.items()
    ]
    relations = [
        (name, str(a.first), str(a.second), f"{a.f1:.2f}", str(a.first_shared), f"{a.shared_f1:.2f}")
        for name, a in found.relations.items()
    ]
    parts = [table(("spans", "A", "B", "strict F1", "relaxed F1", "kappa, by word"), spans)]
    if ALL_RELATIONS in found.relations:
        columns = ("relations", "A", "B", "F1, all spans", "A, on shared spans", "F1, shared spans")
        parts.append(table(columns, relations))
    return "\n\n".join(parts)


def agreement_markdown(found: Agreement, *, first: str, second: str) -> str:
    """Tables and disagreements, side by side.

    Args:
        found: what was compared.
        first: name of hand A.
        second: name of hand B.
    """
    lines = ["# Agreement", f"A is {first}, B is {second}. {summary_line(found)}.", agreement_tables(found)]
    if found.disagreements:
        lines.append("## Disagreements")
    for item in found.disagreements:
        lines.append(f"### {item.report}, sentence {item.sentence}\n\n{escape(item.text)}")
        height = max(len(item.first), len(item.second))
        sides = ([*side, *[""] * (height - len(side))] for side in (item.first, item.second))
        lines.append(table(("A only", "B only"), list(zip(*sides, strict=True))))
    return "\n\n".join(lines) + "\n"
