from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conflictspan.formats.schema_derivation import derive_schema, fitting
from conflictspan.formats.sources import SourceReport, Tally
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import Split


def source(split: Split, types: str, relations: str, id_: str = "r") -> SourceReport:
    """Mentions 0, 1, ... of the types given, each alone in its sentence but "+" joins it to the one before."""
    mentions: list[Mention] = []
    sentences: list[tuple[int, int]] = []
    for number, type_ in enumerate(types.split()):
        start = 2 * number
        if type_.startswith("+"):
            sentences[-1] = (sentences[-1][0], start + 1)
        else:
            sentences.append((start, start + 1))
        mentions.append(Mention(str(number), start, start + 1, type_.removeprefix("+")))
    arcs = tuple(Relation(head, label, tail) for head, label, tail in (r.split("-") for r in relations.split()))
    text = " ".join("x" * len(mentions))
    report = Report(id_, text, sentences=tuple(sentences), mentions=tuple(mentions), relations=arcs)
    return SourceReport(report, split, "f:1", "o")


def test_ends_are_of_the_kinds_that_training_shows() -> None:
    schema = derive_schema(
        [source("train", "ATTACK +ORG +LOC", "0-AGENT-1 1-IN-2"), source("test", "PER", "")], {"ATTACK"}, name="x"
    )
    assert (schema.name, list(schema.entities), list(schema.events)) == ("x", ["LOC", "ORG", "PER"], ["ATTACK"])
    agent, inside = schema.relations["AGENT"], schema.relations["IN"]
    assert agent.head == {"ATTACK"}
    assert agent.tail == {"LOC", "ORG", "PER"}
    assert inside.head == inside.tail == {"LOC", "ORG", "PER"}
    assert (agent.cross_sentence, agent.order, schema.max_sentence_gap, schema.statuses) == (False, "any", 0, ())


def test_a_label_may_have_ends_of_both_kinds() -> None:
    schema = derive_schema([source("train", "ATTACK +ORG +ORG", "0-SEE-1 1-SEE-2")], {"ATTACK"}, name="x")
    assert schema.relations["SEE"].head == {"ATTACK", "ORG"}


def test_reach_is_that_of_training_and_what_reaches_further_is_counted() -> None:
    train = source("train", "A A A", "1-NEAR-0 2-FAR-0 0-AHEAD-1")
    test = source("test", "A A A A", "1-NEAR-0 2-NEAR-0 3-NEAR-0 3-FAR-0 1-HERE-0", "t")
    schema = derive_schema([train, test], (), name="x")
    assert schema.max_sentence_gap == 2
    assert [label for label, rule in schema.relations.items() if rule.cross_sentence] == ["FAR", "HERE", "NEAR"]
    tally = Tally()
    assert fitting(train, schema, tally) == [Relation("1", "NEAR", "0"), Relation("2", "FAR", "0")]
    kept = fitting(test, schema, tally)
    assert kept == [Relation("1", "NEAR", "0"), Relation("2", "NEAR", "0"), Relation("1", "HERE", "0")]
    assert {(*count, *numbers.values()) for count, numbers in tally.table().items()} == {
        ("relations", "lost", "the tail stands in a later sentence", 1, 0, 0),
        ("relations", "lost", "reach further back than in training", 0, 0, 2),
    }


def test_kinds_that_training_does_not_join_are_counted() -> None:
    train, test = source("train", "A +A", "0-SEE-1"), source("test", "A +E", "0-SEE-1 1-SEE-0", "t")
    tally = Tally()
    schema = derive_schema([train, test], {"E"}, name="x")
    assert fitting(test, schema, tally) == []
    assert sum(numbers["test"] for numbers in tally.table().values()) == 2


WORDS = st.text(st.characters(exclude_categories=("Z", "Cs")), min_size=1).filter(lambda name: name[0] != "@")


@given(st.lists(WORDS, min_size=1, max_size=4, unique=True))
def test_any_name_that_can_be_a_word_survives_the_toml(names: list[str]) -> None:
    mentions = tuple(Mention(name, n, n + 1, name) for n, name in enumerate(names))
    arc = Relation(names[0], names[-1], names[-1])
    report = Report("r", "x" * len(names), sentences=((0, len(names)),), mentions=mentions, relations=(arc,))
    schema = derive_schema([SourceReport(report, "train", "f", "o")], names[:1], name=names[0])
    assert set(schema.types) == set(names)
    assert schema.labels == (names[-1],)
    assert schema.name == names[0]
