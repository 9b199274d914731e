from __future__ import annotations

import pytest

from conflictspan.errors import AnnotationError
from conflictspan.formats.annotations import settle
from conflictspan.formats.sources import ImportSource, SourceReport, Tally
from conflictspan.records import Mention, Relation, Report
from tests.annotated import SCHEMA, whole

TEXT = "Rebels struck Tarvan. Eight died."
MENTIONS = (
    Mention("x", 0, 6, "ORG", score=0.9),
    Mention("y", 7, 13, "ATTACK", status="denied", score=0.5),
    Mention("z", 28, 32, "DEATH"),
)
RELATIONS = (Relation("y", "AGENT", "x", 0.25), Relation("z", "CAUSE", "y"))


def item(*mentions: Mention, **more: object) -> SourceReport:
    report = Report("r", TEXT, published="2020-01-02T08:30", title="A title", mentions=mentions, relations=RELATIONS)
    return SourceReport(report, "train", "f:7", "o", **more)  # type: ignore[arg-type]


def source(*items: SourceReport) -> ImportSource:
    return ImportSource("own", ("A rule.",), {}, items, Tally(), ("ATTACK", "DEATH"))


def test_settled_annotations_have_sentences_new_ids_and_no_scores_of_annotators() -> None:
    (found,) = settle(source(item(*MENTIONS)), SCHEMA).reports
    assert found.report.sentences == ((0, 21), (22, 33))
    assert [(m.id, m.status, m.score) for m in found.report.mentions] == [
        ("m1", None, None),
        ("m2", "denied", None),
        ("m3", None, None),
    ]
    assert found.report.relations == (Relation("m2", "AGENT", "m1"), Relation("m3", "CAUSE", "m2"))


def test_own_ids_stay_and_no_new_one_is_like_them() -> None:
    mentions = (MENTIONS[0], Mention("y", 7, 13, "ATTACK"), Mention("m1", 14, 20, "LOC"), MENTIONS[2])
    (found,) = settle(source(item(*mentions, own_ids=frozenset(["m1", "y"]))), SCHEMA).reports
    assert [mention.id for mention in found.report.mentions] == ["m2", "y", "m1", "m3"]


def test_scores_of_a_model_stay() -> None:
    (found,) = settle(source(item(*MENTIONS, model="m")), SCHEMA).reports
    assert [mention.score for mention in found.report.mentions] == [0.9, 0.5, None]
    assert [relation.score for relation in found.report.relations] == [0.25, None]


def test_a_scheme_that_is_given_is_kept_to() -> None:
    mentions = (MENTIONS[0], Mention("y", 7, 13, "LOC"), MENTIONS[2])
    with pytest.raises(AnnotationError) as raised:
        settle(source(item(*mentions)), SCHEMA)
    assert raised.value.faults == [
        "f:7: 'm2 AGENT m1': AGENT cannot have LOC at its head; allowed: ATTACK, DEATH",
        "f:7: 'm3 CAUSE m2': CAUSE cannot have LOC at its tail; allowed: ATTACK, DEATH",
    ]


def test_statuses_are_part_of_a_scheme_read_off_the_data() -> None:
    schema = settle(source(item(*MENTIONS))).schema
    assert schema.statuses == ("denied",)
    assert list(schema.events) == ["ATTACK", "DEATH"]


def test_what_a_format_has_no_place_for_is_counted() -> None:
    found = whole([item(*MENTIONS)])
    before = found.lost()
    found.lose("no place", "relations", "statuses", "scores", "ids of mentions", "titles", "dates", "times of day")
    found.count_kept(before)
    assert {(c.what, c.fate): n["train"] for c, n in found.tally.table().items()} == {
        ("relations", "lost"): 2,
        ("statuses", "lost"): 1,
        ("scores", "lost"): 3,
        ("ids of mentions", "lost"): 3,
        ("titles", "lost"): 1,
        ("times of day", "lost"): 1,
        ("reports", "kept"): 1,
        ("mentions", "kept"): 3,
    }
