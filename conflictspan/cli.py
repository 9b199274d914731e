"""The `conflictspan` command."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from conflictspan import annotations_cli
from conflictspan.errors import ConflictSpanError

if TYPE_CHECKING:
    from conflictspan.predict import Items
    from conflictspan.writing import Summary

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reads conflict reports: who did what to whom, where, when, with what, and who says so.",
)
app.add_typer(annotations_cli.app, name="annotations")

REJECTED = 3
"""Exit code of a run that left records out."""


def main() -> None:
    """Run the command; a fault that was foreseen ends it with a sentence on standard error and exit code 2."""
    try:
        app()
    except ConflictSpanError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("conflictspan"))
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take what stands before a sub-command."""


@app.command("predict")
def predict_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help=".txt (one report each), .jsonl, .csv, .parquet, a folder of these; - is JSON lines.",
        ),
    ],
    output: Annotated[str, typer.Option("--output", "-o", help="JSON lines, one a report; - is standard output.")],
    model: Annotated[str, typer.Option(help="A model folder, or a model hub's id.")] = "models/default",
    min_precision: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Only what is right with this share, by the model's validation; all where not given."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that is there.")] = False,
) -> None:
    """Extract mentions and relations from reports.

    What cannot be read goes to OUTPUT.rejects.jsonl, with the reason; the run goes on and ends with exit code 3.
    """
    from conflictspan.predict import predict

    began = time.monotonic()
    summary = predict(
        inputs, output, model=model, min_precision=min_precision, overwrite=overwrite, watch=with_progress
    )
    typer.echo(_describe(summary, time.monotonic() - began), err=True)
    if summary.rejects:
        raise typer.Exit(REJECTED)


def with_progress(items: Items) -> Items:
    """Show on standard error how many records are done, if somebody may be looking."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f} records"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield from progress.track(items)


def _describe(summary: Summary, seconds: float) -> str:
    counts = {
        "reports": summary.reports,
        "sentences": summary.sentences,
        "mentions": summary.mentions,
        "relations": summary.relations,
        "records rejected": summary.rejects,
        "duplicate ids": summary.duplicates,
    }
    return ", ".join(f"{count:,} {noun}" for noun, count in counts.items()) + f"; {seconds:.1f} s"
