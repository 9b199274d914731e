"""The two sides of a happening: who did it, to whom, and who stands beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from conflictspan.events.actors import ActorCluster
from conflictspan.events.records import Actor
from conflictspan.events.scene import Scene
from conflictspan.records import Mention

_PEOPLE_NAMES = {5: "Rioters", 6: "Protesters", 7: "Civilians", None: "Civilians"}


@dataclass(frozen=True, slots=True)
class Sides:
    """The actors of both sides, the chief one of each first."""

    a: tuple[ActorCluster, ...]
    b: tuple[ActorCluster, ...]


def find_sides(scene: Scene, triggers: Sequence[Mention], main: Mention) -> Sides:
    """Who stands on which side.

    Agents are side a, targets side b; where nobody is a target, victims are. Of triggers such as "repulsed" the agent
    is side b beside an attack. A clash of two agents has the first on side a, the second on side b, but for allies.
    """
    coding = scene.graph.coding
    ordered = [main, *(t for t in triggers if t is not main)]
    fights = [t for t in ordered if t.type not in coding.outcomes]
    turned = set(coding.data["reversed"]) if any(t.type not in coding.data["reversed"] for t in fights) else set()
    a: list[ActorCluster] = []
    b: list[ActorCluster] = []
    for trigger in ordered:
        said = scene.arguments[trigger.id]
        doers, sufferers = (b, a) if trigger.type in turned else (a, b)
        agents = list(said.agents)
        if trigger.type in coding.data["symmetric"] and not said.targets and len(agents) > 1:
            beside = [g for g in agents if g is agents[0] or _are_allies(scene, agents[0], g)]
            sufferers += [g for g in agents if g not in beside]
            agents = beside
        doers += agents
        sufferers += said.targets
    if not b:
        victims = [v for t in ordered for v in scene.arguments[t.id].victims]
        victims = [v for v in victims if not any(are_one_army(v, doer) for doer in a)]
        b += sorted(victims, key=lambda v: not v.actor_class.endswith(("force", "group")))
    first = list(dict.fromkeys(a))
    second = [actor for actor in dict.fromkeys(b) if actor not in first]
    return Sides(_chief_first(first), _chief_first(second))


def _chief_first(side: list[ActorCluster]) -> tuple[ActorCluster, ...]:
    """A body before its members: "Hamas" before "a mortar crew" of Hamas."""
    found: list[ActorCluster] = []
    for actor in side:
        body = next(
            (b for b in actor.bodies if not actor.is_named and b.actor_class.endswith(("force", "group"))),
            None,
        )
        found += [body, actor] if body else [actor]
    return tuple(dict.fromkeys(found))


def _are_allies(scene: Scene, one: ActorCluster, other: ActorCluster) -> bool:
    def near(actor: ActorCluster) -> set[int]:
        mentions: Iterable[Mention] = (
            m
            for mention in actor.mentions
            for role in ("ally_of", "member_of")
            for m in (*scene.graph.tails(mention, role), *scene.graph.heads(mention, role))
        )
        return {id(scene.actors[m.id]) for m in mentions if m.id in scene.actors}

    return id(other) in near(one) or bool(near(one) & near(other))


def are_one_army(one: ActorCluster, other: ActorCluster) -> bool:
    """Read "The army retook the town at the cost of 38 soldiers": a state's forces do not fight each other."""
    both = one.actor_class == other.actor_class == "state force"
    return both and not (one.country and other.country and one.country != other.country)


def side_of(actor: ActorCluster, sides: Sides) -> str | None:
    """The side that an actor belongs to, "a" or "b".

    One that is on neither by name goes with the side that alone has its kind: soldiers with the army, "the militants"
    with the group; not where it has a name of its own.
    """
    for name, side in (("a", sides.a), ("b", sides.b)):
        if actor in side or any(body in side for body in actor.bodies):
            return name
    if actor.is_named and actor.actor_class != "state force":
        return None
    kin = [
        name
        for name, side in (("a", sides.a), ("b", sides.b))
        if any(
            a.actor_class == actor.actor_class and (a.actor_class != "state force" or are_one_army(a, actor))
            for a in side
        )
    ]
    return kin[0] if len(kin) == 1 else None


def to_actor(side: Sequence[ActorCluster], country: str | None, *, suffers: bool) -> Actor | None:
    """A side as a record.

    Args:
        side: its actors, the chief one first.
        country: where it happened, for ACLED's code of foreign forces.
        suffers: it is the side that it was done to; unarmed people are then "Civilians", as in ACLED and UCDP.
    """
    if not side:
        return None
    chief = side[0]
    unarmed = suffers and chief.actor_class == "civilians"
    name = _PEOPLE_NAMES.get(chief.inter, "Civilians") if unarmed else chief.name
    aliases = (chief.name, *chief.aliases) if unarmed else chief.aliases
    members = [m.name for m in side[1:] if chief in m.bodies]
    inter = chief.inter
    if inter == 1 and chief.country and country and chief.country != country:
        inter = 8
    return Actor(
        name=name,
        actor_class=chief.actor_class,
        inter=inter,
        country=chief.country,
        aliases=tuple(dict.fromkeys((*aliases, *members))),
        allies=tuple(dict.fromkeys(actor.name for actor in side[1:] if actor.name not in members)),
    )
