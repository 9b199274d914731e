"""From files of extractions to a file of incidents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from conflictspan.events.incidents import find_incidents
from conflictspan.parts import whole_or_not
from conflictspan.records import Report
from conflictspan.writing import check_output, read_extractions


def write_incidents(inputs: Sequence[Path], output: Path, *, overwrite: bool = False) -> tuple[int, int, int]:
    """Join the events of extractions into incidents and write one JSON line each.

    Returns:
        How many events there were, how many incidents, and how many of these several reports tell of.

    Raises:
        InputError: a line is no extraction; it names file and line.
        OutputError: the output is there already, or cannot be written.
    """
    check_output(output, overwrite=overwrite)
    events = incidents = again = 0
    with whole_or_not(output) as part, part.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        for incident in find_incidents(_reports(inputs)):
            file.write(json.dumps(incident.model_dump(by_alias=True), ensure_ascii=False) + "\n")
            events += len(incident.events)
            incidents += 1
            again += len(incident.reports) > 1
    return events, incidents, again


def _reports(inputs: Sequence[Path]) -> Iterator[Report]:
    for path in inputs:
        yield from read_extractions(path)
