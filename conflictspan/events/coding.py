"""The event coding of a label scheme: what its labels mean and which ACLED type an event has. It is data."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from conflictspan.events.records import Actor, ActorClass
from conflictspan.events.tables import toml_table


@dataclass(frozen=True)
class Coding:
    """A coding table (`coding.toml`), looked up in every way that assembly needs.

    Attributes:
        data: the table as read.
    """

    data: Mapping[str, Any]

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Entity type -> kind: state_force, armed_group, people, person, organisation, place, site, weapon, ..."""
        return {type_: kind for kind, types in self.data["entities"].items() for type_ in types}

    @cached_property
    def roles(self) -> dict[str, str]:
        """Relation label -> role."""
        return {label: role for role, label in self.data["roles"].items()}

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Event type -> how well it names an event; the lowest names it."""
        return dict(self.data["rank"])

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """Event type of an outcome -> killed, injured or other."""
        return {type_: kind for kind, types in self.data["outcomes"].items() for type_ in types}

    @cached_property
    def _families(self) -> dict[str, frozenset[str]]:
        families: dict[str, set[str]] = {}
        for name, types in self.data["families"].items():
            for type_ in types:
                families.setdefault(type_, set()).add(name)
        for type_, names in self.data["generic"].items():
            families[type_].update(names)
        return {type_: frozenset(names) for type_, names in families.items()}

    def are_kin(self, one: str, other: str) -> bool:
        """Whether triggers of these types can tell of one happening."""
        return one == other or bool(self._families[one] & self._families[other])

    @cached_property
    def opposites(self) -> frozenset[frozenset[str]]:
        """Pairs of event types that cannot both be true of one happening."""
        return frozenset(frozenset((pair["one"], pair["other"])) for pair in self.data["opposites"])

    @cached_property
    def mirrored(self) -> frozenset[frozenset[str]]:
        """Pairs of event types that are one thing told from two sides."""
        return frozenset(frozenset((pair["one"], pair["other"])) for pair in self.data["mirrored"])

    def acled_type(self, facts: Facts) -> tuple[str, str] | None:
        """ACLED's event type and sub-event type; None where no rule fits."""
        for rule in self.data["rules"]:
            if _fits(rule, facts):
                return rule["event_type"], rule["sub_event_type"]
        return None

    def type_of_violence(self, event_type: str | None, side_a: Actor | None, side_b: Actor | None) -> int | None:
        """UCDP's type: 1 where a state fights, 2 where none does, 3 where one side is civilians; None where unknown."""
        if event_type not in self.data["violence"]["event_types"] or not side_a or not side_b:
            return None
        classes = {side_a.actor_class, side_b.actor_class}
        if not side_a.actor_class.endswith(("force", "group")) or "other" in classes:
            return None
        if "civilians" in classes:
            return 3
        return 1 if "state force" in classes else 2


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules for ACLED's types look at.

    Attributes:
        trigger: type of the trigger that names the event.
        types: types of all its triggers.
        agent, victim: classes of the two sides; None where the text names none.
        targets: kinds of what else is hit: weapon, site.
        words: the triggers and instruments, in small letters.
        trigger_words: the triggers alone.
        place: whether a place is named.
    """

    trigger: str
    types: Collection[str]
    agent: ActorClass | None
    victim: ActorClass | None
    targets: Collection[str]
    words: str
    trigger_words: Collection[str]
    place: bool


def _fits(rule: Mapping[str, Any], facts: Facts) -> bool:
    others = set(facts.types)
    return (
        facts.trigger in rule["trigger"]
        and ("agent" not in rule or (facts.agent or "") in rule["agent"])
        and ("victim" not in rule or (facts.victim or "") in rule["victim"])
        and ("target" not in rule or bool(set(rule["target"]) & set(facts.targets)))
        and ("with" not in rule or _has_word(facts.words, rule["with"]))
        and ("word" not in rule or bool(set(rule["word"]) & set(facts.trigger_words)))
        and ("also" not in rule or bool(set(rule["also"]) & others))
        and ("also_not" not in rule or not set(rule["also_not"]) & others)
        and ("place" not in rule or rule["place"] == facts.place)
    )


def _has_word(text: str, words: Sequence[str]) -> bool:
    """Whether one of the words stands in a text, in the singular or plural."""
    return bool(re.search(rf"\b(?:{'|'.join(map(re.escape, words))})s?\b", text))


@cache
def default_coding() -> Coding:
    """The coding of the default label scheme."""
    return Coding(toml_table("coding"))
