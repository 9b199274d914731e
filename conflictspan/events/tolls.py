"""How many: the numbers of a claim by side, and of an event over its claims."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from conflictspan.events.actors import ActorCluster
from conflictspan.events.numbers import parse_number
from conflictspan.events.records import Amount, Toll
from conflictspan.events.scene import Scene
from conflictspan.events.sides import Sides, side_of
from conflictspan.records import Mention

Bucket = Literal["a", "b", "civilians", "unknown"]
BUCKETS: tuple[Bucket, ...] = ("a", "b", "civilians", "unknown")

_SUBSET = re.compile(
    r"\b(?:including|included|among (?:them|whom|the dead|the victims)|of (?:them|whom|the dead|those)|some of"
    r"|most of them|mostly)\b",
    re.IGNORECASE,
)
_REACH = 40  # groups back that one is compared with
_OF_THEM = re.compile(r"\s*(?:of them|of whom|of the dead)\b")
_AMONG_THEM = re.compile(r"[^.;]{0,40}?\bamong (?:them|whom)\b")  # "three civilians, a woman and a boy among them"
_MORE = re.compile(r"\b(?:another|other|others|more|further|also|additional|too)\b", re.IGNORECASE)
_ONE = re.compile(
    r"(?:\b(?:an?|one|another|the|his|her|their|its|our|my)|['\u2019]s?)\s+(?:[\w-]+\s+){0,3}$", re.IGNORECASE
)
_PLURAL = re.compile(
    r"(?:[^s]s|men|people|children|police|troops|personnel|staff|dead|wounded|injured|missing|cattle|youth|gentry)$",
    re.IGNORECASE,
)
_COLLECTIVE = re.compile(
    r"\b(?:army|forces?|military|family|crowd|crew|team|patrol|group|unit|garrison|convoy|column|battalion|brigade|division"
    r"|regiment|company|platoon|squad|militia|movement|government|coalition|couple|pair|population|party|cell|gang|mob"
    r"|community|village|household|regime|command|navy|enemy|guard|side|public|armou?r)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class VictimGroup:
    """A group of people that one trigger counts.

    Attributes:
        trigger: the outcome.
        actor: who they are; None where the text counts the outcome alone ("40 were killed").
        amount: how many.
        mention: where they stand in the text.
        evidence: the mentions that were read.
    """

    trigger: Mention
    actor: ActorCluster | None
    amount: Amount
    mention: Mention
    evidence: tuple[Mention, ...]


def victim_groups(scene: Scene, triggers: Iterable[Mention]) -> list[VictimGroup]:
    """The counted groups of some outcomes, by place in the text."""
    groups = []
    graph = scene.graph
    for trigger in triggers:
        own = graph.tails(trigger, "count")
        victims = graph.tails(trigger, "victim") or graph.tails(trigger, "target")
        for victim in victims:
            counts = own or graph.tails(victim, "count")  # "about half of them died": not as many as they are
            own = []
            amount = _read(scene, counts) if counts else _uncounted(scene, victim)
            groups.append(VictimGroup(trigger, scene.actors.get(victim.id), amount, victim, (victim, *counts)))
        if own and not victims:
            groups.append(VictimGroup(trigger, None, _read(scene, own), own[0], tuple(own)))
    return sorted(groups, key=lambda g: g.mention.start)


def _read(scene: Scene, counts: Sequence[Mention]) -> Amount:
    """What the numbers of one group come to; "some 90 of them" is not the group's."""
    text = scene.graph.report.text
    whole = [c for c in counts if not _OF_THEM.match(text, c.end)] or list(counts)
    amounts = [amount for c in whole if (amount := parse_number(scene.graph.text(c))).is_known]
    return _span(amounts) if amounts else Amount()


def _uncounted(scene: Scene, victim: Mention) -> Amount:
    """One, for a name or a noun in the singular with its article; nothing else."""
    graph = scene.graph
    text = graph.text(victim)
    head = re.split(r"\s+(?:of|from|in|at|with|and|who|named)\b", text)[0]
    if graph.kind(victim) == "person":
        return _exactly(1)
    if re.search(r"\b(?:couple|pair)$", head) and _ONE.search(graph.before(victim)):
        return _exactly(2)
    if _PLURAL.search(head) or _COLLECTIVE.search(head) or " and " in text:
        return Amount()
    singular = _ONE.search(graph.before(victim)) or re.match(r"\d\d?-year-old", text)
    singular = singular or re.search(r"[;:,(\u2013\u2014]\s*$", graph.before(victim))  # "; sergeant on duty killed"
    is_noun = head.split()[-1][:1].islower()  # "a British soldier", and not "the Royal Guards"
    return _exactly(1) if singular and is_noun else Amount()


