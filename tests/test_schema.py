from pathlib import Path

import pytest

from conflictspan.errors import SchemaError
from conflictspan.schema import Schema

CORPUS = Path(__file__).parents[1] / "data" / "annotations"
SMALL = """
name = "small"
statuses = ["planned"]
max_sentence_gap = 1
no_leading_article = ["@actor", "WAR"]
[entities]
ARMY = "soldiers"
PLACE = "where"
[events]
WAR = "fighting"
[groups]
actor = ["ARMY"]
[relations.BY]
head = ["@events"]
tail = ["@actor"]
cross_sentence = true
[relations.NEAR]
head = ["@entities"]
tail = ["@entities"]
same_type = true
order = "tail_first"
"""


def test_groups_stand_for_their_types() -> None:
    schema = Schema.parse(SMALL)
    assert schema.types == ("ARMY", "PLACE", "WAR")
    assert schema.relations["BY"].head == {"WAR"}
    assert schema.relations["BY"].tail == {"ARMY"}
    assert schema.relations["NEAR"].tail == {"ARMY", "PLACE"}
    assert schema.no_leading_article == {"ARMY", "WAR"}


def test_the_scheme_says_which_relations_name_one_thing() -> None:
    assert Schema.parse(SMALL).aliases == frozenset()
    assert Schema.parse(SMALL + "alias = true").aliases == {"NEAR"}
    assert Schema.load(CORPUS / "schema.toml").aliases == {"SAME_AS"}


def test_allowed_labels_follow_from_the_rules() -> None:
    schema = Schema.parse(SMALL)
    assert schema.allowed("WAR", "ARMY") == ("BY",)
    assert schema.allowed("ARMY", "ARMY") == ("NEAR",)
    assert schema.allowed("ARMY", "PLACE") == ()
    assert schema.allowed("ARMY", "WAR") == ()


@pytest.mark.parametrize(
    ("head", "tail", "rule"),
    [
        ("ARMY", "ARMY", "cannot have ARMY at its head"),
        ("WAR", "PLACE", "cannot have PLACE at its tail"),
        ("WAR", "ARMY", None),
    ],
)
def test_a_fault_names_the_end_that_is_wrong(head: str, tail: str, rule: str | None) -> None:
    fault = Schema.parse(SMALL).relations["BY"].fault(head, tail)
    assert fault is None if rule is None else rule in str(fault)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "small"', "name = ", "not valid TOML"),
        ('name = "small"', 'nam = "small"', "unknown key 'nam'"),
        ('tail = ["@actor"]', 'tail = ["@acter"]', "unknown group '@acter'"),
        ('tail = ["@actor"]', 'tail = ["ARMEE"]', "unknown type 'ARMEE'"),
        ('tail = ["@actor"]', "tail = []", "names no tail types"),
        ('order = "tail_first"', 'order = "first"', "use any, head_first or tail_first"),
        ("same_type = true", "sametype = true", "unknown key 'sametype'"),
        ('WAR = "fighting"', 'ARMY = "fighting"', "both an entity and an event"),
        ('"WAR"]', '"WARS"]', "no_leading_article: unknown type 'WARS'"),
    ],
)
def test_a_scheme_that_cannot_be_used_is_refused(old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises(SchemaError, match=r"^schema\.toml: ") as raised:
        Schema.parse(SMALL.replace(old, new), where="schema.toml")
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('entities = ["LOC"]', "entities is not a table of descriptions"),
        ("[entities]\nLOC = 1", "entities is not a table of descriptions"),
        ('[entities]\nLOC = ""\n[groups]\ng = "LOC"', "groups is not a table of lists of types"),
        ('[entities]\nLOC = ""\n[relations]\nR = ["LOC"]', "relations is not a table of tables"),
        (
            '[entities]\nLOC = ""\n[relations.R]\nhead = "LOC"\ntail = ["LOC"]',
            "relations.R.head is not a list of names",
        ),
        ('statuses = [[1]]\n[entities]\nLOC = ""', "statuses is not a list of names"),
        ('max_sentence_gap = inf\n[entities]\nLOC = ""', "max_sentence_gap is inf; give a whole number"),
        ('max_sentence_gap = 1000000000\n[entities]\nLOC = ""', "give a whole number from 0 to 100"),
        ('name = 7\n[entities]\nLOC = ""', "name is not a text"),
        ('[entities]\nLOC = ""\n[relations.R]\nhead = ["LOC"]\ntail = ["LOC"]\norder = [1]', "order is [1]"),
    ],
)
def test_a_value_of_another_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(SchemaError, match=r"^schema\.toml: ") as raised:
        Schema.parse(text, where="schema.toml")
    assert message in str(raised.value)


def test_groups_that_hold_each_other_end() -> None:
    """Also forty groups that each hold the next one twice, which would be 2^40 types if taken one by one."""
    chain = "\n".join(f'g{n} = ["@g{n + 1}", "@h{n + 1}"]\nh{n} = ["@g{n + 1}", "@h{n + 1}"]' for n in range(40))
    ends = 'g40 = ["LOC", "@g0"]\nh40 = ["@h40"]'
    text = f'[entities]\nLOC = ""\n[groups]\n{chain}\n{ends}\n[relations.R]\nhead = ["@g0"]\ntail = ["@g0"]'
    assert Schema.parse(text).relations["R"].head == {"LOC"}


def test_no_types_at_all_is_refused() -> None:
    with pytest.raises(SchemaError, match="no types"):
        Schema.parse('name = "empty"')


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"nowhere\.toml"):
        Schema.load(tmp_path / "nowhere.toml")


def test_the_corpus_scheme_is_the_one_of_the_guidelines() -> None:
    schema = Schema.load(CORPUS / "schema.toml")
    assert (len(schema.entities), len(schema.events), len(schema.labels)) == (10, 18, 13)
    crossing = {label for label, rule in schema.relations.items() if rule.cross_sentence}
    assert crossing == {"AGENT", "TARGET", "VICTIM", "PLACE", "CAUSE", "SOURCE"}
    assert "LOC" not in schema.relations["TARGET"].tail
    # GUIDELINES.md lists each label in a table row that begins with it.
    guidelines = (CORPUS / "GUIDELINES.md").read_text(encoding="utf-8")
    for label in (*schema.types, *schema.labels):
        assert f"\n| {label} |" in guidelines
