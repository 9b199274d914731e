"""`python -m eval.conll GOLD.conll --model DIR`: score a model at the tokens of a CoNLL file, as others publish it.

The tokens are the file's, and so are the sentences. The score is seqeval's micro F1 in its default mode, which reads
IOB1, IOB2 and faulty sequences alike; predicted tags are IOB2. How a span that begins or ends inside a token becomes
tags is told at `conflictspan.formats.conll.token_tags`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from seqeval.metrics import classification_report

from conflictspan.errors import AnnotationError, ConflictSpanError, InputError, ModelError, OutputError
from conflictspan.formats.conll import DOCUMENT, ConllFile, chunks, scan_conll, token_tags
from conflictspan.parts import whole_or_not
from eval.match import MatchError
from eval.systems import System


@dataclass(frozen=True, slots=True)
class TokenScores:
    """What seqeval finds.

    Attributes:
        rows: type (or "micro avg") -> precision, recall, F1, gold spans; micro avg last.
        lost: predicted spans that hold no token's first word.
    """

    rows: dict[str, tuple[float, float, float, int]]
    lost: int


def main(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="CoNLL columns: the token first, its IOB tag last.")],
    model: Annotated[str, typer.Option(help="Model folder or hub id.")] = "models/default",
    out: Annotated[Path | None, typer.Option(help="File for the tokens with gold and predicted tags.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Score a trained model at the tokens of a CoNLL file, with seqeval's micro F1."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        if out and out.exists() and not overwrite:
            raise OutputError(f"{out}: is there already; give another file, or --overwrite to replace it")
        file = read_gold(gold)
        system = _load(model, file)
        with errors.status(f"{model} reads {len(file.reports)} reports"):
            predicted, lost = predict_tags(system, file)
        scores = score_tags(file, predicted, lost=lost)
        if out:
            _write(out, file, predicted)
    except AnnotationError as error:
        errors.print("\n".join(error.faults))
        raise typer.Exit(2) from error
    except ConflictSpanError as error:
        errors.print(f"error: {error}")
        raise typer.Exit(2) from error
    table = Table("", "precision", "recall", "F1", "gold", title=f"{gold.name}: seqeval, in %", title_justify="left")
    for name, (precision, recall, f1, support) in scores.rows.items():
        table.add_row(name, *(f"{100 * value:.2f}" for value in (precision, recall, f1)), str(support))
    console = Console(highlight=False, markup=False)
    console.print(table)
    if scores.lost:
        console.print(f"{scores.lost} predicted spans lie inside a token, behind its first word, and have no tag.")


def read_gold(path: Path) -> ConllFile:
    """Read the tokens and tags. Raises AnnotationError with every fault, InputError where there is no token."""
    file, faults = scan_conll(path)
    if faults:
        raise AnnotationError(faults)
    if not any(file.reports):
        raise InputError(f"{path}: has no token to score")
    return file


def predict_tags(system: System, file: ConllFile) -> tuple[list[list[str]], int]:
    """Let a system read the reports, with the file's sentence borders.

    Returns:
        IOB2 tags of every sentence of the file, in order; how many predicted spans no token could take.
    """
    predicted: list[list[str]] = []
    lost = 0
    bare = file.bare_reports()
    for sentences, given, report in zip(file.reports, bare, system.extract(bare), strict=True):
        if report.text != given.text:
            raise MatchError(f"{system.name}, report {given.id!r}: the text was changed, so its offsets mean nothing")
        places = [
            (start + first, start + last)
            for (start, _), sentence in zip(given.sentences, sentences, strict=True)
            for first, last in sentence.offsets
        ]
        tags, missed = token_tags(report.text, places, report.mentions)
        lost += missed
        for sentence in sentences:
            predicted.append(tags[: len(sentence.tags)])
            tags = tags[len(sentence.tags) :]
    return predicted, lost


def score_tags(file: ConllFile, predicted: Sequence[Sequence[str]], *, lost: int) -> TokenScores:
    """Score tags with seqeval (default mode, micro average). A ratio with nothing below the line is 0."""
    gold = [list(sentence.tags) for sentences in file.reports for sentence in sentences]
    if all(tag == "O" for tags in (*gold, *predicted) for tag in tags):
        return TokenScores({"micro avg": (0.0, 0.0, 0.0, 0)}, lost)
    found = classification_report(gold, [list(tags) for tags in predicted], output_dict=True, zero_division=0)
    names = [*(name for name in found if not name.endswith(" avg")), "micro avg"]
    return TokenScores(
        {
            name: (
                float(found[name]["precision"]),
                float(found[name]["recall"]),
                float(found[name]["f1-score"]),
                int(found[name]["support"]),
            )
            for name in names
        },
        lost,
    )


def _load(path: str, file: ConllFile) -> System:
    # Here, because torch takes seconds to import.
    from conflictspan.extractor import Extractor

    model = Extractor.from_pretrained(path)
    types = {type_ for sentences in file.reports for s in sentences for _, _, type_ in chunks(s.tags)}
    if strange := sorted(types - set(model.schema.types)):
        raise ModelError(
            f"{path}: the model does not know the types {', '.join(strange)} of {file.name}; "
            "score it on the data it was trained for, or train on this"
        )
    return model


def _write(path: Path, file: ConllFile, predicted: Sequence[Sequence[str]]) -> None:
    with whole_or_not(path) as part:
        part.write_text("".join(_lines(file, predicted)), encoding="utf-8", newline="\n")


def _lines(file: ConllFile, predicted: Sequence[Sequence[str]]) -> Iterator[str]:
    """`token gold predicted`, as the conlleval script reads it; reports parted where the file parts them."""
    sentences = iter(predicted)
    for report in file.reports:
        if file.parted:
            yield f"{DOCUMENT} O O\n\n"
        for sentence in report:
            yield from (
                f"{' '.join(row)}\n" for row in zip(sentence.tokens, sentence.tags, next(sentences), strict=True)
            )
            yield "\n"


if __name__ == "__main__":
    typer.run(main)