def claim_toll(groups: Sequence[VictimGroup], sides: Sides, scene: Scene) -> Toll:
    """The numbers of one source: summed over distinct groups, by side.

    A group that is said to be part of another ("12 people, among them three children") adds nothing to the sum, but
    tells whose dead some of the others are. A group that is named again later is one group. People without a class
    ("12 people") that are not fewer than the soldiers and civilians named elsewhere are all of them.
    """
    sums: dict[Bucket, Amount] = {}
    subsets: dict[Bucket, Amount] = {}
    counted: list[tuple[Bucket, VictimGroup]] = []
    for index, group in enumerate(groups):
        if not group.amount.is_known:
            continue
        bucket = _bucket(group.actor, sides)
        if whole := _whole(group, groups[max(index - _REACH, 0) : index], scene):
            if _bucket(whole.actor, sides) != bucket:
                subsets[bucket] = _add(subsets.get(bucket), group.amount)
            continue
        recent = range(max(len(counted) - _REACH, 0), len(counted))
        again = next((i for i in recent if counted[i][0] == bucket and _is_again(counted[i][1], group, scene)), None)
        if again is None:
            counted.append((bucket, group))
        else:
            older = counted[again][1]
            counted[again] = bucket, replace(older, amount=_meet(older.amount, group.amount))
    for bucket, group in counted:
        sums[bucket] = _add(sums.get(bucket), group.amount)
    return _with_unknown(
        sums, subsets, [g for b, g in counted if b == "unknown"], [g for b, g in counted if b != "unknown"], scene
    )


def _with_unknown(
    sums: dict[Bucket, Amount],
    subsets: Mapping[Bucket, Amount],
    unknown: Sequence[VictimGroup],
    known: Sequence[VictimGroup],
    scene: Scene,
) -> Toll:
    total = None
    rest = sums.get("unknown")
    others = None
    for bucket in BUCKETS[:3]:
        if bucket in sums:
            others = _add(others, sums[bucket])
    if rest and others and not _stand_together(unknown, known, scene) and (rest.best or 0) >= (others.best or 0):
        total = rest
        sums["unknown"] = _subtract(rest, others)
    for bucket, amount in subsets.items():
        if bucket != "unknown" and bucket not in sums:
            total = total or _total(sums)
            sums[bucket] = amount
            for larger in ("unknown", "civilians", "a", "b"):
                if larger != bucket and larger in sums:
                    sums[larger] = _subtract(sums[larger], amount)
                    break
    found = {bucket: amount for bucket, amount in sums.items() if amount.is_known and amount.high != 0}
    return Toll(total=total or _total(found), **found)


def _stand_together(unknown: Sequence[VictimGroup], known: Sequence[VictimGroup], scene: Scene) -> bool:
    """Whether unknown and known are counted side by side in one sentence, or the one is "another two"."""
    sentences = {scene.graph.sentence(g.mention) for g in unknown}
    beside = any(scene.graph.sentence(g.mention) in sentences for g in known)
    return beside or any(_MORE.search(scene.graph.text(m)) for g in (*unknown, *known) for m in g.evidence)


def _bucket(actor: ActorCluster | None, sides: Sides) -> Bucket:
    if actor is None or actor.unspecific:
        return "unknown"
    if actor.actor_class == "civilians":
        return "civilians"
    side = side_of(actor, sides) if actor.actor_class != "other" else None
    return "a" if side == "a" else "b" if side == "b" else "unknown"


def _whole(group: VictimGroup, before: Sequence[VictimGroup], scene: Scene) -> VictimGroup | None:
    """The group that this one is said to be part of."""
    for older in reversed(before):
        if scene.graph.sentence(older.mention) != scene.graph.sentence(group.mention):
            break
        first = min(group.evidence, key=lambda m: m.start)
        between = scene.graph.between(older.mention, first)
        text = scene.graph.report.text
        after = scene.graph.report.text[first.end : group.mention.end + 30]
        if _SUBSET.search(between) or _OF_THEM.match(after) or _AMONG_THEM.match(text, group.mention.end):
            return older
    return None


def _is_again(older: VictimGroup, newer: VictimGroup, scene: Scene) -> bool:
    """Whether a group is told of again: in another sentence, the same actor or people just as vague, and not "more"."""
    graph = scene.graph
    if older.mention.id == newer.mention.id:
        return True
    if graph.sentence(older.mention) == graph.sentence(newer.mention):
        return False
    if any(_MORE.search(graph.text(m)) for m in newer.evidence) or _MORE.search(graph.before(newer.mention, 20)):
        return False
    vague = (older.actor is None or older.actor.unspecific) and (newer.actor is None or newer.actor.unspecific)
    return (
        older.actor is newer.actor
        or vague
        or bool(older.actor and newer.actor and older.actor.name == newer.actor.name)
    )


