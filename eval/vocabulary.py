"""Which mentions a system could have learned by heart: those whose words training has, with the same type."""

from __future__ import annotations

from collections.abc import Iterable, Set

from conflictspan.records import Mention, Report

Vocabulary = Set[tuple[str, str]]
"""(words, type) of mentions, the words as `words_of` has them."""


def words_of(mention: Mention, text: str) -> str:
    """The words of a mention in a form in which they can be found again: casefolded, one space between them."""
    return " ".join(text[mention.start : mention.end].split()).casefold()


def training_vocabulary(reports: Iterable[Report]) -> Vocabulary:
    """The words of all mentions of some reports, with their types."""
    return {(words_of(mention, report.text), mention.type) for report in reports for mention in report.mentions}
