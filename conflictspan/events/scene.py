"""A report with everything in it resolved, and what each trigger says of its happening."""

from __future__ import annotations

from dataclasses import dataclass

from conflictspan.events.actors import ActorCluster
from conflictspan.events.graph import ReportGraph
from conflictspan.events.records import Place, When
from conflictspan.records import Mention


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a trigger says of its happening, all resolved.

    Attributes:
        agents, targets, victims, sources: actors in these roles, by place in the text.
        things: sites and weapons that are its targets.
        places, times, weapons, counts: mentions in these roles.
        causes: triggers that brought it about.
    """

    agents: tuple[ActorCluster, ...]
    targets: tuple[ActorCluster, ...]
    victims: tuple[ActorCluster, ...]
    sources: tuple[ActorCluster, ...]
    things: tuple[Mention, ...]
    places: tuple[Mention, ...]
    times: tuple[Mention, ...]
    weapons: tuple[Mention, ...]
    counts: tuple[Mention, ...]
    causes: tuple[Mention, ...]

    @property
    def parties(self) -> frozenset[ActorCluster]:
        """Everybody who did it or suffered it."""
        return frozenset((*self.agents, *self.targets, *self.victims))


@dataclass(frozen=True, slots=True)
class Scene:
    """A report with everything in it resolved.

    Attributes:
        graph: its mentions and relations.
        actors: mention id -> actor.
        places: mention id -> place.
        times: mention id -> range of days.
        arguments: trigger's id -> what it says.
    """

    graph: ReportGraph
    actors: dict[str, ActorCluster]
    places: dict[str, Place]
    times: dict[str, When]
    arguments: dict[str, Arguments]


def arguments_of(graph: ReportGraph, actors: dict[str, ActorCluster], trigger: Mention) -> Arguments:
    """Gather what stands in each role to a trigger."""

    def clusters(role: str) -> tuple[ActorCluster, ...]:
        return tuple(dict.fromkeys(actors[m.id] for m in graph.tails(trigger, role) if m.id in actors))

    def mentions(role: str, *kinds: str) -> tuple[Mention, ...]:
        """A model may join what the scheme does not allow: that is left out."""
        return tuple(m for m in graph.tails(trigger, role) if graph.kind(m) in kinds)

    return Arguments(
        agents=clusters("agent"),
        targets=clusters("target"),
        victims=clusters("victim"),
        sources=clusters("source"),
        things=mentions("target", "site", "weapon"),
        places=mentions("place", "place", "site"),
        times=mentions("time", "time"),
        weapons=mentions("instrument", "weapon"),
        counts=mentions("count", "count"),
        causes=tuple(m for m in graph.tails(trigger, "cause") if m.type in graph.coding.ranks),
    )