def event_toll(tolls: Sequence[Toll]) -> Toll:
    """The numbers of an event over its claims: never summed over sources that count the same people.

    Each side's number is the range over the claims that give one. The total is summed over the sides where each source
    counts another fighting side; where they count the same people, or some say civilians and some say fighters, it is
    the range over the claims.
    """
    known = [toll for toll in tolls if toll.total.is_known]
    if len(known) < 2:
        return known[0] if known else Toll()
    sides = {bucket: _span([a for t in known if (a := getattr(t, bucket)).is_known]) for bucket in BUCKETS}
    found = {bucket: amount for bucket, amount in sides.items() if amount.is_known}
    if not any(are_rivals(one, other) for one, other in combinations(known, 2)):
        return Toll(total=_total(found), **found)
    return Toll(total=_span([toll.total for toll in known]), **found)


def are_rivals(one: Toll, other: Toll) -> bool:
    """Whether two sources count the same people; else each counts another fighting side's."""
    first, second = ({bucket for bucket in BUCKETS if getattr(toll, bucket).is_known} for toll in (one, other))
    return bool(first & second) or bool({"civilians", "unknown"} & (first | second))


def do_meet(one: Amount, other: Amount) -> bool:
    """Whether two numbers can both be true; those that a vague word stands for contradict nothing above them."""
    (low, high), (other_low, other_high) = _bounds(one), _bounds(other)
    return low <= other_high and other_low <= high


def _bounds(amount: Amount) -> tuple[float, float]:
    about = amount.low is None and amount.high is None and amount.best is not None  # "about 30": give it a tenth
    slack = (amount.best or 0) / 10 if about else 0
    low = amount.low if amount.low is not None else (amount.best or 0) - slack if about else 0
    high = amount.high if amount.high is not None else (amount.best or 0) + slack if about else float("inf")
    return low, high


def _exactly(number: int) -> Amount:
    return Amount(low=number, best=number, high=number)


def _total(sums: Mapping[Bucket, Amount]) -> Amount:
    total = None
    for bucket in BUCKETS:
        if bucket in sums:
            total = _add(total, sums[bucket])
    return total or Amount()


def _add(one: Amount | None, other: Amount) -> Amount:
    """A sum; a bound that one of the two lacks is lacking in the sum, but a floor holds for the rest at least."""
    if one is None:
        return other

    def plus(a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else a + b

    low = None if one.low is None and other.low is None else (one.low or 0) + (other.low or 0)
    return Amount(
        low=low,
        best=plus(one.best, other.best),
        high=plus(one.high, other.high),
        estimated=one.estimated or other.estimated,
    )


def _subtract(whole: Amount, part: Amount) -> Amount:
    """What is left of a whole; nothing known where the part is not known exactly."""
    if part.best is None or part.low != part.high:
        return Amount()

    def minus(a: int | None) -> int | None:
        return None if a is None else max(a - (part.best or 0), 0)

    return Amount(low=minus(whole.low), best=minus(whole.best), high=minus(whole.high), estimated=whole.estimated)


def _meet(one: Amount, other: Amount) -> Amount:
    """One group told of twice by one source: where both can be true, what both allow; else the range."""
    if not do_meet(one, other):
        return _span([one, other])
    exact = next((a for a in (other, one) if a.low is not None and a.low == a.high), None)
    if exact:
        return exact
    lows = [a.low for a in (one, other) if a.low is not None]
    highs = [a.high for a in (one, other) if a.high is not None]
    firm = next((a for a in (other, one) if a.best is not None and not a.estimated), other)
    return Amount(
        low=max(lows, default=None),
        best=firm.best,
        high=min(highs, default=None),
        estimated=one.estimated and other.estimated,
    )


def _span(amounts: Sequence[Amount]) -> Amount:
    """The range over several numbers for one thing; `best` where they agree, or where all allow the only exact one."""
    if len(amounts) < 2:
        return amounts[0] if amounts else Amount()
    lows = [a.low if a.low is not None else a.best for a in amounts]
    highs = [a.high for a in amounts]
    bests = {a.best for a in amounts if a.best is not None and not a.estimated} or {
        a.best for a in amounts if a.best is not None
    }
    exact = [a for a in amounts if a.low is not None and a.low == a.high]
    agreeing = all(do_meet(a, b) for a, b in combinations(amounts, 2))
    best = bests.pop() if len(bests) == 1 else (exact[0].best if exact and agreeing else None)
    floors = [low for low in lows if low is not None]
    ceilings = [high for high in highs if high is not None]
    if agreeing and exact:
        return exact[0]
    return Amount(
        low=min(floors, default=None),
        best=best,
        high=max(ceilings) if len(ceilings) == len(amounts) else None,
        estimated=all(a.estimated for a in amounts),
    )
