"""Markdown from text that is anybody's."""

from __future__ import annotations

from conflictspan.markdown import escape, table


def test_nothing_becomes_markup_or_a_second_line() -> None:
    assert escape("a|b <script>\n*x* [y](z) `c` #1 \\") == r"a\|b \<script\> \*x\* \[y\](z) \`c\` \#1 \\"


def test_a_table_escapes_its_cells_and_keeps_its_rule() -> None:
    assert table(("a", "b"), [("1|2", "-")]) == "| a | b |\n| --- | --- |\n| 1\\|2 | - |"


def test_columns_of_numbers_are_set_right() -> None:
    assert table(("a", "b"), [("x", "1")], numbers_from=1) == "| a | b |\n| --- | ---: |\n| x | 1 |"
