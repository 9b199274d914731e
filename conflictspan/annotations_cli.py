"""`conflictspan annotations`: the corpus from markup, back to markup, checked, counted, two hands compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from conflictspan.formats.corpus_folder import ImportSource

app = typer.Typer(
    no_args_is_help=True, help="Annotations: take in markup, give it out, check, count, compare.", add_completion=False
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


Output = Annotated[Path, typer.Option("--output", "-o", help="Corpus folder to write; made if need be.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what an earlier import wrote there.")]


@app.command("from-re3d")
def from_re3d(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A folder for each source, with its split.json.")],
    output: Output,
    overwrite: Overwrite = False,
) -> None:
    """Take in re3d, in its own format: entities and relations.

    What is lost and changed is counted here and in OUTPUT/import.json.
    """
    with _faults_told():
        from conflictspan.formats.re3d import read_re3d

        _write_import(lambda: read_re3d(source), output, overwrite)


@app.command("from-conll")
def from_conll(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Named for train, dev (valid) and test.")],
    output: Output,
    overwrite: Overwrite = False,
) -> None:
    """Take in CoNLL columns: the token first, its IOB tag last, a blank line after each sentence.

    What is lost and changed is counted here and in OUTPUT/import.json.
    """
    with _faults_told():
        from conflictspan.formats.conll import read_conll

        _write_import(lambda: read_conll(files), output, overwrite)


@app.command("from-brat")
def from_brat(
    source: Annotated[
        Path, typer.Argument(metavar="DIR", help="With .txt and .ann files; folders train, dev and test are splits.")
    ],
    output: Output,
    overwrite: Overwrite = False,
) -> None:
    """Take in brat standoff: text-bound annotations, relations, events.

    What is lost and changed is counted here and in OUTPUT/import.json.
    """
    with _faults_told():
        from conflictspan.formats.brat import read_brat

        _write_import(lambda: read_brat(source), output, overwrite)


def _write_import(read: Callable[[], ImportSource], output: Path, overwrite: bool) -> None:
    """Write what is read and show the counts."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from conflictspan.formats.corpus_folder import IMPORT, check_folder, write_import
    from conflictspan.rows import SPLITS

    check_folder(output, overwrite=overwrite)
    tally = write_import(read(), output, overwrite=overwrite)
    table = Table("", *SPLITS, "all")
    for column in table.columns[1:]:
        column.justify = "right"
    for count, numbers in tally.table().items():
        name = f"{count.what} {count.fate}" + (f": {count.why}" if count.why else "")
        table.add_row(escape(name), *(f"{number:,}" for number in (*numbers.values(), sum(numbers.values()))))
    Console().print(table)
    for name in tally.skipped:
        typer.echo(f"not read: {name}")
    typer.echo(f"written to {output}; these counts and the rules stand in {IMPORT}")


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
