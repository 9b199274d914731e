from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from training.progress import plot_curves, validation_scores

GOLD = Report(
    "r",
    "Rebels shelled Raqqa on Sunday.",
    sentences=((0, 31),),
    mentions=(
        Mention("a", 0, 6, "ARMED_GROUP"),
        Mention("e", 7, 14, "SHELLING"),
        Mention("p", 15, 20, "LOC"),
        Mention("t", 24, 30, "TIME"),
    ),
    relations=(Relation("e", "AGENT", "a"), Relation("e", "PLACE", "p"), Relation("e", "TIME", "t")),
)


class Canned:
    """Finds two of three entities, one of them with a wrong type, and the trigger; relates two pairs, one rightly."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def find(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            assert report.mentions == ()
            mentions = (
                Mention("m0", 0, 6, "STATE_FORCE"),
                Mention("m1", 7, 14, "SHELLING", status="planned"),
                Mention("m2", 15, 20, "LOC"),
            )
            arcs = (Relation("m1", "AGENT", "m0"), Relation("m1", "PLACE", "m2"))
            yield replace(report, mentions=mentions, relations=arcs)

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            yield replace(report, relations=(Relation("e", "AGENT", "a"), Relation("e", "PLACE", "a")))


def test_scores_worked_out_by_hand(schema: Schema) -> None:
    scores = validation_scores(Canned(schema), [GOLD])  # type: ignore[arg-type]
    assert scores["entity"] == pytest.approx(2 * 1 / (3 + 2))  # LOC right; ARMED_GROUP mistyped; TIME missed
    assert scores["trigger"] == 1
    assert scores["status"] == 0  # none to find, one found
    assert scores["relation_gold"] == pytest.approx(2 * 1 / (3 + 2))
    assert scores["relation"] == pytest.approx(2 * 1 / (3 + 2))  # PLACE right; AGENT on a mistyped span is not


def test_a_scheme_of_spans_only_has_only_an_entity_score() -> None:
    schema = Schema.parse('[entities]\nLOC = ""\n')
    gold = replace(GOLD, mentions=(Mention("p", 15, 20, "LOC"),), relations=())
    assert validation_scores(Canned(schema), [gold]).keys() == {"entity"}  # type: ignore[arg-type]


def test_curves_are_drawn(tmp_path: Path) -> None:
    history = [{"epoch": 0.5, "loss": 2.0}, {"epoch": 1.0, "validation_entity": 0.7, "validation_relation": 0.4}]
    plot_curves(history, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
