from __future__ import annotations

import time
from pathlib import Path

import pytest

from conflictspan.errors import ConfigError
from conflictspan.events.actor_table import load_actors
from conflictspan.events.actors import ActorCluster, resolve_actors
from conflictspan.events.coding import default_coding
from conflictspan.events.graph import ReportGraph
from tests.event_reports import report_of


def _actors(markup: str, countries: tuple[str, ...] = ()) -> dict[str, ActorCluster]:
    return resolve_actors(ReportGraph(report_of(markup), default_coding()), load_actors(), countries)


@pytest.mark.parametrize("name", ["IS", "ISIS", "ISIL", "Daesh", "Islamic State", "Islamic State militants"])
def test_aliases_have_one_name(name: str) -> None:
    actor = _actors(f"[{name}|ARMED_GROUP a1] came.")["a1"]
    assert (actor.name, actor.actor_class, actor.inter) == ("Islamic State", "armed group", 2)


def test_a_short_name_is_read_with_its_capitals_and_not_inside_others() -> None:
    table = load_actors()
    assert table.find("is") is None
    assert table.find("anti-IS alliance") is None
    assert table.find("pro-Houthi tribesmen") is None


def test_acronyms_and_parts_of_names() -> None:
    actors = _actors(
        "The [Front for National Change|ARMED_GROUP a1] spoke. [FNC|ARMED_GROUP a2] rules. "
        "[Rami Haddad|PERSON h1] nodded. [Haddad|PERSON h2] left."
    )
    assert actors["a1"] is actors["a2"]
    assert actors["h1"] is actors["h2"]


def test_the_group_is_the_only_one_named_before_or_nobody() -> None:
    one = _actors("The [ELN|ARMED_GROUP a1] spoke. The [group|ARMED_GROUP a2] left.")
    two = _actors("The [ELN|ARMED_GROUP a1] met the [FARC|ARMED_GROUP a3] here. The [group|ARMED_GROUP a2] left.")
    indefinite = _actors("The [ELN|ARMED_GROUP a1] spoke. Some [gunmen|ARMED_GROUP a2] left.")
    assert one["a1"] is one["a2"]
    assert two["a2"] not in (two["a1"], two["a3"])
    assert indefinite["a1"] is not indefinite["a2"]


def test_the_army_is_the_state_at_home_and_no_foreign_one() -> None:
    markup = "[Turkish jets|STATE_FORCE a1] flew. The [army|STATE_FORCE a2] watched."
    at_home, abroad = _actors(markup, ("TR",)), _actors(markup, ("SY",))
    assert at_home["a1"] is at_home["a2"]
    assert abroad["a1"] is not abroad["a2"]


def test_classes() -> None:
    actors = _actors(
        "[Protesters|PEOPLE g1] met [people|PEOPLE g2] and [teachers|PEOPLE g3] with [Ali Ibn|PERSON h1] of [Hamas|ARMED_GROUP a1].\n"
        "> h1 MEMBER_OF a1"
    )
    assert [(actors[i].actor_class, actors[i].inter) for i in ("g1", "g2", "g3", "h1")] == [
        ("civilians", 6),
        ("civilians", None),
        ("civilians", 7),
        ("armed group", 2),
    ]


def test_a_table_of_ones_own_goes_over_the_packaged_one(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[actors]]\nname = "Caliphate"\naliases = ["Daesh"]\nclass = "armed group"\ninter = 3\n')
    table = load_actors(path)
    found, kept = table.find("Daesh"), table.find("ISIL")
    assert found and kept
    assert (found.name, found.inter, kept.name) == ("Caliphate", 3, "Islamic State")


def test_a_table_with_a_fault_names_file_and_field(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[[actors]]\nname = "X"\nclass = "gang"\n')
    with pytest.raises(ConfigError, match=r"mine\.toml: actors\.0\.class"):
        load_actors(path)


@pytest.mark.parametrize("text", ["x" * 10_000, "-" * 10_000, "x-" * 5_000])
def test_a_word_of_ten_thousand_characters_is_looked_up_at_once(text: str) -> None:
    began = time.process_time()
    assert load_actors().find(text) is None
    assert (
        time.process_time() - began < 0.5
    )  # a hundredth of it; three seconds where each place is tried as a beginning


@pytest.mark.parametrize(
    ("text", "name"),
    [("Iran-backed Houthi gunmen", "Houthis"), ("anti-Houthi fighters", None), ("the Houthi-backed police", None)],
)
def test_a_stance_is_no_name(text: str, name: str | None) -> None:
    found = load_actors().find(text)
    assert (found and found.name) == name
