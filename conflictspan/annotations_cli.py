"""`conflictspan annotations`: the corpus from markup, back to markup, checked, counted, audited, two hands compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conflictspan import formats_cli
from conflictspan.cli_faults import faults_told

app = typer.Typer(
    no_args_is_help=True,
    help="Annotations: bring into another form, check, count, compare, audit; pick what to annotate next.",
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
    with faults_told():
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
    with faults_told():
        from conflictspan.corpus import read_corpus
        from conflictspan.markup_files import export_markup

        paths = export_markup(read_corpus(folder), output, overwrite=overwrite)
    typer.echo(f"{len(paths)} files written to {output}")


@app.command()
def validate(folder: Folder) -> None:
    """Check a corpus against its schema, and for near duplicates across splits."""
    with faults_told():
        from conflictspan.corpus import validate_corpus

        corpus = validate_corpus(folder)
    typer.echo(f"{len(corpus.sentences)} reports, no faults")


@app.command()
def stats(
    folder: Folder,
    write_card: Annotated[bool, typer.Option("--write-card", help="Put the counts into FOLDER/README.md.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the counts of labels: a PNG or SVG file.")] = None,
) -> None:
    """Count reports, sentences, spans and relations by split."""
    from rich.console import Console
    from rich.table import Table

    with faults_told():
        from conflictspan.corpus import read_corpus
        from conflictspan.corpus_counts import count_corpus, write_counts

        tables = count_corpus(read_corpus(folder))
        if write_card:
            write_counts(folder / "README.md", tables)
        if plot:
            from conflictspan.corpus_plot import plot_counts

            plot_counts(tables, plot)
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
    with faults_told():
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


@app.command()
def audit(
    folder: Folder,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File for the findings: Markdown, or JSON lines if it ends in .jsonl."),
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="What models extract that did not learn from the report, as from python -m training.folds."),
    ] = None,
    reviewed: Annotated[
        Path | None,
        typer.Option(
            help="JSON lines of id, verdict (fault, right), note; else FOLDER/audit-reviewed.jsonl, if there."
        ),
    ] = None,
    kinds: Annotated[str | None, typer.Option(metavar="KIND,...", help="Only these kinds of findings.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="List the first N findings only.")] = None,
    check: Annotated[bool, typer.Option("--check", help="End with exit code 1 if findings are not reviewed.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an output that is there.")] = False,
) -> None:
    """List what may be a fault: what is annotated in one way here and in another way elsewhere.

    The most surprising findings come first; what was judged right does not come again.
    """
    with faults_told():
        from conflictspan.audit.checks import audit_corpus
        from conflictspan.audit.finding import KINDS
        from conflictspan.audit.listing import audit_markdown, summary_line, write_audit
        from conflictspan.audit.reviews import REVIEWED, read_reviews
        from conflictspan.corpus import read_corpus
        from conflictspan.writing import check_output, read_extractions

        if output:
            check_output(output, overwrite=overwrite)
        beside = folder / REVIEWED
        found = audit_corpus(
            read_corpus(folder),
            predictions=read_extractions(predictions) if predictions else None,
            reviews=read_reviews(reviewed or beside) if reviewed or beside.exists() else None,
            kinds=kinds.split(",") if kinds else tuple(KINDS),
        )
        if output:
            write_audit(found, output, limit=limit, overwrite=overwrite)
        typer.echo(summary_line(found) if output else audit_markdown(found, limit=limit))
    if check and found.n_unreviewed:
        raise typer.Exit(1)


app.command("convert")(formats_cli.convert)
app.command("suggest")(formats_cli.suggest)
