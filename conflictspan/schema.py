"""The label scheme: types, relations with their allowed ends, statuses. It is data, read from `schema.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from conflictspan.errors import SchemaError

Order = Literal["any", "head_first", "tail_first"]

_FARTHEST = 100
"""Sentences that a relation may reach back, at most: the network has a vector for each."""


@dataclass(frozen=True, slots=True)
class RelationRule:
    """What a relation may join.

    Attributes:
        label: the relation's name.
        head: types that may stand at its head.
        tail: types that may stand at its tail.
        description: what it means, in a few words.
        same_type: both ends must have the same type.
        cross_sentence: the tail may stand in an earlier sentence than the head, at most
            `Schema.max_sentence_gap` sentences back.
        order: which end stands first in the text.
        alias: it says that both ends name one thing; scoring may take either for the other.
    """

    label: str
    head: frozenset[str]
    tail: frozenset[str]
    description: str = ""
    same_type: bool = False
    cross_sentence: bool = False
    order: Order = "any"
    alias: bool = False

    def fault(self, head_type: str, tail_type: str) -> str | None:
        """Say which rule a pair of types breaks, or None where the relation may join them."""
        if head_type not in self.head:
            return f"{self.label} cannot have {head_type} at its head; allowed: {', '.join(sorted(self.head))}"
        if tail_type not in self.tail:
            return f"{self.label} cannot have {tail_type} at its tail; allowed: {', '.join(sorted(self.tail))}"
        if self.same_type and head_type != tail_type:
            return f"{self.label} joins two spans of one type, not {head_type} and {tail_type}"
        return None


@dataclass(frozen=True)
class Schema:
    """A label scheme.

    Attributes:
        name: the scheme's name.
        entities: entity types with their descriptions, in the scheme's order.
        events: event trigger types with their descriptions; may be empty.
        relations: label -> rule; may be empty (a scheme for spans only).
        statuses: what a trigger can be other than asserted.
        max_sentence_gap: how many sentences back a cross-sentence relation may reach.
        no_leading_article: types whose spans leave out a leading "the", "a" or "an".
        source: the TOML text it was read from, saved beside a model as it is.
    """

    name: str
    entities: Mapping[str, str]
    events: Mapping[str, str]
    relations: Mapping[str, RelationRule]
    statuses: tuple[str, ...] = ()
    max_sentence_gap: int = 0
    no_leading_article: frozenset[str] = frozenset()
    source: str = ""

    @classmethod
    def load(cls, path: str | Path) -> Schema:
        """Read a `schema.toml`. Raises SchemaError naming the file and the key at fault."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SchemaError(f"{path}: cannot read the label scheme: {error}") from error
        return cls.parse(text, where=str(path))

    @classmethod
    def parse(cls, text: str, *, where: str = "schema") -> Schema:
        """Read a label scheme from TOML text; `where` names it in errors."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise SchemaError(f"{where}: not valid TOML: {error}") from error
        known = {"name", "version", "statuses", "max_sentence_gap", "no_leading_article"}
        known |= {"entities", "events", "groups", "relations"}
        for key in data.keys() - known:
            raise SchemaError(f"{where}: unknown key {key!r}; known: {', '.join(sorted(known))}")
        _check_forms(data, where)
        entities: dict[str, str] = data.get("entities", {})
        events: dict[str, str] = data.get("events", {})
        if not entities and not events:
            raise SchemaError(f"{where}: no types; list them under [entities] or [events]")
        for type_ in entities.keys() & events.keys():
            raise SchemaError(f"{where}: {type_} is both an entity and an event; rename one")
        groups = {"entities": list(entities), "events": list(events)} | data.get("groups", {})
        types = {*entities, *events}
        relations = {
            label: _parse_rule(label, entry, groups, types, where) for label, entry in data.get("relations", {}).items()
        }
        return cls(
            name=data.get("name", Path(where).stem),
            entities=entities,
            events=events,
            relations=relations,
            statuses=tuple(data.get("statuses", ())),
            max_sentence_gap=data.get("max_sentence_gap", 0),
            no_leading_article=frozenset(
                _expand(data.get("no_leading_article", ()), groups, types, f"{where}: no_leading_article")
            ),
            source=text,
        )

    @cached_property
    def types(self) -> tuple[str, ...]:
        """All mention types: entities first, then events; a type's index in every model and matrix."""
        return (*self.entities, *self.events)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """All relation labels; a label's index in every model and matrix."""
        return tuple(self.relations)

    @cached_property
    def aliases(self) -> frozenset[str]:
        """The labels that say that both ends name one thing."""
        return frozenset(rule.label for rule in self.relations.values() if rule.alias)

    def is_event(self, type_: str) -> bool:
        """Whether a type is an event trigger."""
        return type_ in self.events

    @cached_property
    def _allowed(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {
            (head, tail): labels
            for head in self.types
            for tail in self.types
            if (labels := tuple(r.label for r in self.relations.values() if r.fault(head, tail) is None))
        }

    def allowed(self, head_type: str, tail_type: str) -> tuple[str, ...]:
        """The labels that may join two types, in scheme order; empty where none may."""
        return self._allowed.get((head_type, tail_type), ())


def _check_forms(data: Mapping[str, Any], where: str) -> None:
    """Raise SchemaError where a value has another form than its key asks for."""
    for key in data.keys() & {"entities", "events", "groups", "relations"}:
        inside, form = {"groups": (list, "lists of types"), "relations": (dict, "tables")}.get(
            key, (str, "descriptions")
        )
        if not isinstance(data[key], dict) or not all(isinstance(value, inside) for value in data[key].values()):
            raise SchemaError(f"{where}: {key} is not a table of {form}")
    lists = {key: data[key] for key in data.keys() & {"statuses", "no_leading_article"}}
    lists |= {f"groups.{name}": names for name, names in data.get("groups", {}).items()}
    for label, entry in data.get("relations", {}).items():
        lists |= {f"relations.{label}.{end}": entry[end] for end in entry.keys() & {"head", "tail"}}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise SchemaError(f"{where}: {key} is not a list of names: {str(value)[:80]}")
    if type(gap := data.get("max_sentence_gap", 0)) is not int or not 0 <= gap <= _FARTHEST:
        raise SchemaError(f"{where}: max_sentence_gap is {str(gap)[:80]}; give a whole number from 0 to {_FARTHEST}")
    if not isinstance(data.get("name", ""), str):
        raise SchemaError(f"{where}: name is not a text: {str(data['name'])[:80]}")


def _parse_rule(
    label: str, entry: Mapping[str, Any], groups: Mapping[str, list[str]], types: set[str], where: str
) -> RelationRule:
    known = {"head", "tail", "description", "same_type", "cross_sentence", "order", "alias"}
    for key in entry.keys() - known:
        raise SchemaError(
            f"{where}: [relations.{label}] has the unknown key {key!r}; known: {', '.join(sorted(known))}"
        )
    order = entry.get("order", "any")
    if order not in ("any", "head_first", "tail_first"):
        raise SchemaError(f"{where}: [relations.{label}] order is {order!r}; use any, head_first or tail_first")
    ends = {}
    for end in ("head", "tail"):
        if not entry.get(end):
            raise SchemaError(f"{where}: [relations.{label}] names no {end} types")
        ends[end] = frozenset(_expand(entry[end], groups, types, f"{where}: [relations.{label}] {end}"))
    return RelationRule(
        label=label,
        head=ends["head"],
        tail=ends["tail"],
        description=entry.get("description", ""),
        same_type=bool(entry.get("same_type", False)),
        cross_sentence=bool(entry.get("cross_sentence", False)),
        order=order,
        alias=bool(entry.get("alias", False)),
    )


def _expand(names: Iterable[str], groups: Mapping[str, list[str]], types: set[str], where: str) -> Iterable[str]:
    waiting, done = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        if name in done:  # a group may stand in several, and in itself
            continue
        done.add(name)
        if name.startswith("@"):
            if name[1:] not in groups:
                raise SchemaError(f"{where}: unknown group {name!r}; known: {', '.join('@' + g for g in groups)}")
            waiting += groups[name[1:]]
        elif name in types:
            yield name
        else:
            raise SchemaError(f"{where}: unknown type {name!r}; known: {', '.join(sorted(types))}")
