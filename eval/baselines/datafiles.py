"""The data files of the rule baselines, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def read_data(name: str) -> dict[str, Any]:
    """One file of this folder, by its name without ".toml"."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
