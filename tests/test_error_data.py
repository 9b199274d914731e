import json
from typing import get_args

from conflictspan.records import Mention, Relation, Report
from eval.error_data import MENTION_KINDS, RELATION_KINDS, browser_data, kinds_of
from eval.errors import MentionKind, RelationKind, mention_errors, relation_errors
from eval.match import match_report
from tests.readings import SCHEMA

TEXT = "Before. rebels attacked Taiz"
GOLD = Report(
    "r1",
    TEXT,
    sentences=((0, 7), (8, 28)),
    mentions=(Mention("a1", 8, 14, "GROUP"), Mention("e1", 15, 23, "ATTACK"), Mention("p1", 24, 28, "LOC")),
    relations=(Relation("e1", "AGENT", "a1"), Relation("e1", "PLACE", "p1")),
)
PREDICTED = Report(
    "r1",
    TEXT,
    sentences=((0, 7), (8, 28)),
    mentions=(
        Mention("m0", 8, 14, "GROUP", score=0.98765),
        Mention("m1", 15, 23, "ATTACK", "planned", 0.9),
        Mention("m2", 24, 27, "LOC", score=0.5),
    ),
    relations=(Relation("m1", "SOURCE", "m0", 0.7), Relation("m1", "PLACE", "m2", 0.6)),
)
MATCH = match_report(GOLD, PREDICTED)


def test_every_kind_has_words() -> None:
    assert set(MENTION_KINDS) == set(get_args(MentionKind))
    assert set(RELATION_KINDS) == set(get_args(RelationKind))
    assert kinds_of(list(mention_errors([MATCH]))) is MENTION_KINDS
    assert kinds_of(list(relation_errors([MATCH], SCHEMA))) is RELATION_KINDS
    assert kinds_of([]) == {}


def test_worked_by_hand() -> None:
    data = browser_data(
        {"Mentions": list(mention_errors([MATCH])), "Relations": list(relation_errors([MATCH], SCHEMA))}
    )
    gold = [[0, 6, "GROUP", None], [7, 15, "ATTACK", None], [16, 20, "LOC", None]]
    predicted = [[0, 6, "GROUP", None], [7, 15, "ATTACK", "planned"], [16, 19, "LOC", None]]
    excerpt = {"report": "r1", "start": 8, "text": "rebels attacked Taiz", "gold": gold, "predicted": predicted}
    # The two lists come from two passes over the match, each with its own excerpt.
    assert data["excerpts"] == [excerpt, excerpt]
    mentions, relations = data["lists"]
    assert (mentions["title"], mentions["kinds"]["both"]) == ("Mentions", "boundary and type")
    assert mentions["errors"] == [
        {
            "kind": "status",
            "excerpt": 0,
            "note": "gold is asserted, predicted is planned",
            "gold": {"label": "ATTACK", "spans": [1], "score": None},
            "predicted": {"label": "ATTACK", "spans": [1], "score": 0.9},
        },
        {
            "kind": "boundary",
            "excerpt": 0,
            "note": "",
            "gold": {"label": "LOC", "spans": [2], "score": None},
            "predicted": {"label": "LOC", "spans": [2], "score": 0.5},
        },
    ]
    assert relations["errors"] == [
        {
            "kind": "label",
            "excerpt": 1,
            "note": "",
            "gold": {"label": "AGENT", "spans": [1, 0], "score": None},
            "predicted": {"label": "SOURCE", "spans": [1, 0], "score": 0.7},
        },
        {
            "kind": "tail",
            "excerpt": 1,
            "note": "tail: boundary, predicted is LOC “Tai”",
            "gold": {"label": "PLACE", "spans": [1, 2], "score": None},
            "predicted": {"label": "PLACE", "spans": [1, 2], "score": 0.6},
        },
    ]
    json.dumps(data)


def test_what_nothing_answers_has_one_side() -> None:
    bare = Report("r1", TEXT, sentences=GOLD.sentences)
    (lost, also) = browser_data({"x": list(relation_errors([match_report(GOLD, bare)], SCHEMA))})["lists"][0]["errors"]
    assert (lost["predicted"], lost["note"]) == (None, "head: missed; tail: missed")
    assert also["gold"]["spans"] == [1, 2]
    spurious = browser_data({"x": list(relation_errors([match_report(bare, PREDICTED)], SCHEMA))})["lists"][0]["errors"]
    assert [error["gold"] for error in spurious] == [None, None]
    assert spurious[0]["note"] == "head: spurious; tail: spurious"
