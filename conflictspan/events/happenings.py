"""Which triggers of a report tell of one happening."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from conflictspan.events.gazetteer import place_key
from conflictspan.events.scene import Arguments, Scene
from conflictspan.records import Mention

NEAR_SENTENCES = 3
"""How many sentences apart two triggers may stand that share what they say."""
BACK_SENTENCES = 5
"""How many sentences back "the attack" may reach."""

REACH = 40
"""How many triggers back one is compared with: bounds the work on a report of any length."""

_ANOTHER = re.compile(
    r"\b(?:another|other|second|third|fourth|separate|separately|further|new|fresh|similar|elsewhere|meanwhile"
    r"|previous|earlier|latest|different)\b[^.;]{0,25}$",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b\d{1,2} ?[ap]\.?m\b|\b\d{4} ?h(?:ou)?rs\b")


def find_happenings(scene: Scene) -> list[list[Mention]]:
    """Divide the triggers of a report into happenings.

    1. An outcome (death, injury, damage, displacement) goes to its CAUSE, to the nearest where it has several.
    2. An outcome without one goes to a fight of its sentence with the same agent; deaths and injuries of one sentence
       go together, and so does a second source's number. With no place, time or agent of its own it goes to the one
       fight of the sentence before, if it is of fighters, or to the deaths there if another source tells of them.
    3. "Repelled an assault" is one happening; so are a strike and, in the next sentence, the same kind of strike with
       no place, agent or target of its own.
    4. Two triggers of one family of types merge where nothing they say conflicts (place, time, agent, status) and they
       share something: the later is "the attack"; or both hit the same site; or both have the same place, or target,
       or stand in one
       sentence with the same agent. "Another attack" never merges.

    Returns:
        The happenings by their first trigger; in each its triggers by place in the text.
    """
    return _Merger(scene).happenings()


class _Merger:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.graph = scene.graph
        self.coding = scene.graph.coding
        self.triggers = scene.graph.triggers
        self.index = {t.id: i for i, t in enumerate(self.triggers)}
        self.sentences = {t.id: self.graph.sentence(t) for t in self.triggers}
        self.parent = {t.id: t.id for t in self.triggers}
        self.groups = {t.id: [t] for t in self.triggers}

    def happenings(self) -> list[list[Mention]]:
        for trigger in self.triggers:
            if trigger.type in self.coding.outcomes:
                self._fold(trigger)
        folded = {t.id for t in self.triggers if self._root(t) != t.id}
        free = [t for t in self.triggers if t.id not in folded or t.type not in self.coding.outcomes]
        for index, later in enumerate(free):
            for earlier in reversed(free[max(index - REACH, 0) : index]):
                apart = self.sentences[later.id] - self.sentences[earlier.id]
                if apart > BACK_SENTENCES:
                    break
                if self._root(earlier) != self._root(later) and self._are_one(earlier, later, apart):
                    self._join(earlier, later)
                    break
        for outcome in free:
            if outcome.type in self.coding.outcomes and len(self.groups[self._root(outcome)]) == 1:
                self._fold_back(outcome)
        groups: dict[str, list[Mention]] = defaultdict(list)
        for trigger in self.triggers:
            groups[self._root(trigger)].append(trigger)
        return list(groups.values())

    def _around_trigger(self, trigger: Mention) -> list[Mention]:
        """The triggers nearest to one, itself left out."""
        index = self.index[trigger.id]
        return self.triggers[max(index - REACH, 0) : index] + self.triggers[index + 1 : index + REACH]

    def _root(self, trigger: Mention) -> str:
        id_ = trigger.id
        while self.parent[id_] != id_:
            id_ = self.parent[id_]
        return id_

    def _join(self, one: Mention, other: Mention) -> None:
        first, second = sorted((self._root(one), self._root(other)), key=lambda i: self.graph.mentions[i].start)
        if first != second:
            self.parent[second] = first
            self.groups[first] += self.groups.pop(second)

    def _fold(self, outcome: Mention) -> None:
        causes = self.scene.arguments[outcome.id].causes
        if causes:
            self._join(min(causes, key=lambda c: (abs(c.start - outcome.start), c.start)), outcome)
            return
        said = self.scene.arguments[outcome.id]
        near = [t for t in self._around_trigger(outcome) if self.sentences[t.id] == self.sentences[outcome.id]]
        near.sort(key=lambda t: (abs(t.start - outcome.start), t.start))
        for other in near:
            theirs = self.scene.arguments[other.id]
            if self._is_other_count(other, outcome):
                self._join(other, outcome)
                return
            if (
                self._sufferers_conflict(other, outcome)
                or self._conflict(other, outcome)
                or other.status != outcome.status
            ):
                continue
            fights = other.type in self.coding.data["fights"]
            same_agent = bool(set(said.agents) & set(theirs.agents))
            casualties = self._are_casualties(outcome, other) and not theirs.causes
            if (fights and same_agent) or casualties:
                self._join(other, outcome)
                return

    def _is_other_count(self, earlier: Mention, later: Mention) -> bool:
        """A second source's number, with nothing else of its own: "the clinic counted 19 dead"."""
        said, theirs = self.scene.arguments[later.id], self.scene.arguments[earlier.id]
        own = said.places or said.agents or said.times or said.causes or said.weapons
        differ = bool(said.sources) and not set(said.sources) & set(theirs.sources)
        return earlier.start < later.start and earlier.type == later.type and differ and not own

    def _fold_back(self, outcome: Mention) -> None:
        """Deaths with nothing else of their own, in the sentence after a fight: of fighters, or by another source."""
        said = self.scene.arguments[outcome.id]
        kind = self.coding.outcomes[outcome.type]
        if said.places or said.agents or said.times or said.weapons or outcome.status or kind == "other":
            return
        sentence = self.sentences[outcome.id]
        before = [t for t in self._around_trigger(outcome) if self.sentences[t.id] == sentence - 1]
        counts = [t for t in before if t.type == outcome.type and self._is_other_count(t, outcome)]
        vague = all(v.unspecific for v in said.victims)
        if counts and vague:
            self._join(counts[-1], outcome)
            return
        fights = [t for t in before if t.type in self.coding.data["fights"] and not t.status]
        fighters = any(v.actor_class.endswith(("force", "group")) for v in said.victims)
        if fighters and len({self._root(t) for t in fights}) == 1 and not self._here(outcome):
            self._join(fights[0], outcome)

    def _here(self, outcome: Mention) -> bool:
        """Whether the outcome's own sentence tells of a fight before it."""
        return any(
            t.type in self.coding.data["fights"] and self.sentences[t.id] == self.sentences[outcome.id]
            for t in self._around_trigger(outcome)
        )

    def _are_casualties(self, one: Mention, other: Mention) -> bool:
        """Killed and injured in one sentence, and not told of two places or two causes."""
        kinds = {self.coding.outcomes.get(one.type), self.coding.outcomes.get(other.type)}
        return kinds == {"killed", "injured"}

    def _are_one(self, earlier: Mention, later: Mention, apart: int) -> bool:
        if not self.coding.are_kin(earlier.type, later.type) or not self._status_fits(earlier, later):
            return False
        members = self.groups[self._root(earlier)]
        if self._sufferers_conflict(earlier, later):
            return False
        if {earlier.type, later.type} <= self.coding.outcomes.keys() and earlier.type != later.type:
            return False  # "the killing" is no wounding
        newer = self.groups[self._root(later)]
        if any(self._conflict(a, b) for a in members[-REACH:] for b in newer[-REACH:]):
            return False
        if self._takes_weapons(earlier) != self._takes_weapons(later):
            return False
        if apart == 0 and self._is_answer(earlier, later):
            return True
        if apart == 1 and self._elaborates(earlier, later):
            return True
        if _ANOTHER.search(self.graph.before(later, 50)):
            return False
        said, theirs = self.scene.arguments[later.id], self.scene.arguments[earlier.id]
        if set(said.things) & set(theirs.things):
            return True
        if self.graph.is_definite(later) and not self.scene.arguments[later.id].counts:
            return True
        if apart > NEAR_SENTENCES:
            return False
        if apart == 0 and set(said.agents) & set(theirs.agents) and self._one_stroke(earlier, later):
            return True
        if self._share_place(said, theirs) and (said.parties & theirs.parties or not said.agents or not theirs.agents):
            return True
        shared = {a for a in (*said.targets, *said.victims) if not a.unspecific} & {*theirs.targets, *theirs.victims}
        return bool(shared) and earlier.type == later.type and bool(set(said.agents) & set(theirs.agents))

    def _is_answer(self, earlier: Mention, later: Mention) -> bool:
        """Read "Repelled an assault", "the assault was repelled": the one beside the other; nobody repels their own."""
        answers = set(self.coding.data["answers"])
        if (earlier.type in answers) == (later.type in answers):
            return False
        if {*self.scene.arguments[earlier.id].agents} & {*self.scene.arguments[later.id].agents}:
            return False
        return self.index[later.id] - self.index[earlier.id] == 1

    def _takes_weapons(self, trigger: Mention) -> bool:
        """Whether only weapons are done something to: rifles seized after a fight are another matter."""
        said = self.scene.arguments[trigger.id]
        weapons = bool(said.things) and all(self.graph.kind(m) == "weapon" for m in said.things)
        return weapons and not said.targets

    def _elaborates(self, earlier: Mention, later: Mention) -> bool:
        """The same kind of strike in the next sentence, with no place, agent or target: "three shells fell"."""
        said = self.scene.arguments[later.id]
        own = said.places or said.agents or said.targets or said.things
        return earlier.type == later.type and later.type in self.coding.data["fights"] and not own

    def _one_stroke(self, earlier: Mention, later: Mention) -> bool:
        """Two triggers of one sentence with one agent: not where each has a target of its own, or one is a defence."""
        answers = set(self.coding.data["answers"])
        if (earlier.type in answers) != (later.type in answers):
            return False  # "took forty vehicles and beat off an attempt": the other one's attempt is the fight
        said, theirs = self.scene.arguments[later.id], self.scene.arguments[earlier.id]
        both_hit = (said.targets or said.things) and (theirs.targets or theirs.things)
        share = {*said.targets, *said.things} & {*theirs.targets, *theirs.things}
        return not both_hit or bool(share) or earlier.type != later.type

    def _status_fits(self, earlier: Mention, later: Mention) -> bool:
        """What is planned is another event than what happened, but for the attack that was foiled beforehand."""
        if (earlier.status == "planned") == (later.status == "planned"):
            return True
        reversed_ = set(self.coding.data["reversed"]) & {earlier.type, later.type}
        return bool(reversed_) and self.sentences[earlier.id] == self.sentences[later.id]

    def _conflict(self, one: Mention, other: Mention) -> bool:
        """Whether what two triggers say of place, time or agent cannot be one happening."""
        first, second = self.scene.arguments[one.id], self.scene.arguments[other.id]
        return (
            (bool(first.places) and bool(second.places) and not self._share_place(first, second, loosely=True))
            or self._times_conflict(first.times, second.times)
            or self._agents_conflict(one, other)
        )

    def _share_place(self, first: Arguments, second: Arguments, *, loosely: bool = False) -> bool:
        return any(self._same_place(one, other, loosely=loosely) for one in first.places for other in second.places)

    def _same_place(self, one: Mention, other: Mention, *, loosely: bool) -> bool:
        """The same place; loosely also where one lies in the other, or one has no name."""
        if one.id == other.id:
            return True
        names = self.graph.text(one), self.graph.text(other)
        if place_key(names[0]) == place_key(names[1]):
            return True
        first, second = self.scene.places[one.id], self.scene.places[other.id]
        known = first.where_prec is not None and second.where_prec is not None
        if (
            known
            and max(first.where_prec or 9, second.where_prec or 9) <= 2
            and (first.lat, first.lon) == (second.lat, second.lon)
        ):
            return True
        if not loosely:
            return False
        if other in self.graph.containers(one) or one in self.graph.containers(other):
            return True
        if not names[0][:1].isupper() or not names[1][:1].isupper():
            return True
        if not known or first.country != second.country:
            return False
        coarse, fine = sorted((first, second), key=lambda p: -(p.where_prec or 0))
        return coarse.where_prec in (5, 6) or (coarse.where_prec == 4 and coarse.admin == fine.admin)

    def _times_conflict(self, first: Iterable[Mention], second: Iterable[Mention]) -> bool:
        for one in first:
            for other in second:
                if one.id == other.id:
                    return False
                a, b = self.scene.times[one.id], self.scene.times[other.id]
                if (
                    a.date_start
                    and b.date_start
                    and a.date_end
                    and b.date_end
                    and (a.date_end < b.date_start or b.date_end < a.date_start)
                ):
                    return True
                clocks = _CLOCK.findall(self.graph.text(one)), _CLOCK.findall(self.graph.text(other))
                if all(clocks) and clocks[0] != clocks[1]:
                    return True
        return False

    def _sufferers_conflict(self, one: Mention, other: Mention) -> bool:
        """Two triggers of one type that were done to two known actors: "the murder of a judge" is another death."""
        first, second = self.scene.arguments[one.id], self.scene.arguments[other.id]
        mine, theirs = (
            {actor.name for actor in (*said.targets, *said.victims) if not actor.unspecific} for said in (first, second)
        )
        return one.type == other.type and bool(mine) and bool(theirs) and not mine & theirs

    def _agents_conflict(self, one: Mention, other: Mention) -> bool:
        """Two agents that are not one, where neither is the other's opponent and both have names."""
        first, second = self.scene.arguments[one.id], self.scene.arguments[other.id]
        if not first.agents or not second.agents or set(first.agents) & set(second.agents):
            return False
        if one.type != other.type and (
            set(first.agents) & {*second.targets, *second.victims}
            or set(second.agents) & {*first.targets, *first.victims}
        ):
            return False  # "the rebels attacked, the army beat them off"
        turned = {*self.coding.data["reversed"], *self.coding.data["symmetric"], *self.coding.outcomes}
        return one.type == other.type or not turned & {one.type, other.type}
