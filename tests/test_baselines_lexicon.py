from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflictspan.records import Report
from conflictspan.schema import Schema
from eval.baselines.lexicon import Lexicon

SCHEMA = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")
LEXICON = Lexicon(SCHEMA)


def read(text: str) -> list[tuple[str, str, str | None]]:
    (out,) = LEXICON.extract([Report("r", text, sentences=((0, len(text)),))])
    return [(text[m.start : m.end], m.type, m.status) for m in out.mentions]


def spans(text: str) -> set[tuple[str, str]]:
    return {(surface, type_) for surface, type_, _ in read(text)}


def test_a_sentence_of_the_guidelines() -> None:
    text = "At least 28 SDF fighters were killed in an Islamic State attack near Manbij, the Observatory said."
    assert read(text) == [
        ("At least 28", "COUNT", None),
        ("SDF fighters", "ARMED_GROUP", None),
        ("killed", "DEATH", None),
        ("Islamic State", "ARMED_GROUP", None),
        ("attack", "ATTACK", None),
        ("Manbij", "LOC", None),
        ("Observatory", "ORG", None),
    ]


def test_modifiers_and_numbers_of_places_belong_to_the_span() -> None:
    assert ("masked gunmen", "ARMED_GROUP") in spans("Three masked gunmen opened fire on the convoy.")
    assert ("two villages", "LOC") in spans("Rebels seized two villages in Idlib on Monday.")


def test_a_titled_name_is_a_person_and_so_is_the_surname_later() -> None:
    text = "Gen. Qaziq Morvano said troops had fled. Morvano left."
    (out,) = LEXICON.extract([Report("r", text, sentences=((0, 40), (41, len(text))))])
    people = [text[m.start : m.end] for m in out.mentions if m.type == "PERSON"]
    assert people == ["Qaziq Morvano", "Morvano"]


@pytest.mark.parametrize(
    ("text", "trigger", "status"),
    [
        ("Rebels stormed the city.", "stormed", None),
        ("The alliance has yet to storm the city.", "storm", "planned"),
        ("The army denied that civilians were killed.", "killed", "denied"),
    ],
)
def test_the_status_of_a_trigger(text: str, trigger: str, status: str | None) -> None:
    assert {s for surface, _, s in read(text) if surface == trigger} == {status}


def test_a_report_comes_back_as_it_was_with_sentences_and_relations() -> None:
    text = "Rebels attacked Taiz. Two soldiers were killed."
    first, second = LEXICON.extract([Report("a", text), Report("b", "")])
    assert (first.id, first.text, first.sentences) == ("a", text, ((0, 21), (22, 47)))
    assert (second.id, second.mentions, second.relations) == ("b", (), ())
    by_id = {m.id: text[m.start : m.end] for m in first.mentions}
    assert {("attacked", "AGENT", "Rebels"), ("attacked", "PLACE", "Taiz"), ("killed", "VICTIM", "soldiers")} <= {
        (by_id[r.head], r.label, by_id[r.tail]) for r in first.relations
    }


PIECES = st.sampled_from(["killed", "Gen.", "Abu", "al-Nour", "of", "the", "2", "'s", "(", "Army", "\ud800", "\0", "é"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=12))
def test_mentions_never_overlap_and_never_leave_the_text(pieces: list[str]) -> None:
    text = " ".join(pieces)
    (out,) = LEXICON.extract([Report("r", text, sentences=((0, len(text)),))])
    assert all(0 <= m.start < m.end <= len(text) for m in out.mentions)
    assert all(a.end <= b.start for a, b in pairwise(out.mentions))
    assert [m.id for m in out.mentions] == [f"m{i}" for i in range(len(out.mentions))]


def test_no_number_is_read_inside_a_trigger() -> None:
    assert "settling scores" in LEXICON.triggers
    found = spans("Residents accused the mercenaries of settling scores over loot.")
    assert ("scores", "COUNT") not in found
