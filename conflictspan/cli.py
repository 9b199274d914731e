"""The `conflictspan` command."""

from __future__ import annotations

import sys
import time
from enum import StrEnum
from pathlib import Path
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
    output: Annotated[
        str, typer.Option("--output", "-o", help="JSON lines, one a report; - is standard output.")
    ] = "-",
    model: Annotated[
        str | None, typer.Option(help="A model folder, or a model hub's id; where not given, the one that comes along.")
    ] = None,
    min_precision: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Only what is right with this share, by the model's validation; all where not given."
        ),
    ] = None,
    actors: Annotated[
        Path | None, typer.Option(help="A table of actors (TOML) to add to the packaged one; see docs/events.md.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that is there.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Extract on the Ray cluster there (auto: the one around; local: this machine's cores); OUTPUT is then "
            "a folder of shards, Parquet if its name ends in .parquet. See docs/cluster.md.",
        ),
    ] = None,
) -> None:
    """Extract mentions, relations and event records from reports.

    What cannot be read goes to OUTPUT.rejects.jsonl, with the reason; the run goes on and ends with exit code 3.
    """
    from conflictspan.predict import RELEASED, predict

    began = time.monotonic()
    if ray is not None:
        from conflictspan.ray_predict import predict_with_ray

        summary = predict_with_ray(
            inputs,
            output,
            model=model or RELEASED,
            address=ray,
            min_precision=min_precision,
            actors=actors,
            overwrite=overwrite,
        )
    else:
        summary = predict(
            inputs,
            output,
            model=model or RELEASED,
            min_precision=min_precision,
            actors=actors,
            overwrite=overwrite,
            watch=_with_progress,
        )
    typer.echo(_describe(summary, time.monotonic() - began), err=True)
    if summary.rejects:
        raise typer.Exit(REJECTED)


@app.command("compress")
def compress_command(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")],
) -> None:
    """Write a model folder anew with its weights as int8: a quarter of the size, as fast as before."""
    from conflictspan.model_folder import copy_compressed

    copy_compressed(model, output)


@app.command("incidents")
def incidents_command(
    inputs: Annotated[list[Path], typer.Argument(metavar="EXTRACTED", help="Files that predict wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON lines, one an incident.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that is there.")] = False,
) -> None:
    """Join what several reports tell of one happening into incidents."""
    from conflictspan.events.incident_files import write_incidents

    events, incidents, told_again = write_incidents(inputs, output, overwrite=overwrite)
    typer.echo(f"{events:,} events, {incidents:,} incidents, {told_again:,} told by several reports", err=True)


class Columns(StrEnum):
    """Columns of a CSV export."""

    flat = "flat"
    acled = "acled"
    ucdp = "ucdp"


@app.command("export")
def export_command(
    inputs: Annotated[list[Path], typer.Argument(metavar="EXTRACTED", help="Files that predict or incidents wrote.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help=".csv, .jsonl, .parquet, .duckdb, .sqlite, .db or .geojson.")
    ],
    columns: Annotated[
        Columns, typer.Option(help="Of a CSV: all fields, or those of ACLED or UCDP GED.")
    ] = Columns.flat,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that is there.")] = False,
) -> None:
    """Write event records in a form that other tools open."""
    from conflictspan.events.export import export_events

    counts = export_events(inputs, output, columns=columns.value, overwrite=overwrite)
    typer.echo(", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what == "written"), err=True)


@app.command("view")
def view_command(
    inputs: Annotated[list[Path], typer.Argument(metavar="EXTRACTED", help="Files that predict wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The page, one HTML file.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that is there.")] = False,
) -> None:
    """Write one HTML page to look at extractions: text, events with their claims, timeline, map."""
    from conflictspan.viewing.page import write_view

    typer.echo(f"{write_view(inputs, output, overwrite=overwrite):,} reports", err=True)


def _with_progress(items: Items) -> Items:
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
        "events": summary.events,
        "records rejected": summary.rejects,
        "duplicate ids": summary.duplicates,
    }
    return ", ".join(f"{count:,} {noun}" for noun, count in counts.items()) + f"; {seconds:.1f} s"
