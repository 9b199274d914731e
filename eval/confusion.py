"""Confusion matrices: what gold calls a mention or a relation against what a system calls it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conflictspan.schema import Schema
from eval.answers import answer_mentions, answer_relations
from eval.errors import MENTIONS, ON_GOLD, RELATIONS
from eval.match import Match
from eval.systems import Run

Cell = tuple[str | None, str | None]
"""Gold label and predicted label; None where nothing stands on that side."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """A confusion matrix. Its rows sum to the gold items, its columns to the predicted ones.

    Attributes:
        title: what was labelled; the title of the list of errors that it sums up.
        rule: which gold and predicted items stand in one cell.
        labels: in the scheme's order.
        counts: only cells above 0.
    """

    title: str
    rule: str
    labels: tuple[str, ...]
    counts: Mapping[Cell, int]


def run_confusion(run: Run, schema: Schema) -> list[Confusion]:
    """The matrices of a system, named like its lists of errors; mentions alone in a scheme without relations."""
    matrices = [mention_confusion(run.end_to_end, schema, title=MENTIONS)]
    if schema.relations:
        matrices.append(relation_confusion(run.end_to_end, schema, title=RELATIONS))
        matrices.append(relation_confusion(run.on_gold, schema, title=ON_GOLD))
    return matrices


def mention_confusion(matches: Sequence[Match], schema: Schema, *, title: str) -> Confusion:
    """Types of mentions; a gold mention and the prediction that answers it, with its bounds or others, share a cell."""
    return Confusion(
        title,
        "Gold and predicted mentions share a cell where their bounds are equal or, where no such pair is left, where "
        "they overlap; each counts once, so a wrong boundary of the right type stands on the diagonal.",
        schema.types,
        _count(
            (p.gold.type if p.gold else None, p.predicted.type if p.predicted else None)
            for match in matches
            for p in answer_mentions(match.mentions)
        ),
    )


def relation_confusion(matches: Sequence[Match], schema: Schema, *, title: str) -> Confusion:
    """Labels of relations; a gold relation and one predicted between what answers its ends share a cell."""
    return Confusion(
        title,
        "Gold and predicted relations share a cell where head answers head and tail answers tail (mentions with equal "
        "bounds or, failing that, an overlap); each counts once, the same label first.",
        schema.labels,
        _count(
            (p.gold.label if p.gold else None, p.predicted.label if p.predicted else None)
            for match in matches
            for p in answer_relations(match.relations, answer_mentions(match.mentions))
        ),
    )


def _count(cells: Iterable[Cell]) -> dict[Cell, int]:
    return dict(Counter(cells))
