"""A folder for the files of one run of a target."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108


@cache
def _base() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None)


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty folder, in memory where there is such."""
    with tempfile.TemporaryDirectory(dir=_base().name) as folder:
        yield Path(folder)
