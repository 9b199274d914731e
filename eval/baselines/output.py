"""From what a rule found to a report: sentences, mention ids, order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from conflictspan.records import Mention, Report
from conflictspan.sentences import split_sentences


class Found(NamedTuple):
    """A span that a rule marks: code points into the report's text, its type, its status."""

    start: int
    end: int
    type: str
    status: str | None = None


def split(report: Report) -> Report:
    """The report with its sentences; those it came with are kept."""
    return report if report.sentences else replace(report, sentences=split_sentences(report.text))


def assemble(report: Report, found: Iterable[Found]) -> Report:
    """The report with what was found as mentions m0, m1, ... by start, each with score 1.0."""
    mentions = tuple(Mention(f"m{i}", *item, score=1.0) for i, item in enumerate(sorted(found)))
    return replace(report, mentions=mentions, relations=())
