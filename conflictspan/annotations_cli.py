"""`conflictspan annotations`: from form to form, what to annotate next; checked, counted, two hands compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from conflictspan.formats.sources import Tally

app = typer.Typer(
    no_args_is_help=True,
    help="Annotations: bring into another form, check, count, compare; pick what to annotate next.",
    add_completion=False,
)

Folder = Annotated[
    Path, typer.Argument(help="A corpus folder: schema.toml, train/validation/test .jsonl, reports.jsonl.")
]


@app.command("from-markup")
def from_markup(
    inputs: Annotated[list[Path], typer.Argument(metavar="IN...", help="Markup files (.ann), or folders of these.")],
    folder: Annotated[Path, typer.Option("--output", "-o", help="The corpus folder; has its schema.toml.")],
) -> None:
    """Take markup into a corpus.

    The reports of a file replace those of the file of that name before; others stay. Nothing is written where there
    is a fault.
    """
    with _faults_told():
        from conflictspan.markup_files import import_markup

        infos = import_markup(inputs, folder)
    typer.echo(f"{len(infos)} reports written to {folder}")


@app.command("to-markup")
def to_markup(
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the markup, one file an origin.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Write a corpus as markup, for people to read and correct."""
    with _faults_told():
        from conflictspan.corpus import read_corpus
        from conflictspan.markup_files import export_markup

        paths = export_markup(read_corpus(folder), output, overwrite=overwrite)
    typer.echo(f"{len(paths)} files written to {output}")


@app.command()
def validate(folder: Folder) -> None:
    """Check a corpus against its schema, and for near duplicates across splits."""
    with _faults_told():
        from conflictspan.corpus import validate_corpus

        corpus = validate_corpus(folder)
    typer.echo(f"{len(corpus.sentences)} reports, no faults")


@app.command()
def stats(
    folder: Folder,
    write_card: Annotated[bool, typer.Option("--write-card", help="Put the counts into FOLDER/README.md.")] = False,
) -> None:
    """Count reports, sentences, spans and relations by split."""
    from rich.console import Console
    from rich.table import Table

    with _faults_told():
        from conflictspan.corpus import read_corpus
        from conflictspan.corpus_counts import count_corpus, write_counts

        tables = count_corpus(read_corpus(folder))
        if write_card:
            write_counts(folder / "README.md", tables)
    for title, counts in tables.items():
        table = Table(title)
        for split in (*next(iter(counts.values())), "all"):
            table.add_column(split, justify="right")
        for name, row in counts.items():
            table.add_row(name, *(f"{number:,}" for number in (*row.values(), sum(row.values()))))
        Console().print(table)


@app.command()
def agree(
    first: Annotated[Path, typer.Argument(metavar="A", help="One hand's markup (file or folder), or a corpus.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="The other hand's, of the same reports.")],
    schema: Annotated[Path, typer.Option(help="The label scheme of markup.")] = Path("data/annotations/schema.toml"),
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Markdown file for the tables and every disagreement.")
    ] = None,
) -> None:
    """Measure how far two hands agree, and list every disagreement side by side."""
    with _faults_told():
        from conflictspan.agreement import agreement
        from conflictspan.agreement_text import agreement_markdown, summary_line
        from conflictspan.markup_files import load_annotations
        from conflictspan.schema import Schema

        scheme = Schema.load(schema)
        found = agreement(load_annotations(first, scheme), load_annotations(second, scheme), scheme)
        text = agreement_markdown(found, first=str(first), second=str(second))
        if output:
            output.write_text(text, encoding="utf-8")
            text = summary_line(found)
    typer.echo(text)


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


@app.command()
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
    with _faults_told():
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


@app.command()
def suggest(
    inputs: Annotated[list[str], typer.Argument(metavar="REPORTS...", help="What predict reads.")],
    output: Output,
    to: To,
    number: Annotated[int, typer.Option("-n", min=1, help="How many reports to pick.")] = 20,
    model: Annotated[str, typer.Option(help="A model folder, or a model hub's id.")] = "models/default",
    corpus: Annotated[
        Path | None, typer.Option(help="Leave out reports that have a sentence of this corpus, or nearly.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Pick the reports that the model is least sure of and that are unlike each other, pre-annotated for correction.

    What cannot be read goes to OUTPUT.rejects.jsonl, with the reason; the run goes on and ends with exit code 3.
    """
    from conflictspan.cli import REJECTED, with_progress

    with _faults_told():
        from conflictspan import suggestions

        summary = suggestions.suggest(
            inputs,
            output,
            model=model,
            number=number,
            to=to.value,
            corpus=corpus,
            overwrite=overwrite,
            watch=with_progress,
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


@contextmanager
def _faults_told() -> Iterator[None]:
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
