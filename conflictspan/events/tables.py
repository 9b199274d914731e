"""The tables that stand as data beside the modules: read once, when first asked for."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


def table_text(name: str) -> str:
    """The text of a file of `events/data`."""
    return files("conflictspan.events").joinpath("data", name).read_text(encoding="utf-8")


@cache
def csv_table(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `events/data/<name>.csv`."""
    return tuple(csv.DictReader(table_text(f"{name}.csv").splitlines()))


@cache
def toml_table(name: str) -> dict[str, Any]:
    """The content of `events/data/<name>.toml`."""
    return tomllib.loads(table_text(f"{name}.toml"))
