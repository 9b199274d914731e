from dataclasses import replace
from pathlib import Path

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.baselines.memory import Memory

SCHEMA = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")


def report(text: str, *mentions: tuple[str, str, str | None]) -> Report:
    """One sentence whose mentions are (surface, type, status), each at its first place."""
    marked = [
        Mention(f"a{i}", text.index(s), text.index(s) + len(s), type_, status)
        for i, (s, type_, status) in enumerate(mentions)
    ]
    return Report("r", text, sentences=((0, len(text)),), mentions=tuple(sorted(marked, key=lambda m: m.start)))


TRAINING = [
    report("Some rebels stormed it.", ("rebels", "ARMED_GROUP", None), ("stormed", "ATTACK", None)),
    report("It is the air base.", ("air base", "FAC", None)),
    report("The base is near Taiz.", ("Taiz", "LOC", None)),
    report("A raid on the base is planned.", ("raid", "ATTACK", "planned"), ("base", "FAC", None)),
    report("The base was quiet."),
    report("The base was quiet again."),
]


def read(text: str) -> list[tuple[str, str, str | None]]:
    (out,) = Memory.fit(TRAINING, SCHEMA).extract([Report("r", text, sentences=((0, len(text)),))])
    return [(text[m.start : m.end], m.type, m.status) for m in out.mentions]


def test_the_longest_surface_is_marked_with_its_type_and_status() -> None:
    assert read("Taiz rebels stormed the air base in a raid.") == [
        ("Taiz", "LOC", None),
        ("rebels", "ARMED_GROUP", None),
        ("stormed", "ATTACK", None),
        ("air base", "FAC", None),
        ("raid", "ATTACK", "planned"),
    ]


def test_a_surface_that_is_seldom_marked_is_forgotten() -> None:
    # "base" stands five times in the training text and is marked as it stands once
    assert read("The base fell.") == []


def test_case_and_word_borders_count_but_a_sentence_may_begin_with_a_capital() -> None:
    assert read("Rebels met RebelSoft near taiz and Taizland.") == [("Rebels", "ARMED_GROUP", None)]
    assert read("They met Rebels.") == []


def test_relate_keeps_the_mentions_and_replaces_the_relations() -> None:
    given = report("Rebels stormed Taiz.", ("Rebels", "ARMED_GROUP", None), ("stormed", "ATTACK", None))
    given = replace(given, relations=(Relation("a1", "TARGET", "a0"),))
    (out,) = Memory.fit([], SCHEMA).relate([given])
    assert out.mentions == given.mentions
    assert [(r.head, r.label, r.tail) for r in out.relations] == [("a1", "AGENT", "a0")]


def test_an_empty_memory_marks_nothing() -> None:
    (out,) = Memory.fit([], SCHEMA).extract([Report("r", "Rebels stormed Taiz. They left.")])
    assert out.mentions == ()
    assert len(out.sentences) == 2
