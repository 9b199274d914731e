from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conflictspan.errors import AnnotationError
from conflictspan.formats.annotations import settle
from conflictspan.formats.conversion import write_annotations
from conflictspan.formats.label_studio import read_label_studio
from conflictspan.formats.sources import SourceReport
from conflictspan.records import Mention, Relation, Report
from tests.annotated import SCHEMA, there_and_back, whole

TEXT = "🚁 Rebels hit\nOssar."
REPORT = Report(
    "r1",
    TEXT,
    published="2020-01-31",
    title="A title",
    sentences=((0, len(TEXT)),),
    mentions=(Mention("a1", 2, 8, "ORG"), Mention("e1", 9, 12, "ATTACK", "planned"), Mention("p1", 13, 18, "LOC")),
    relations=(Relation("e1", "AGENT", "a1"),),
)
ITEM = SourceReport(REPORT, "validation", "f:1", "o", "Syria", "newswire")
Result = dict[str, Any]


def region(id_: str, start: int, end: int, label: str, **more: object) -> Result:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]} | more
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def relation(head: str, tail: str, *labels: str, direction: str = "right") -> Result:
    return {"type": "relation", "from_id": head, "to_id": tail, "direction": direction, "labels": list(labels)}


REGIONS = [region("x", 2, 8, "ORG"), region("y", 9, 12, "ATTACK"), region("z", 13, 18, "LOC")]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[list[SourceReport], dict[tuple[str, str, str], int]]]:
    """Read tasks as they were exported: what they hold, and the counts."""

    def run(*tasks: Result, name: str = "project-1.json") -> tuple[list[SourceReport], dict[tuple[str, str, str], int]]:
        (tmp_path / name).write_text(json.dumps(tasks))
        source = read_label_studio(tmp_path / name)
        counts = {tuple(count): sum(numbers.values()) for count, numbers in source.tally.table().items()}
        return list(source.reports), counts  # type: ignore[return-value]

    return run


def task(*results: Result, **more: object) -> Result:
    return {"id": 7, "data": {"text": TEXT}, "annotations": [{"id": 1, "result": list(results)}]} | more


