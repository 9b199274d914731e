"""How a training run goes: strict F1 on validation after each epoch, and a picture of it beside the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from conflictspan.extractor import Extractor
from conflictspan.records import Report
from conflictspan.schema import Schema

Items = set[tuple[Any, ...]]


def validation_scores(extractor: Extractor, gold: Sequence[Report]) -> dict[str, float]:
    """Strict micro F1 for choosing between runs; `python -m eval` has the full account.

    Returns:
        entity, trigger, relation_gold (on gold mentions) and relation (end to end), those that the schema has.
    """
    schema = extractor.schema
    predicted = list(extractor.find(Report(r.id, r.text, sentences=r.sentences) for r in gold))
    related = list(extractor.relate(gold))
    scores = {"entity": _f1(_spans(gold, schema, events=False), _spans(predicted, schema, events=False))}
    if schema.events:
        scores["trigger"] = _f1(_spans(gold, schema, events=True), _spans(predicted, schema, events=True))
    if schema.statuses:
        scores["status"] = _f1(_statuses(gold), _statuses(predicted))
    if schema.relations:
        scores["relation_gold"] = _f1(_relations(gold), _relations(related))
        scores["relation"] = _f1(_relations(gold), _relations(predicted))
    return scores


def _f1(gold: Items, predicted: Items) -> float:
    return 2 * len(gold & predicted) / (len(gold) + len(predicted)) if gold or predicted else 0.0


def _spans(reports: Iterable[Report], schema: Schema, *, events: bool) -> Items:
    return {(r.id, m.start, m.end, m.type) for r in reports for m in r.mentions if schema.is_event(m.type) == events}


def _statuses(reports: Iterable[Report]) -> Items:
    return {(r.id, m.start, m.end, m.type, m.status) for r in reports for m in r.mentions if m.status}


def _relations(reports: Iterable[Report]) -> Items:
    found: Items = set()
    for report in reports:
        spans = {m.id: (m.start, m.end, m.type) for m in report.mentions}
        found |= {(report.id, *spans[r.head], r.label, *spans[r.tail]) for r in report.relations}
    return found


def plot_curves(history: Sequence[dict[str, float]], path: Path) -> None:
    """Draw loss and validation F1 over the epochs.

    Args:
        history: the Trainer's log: entries with `epoch` and either `loss` or `validation_*`.
        path: PNG file to write.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    losses = [(entry["epoch"], entry["loss"]) for entry in history if "loss" in entry]
    left.plot(*zip(*losses, strict=True), color="tab:gray")
    left.set(xlabel="epoch", ylabel="training loss")
    scores = [entry for entry in history if "validation_entity" in entry]
    for name in (key for key in (scores[0] if scores else {}) if key.startswith("validation_")):
        points = [(entry["epoch"], entry[name]) for entry in scores]
        right.plot(*zip(*points, strict=True), marker="o", label=name.removeprefix("validation_"))
    right.set(xlabel="epoch", ylabel="strict F1 on validation", ylim=(0, 1))
    if scores:
        right.legend()
    right.grid(alpha=0.3)
    figure.savefig(path, dpi=120)
    plt.close(figure)
