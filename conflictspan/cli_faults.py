"""How the commands on annotations tell faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def faults_told() -> Iterator[None]:
    """Tell every fault on stderr and end with exit code 1."""
    from conflictspan.errors import AnnotationError, ConflictSpanError

    try:
        yield
    except AnnotationError as error:
        typer.echo("\n".join([*error.faults, f"{len(error.faults)} fault(s)"]), err=True)
        raise typer.Exit(1) from error
    except (ConflictSpanError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
