from pathlib import Path

from conflictspan.records import Report
from conflictspan.schema import Schema
from eval.baselines.combined import LexiconMemory
from eval.baselines.lexicon import Lexicon
from eval.baselines.memory import Memory

SCHEMA = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")
MEMORY = Memory({("Zorblat", "Front"): "ARMED_GROUP", ("rebels",): "PEOPLE", ("qwopped",): "ATTACK"}, {}, SCHEMA)


def read(system: Lexicon, text: str) -> set[tuple[str, str]]:
    (out,) = system.extract([Report("r", text, sentences=((0, len(text)),))])
    return {(text[m.start : m.end], m.type) for m in out.mentions}


def test_names_of_the_memory_join_those_of_the_lexicon() -> None:
    text = "Soldiers killed rebels of the Zorblat Front and qwopped."
    both = read(LexiconMemory(SCHEMA, MEMORY), text)
    assert ("Zorblat Front", "ARMED_GROUP") in both
    assert ("rebels", "ARMED_GROUP") in both  # what both know stays the lexicon's
    assert not any(surface == "qwopped" for surface, _ in both)


def test_the_lexicon_itself_is_left_as_it_is() -> None:
    LexiconMemory(SCHEMA, MEMORY)
    assert "zorblat front" not in Lexicon(SCHEMA).nouns
