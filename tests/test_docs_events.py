"""Every example of docs/events.md is true, and its tables are those of the code."""

from __future__ import annotations

import pytest

from tests.docs_tables import fill
from tests.event_reports import ROOT, events_of, examples, field

PAGE = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
EXAMPLES = list(examples(PAGE))


@pytest.mark.parametrize(("date", "markup", "expected"), EXAMPLES, ids=[m.split("\n")[0][:60] for _, m, _ in EXAMPLES])
def test_example(date: str | None, markup: str, expected: list[str]) -> None:
    events = events_of(markup, published=date)
    found = []
    for line, event in zip(expected, events, strict=False):
        wanted = [part.split("=", 1)[0] for part in line.split(" | ")[1:]]
        found.append(" | ".join([event.trigger.text, *(f"{name}={field(event, name)}" for name in wanted)]))
    assert found == expected
    assert len(events) == len(expected)


def test_the_tables_are_those_of_the_code() -> None:
    assert fill(PAGE) == PAGE
