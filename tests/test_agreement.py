"""Two hands compared, on cases worked out by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from conflictspan.agreement import ALL_ENTITIES, ALL_RELATIONS, ALL_TRIGGERS, STATUS, agreement, cohens_kappa
from conflictspan.agreement_text import agreement_tables
from conflictspan.errors import InputError
from conflictspan.markup_files import load_annotations
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from tests.conftest import REPOSITORY

TEXT = "Rebels shelled the old mill. Two died."
BARE = Report("r", TEXT, sentences=((0, 28), (29, 38)))
REBELS = Mention("a", 0, 6, "ARMED_GROUP")
SHELLED = Mention("e", 7, 14, "SHELLING")
OLD_MILL = Mention("f", 19, 27, "FAC")
MILL = Mention("f", 23, 27, "FAC")
TWO = Mention("n", 29, 32, "COUNT")
DIED = Mention("d", 33, 37, "DEATH")
FIRST = replace(
    BARE,
    mentions=(REBELS, SHELLED, OLD_MILL, TWO, DIED),
    relations=(Relation("e", "AGENT", "a"), Relation("e", "TARGET", "f"), Relation("d", "CAUSE", "e")),
)
SECOND = replace(
    BARE,
    mentions=(REBELS, SHELLED, MILL, TWO, replace(DIED, status="denied")),
    relations=(Relation("e", "AGENT", "a"), Relation("e", "TARGET", "f"), Relation("d", "COUNT", "n")),
)


def test_a_hand_agrees_with_itself(schema: Schema) -> None:
    found = agreement([FIRST], [FIRST], schema)
    assert not found.disagreements
    assert found.spans[ALL_ENTITIES].strict_f1 == found.spans[ALL_ENTITIES].kappa == 1
    assert found.relations[ALL_RELATIONS].f1 == found.relations[ALL_RELATIONS].shared_f1 == 1


def test_spans_strict_and_relaxed(schema: Schema) -> None:
    found = agreement([FIRST], [SECOND], schema)
    entities = found.spans[ALL_ENTITIES]
    assert (entities.first, entities.second, entities.strict, entities.relaxed) == (3, 3, 2, 3)
    assert entities.strict_f1 == pytest.approx(2 / 3)
    assert entities.relaxed_f1 == 1
    assert found.spans["FAC"].strict_f1 == 0
    assert found.spans[ALL_TRIGGERS].strict_f1 == 1, "the status is no part of the span"
    assert "LOC" not in found.spans, "a type that nobody drew has no line"


def test_kappa_by_word(schema: Schema) -> None:
    # Nine words: Rebels shelled the old mill . Two died . One hand has FAC on "old mill", the other on "mill":
    # agreed 8/9, by chance (2*1 + 7*8)/81 = 58/81, kappa (72-58)/(81-58).
    assert agreement([FIRST], [SECOND], schema).spans["FAC"].kappa == pytest.approx(14 / 23)


def test_one_span_pairs_with_one(schema: Schema) -> None:
    halves = replace(BARE, mentions=(replace(OLD_MILL, id="x", end=22), MILL, REBELS, SHELLED, TWO, DIED), relations=())
    assert agreement([FIRST], [halves], schema).spans["FAC"].relaxed == 1


def test_status(schema: Schema) -> None:
    status = agreement([FIRST], [SECOND], schema).spans[STATUS]
    assert (status.first, status.second, status.strict) == (0, 1, 0)
    assert status.kappa == 0, "over the two triggers both drew: agreed 1/2, chance (2*1 + 0*1)/4"


def test_relations_on_all_and_on_shared_spans(schema: Schema) -> None:
    found = agreement([FIRST], [SECOND], schema).relations
    every = found[ALL_RELATIONS]
    assert (every.first, every.second, every.agreed) == (3, 3, 1)
    assert (every.first_shared, every.second_shared) == (2, 2), "TARGET hangs on a span that only one drew"
    assert every.f1 == pytest.approx(1 / 3)
    assert every.shared_f1 == pytest.approx(1 / 2)
    assert found["AGENT"].f1 == 1
    assert found["TARGET"].f1 == found["TARGET"].shared_f1 == 0


def test_disagreements_stand_side_by_side(schema: Schema) -> None:
    one, two = agreement([FIRST], [SECOND], schema).disagreements
    assert (one.report, one.sentence, one.text) == ("r", 0, TEXT[:28])
    assert one.first == ("[old mill|FAC]", "shelled TARGET old mill")
    assert one.second == ("[mill|FAC]", "shelled TARGET mill")
    assert two.first == ("[died|DEATH]", "died CAUSE shelled")
    assert two.second == ("[died|DEATH denied]", "died COUNT Two")


def test_only_what_both_hands_have_is_compared(schema: Schema) -> None:
    found = agreement([FIRST, replace(FIRST, id="mine")], [replace(FIRST, id="yours"), FIRST], schema)
    assert (found.reports, found.only_first, found.only_second) == (1, ("mine",), ("yours",))
    with pytest.raises(InputError, match="no report in common"):
        agreement([FIRST], [replace(FIRST, id="yours")], schema)


def test_other_texts_are_refused(schema: Schema) -> None:
    with pytest.raises(InputError, match=r"report 'r'.*not the same"):
        agreement([FIRST], [replace(FIRST, text=TEXT.upper())], schema)


def test_cohens_kappa() -> None:
    assert cohens_kappa(Counter({("a", "a"): 20, ("a", "b"): 5, ("b", "a"): 10, ("b", "b"): 15})) == pytest.approx(0.4)
    assert cohens_kappa(Counter({("a", "b"): 5, ("b", "a"): 5})) == -1
    assert cohens_kappa(Counter({("a", "a"): 5})) is None


def test_the_data_card_has_the_second_hands_agreement() -> None:
    folder = REPOSITORY / "data" / "annotations"
    scheme = Schema.load(folder / "schema.toml")
    found = agreement(load_annotations(folder, scheme), load_annotations(folder / "second", scheme), scheme)
    assert agreement_tables(found).replace(r"\_", "_") in (folder / "README.md").read_text(encoding="utf-8")
