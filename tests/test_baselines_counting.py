import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from eval.baselines import counting
from eval.baselines.counting import count_lexicon, count_relations, write

SCHEMA = Schema.load(Path(__file__).parents[1] / "data" / "annotations" / "schema.toml")


def reports() -> Iterator[Report]:
    """Forty reports: glorfs (a word no list has) frobnicate Taiz; at night they only snorfle."""
    for i in range(40):
        text = f"Angry glorfs frobnicated Taiz{'' if i % 4 else ' today'}. It snorfled glumly."
        mentions = (Mention("a", 0, 12, "ARMED_GROUP"), Mention("e", 13, 24, "ATTACK"), Mention("p", 25, 29, "LOC"))
        relations = (Relation("e", "AGENT", "a"), Relation("e", "PLACE", "p"))
        end = text.index(".") + 1
        yield Report(f"r{i}", text, None, None, ((0, end), (end + 1, len(text))), mentions, relations)


def test_the_lexicon_learns_new_nouns_triggers_and_stopwords() -> None:
    counted = count_lexicon(list(reports()), SCHEMA)
    assert "glorfs" in counted["nouns"]["ARMED_GROUP"]
    assert "angry glorfs" not in counted["nouns"]["ARMED_GROUP"]  # its last word finds it
    assert "rebels" in counted["nouns"]["ARMED_GROUP"]  # from the hand-written list
    assert "frobnicated" in counted["triggers"]["ATTACK"]
    assert "glumly" in counted["stopwords"]
    assert "glorfs" not in counted["stopwords"]
    assert counted["choices"]["#TIME today"] == ["-"]  # never annotated, ten times there


def test_relations_are_learnt_from_pairs() -> None:
    counted = count_relations(list(reports()), SCHEMA)
    assert any(rule.endswith(" AGENT") for rule in counted["choices"]["ATTACK < ARMED_GROUP"])
    assert any(rule.endswith(" PLACE") for rule in counted["choices"]["EVENT > LOC"])
    assert counted["nouns"] == []


def test_what_is_written_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "HERE", tmp_path)
    counted = {"nouns": ['a "b"', "ö\\"], "choices": {"ATTACK > LOC": ["=in the PLACE", "e0 -"]}}
    write("relations", counted)
    assert tomllib.loads((tmp_path / "relations.toml").read_text(encoding="utf-8")) == counted
