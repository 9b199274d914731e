"""The `conflictspan` command."""

from __future__ import annotations

import atexit
import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from conflictspan import annotations_cli, predict_cli
from conflictspan.errors import ConflictSpanError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Reads conflict reports: who did what to whom, where, when, with what, and who says so.",
)
app.add_typer(annotations_cli.app, name="annotations")


def main() -> None:
    """Run the command; a fault that was foreseen ends it with a sentence on standard error and exit code 2."""
    atexit.register(gc.freeze)  # else the interpreter looks for cycles in all of torch, half a second, before it ends
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


app.command("predict")(predict_cli.predict_command)


@app.command("compress")
def compress_command(
    model: Annotated[Path, typer.Argument(help="A model folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")],
) -> None:
    """Write a model folder anew with its weights as int8: a quarter of the size, as fast as before."""
    from conflictspan.model_folder import copy_compressed

    copy_compressed(model, output)


@app.command("export-onnx")
def export_onnx_command(
    model: Annotated[str, typer.Argument(help="A model folder, or a model hub's id.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write.")],
) -> None:
    """Write a model folder anew with its encoder quantised for ONNX Runtime: faster on a CPU."""
    from conflictspan.onnx_export import export_onnx

    export_onnx(model, output)


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
