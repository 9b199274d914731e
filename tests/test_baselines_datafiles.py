import pytest

from conflictspan.schema import Schema
from eval.baselines.choices import NONE
from eval.baselines.datafiles import HERE, read_data

SCHEMA = Schema.load(HERE.parents[1] / "data" / "annotations" / "schema.toml")


@pytest.mark.parametrize("name", ["words", "lexicon"])
def test_the_word_lists_name_types_of_the_scheme(name: str) -> None:
    data = read_data(name)
    assert set(data["nouns"]) <= set(SCHEMA.entities)
    assert set(data["triggers"]) <= set(SCHEMA.events)


def test_no_word_stands_under_two_types() -> None:
    for table in ("nouns", "triggers"):
        words = [word for group in read_data("lexicon")[table].values() for word in group]
        assert len(words) == len(set(words))


def test_the_rules_choose_between_what_the_scheme_has() -> None:
    for name, allowed in (("lexicon", {*SCHEMA.types, *SCHEMA.statuses}), ("relations", set(SCHEMA.labels))):
        for key, rules in read_data(name)["choices"].items():
            assert {rule.rsplit(" ", 1)[-1] for rule in rules} <= {*allowed, NONE}, key
