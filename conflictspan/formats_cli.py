"""`conflictspan annotations convert` and `suggest`: from form to form, and what to annotate next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conflictspan.cli_faults import faults_told
from conflictspan.predict_cli import REJECTED

if TYPE_CHECKING:
    from conflictspan.formats.sources import Tally
    from conflictspan.reading import Reject
    from conflictspan.records import Report


class Format(StrEnum):
    """A form of annotations that is read and written."""

    corpus = "corpus"
    markup = "markup"
    brat = "brat"
    label_studio = "label-studio"
    doccano = "doccano"
    conll = "conll"


class Source(StrEnum):
    """A form of annotations that is read."""

    corpus = "corpus"
    markup = "markup"
    brat = "brat"
    label_studio = "label-studio"
    doccano = "doccano"
    conll = "conll"
    re3d = "re3d"


Output = Annotated[
    Path,
    typer.Option("--output", "-o", help="A .json file for label-studio, a .jsonl file for doccano, else a folder."),
]
To = Annotated[Format, typer.Option("--to", help="The form to write.")]


def convert(
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A file or folder of annotations.")],
    output: Output,
    to: To,
    from_: Annotated[Source | None, typer.Option("--from", help="The form of INPUT, if it does not tell.")] = None,
    schema: Annotated[
        Path | None, typer.Option(help="The label scheme; else INPUT's schema.toml, or one read off the data.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file, or a corpus that this command wrote.")
    ] = False,
) -> None:
    """Bring annotations from one form into another.

    A corpus, inline markup, brat standoff, Label Studio tasks, doccano lines, CoNLL columns; re3d is read only. What a
    form cannot hold is counted and told.
    """
    with faults_told():
        from conflictspan.formats import conversion
        from conflictspan.schema import Schema

        annotations = conversion.convert(
            source,
            output,
            to=to.value,
            source_format=from_.value if from_ else None,
            schema=Schema.load(schema) if schema else None,
            overwrite=overwrite,
        )
    _show_counts(annotations.tally)
    typer.echo(f"written to {output}")


def suggest(
    inputs: Annotated[list[str], typer.Argument(metavar="REPORTS...", help="What predict reads.")],
    output: Output,
    to: To,
    number: Annotated[int, typer.Option("-n", min=1, help="How many reports to pick.")] = 20,
    model: Annotated[
        str | None, typer.Option(help="A model folder, or a model hub's id; where not given, the one that comes along.")
    ] = None,
    corpus: Annotated[
        Path | None, typer.Option(help="Leave out reports that have a sentence of this corpus, or nearly.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Pick the reports that the model is least sure of and that are unlike each other, pre-annotated for correction.

    What cannot be read goes to OUTPUT.rejects.jsonl, with the reason; the run goes on and ends with exit code 3.
    """
    with faults_told():
        from conflictspan import suggestions
        from conflictspan.predict import RELEASED

        summary = suggestions.suggest(
            inputs,
            output,
            model=model or RELEASED,
            number=number,
            to=to.value,
            corpus=corpus,
            overwrite=overwrite,
            watch=_with_progress,
        )
    for suggestion in summary.suggestions:
        report = suggestion.report
        found = f"{len(report.mentions):,} mentions, {len(report.relations):,} relations"
        typer.echo(
            f"{suggestion.uncertainty:.2f} errors a sentence expected in {report.id!r}: "
            f"{len(report.sentences):,} sentences, {found}"
        )
    rejected = sum(reject.kind == "rejected" for reject in summary.rejects)
    _tell_losses(summary.tally)
    typer.echo(
        f"{summary.reports:,} reports read, {len(summary.suggestions):,} of {number:,} suggested, "
        f"{summary.known:,} known from the corpus, {rejected:,} records rejected, "
        f"{len(summary.rejects) - rejected:,} duplicate ids",
        err=True,
    )
    if len(summary.suggestions) < min(number, summary.reports - summary.known):
        typer.echo("of the rest the model is sure, or they are copies of these", err=True)
    if rejected:
        raise typer.Exit(REJECTED)


def _show_counts(tally: Tally) -> None:
    """Show all counts on standard output, and on standard error again what was lost, changed or noted."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from conflictspan.rows import SPLITS

    table = Table("", *SPLITS, "all")
    for column in table.columns[1:]:
        column.justify = "right"
    for count, numbers in tally.table().items():
        name = f"{count.what} {count.fate}" + (f": {count.why}" if count.why else "")
        table.add_row(escape(name), *(f"{number:,}" for number in (*numbers.values(), sum(numbers.values()))))
    Console().print(table)
    _tell_losses(tally)


def _tell_losses(tally: Tally) -> None:
    for count, numbers in tally.table().items():
        if count.fate not in ("read", "kept"):
            typer.echo(f"{sum(numbers.values()):,} {count.what} {count.fate}: {count.why}", err=True)
    for name in tally.skipped:
        typer.echo(f"not read: {name}", err=True)


def _with_progress(items: Iterable[Report | Reject]) -> Iterator[Report | Reject]:
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
