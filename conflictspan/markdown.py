"""Markdown from text that is anybody's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """Text as one line in which nothing becomes markup or leaves its table cell."""
    for char in "\\`*_{}[]<>|#":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers_from: int | None = None) -> str:
    """A table; cells are escaped, and columns from the number `numbers_from` on, counted from 0, set right."""
    texts = len(columns) if numbers_from is None else numbers_from
    rule = (*("---",) * texts, *("---:",) * (len(columns) - texts))
    return "\n".join(f"| {' | '.join(map(escape, line))} |" for line in (columns, rule, *rows))
