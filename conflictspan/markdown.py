"""Markdown from text that is anybody's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """Text as one line in which nothing becomes markup or leaves its table cell."""
    for char in "\\`*_{}[]<>|#":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are escaped."""
    lines = (columns, ("---",) * len(columns), *rows)
    return "\n".join(
        f"| {' | '.join(escape(cell) if set(cell) - {'-'} else cell for cell in line)} |" for line in lines
    )
