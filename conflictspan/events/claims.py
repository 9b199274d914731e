"""Who says so: each source's version of a happening, and where two of them cannot both be true."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from conflictspan.events.actors import ActorCluster
from conflictspan.events.coding import Coding
from conflictspan.events.graph import ReportGraph
from conflictspan.events.records import Claim, Said, Status
from conflictspan.events.scene import Scene
from conflictspan.events.sides import Sides
from conflictspan.events.tolls import are_rivals, claim_toll, do_meet, victim_groups
from conflictspan.records import Mention

_IN_A_LIMB = re.compile(
    r"[^.;]{0,40}?\bin (?:the|his|her|both|one) (?:left |right |lower |upper )?"
    r"(?:leg|arm|thigh|foot|feet|hand|knee|shoulder|hip|ankle|calf|buttock|elbow|wrist)s?\b",
    re.IGNORECASE,
)


def status_of(trigger: Mention) -> Status:
    """A trigger's status, in the words of a record."""
    return "planned" if trigger.status == "planned" else "denied" if trigger.status == "denied" else "asserted"


def make_claims(scene: Scene, triggers: Sequence[Mention], sides: Sides) -> tuple[Claim, ...]:
    """One claim for each source, and one for what the report says in its own voice; by first trigger."""
    told: dict[str | None, list[Mention]] = {}
    for trigger in triggers:
        sources = [m for m in scene.graph.tails(trigger, "source") if m.id in scene.actors]
        names = dict.fromkeys(_source_name(scene, scene.actors[m.id], m) for m in sources)
        for source in names or (None,):
            told.setdefault(source, []).append(trigger)
    return tuple(_claim(scene, source, said, sides) for source, said in told.items())


def _outcomes(scene: Scene, triggers: Iterable[Mention], kind: str) -> list[Mention]:
    """The triggers that say that people were "killed" or "injured"; "shot in the leg" is an attack that injured."""
    outcomes = scene.graph.coding.outcomes
    return [t for t in triggers if outcomes.get(t.type) == kind or (kind == "injured" and _wounds(scene, t, outcomes))]


def _wounds(scene: Scene, trigger: Mention, outcomes: Mapping[str, str]) -> bool:
    shot = trigger.type in scene.graph.coding.data["fights"] and trigger.type not in outcomes
    return shot and bool(_IN_A_LIMB.match(scene.graph.report.text, trigger.end))


def _source_name(scene: Scene, source: ActorCluster, mention: Mention) -> str:
    """What a source is called: a state's army is "the army" when it speaks, and not the state."""
    return scene.graph.text(mention) if source.country else source.name


def _claim(scene: Scene, source: str | None, triggers: Sequence[Mention], sides: Sides) -> Claim:
    outcomes = scene.graph.coding.outcomes
    happened = [t for t in triggers if status_of(t) == "asserted"]
    killed, injured = (
        claim_toll(victim_groups(scene, _outcomes(scene, happened, kind)), sides, scene)
        for kind in ("killed", "injured")
    )
    return Claim(
        source=source,
        status=joint_status([t for t in triggers if t.type not in outcomes] or triggers),
        says=tuple(Said(type=t.type, mention=t.id, text=scene.graph.text(t), status=status_of(t)) for t in triggers),
        killed=killed,
        injured=injured,
    )


def joint_status(triggers: Sequence[Mention]) -> Status:
    """The status of several triggers: asserted where one is, else denied where one is, else planned."""
    found = {status_of(t) for t in triggers}
    return "asserted" if "asserted" in found else "denied" if "denied" in found else "planned"


def find_disputes(claims: Sequence[Claim], coding: Coding) -> Iterator[str]:
    """Say in words which claims cannot both be true.

    One source denies what another asserts; one says that the place was taken and another that the attack was beaten
    off; two numbers for the same people do not meet.
    """
    for one, other in combinations(claims, 2):
        names = _name(one), _name(other)
        for first, second, (a, b) in ((one, other, names), (other, one, names[::-1])):
            denied = {said.type for said in second.says if said.status == "denied"}
            asserted = {said.type for said in first.says if said.status == "asserted"}
            contrary = {t for t in asserted for d in denied if t == d or {t, d} in coding.mirrored}
            if contrary:
                yield f"{b} denies what {a} says: {', '.join(sorted(contrary))}"
            for pair in coding.opposites:
                types = sorted(pair)
                if types[0] in asserted and types[1] in {s.type for s in second.says if s.status == "asserted"}:
                    yield f"{a} says {types[0]}, {b} says {types[1]}"
        for field in ("killed", "injured"):
            mine, theirs = getattr(one, field), getattr(other, field)
            if mine.total.is_known and theirs.total.is_known and are_rivals(mine, theirs):
                shared = [
                    b for b in ("a", "b", "civilians") if getattr(mine, b).is_known and getattr(theirs, b).is_known
                ]
                pairs = [(getattr(mine, b), getattr(theirs, b)) for b in shared] or [(mine.total, theirs.total)]
                if any(not do_meet(x, y) for x, y in pairs):
                    yield f"{names[0]} and {names[1]} give numbers {field} that do not meet"


_DENIES = r"(?:denies|denied|deny|rejects|rejected|disputes|disputed|dismissed)"
_DENIAL = re.compile(
    rf",\s*(?:a claim\s+)?(?:which|that)\s+((?:\S+\s+){{1,6}}?){_DENIES}\b"
    rf"|;\s*((?:\S+\s+){{1,6}}?){_DENIES}\s+(?:it|this|the (?:claim|charge|accusation))\b"
)


def find_denials(scene: Scene, triggers: Sequence[Mention]) -> Iterator[str]:
    """Say who denies what a sentence tells right before: "have bombed their columns, which Kampala denies"."""
    graph = scene.graph
    for trigger in triggers:
        if not graph.report.sentences or status_of(trigger) != "asserted":
            continue
        end = graph.report.sentences[graph.sentence(trigger)][1]
        match = _DENIAL.search(graph.report.text, trigger.end, end)
        if match and trigger is _last_before(graph, match.start()):
            who = " ".join((match[1] or match[2]).split())
            yield f"{who} denies what is said: {trigger.type}"


def _last_before(graph: ReportGraph, start: int) -> Mention | None:
    index = bisect_left(graph.triggers, start, key=lambda t: t.start)
    return graph.triggers[index - 1] if index else None


def _name(claim: Claim) -> str:
    return claim.source or "the report"
