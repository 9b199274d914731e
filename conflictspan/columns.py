"""Extractions as columns with fixed Arrow types, for tables that other engines hold: Parquet, datasets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from conflictspan.records import Report
from conflictspan.writing import as_record

_MENTION = pa.struct(
    [
        ("id", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("type", pa.string()),
        ("text", pa.string()),
        ("status", pa.string()),
        ("score", pa.float64()),
    ]
)
_RELATION = pa.struct([("head", pa.string()), ("label", pa.string()), ("tail", pa.string()), ("score", pa.float64())])

FOUND = pa.schema(
    [
        ("sentences", pa.list_(pa.list_(pa.int64()))),
        ("mentions", pa.list_(_MENTION)),
        ("relations", pa.list_(_RELATION)),
        ("events", pa.string()),
    ]
)
"""What extraction adds to a report. Fields are those of a line that `write_extractions` writes; `events` is their list
as JSON, since an event's evidence has other keys in every row."""

EXTRACTION = pa.schema(
    [("id", pa.string()), ("published", pa.string()), ("title", pa.string()), ("text", pa.string()), *FOUND]
)
"""A whole extraction."""


def as_row(report: Report) -> dict[str, Any]:
    """A report as a row of `EXTRACTION`."""
    record = {"title": None, **as_record(report)}
    return {**record, "events": json.dumps(record["events"], ensure_ascii=False)}


def as_table(reports: Iterable[Report]) -> pa.Table:
    """Reports as a table of `EXTRACTION`.

    Raises:
        UnicodeEncodeError: a text has a lone surrogate, which Arrow's strings, being UTF-8, cannot hold.
    """
    return pa.Table.from_pylist([as_row(report) for report in reports], schema=EXTRACTION)
