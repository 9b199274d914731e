from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conflictspan.errors import AnnotationError
from conflictspan.formats.annotations import settle
from conflictspan.formats.conversion import write_annotations
from conflictspan.formats.doccano import read_doccano
from conflictspan.formats.sources import SourceReport
from conflictspan.records import Mention, Relation, Report
from tests.annotated import SCHEMA, whole

TEXT = "🚁 Rebels hit Ossar."
REPORT = Report(
    "r1",
    TEXT,
    published="2020-01-31",
    sentences=((0, len(TEXT)),),
    mentions=(Mention("a1", 2, 8, "ORG"), Mention("e1", 9, 12, "ATTACK", "planned"), Mention("p1", 13, 18, "LOC")),
    relations=(Relation("e1", "AGENT", "a1"),),
)
ITEM = SourceReport(REPORT, "test", "f:1", "o", "Syria", "newswire")
Line = dict[str, Any]


def entity(id_: int, start: int, end: int, label: str) -> Line:
    return {"id": id_, "label": label, "start_offset": start, "end_offset": end}


def exported(tmp_path: Path, *lines: Line, name: str = "admin.jsonl") -> Path:
    (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path / name


def test_a_line_has_utf_16_offsets_statuses_and_further_fields(tmp_path: Path) -> None:
    written = whole([ITEM])
    write_annotations(written, tmp_path / "lines.jsonl", to="doccano")
    (line,) = map(json.loads, (tmp_path / "lines.jsonl").read_text(encoding="utf-8").splitlines())
    assert line == {
        "text": TEXT,
        # The emoji has two code units.
        "entities": [entity(0, 3, 9, "ORG"), entity(1, 10, 13, "ATTACK planned"), entity(2, 14, 19, "LOC")],
        "relations": [{"id": 0, "from_id": 1, "to_id": 0, "type": "AGENT"}],
        "report": "r1",
        "published": "2020-01-31",
        "title": None,
        "conflict": "Syria",
        "genre": "newswire",
        "split": "test",
        "origin": "o",
        "sentences": [[0, 19]],
        "ids": {"a1": [2, 8], "e1": [9, 12], "p1": [13, 18]},
    }


def test_corrections_come_back_with_doccano_s_own_numbers(tmp_path: Path) -> None:
    write_annotations(whole([ITEM]), tmp_path / "lines.jsonl", to="doccano")
    line = json.loads((tmp_path / "lines.jsonl").read_text(encoding="utf-8"))
    entities = [entity(1662, 14, 19, "LOC"), entity(1660, 3, 9, "ORG"), entity(1671, 10, 13, "DEATH denied")]
    more = {"id": 6400, "Comments": [{"id": 1, "text": "sure?"}], "entities": entities}
    relations = [{"id": 9, "from_id": 1671, "to_id": 1660, "type": "AGENT"}]
    source = read_doccano(exported(tmp_path, line | more | {"relations": relations}), SCHEMA)
    (found,) = settle(source, SCHEMA).reports
    assert found.report == replace(
        REPORT, mentions=(REPORT.mentions[0], Mention("e1", 9, 12, "DEATH", "denied"), REPORT.mentions[2])
    )
    assert replace(found, report=REPORT, own_ids=frozenset(), where="f:1") == ITEM
    counts = {tuple(count): numbers["test"] for count, numbers in source.tally.table().items()}
    assert counts["comments", "lost", "not taken in"] == 1


def test_a_project_that_began_in_doccano(tmp_path: Path) -> None:
    line = {"id": 1, "text": TEXT, "entities": [entity(5, 3, 9, "Armed group")], "relations": [], "source": "paper"}
    (item,) = read_doccano(exported(tmp_path, line, name="train set.jsonl")).reports
    assert (item.report.id, item.split, item.origin) == ("train%20set-1", "train", "train%20set")
    assert [(TEXT[m.start : m.end], m.type) for m in item.report.mentions] == [("Rebels", "Armed%20group")]


def test_a_label_ends_in_a_status_only_by_a_scheme(tmp_path: Path) -> None:
    labels = ["ATTACK planned", "ATTACK likely", "ORG planned"]
    path = exported(tmp_path, {"text": TEXT, "entities": [entity(n, 3, 9, label) for n, label in enumerate(labels)]})
    for schema, found in (
        (SCHEMA, [("ATTACK", "planned"), ("ATTACK%20likely", None), ("ORG%20planned", None)]),
        (None, [("ATTACK%20planned", None), ("ATTACK%20likely", None), ("ORG%20planned", None)]),
    ):
        (item,) = read_doccano(path, schema).reports
        assert [(mention.type, mention.status) for mention in item.report.mentions] == found


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({"text": "a"}, "lines.jsonl:1: entities: Field required"),
        ({"text": "a", "entities": [[0, 1, "ORG"]]}, "lines.jsonl:1: entities.0: "),
        (
            {"text": TEXT, "entities": [entity(4, 1, 3, "ORG")]},
            "lines.jsonl:1: entity 4: 1 to 3 is no span of the text",
        ),
        (
            {"text": "a", "entities": [entity(4, 0, 2, "ORG")]},
            "entity 4: 0 to 2 is no span of the text, in UTF-16 code",
        ),
        ({"text": "a", "entities": [entity(4, 0, 1, "A")] * 2}, "lines.jsonl:1: the entity 4 stands twice"),
        (
            {"text": "a", "entities": [], "relations": [{"from_id": 1, "to_id": 1, "type": "BY"}]},
            "lines.jsonl:1: a relation BY joins the entity 1, which the line lacks",
        ),
        ({"text": "a", "entities": [], "report": "r", "ids": {"x": [1]}}, "lines.jsonl:1: ids.x.1: Field required"),
        (
            {"text": "a", "entities": [], "report": "r", "ids": {}, "sentences": [[0, 2]]},
            "lines.jsonl:1: sentences: 0 to 2 is none of a text of 1 characters",
        ),
    ],
)
def test_faults_name_the_line(tmp_path: Path, line: Line, says: str) -> None:
    with pytest.raises(AnnotationError) as raised:
        read_doccano(exported(tmp_path, line, name="lines.jsonl"))
    assert any(says in fault for fault in raised.value.faults), raised.value.faults
