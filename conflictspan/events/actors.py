"""Who: the actors of a report, each with all its mentions, a canonical name, a class and ACLED's code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from conflictspan.events.actor_names import (
    fullest,
    has_name,
    inter_of_class,
    inter_of_group,
    is_acronym_of,
    is_state_at_large,
    state_of,
)
from conflictspan.events.actor_table import ActorTable, NamedActor
from conflictspan.events.countries import english_name
from conflictspan.events.gazetteer import place_key
from conflictspan.events.graph import ReportGraph
from conflictspan.events.records import ActorClass
from conflictspan.events.tables import toml_table
from conflictspan.records import Mention

REACH = 200
"""How many differently worded names back one is compared with: bounds the work on a report of any length."""

ACTOR_KINDS = ("state_force", "armed_group", "people", "person", "organisation")
_CLASSES: dict[str, ActorClass] = {"state_force": "state force", "armed_group": "armed group"}
_CRAFT = re.compile(
    r"\s+(?:jets?|warplanes?|aircraft|planes?|forces|troops|helicopters?|drones?|military forces|fighter jets)$"
)


@dataclass(slots=True, eq=False)
class ActorCluster:
    """One actor of a report.

    Attributes:
        mentions: all that name it, by place in the text.
        name: canonical.
        actor_class: what kind of actor.
        inter: ACLED's code; None where the words do not tell.
        country: of the state whose force it is; None where the words do not tell.
        aliases: what else the report calls it, by place in the text.
        is_named: whether it is called by a name somewhere, and not only described.
        unspecific: people whose class the words do not tell ("people", "bodies").
    """

    mentions: list[Mention]
    name: str
    actor_class: ActorClass
    inter: int | None = None
    country: str | None = None
    aliases: tuple[str, ...] = ()
    is_named: bool = True
    unspecific: bool = False
    bodies: list[ActorCluster] = field(default_factory=list)


def resolve_actors(graph: ReportGraph, table: ActorTable, countries: Collection[str] = ()) -> dict[str, ActorCluster]:
    """Find which mentions of a report are one actor.

    Mentions are one where SAME_AS joins them; where the table knows both under one name; where both are the forces of
    one state and say no more; where one is the acronym of the other or a part of its name; and where the words are the
    same. "The group" is the one armed group named before it; "the army" is the one state that fights in the report and
    in whose country the report's places lie; "the coalition" the one coalition: only where there is just one. Pronouns
    are never marked, so nothing is made of them.

    Args:
        graph: the report.
        table: the actors known by name.
        countries: in which the report's places lie.

    Returns:
        Mention id -> actor.
    """
    resolver = _Resolver(graph, table, countries)
    return resolver.clusters()


class _Resolver:
    def __init__(self, graph: ReportGraph, table: ActorTable, countries: Collection[str]) -> None:
        self.graph = graph
        self.home = countries
        self.table = table
        self.mentions = graph.of_kind(*ACTOR_KINDS)
        self.kinds = {m.id: graph.kind(m) or "" for m in self.mentions}
        self.texts = {m.id: graph.text(m) for m in self.mentions}
        self.parent = {m.id: m.id for m in self.mentions}
        self.named: dict[str, NamedActor] = {}
        self.groups: list[Mention] = []
        self.coalitions: list[str] = []
        self.states: dict[str, str] = {}
        for mention in self.mentions:
            if self.kinds[mention.id] not in ("people", "person"):
                self._name(mention)

    def clusters(self) -> dict[str, ActorCluster]:
        self._join_same()
        self._join_keys()
        self._join_names()
        self._join_nominals()
        groups: dict[str, list[Mention]] = defaultdict(list)
        for mention in self.mentions:
            groups[self._root(mention.id)].append(mention)
        clusters = {m.id: cluster for group in groups.values() for cluster in [self._cluster(group)] for m in group}
        for mention in self.mentions:
            bodies = (clusters[body.id] for body in self.graph.tails(mention, "member_of") if body.id in clusters)
            clusters[mention.id].bodies += [body for body in bodies if body is not clusters[mention.id]]
        for mention in self.mentions:
            self._take_class_of_body(clusters[mention.id])
        return clusters

    def _name(self, mention: Mention) -> None:
        text, kind = self.texts[mention.id], self.kinds[mention.id]
        if found := self.table.find(text):
            self.named[mention.id] = found
            return
        if kind == "state_force" and (state := state_of(text)):
            self.states[mention.id] = state

    def _root(self, id_: str) -> str:
        while self.parent[id_] != id_:
            self.parent[id_] = self.parent[self.parent[id_]]
            id_ = self.parent[id_]
        return id_

    def _join(self, one: str, other: str) -> None:
        first, second = sorted((self._root(one), self._root(other)), key=lambda i: self.graph.mentions[i].start)
        self.parent[second] = first

    def _join_same(self) -> None:
        for mention in self.mentions:
            for other in self.graph.tails(mention, "same_as"):
                if other.id in self.parent:
                    self._join(mention.id, other.id)

    def _join_keys(self) -> None:
        """The same name in the table, the same state's forces at large, or the same words."""
        first: dict[tuple[str, str], str] = {}
        for mention in self.mentions:
            kind, text = self.kinds[mention.id], self.texts[mention.id]
            actor = self.named.get(mention.id)
            state = self.states.get(mention.id)
            if actor:
                key = ("named", actor.name)
            elif state and is_state_at_large(text):
                key = ("state", state)
            elif kind == "people" or not has_name(text):
                continue
            else:
                key = (kind if kind == "person" else "body", place_key(text))
            self._join(first.setdefault(key, mention.id), mention.id)
            if actor and actor.country and actor.name == english_name(actor.country):
                self._join(first.setdefault(("state", actor.country), mention.id), mention.id)

    def _join_names(self) -> None:
        """Acronyms and parts of names."""
        names = self._distinct(m for m in self.mentions if self.kinds[m.id] != "people" and has_name(self.texts[m.id]))
        for index, later in enumerate(names):
            text = self.texts[later.id]
            fitting = {
                self._root(other.id)
                for other in names[max(index - REACH, 0) : index]
                if self._are_alike(other, later)
                and (is_acronym_of(text, self.texts[other.id]) or self._is_part(later, other))
            }
            if len(fitting) == 1:
                self._join(later.id, fitting.pop())

    def _distinct(self, mentions: Iterable[Mention]) -> list[Mention]:
        """The first mention of each kind and wording."""
        return list({(self.kinds[m.id], self.texts[m.id]): m for m in reversed(list(mentions))}.values())[::-1]

    def _are_alike(self, one: Mention, other: Mention) -> bool:
        kinds = {self.kinds[one.id], self.kinds[other.id]}
        both_named = one.id in self.named and other.id in self.named
        return not both_named and ("person" not in kinds or kinds == {"person"})

    def _is_part(self, part: Mention, whole: Mention) -> bool:
        """A surname of a full name; a body by the last or first words of its name: "the Observatory"."""
        short, long = self.texts[part.id].split(), self.texts[whole.id].split()
        if not short or len(short) >= len(long):
            return False
        if self.kinds[part.id] == "person":
            return long[-len(short) :] == short or long[: len(short)] == short
        if part.id in self.states or whole.id in self.states or not self.graph.is_definite(part):
            return False
        return long[-len(short) :] == short or long[: len(short)] == short

    def _join_nominals(self) -> None:
        """Read "The group", "the army": where only one fits."""
        words = toml_table("actor_words")
        belligerents = (*self.states, *(id_ for id_, actor in self.named.items() if actor.country))
        at_large = [
            id_
            for id_ in belligerents
            if self.kinds[id_] == "state_force" and (id_ in self.named or is_state_at_large(self.texts[id_]))
        ]
        fighting = {self._country(id_) for id_ in belligerents if self.kinds[id_] == "state_force"}
        at_home = {self._root(id_) for id_ in at_large if self._country(id_) in self.home}
        self.groups = self._distinct(m for m in self.mentions if self.kinds[m.id] == "armed_group")
        self.coalitions = [m.id for m in self._distinct(self.mentions) if self._is_coalition(m)][:REACH]
        seen: dict[str, str] = {}  # "the army" and "the army" are one
        for mention in self.mentions:
            text, kind = self.texts[mention.id].casefold(), self.kinds[mention.id]
            if kind == "state_force" and text in words["state_nominals"]:
                self._join(seen.setdefault(text, mention.id), mention.id)
                # "The soldiers" may be any state's; "the army" of a country at war with its neighbours' is its own.
                own = re.search(r"\b(?:army|military|government|regime|national)\b", text)
                if len(at_home) == 1 and (own or len(fighting) == 1):
                    self._join(mention.id, next(iter(at_home)))
            elif kind == "state_force" and re.sub(_CRAFT, "", text) == "coalition":
                self._join_coalition(mention)
            elif kind == "armed_group" and text in words["group_nominals"] and self.graph.is_definite(mention):
                self._join_group(mention)

    def _country(self, id_: str) -> str | None:
        return self.states.get(id_) or (self.named[id_].country if id_ in self.named else None)

    def _is_coalition(self, mention: Mention) -> bool:
        if mention.id in self.named:
            return "oalition" in self.named[mention.id].name
        body = self.kinds[mention.id] in ("state_force", "organisation")
        return body and bool(re.search(r"(?i)\w[\w' -]{1,60} coalition$", self.texts[mention.id]))

    def _join_coalition(self, mention: Mention) -> None:
        """Read "Coalition jets": of the one coalition that the report names."""
        roots = {self._root(id_) for id_ in self.coalitions}
        if len(roots) == 1:
            self._join(mention.id, roots.pop())

    def _join_group(self, mention: Mention) -> None:
        before = [m for m in self.groups if m.start < mention.start][-REACH:]
        head = self.texts[mention.id].split()[-1].casefold()
        same = [m for m in before if self.texts[m.id].split()[-1].casefold() == head]
        roots = {self._root(m.id) for m in (same or before) if same or m.id in self.named or has_name(self.texts[m.id])}
        if len(roots) == 1:
            self._join(mention.id, roots.pop())

    def _cluster(self, group: list[Mention]) -> ActorCluster:
        texts = list(dict.fromkeys(self.texts[m.id] for m in group))
        actor = next((self.named[m.id] for m in group if m.id in self.named), None)
        if actor:
            aliases = tuple(t for t in texts if t != actor.name)
            return ActorCluster(
                group,
                actor.name,
                actor.actor_class,
                actor.inter or inter_of_class(actor.actor_class),
                actor.country,
                aliases,
            )
        state = next((self.states[m.id] for m in group if m.id in self.states), None)
        at_large = any(m.id in self.states and is_state_at_large(self.texts[m.id]) for m in group)
        name = english_name(state) if state and at_large else fullest(texts)
        aliases = tuple(t for t in texts if t != name)
        kind = next(
            (k for k in ("state_force", "armed_group") if any(self.kinds[m.id] == k for m in group)),
            self.kinds[group[0].id],
        )
        if kind in ("people", "person"):
            return self._people(group, name, aliases)
        class_ = _CLASSES.get(kind, "other")
        inter = inter_of_class(class_) if class_ != "armed group" else inter_of_group(texts)
        named = bool(state) or any(self._is_named(m) for m in group)
        return ActorCluster(group, name, class_, inter, state, aliases, is_named=named)

    def _is_named(self, mention: Mention) -> bool:
        """Whether a mention's last word, or one before it but the first of a sentence, begins with a capital."""
        words = self.texts[mention.id].split()
        after = self.graph.report.text[mention.end : mention.end + 4]
        if not self.graph.before(mention).strip() or (len(words) == 1 and after == " of "):
            words = words[1:]  # "Operatives of the State Police Command"
        return bool(words) and words[-1][:1].isupper()

    def _people(self, group: list[Mention], name: str, aliases: tuple[str, ...]) -> ActorCluster:
        if self.kinds[group[0].id] == "person":
            return ActorCluster(group, name, "civilians", 7, None, aliases)
        words = toml_table("actor_words")["people"]
        head = re.sub(r"\s+(?:from|of|in|at|and)\b.*", "", name.casefold())
        last = head.split()[-1] if head else ""
        if last in words["protesters"]:
            return ActorCluster(group, name, "civilians", 6, None, aliases)
        if last in words["rioters"]:
            return ActorCluster(group, name, "civilians", 5, None, aliases)
        vague = head in words["unspecific"] or last in words["unspecific"]
        return ActorCluster(group, name, "civilians", None if vague else 7, None, aliases, unspecific=vague)

    @staticmethod
    def _take_class_of_body(cluster: ActorCluster) -> None:
        """A member or leader of a fighting body is no civilian."""
        armed = next((body for body in cluster.bodies if body.actor_class.endswith(("force", "group"))), None)
        if armed and cluster.actor_class == "civilians":
            cluster.actor_class, cluster.inter, cluster.unspecific = armed.actor_class, armed.inter, False