def test_a_task_has_the_report_its_regions_and_its_relations(tmp_path: Path) -> None:
    write_annotations(whole([ITEM]), tmp_path / "tasks.json", to="label-studio")
    (written,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert written["data"] == {
        "text": TEXT,
        "report": "r1",
        "published": "2020-01-31",
        "title": "A title",
        "conflict": "Syria",
        "genre": "newswire",
        "split": "validation",
        "origin": "o",
        "sentences": [[0, 19]],
        "ids": {"a1": [2, 8], "e1": [9, 12], "p1": [13, 18]},
    }
    hit = {"start": 9, "end": 12, "text": "hit"}
    assert written["annotations"] == [
        {
            "result": [
                region("a1", 2, 8, "ORG"),
                region("e1", 9, 12, "ATTACK"),
                {"id": "e1", "from_name": "status", "to_name": "text", "type": "choices"}
                | {"value": hit | {"choices": ["planned"]}},
                region("p1", 13, 18, "LOC"),
                relation("e1", "a1", "AGENT"),
            ]
        }
    ]
    assert "predictions" not in written


def test_what_a_model_found_is_a_prediction_and_comes_back_as_one(tmp_path: Path) -> None:
    mentions = tuple(replace(m, score=score) for m, score in zip(REPORT.mentions, (0.5, 0.75, 1.0), strict=True))
    report = replace(REPORT, mentions=mentions, relations=(Relation("e1", "AGENT", "a1", 0.25),))
    item = replace(ITEM, report=report, model="models/x")
    back = there_and_back([item], "label-studio", tmp_path / "tasks.json")
    (written,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert "annotations" not in written
    (prediction,) = written["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("models/x", 0.75)
    assert [result.get("score") for result in prediction["result"]] == [0.5, 0.75, None, 1.0, 0.25]
    assert back.reports[0].report == report
    assert back.reports[0].model == "models/x"
    counts = {tuple(count): numbers["validation"] for count, numbers in back.tally.table().items()}
    assert counts["reports", "noted", "only predicted by a model, annotated by nobody"] == 1


def test_corrections_come_back_and_what_stood_before_keeps_its_id(tmp_path: Path) -> None:
    write_annotations(whole([replace(ITEM, model="m")]), tmp_path / "tasks.json", to="label-studio")
    (written,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    result = written["predictions"][0]["result"]
    corrected = [{**result[0], "id": "Q1"}, result[1], {**result[3], "value": region("p1", 13, 19, "LOC")["value"]}]
    new = region("kX_9-abcde", 0, 1, "ORG")
    written |= {"annotations": [{"result": [*corrected, new, relation("e1", "kX_9-abcde", "AGENT")]}]}
    (tmp_path / "export.json").write_text(json.dumps([written | {"predictions": [17]}]))
    (found,) = settle(read_label_studio(tmp_path / "export.json"), SCHEMA).reports
    assert [(m.id, m.start, m.end, m.type, m.status) for m in found.report.mentions] == [
        ("m1", 0, 1, "ORG", None),
        ("a1", 2, 8, "ORG", None),
        ("e1", 9, 12, "ATTACK", None),
        ("m2", 13, 19, "LOC", None),
    ]
    assert found.report.relations == (Relation("e1", "AGENT", "m1"),)
    assert (found.report.id, found.split, found.model) == ("r1", "validation", None)


def test_a_project_that_began_in_label_studio(read: Callable[..., Any]) -> None:
    results = [*REGIONS, relation("x", "y", "BY", "OF", direction="left"), relation("z", "x", "NEAR", direction="bi")]
    choice = {"id": "y", "type": "choices", "value": {"start": 9, "end": 12, "choices": ["denied", "planned"]}}
    (found,), counts = read(task(choice, *results), name="dev.json")
    report = found.report
    words = {m.id: (TEXT[m.start : m.end], m.type, m.status) for m in report.mentions}
    assert list(words.values()) == [("Rebels", "ORG", None), ("hit", "ATTACK", "denied"), ("Ossar", "LOC", None)]
    assert [(words[r.head][0], r.label, words[r.tail][0]) for r in report.relations] == [
        ("hit", "BY", "Rebels"),
        ("hit", "OF", "Rebels"),
        ("Ossar", "NEAR", "Rebels"),
    ]
    assert (report.id, found.split, found.origin, found.own_ids) == ("dev-1", "validation", "dev", frozenset())
    assert counts["relations", "read", ""] == 3
    assert counts["statuses", "lost", "of a region that has another"] == 1


def test_what_is_not_read_of_a_task_is_counted(read: Callable[..., Any]) -> None:
    (found,), counts = read(
        task(
            *REGIONS,
            region("w", 0, 1, "ORG", labels=[]),
            region("v", 0, 1, "ORG", labels=["Armed group", "LOC"]),
            relation("w", "x", "BY"),
            relation("y", "x"),
            {"type": "textarea", "id": "t", "value": {"text": "a remark"}},
            {"type": "choices", "id": "c", "value": {"choices": ["good"]}},
        )
    )
    assert [mention.type for mention in found.report.mentions] == ["ORG", "ATTACK", "LOC", "Armed%20group"]
    assert found.report.relations == ()
    assert {key: number for key, number in counts.items() if key[1] == "lost"} == {
        ("mentions", "lost", "without a label"): 1,
        ("labels", "lost", "of a region that has another"): 1,
        ("relations", "lost", "an end was lost"): 1,
        ("relations", "lost", "without a label"): 1,
        ("results", "lost", "of the type textarea"): 1,
        ("statuses", "lost", "a choice for no region that is read"): 1,
    }


def test_of_a_task_the_last_annotation_counts_and_a_skipped_one_never(read: Callable[..., Any]) -> None:
    def answer(*results: Result, cancelled: bool = False) -> Result:
        return {"result": list(results), "was_cancelled": cancelled}

    first, second, third = ([result] for result in REGIONS)
    both = {"data": {"text": TEXT}, "annotations": [answer(*first), answer(*second), answer(*third, cancelled=True)]}
    skipped = {"data": {"text": TEXT}, "annotations": [answer(cancelled=True)], "predictions": [answer(*first)]}
    (found,), counts = read(both, skipped, {"data": {"text": TEXT}})
    assert [mention.type for mention in found.report.mentions] == ["ATTACK"]
    assert counts["annotations", "lost", "of several of one task only the last is read"] == 1
    assert counts["reports", "lost", "skipped in Label Studio"] == 1
    assert counts["reports", "lost", "annotated by nobody"] == 1
    assert counts["reports", "read", ""] == 3


def test_offsets_of_old_exports_are_utf_16_and_told_by_the_words(read: Callable[..., Any]) -> None:
    old = region("x", 3, 9, "ORG", text="Rebels")
    (found,), counts = read(task(old, region("z", 14, 19, "LOC", text="Ossar")))
    assert [TEXT[m.start : m.end] for m in found.report.mentions] == ["Rebels", "Ossar"]
    assert counts["mentions", "changed", "offsets were UTF-16 code units"] == 2


def test_the_editor_writes_a_line_break_as_two_signs(read: Callable[..., Any]) -> None:
    (found,), _ = read(task(region("x", 9, 18, "LOC", text="hit\\nOssar")))
    assert [(m.start, m.end) for m in found.report.mentions] == [(9, 18)]


@pytest.mark.parametrize(
    ("tasks", "says"),
    [
        ("{", "tasks.json: not JSON: "),
        ("{}", "tasks.json: a list of tasks is needed; export the project as JSON"),
        ("[[]]", "tasks.json: task 1: line: Input should be a valid dictionary"),
        ('[{"annotations": []}]', "tasks.json: task 1: data: Field required"),
        ('[{"data": {"txt": "a"}}]', "tasks.json: task 1: data.text: a text is needed, not None"),
        ([task(), task({"type": "labels", "value": {"start": 0}})], "task 2: a region without id, start or end"),
        ([task(region("x", 4, 10, "ORG", text="Rebels"))], "task 1: region x is 'Rebels', but 4 to 10 of a text"),
        ([task(region("x", 15, 25, "ORG"))], "task 1: region x is 'sar.', but 15 to 25"),
        ([task(*REGIONS, region("x", 0, 1, "ORG"))], "task 1: the region x stands twice"),
        ([task(*REGIONS, relation("x", "nowhere", "BY"))], "task 1: a relation joins the region nowhere, which"),
        ([task(relation("x", "y", "BY", direction="up"))], "task 1: annotations.0.result.0.direction: "),
        (
            [task(data={"text": TEXT, "report": "r", "ids": {}, "sentences": [[0, 99]]})],
            "task 1: data.sentences: 0 to 99 is none",
        ),
        ([task(data={"text": TEXT, "report": "a b", "ids": {}})], "task 1: report: String should match"),
    ],
)
def test_faults_name_the_task(tmp_path: Path, tasks: str | list[Result], says: str) -> None:
    (tmp_path / "tasks.json").write_text(tasks if isinstance(tasks, str) else json.dumps(tasks))
    with pytest.raises(AnnotationError) as raised:
        read_label_studio(tmp_path / "tasks.json")
    assert any(says in fault for fault in raised.value.faults), raised.value.faults


def test_a_field_that_is_called_report_need_not_be_ours(read: Callable[..., Any]) -> None:
    (found,), _ = read(task(*REGIONS, data={"text": TEXT, "report": "about a village"}))
    assert found.report.id == "project-1-1"


@pytest.mark.parametrize("model", [None, "m"])
def test_label_studio_itself_finds_no_fault(tmp_path: Path, model: str | None) -> None:
    """Where its SDK is installed; with opencv and much else it is too large a thing to ask for."""
    label_interface = pytest.importorskip("label_studio_sdk.label_interface")
    write_annotations(whole([replace(ITEM, model=model)]), tmp_path / "tasks.json", to="label-studio")
    interface = label_interface.LabelInterface((tmp_path / "tasks.xml").read_text())
    interface.validate()
    (written,) = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    (answer,) = written["predictions" if model else "annotations"]
    assert interface.validate_prediction(answer, return_errors=True) == []
    assert interface.validate_task({"data": written["data"]})
    strange = {**answer, "result": [region("x", 2, 8, "NAVY")]}
    assert interface.validate_prediction(strange, return_errors=True)
