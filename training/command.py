"""Running a command of this package from a shell."""

from __future__ import annotations

import logging
import os
import sys

import typer

from conflictspan.errors import ConflictSpanError


def run_command(app: typer.Typer) -> None:
    """Run a command; a fault that was foreseen ends it with a sentence on standard error and exit code 2."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("training").setLevel(logging.INFO)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        app()
    except ConflictSpanError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
