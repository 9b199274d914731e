import dataclasses
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from conflictspan.errors import ModelError
from conflictspan.extractor import Extractor
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.match import MatchError
from eval.systems import load_baselines, load_model, run_system

SCHEMA = Schema.parse('[entities]\nLOC = ""\n[relations.IN]\nhead = ["LOC"]\ntail = ["LOC"]', where="small")
SPANS_ONLY = Schema.parse('[entities]\nLOC = ""', where="spans")
TAIZ, YEMEN = Mention("p1", 0, 4, "LOC"), Mention("p2", 6, 11, "LOC")
GOLD = [
    Report("r1", "Taiz, Yemen.", "2020-01-01", None, ((0, 12),), (TAIZ, YEMEN), (Relation("p1", "IN", "p2"),)),
    Report("r2", "Nothing.", None, None, ((0, 8),)),
]


class Stub:
    """A system that keeps what it was given and returns what a function makes of it."""

    name = "stub"

    def __init__(self, read: Callable[[list[Report]], list[Report]] = lambda reports: reports) -> None:
        self.read = read
        self.given: dict[str, list[Report]] = {}

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        self.given["extract"] = list(reports)
        yield from self.read(self.given["extract"])

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        self.given["relate"] = list(reports)
        yield from self.read(self.given["relate"])


def test_a_system_sees_bare_text_first_and_gold_spans_without_relations_then() -> None:
    system = Stub()
    run_system(system, GOLD, SCHEMA)
    assert system.given == {
        "extract": [Report("r1", "Taiz, Yemen.", "2020-01-01"), Report("r2", "Nothing.")],
        "relate": [dataclasses.replace(GOLD[0], relations=()), GOLD[1]],
    }


def test_a_run_pairs_each_report_with_its_gold() -> None:
    run = run_system(Stub(), GOLD, SCHEMA)
    assert [match.gold for match in run.end_to_end] == GOLD
    assert [pair.predicted for pair in run.end_to_end[0].mentions] == [None, None]
    assert [pair.predicted for pair in run.on_gold[0].mentions] == [TAIZ, YEMEN]
    assert [pair.predicted for pair in run.on_gold[0].relations] == [None]
    assert run.extract_seconds > 0
    assert run.relate_seconds > 0


def test_nothing_is_related_under_a_scheme_without_relations() -> None:
    system = Stub()
    run = run_system(system, [dataclasses.replace(report, relations=()) for report in GOLD], SPANS_ONLY)
    assert "relate" not in system.given
    assert (run.on_gold, run.relate_seconds) == ((), 0)


def overlapping(reports: list[Report]) -> list[Report]:
    return [dataclasses.replace(r, mentions=(TAIZ, Mention("m0", 3, 7, "LOC"))) for r in reports]


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (lambda reports: reports[:1], "stub: 2 reports went in and 1 came out"),
        (lambda reports: reports[::-1], "stub: report 'r2' came back for 'r1'"),
        (
            lambda reports: [dataclasses.replace(r, text=r.text.strip(".")) for r in reports],
            "stub, report 'r1': the text",
        ),
        (overlapping, r"stub, report 'r1': LOC 'p1' \[0, 4\) and LOC 'm0' \[3, 7\) overlap"),
        (
            lambda reports: [dataclasses.replace(r, mentions=r.mentions[:1]) for r in reports],
            "stub, report 'r1': relate",
        ),
    ],
)
def test_output_that_cannot_be_compared_is_an_error(read: Callable[[list[Report]], list[Report]], says: str) -> None:
    with pytest.raises(MatchError, match=says):
        run_system(Stub(read), GOLD, SCHEMA)


def test_a_model_for_other_labels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = SimpleNamespace(schema=SCHEMA)
    monkeypatch.setattr(Extractor, "from_pretrained", lambda _: model)
    assert load_model("models/x", SCHEMA) is model
    with pytest.raises(ModelError, match=r"models/x: the model's relations are not the corpus's; .* IN"):
        load_model("models/x", SPANS_ONLY)


def test_the_lexicon_stands_aside_where_the_scheme_is_not_its_own() -> None:
    own = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")
    assert [system.name for system in load_baselines([], own)] == ["memory", "lexicon", "lexicon+memory"]
    assert [system.name for system in load_baselines(GOLD, SCHEMA)] == ["memory"]


def test_the_memory_baseline_runs_under_any_scheme() -> None:
    (memory,) = load_baselines(GOLD, SCHEMA)
    match = run_system(memory, GOLD, SCHEMA).end_to_end[0]
    assert [(p.gold, p.predicted is not None) for p in match.mentions] == [(TAIZ, True), (YEMEN, True)]
