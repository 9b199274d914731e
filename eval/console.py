"""What the harness's commands share: an error that was foreseen is told in one line, with exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from conflictspan.errors import ConflictSpanError


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """End the command with a line on standard error where a ConflictSpanError is raised inside."""
    try:
        yield
    except ConflictSpanError as error:
        Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(f"error: {error}")
        raise typer.Exit(2) from error
