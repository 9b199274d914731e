"""The command `conflictspan predict`."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from conflictspan.progress import Progress
    from conflictspan.writing import Summary

REJECTED = 3
"""Exit code of a run that left records out."""

INTERRUPTED = 130
"""Exit code of a run that Ctrl-C ended."""


class Backend(StrEnum):
    """What runs the encoder."""

    torch = "torch"
    onnx = "onnx"


def predict_command(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help=".txt (one report each), .jsonl, .csv, all of these also .gz or .zst; .parquet; a folder of these; "
            "- is JSON lines.",
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", help="JSON lines, one a report; packed if it ends in .gz or .zst; - is standard output."
        ),
    ] = "-",
    model: Annotated[
        str | None, typer.Option(help="A model folder, or a model hub's id; where not given, the one that comes along.")
    ] = None,
    min_precision: Annotated[
        float | None,
        typer.Option(
            metavar="P", help="Only what is right with this share, by the model's validation; else what makes F1 best."
        ),
    ] = None,
    actors: Annotated[
        Path | None, typer.Option(help="A table of actors (TOML) to add to the packaged one; see docs/events.md.")
    ] = None,
    backend: Annotated[
        Backend | None, typer.Option(help="What runs the encoder; where not given, what is there; see docs/speed.md.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an output that is there, or what an interrupted run left.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was interrupted, if there is one; else begin.")
    ] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Extract on the Ray cluster there (auto: the one around; local: this machine's cores); OUTPUT is then "
            "a folder of shards, Parquet if its name ends in .parquet. See docs/cluster.md.",
        ),
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="A JSON file for the run's counts, times and rates; replaced if it is there.")
    ] = None,
) -> None:
    """Extract mentions, relations and event records from reports.

    What cannot be read goes to OUTPUT.rejects.jsonl, with the reason; the run goes on and ends with exit code 3.
    """
    from conflictspan.predict import RELEASED, predict

    began = time.monotonic()
    if ray is not None:
        if summary or backend:
            raise typer.BadParameter("--ray goes with neither --summary nor --backend; see docs/cluster.md")
        from conflictspan.ray_predict import predict_with_ray

        counts = predict_with_ray(
            inputs,
            output,
            model=model or RELEASED,
            address=ray,
            min_precision=min_precision,
            actors=actors,
            overwrite=overwrite,
            resume=resume,
        )
        _finish(_describe(counts, time.monotonic() - began), counts)
        return
    try:
        with _shown_progress() as watch:
            progress = predict(
                inputs,
                output,
                model=model or RELEASED,
                min_precision=min_precision,
                actors=actors,
                backend=backend.value if backend else None,
                overwrite=overwrite,
                resume=resume,
                summary=summary,
                watch=watch,
            )
    except KeyboardInterrupt:
        remedy = "" if output == "-" else f"; --resume goes on with {output}"
        typer.echo(f"interrupted{remedy}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if progress is None:
        typer.echo(f"{output} is finished already", err=True)
        return
    resumed = "" if progress.resumed_at is None else f", the first {progress.resumed_at:,} records done before"
    _finish(_describe(progress.summary, time.monotonic() - began) + resumed, progress.summary)


def _finish(told: str, summary: Summary) -> None:
    typer.echo(told, err=True)
    if summary.rejects:
        raise typer.Exit(REJECTED)


@contextmanager
def _shown_progress() -> Iterator[Callable[[Progress], object] | None]:
    """Yield what shows the progress on standard error; None if nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Display
    from rich.progress import SpinnerColumn, TextColumn

    console = Console(stderr=True)
    with Display(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as display:
        task = display.add_task("loading the model")
        yield lambda progress: display.update(task, description=describe_progress(progress))


def describe_progress(progress: Progress) -> str:
    """A line for the terminal."""
    left = progress.seconds_left
    parts = [
        f"{progress.summary.reports + progress.under_way:,} reports",
        f"{progress.reports_per_second:,.1f} reports/s",
        f"{progress.tokens_per_second:,.0f} tokens/s",
        f"{progress.summary.rejects:,} rejected",
        *([] if left is None else [f"{dt.timedelta(seconds=round(left))} left"]),
    ]
    return ", ".join(parts)


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
