"""The strict span scores, counted again by seqeval, the field's reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from seqeval.metrics.v1 import precision_recall_fscore_support
from seqeval.scheme import IOB2, Entities

from conflictspan.errors import ConflictSpanError
from conflictspan.schema import Schema
from eval.match import Match
from eval.scores import Counts, Row


class ScoreError(ConflictSpanError):
    """Two independent ways to count disagree: a fault of the program, never of the data."""


def check_with_seqeval(matches: Sequence[Match], schema: Schema, totals: Mapping[Row, Counts]) -> None:
    """Count the spans of one system again, with seqeval (`mode="strict", scheme=IOB2`), and compare.

    seqeval scores tokens, spans here are code points that need not fall on any tokenizer's borders. So a report's
    tokens are cut for the purpose: at every start and end of a gold or predicted span. Each span is then a whole run of
    tokens, B- keeps neighbours of one type apart, and the comparison is exact. Tokens outside all spans are left out:
    they are O on both sides.

    Args:
        matches: one per report; only the reports are read, not the pairs, so that the pairing is checked too.
        schema: the label scheme.
        totals: the counts of the same matches, summed; rows that are not there are not checked.

    Raises:
        ScoreError: naming the type, both counts and the two ratios that differ.
    """
    for score, types in (("entities", schema.entities), ("triggers", schema.events)):
        index = {type_: number for number, type_ in enumerate(types)}
        tags = [line for match in matches if (line := _iob2(match, index))[0]]
        theirs = _seqeval(tags) if tags else {}
        names = {Row(score): "micro avg"} | {Row(score, type_): str(number) for type_, number in index.items()}
        for row, name in names.items():
            if row in totals:
                _compare(row, totals[row], theirs.get(name, {}))


def _seqeval(tags: Sequence[tuple[list[str], list[str]]]) -> dict[str, dict[str, float]]:
    """What `classification_report` has, by type and as "micro avg"; it takes twice as long for other averages too."""
    gold, predicted = [one for one, _ in tags], [other for _, other in tags]
    entities = {"entities_true": Entities(gold, IOB2), "entities_pred": Entities(predicted, IOB2)}
    options = {"scheme": IOB2, "zero_division": 0, **entities}
    names = sorted(entities["entities_true"].unique_tags | entities["entities_pred"].unique_tags)
    by_type = precision_recall_fscore_support(gold, predicted, average=None, **options)
    micro = precision_recall_fscore_support(gold, predicted, average="micro", **options)
    measures = ("precision", "recall", "f1-score", "support")
    found = {name: dict(zip(measures, values, strict=True)) for name, *values in zip(names, *by_type, strict=True)}
    return {**found, "micro avg": dict(zip(measures, micro, strict=True))}


def _compare(row: Row, ours: Counts, theirs: Mapping[str, float]) -> None:
    for measure, value in (
        ("precision", ours.precision),
        ("recall", ours.recall),
        ("f1-score", ours.f1),
        ("support", ours.gold),
    ):
        other = float(theirs.get(measure, 0))
        if not math.isclose(value, other, abs_tol=1e-9):
            where = " ".join(filter(None, row))
            raise ScoreError(
                f"{where}: {measure} is {value:.6f} by the span matcher ({ours}) and {other:.6f} by seqeval; "
                "one of them counts wrong: trust neither and report it"
            )


def _iob2(match: Match, index: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Gold and predicted tags of a report's mentions of the types in `index`, over tokens that fit all these spans."""
    sides = [
        [mention for mention in report.mentions if mention.type in index] for report in (match.gold, match.predicted)
    ]
    cuts = sorted({cut for side in sides for m in side for cut in (m.start, m.end)})
    tags = []
    for side in sides:
        begins = {mention.start: mention for mention in side}
        line, inside = [], None
        for token in cuts[:-1]:
            if token in begins:
                inside = begins[token]
                line.append(f"B-{index[inside.type]}")
            elif inside and token < inside.end:
                line.append(f"I-{index[inside.type]}")
            else:
                line.append("O")
        tags.append(line)
    kept = [number for number, pair in enumerate(zip(*tags, strict=True)) if pair != ("O", "O")]
    return [tags[0][number] for number in kept], [tags[1][number] for number in kept]
