"""From mentions and relations to event records. Deterministic; docs/events.md explains every rule."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from conflictspan.events.actor_table import ActorTable, load_actors
from conflictspan.events.actors import resolve_actors
from conflictspan.events.claims import find_denials, find_disputes, joint_status, make_claims, status_of
from conflictspan.events.coding import Coding, Facts, default_coding
from conflictspan.events.gazetteer import place_key
from conflictspan.events.graph import ReportGraph
from conflictspan.events.happenings import find_happenings
from conflictspan.events.places import has_name, resolve_places
from conflictspan.events.records import Event, Place, Span, Trigger, When
from conflictspan.events.scene import Scene, arguments_of
from conflictspan.events.sides import Sides, find_sides, to_actor
from conflictspan.events.times import day_of, make_when, resolve_time
from conflictspan.events.tolls import event_toll, victim_groups
from conflictspan.records import Mention, Report

UNKNOWN = 9
"""Stands for the precision of a place that was not found; UCDP's go from 1 to 7."""
_BOUND = re.compile(r"\b(since|until|till|before|after|by)\s+$", re.IGNORECASE)


class Assembler:
    """Assembles the event records of reports under one coding and one table of actors."""

    def __init__(self, *, actors: ActorTable | None = None, coding: Coding | None = None) -> None:
        """By default with the coding of the default scheme and the packaged actors."""
        self.actors = actors or load_actors()
        self.coding = coding or default_coding()

    def assemble(self, report: Report) -> Report:
        """The report with its events; those that it came with are replaced."""
        return replace(report, events=self.events(report))

    def events(self, report: Report) -> tuple[Event, ...]:
        """The event records of a report, by their first trigger; none for types that the coding does not know."""
        graph = ReportGraph(report, self.coding)
        if not graph.triggers:
            return ()
        places = resolve_places(graph)
        actors = resolve_actors(graph, self.actors, {p.country for p in places.values() if p.country})
        scene = Scene(
            graph=graph,
            actors=actors,
            places=places,
            times=_resolve_times(graph),
            arguments={t.id: arguments_of(graph, actors, t) for t in graph.triggers},
        )
        return tuple(_Record(scene, triggers).event() for triggers in find_happenings(scene))


def _resolve_times(graph: ReportGraph) -> dict[str, When]:
    """Time mention's id -> range of days; those of planned events alone are read as coming."""
    published = graph.report.published if day_of(graph.report.published) else _dateline(graph)
    times = {}
    for mention in graph.of_kind("time"):
        heads = graph.heads(mention, "time")
        future = bool(heads) and all(t.status == "planned" for t in heads)
        bound = _BOUND.search(graph.before(mention, 12))  # spans may leave it out
        words = f"{bound[1]} {graph.text(mention)}" if bound else graph.text(mention)
        times[mention.id] = resolve_time(words, published, future=future)
    return times


def _dateline(graph: ReportGraph) -> str | None:
    """The date that a report without one bears in its first sentence: a whole date that is no event's."""
    for mention in graph.of_kind("time"):
        if graph.sentence(mention) == 0 and not graph.heads(mention, "time"):
            when = resolve_time(graph.text(mention), None)
            if when.date_prec == 1:
                return when.date_start
    return None


class _Record:
    """One happening on its way into a record."""

    def __init__(self, scene: Scene, triggers: Sequence[Mention]) -> None:
        self.scene = scene
        self.graph = scene.graph
        self.coding = scene.graph.coding
        self.triggers = triggers
        self.main = min(triggers, key=self._rank)
        self.evidence: dict[str, list[Mention]] = defaultdict(list)

    def event(self) -> Event:
        place = self._place()
        sides = find_sides(self.scene, self.triggers, self.main)
        country = place.country if place else None
        side_a, side_b = to_actor(sides.a, country, suffers=False), to_actor(sides.b, country, suffers=True)
        weapons = self._weapons()
        types = self._types(sides, weapons, bool(place))
        claims = make_claims(self.scene, self.triggers, sides)
        disputes = tuple(dict.fromkeys((*find_disputes(claims, self.coding), *find_denials(self.scene, self.triggers))))
        when = self._when()
        self._trace(sides)
        main = self.main
        return Event(
            event_id=f"{self.graph.report.id}:{main.id}",
            report_id=self.graph.report.id,
            event_type=types[0] if types else None,
            sub_event_type=types[1] if types else None,
            trigger=Trigger(
                mention=main.id, start=main.start, end=main.end, type=main.type, text=self.graph.text(main)
            ),
            triggers=tuple(t.id for t in self.triggers),
            status=joint_status([t for t in self.triggers if t.type not in self.coding.outcomes] or self.triggers),
            side_a=side_a,
            side_b=side_b,
            type_of_violence=self.coding.type_of_violence(types[0] if types else None, side_a, side_b),
            place=place,
            **when.model_dump(),
            weapons=weapons,
            killed=event_toll([c.killed for c in claims]),
            injured=event_toll([c.injured for c in claims]),
            sources=tuple(c.source for c in claims if c.source is not None),
            claims=claims,
            disputed=bool(disputes),
            disputes=disputes,
            evidence={name: self._spans(mentions) for name, mentions in self.evidence.items() if mentions},
            score=self._score(),
        )

    def _rank(self, trigger: Mention) -> tuple[int, int, int, int]:
        """What happened names an event before what did not; then the type that says most; then the fullest telling."""
        order = ("asserted", "denied", "planned").index(status_of(trigger))
        outcome_only = all(t.type in self.coding.outcomes for t in self.triggers)
        hides = trigger.type in self.coding.outcomes and not outcome_only
        return int(hides), order, self.coding.ranks[trigger.type], -len(self.graph.arcs(trigger))

    def _first(self) -> list[Mention]:
        """The triggers, the main one first, outcomes last."""
        others = [t for t in self.triggers if t is not self.main]
        return [self.main, *sorted(others, key=lambda t: t.type in self.coding.outcomes)]

    def _types(self, sides: Sides, weapons: Sequence[str], placed: bool) -> tuple[str, str] | None:
        words = [self.graph.text(t).casefold() for t in self.triggers]
        things = {self.graph.kind(m) for t in self.triggers for m in self.scene.arguments[t.id].things}
        said = self.scene.arguments[self.main.id]
        facts = Facts(
            trigger=self.main.type,
            types={t.type for t in self.triggers if t is not self.main},
            agent=sides.a[0].actor_class if sides.a else None,
            victim=sides.b[0].actor_class if sides.b else None,
            targets={kind for kind in things if kind},
            words=" ".join((*words, *(w.casefold() for w in weapons), *(a.name.casefold() for a in said.agents))),
            trigger_words={word for text in words for word in text.split()},
            place=placed and bool(said.places),
        )
        self.evidence["event_type"] = list(self.triggers)
        return self.coding.acled_type(facts)

    def _place(self) -> Place | None:
        """The most precise place of the trigger that names the event, else of the next that has one, else of a site."""
        for trigger in self._first():
            said = self.scene.arguments[trigger.id]
            if said.places:
                return self._best_place(said.places)
        sites = [m for t in self._first() for m in self.scene.arguments[t.id].things if self.graph.kind(m) == "site"]
        around = [up for site in sites for up in self.graph.tails(site, "located_in") if up.id in self.scene.places]
        return self._best_place(around) if around else None

    def _best_place(self, mentions: Sequence[Mention]) -> Place:
        """The place that most triggers of the happening name, then the most precise; no province beside a town."""
        named = [m for t in self.triggers for m in self.scene.arguments[t.id].places]
        told = Counter(place_key(self.graph.text(m)) for m in {m.id: m for m in named}.values())

        def rank(mention: Mention) -> tuple[bool, int, int, int]:
            prec = self.scene.places[mention.id].where_prec or UNKNOWN
            wide = 3 < prec < UNKNOWN  # a province or a country; a village that no gazetteer has is a village
            return wide, -told[place_key(self.graph.text(mention))], prec, mention.start

        best = min(mentions, key=rank)
        others = dict.fromkeys(self.graph.text(m) for m in (*mentions, *named) if m is not best)
        place = self.scene.places[best.id]
        around = self.graph.containers(best)
        if not has_name(place.name) and (
            named_up := next((up for up in around if has_name(self.graph.text(up))), None)
        ):
            others = {place.name: None, **others}  # "the streets of Mayom" are found under Mayom
            place = place.model_copy(update={"name": self.graph.text(named_up)})
        others.pop(place.name, None)
        self.evidence["place"] = [best, *around]
        return place.model_copy(update={"others": tuple(others)})

    def _when(self) -> When:
        """The first trigger's dates that say any, narrowed by those of the others that overlap it."""
        mentions = [m for t in self._first() for m in self.scene.arguments[t.id].times]
        if not mentions:
            return When()
        whens = [self.scene.times[m.id] for m in mentions if m.id in self.scene.times]
        texts = tuple(dict.fromkeys(t for w in whens for t in w.date_text))
        self.evidence["date"] = mentions
        dated = [w for w in whens if w.date_start or w.date_end]
        if not dated:
            return make_when(
                None, None, text=texts, unresolved=next((w.date_unresolved for w in whens if w.date_unresolved), None)
            )
        start, end = dated[0].date_start, dated[0].date_end
        for when in dated[1:]:
            low = max(filter(None, (start, when.date_start)), default=None)
            high = min(filter(None, (end, when.date_end)), default=None)
            if not low or not high or low <= high:
                start, end = low, high
        return make_when(day_of(start), day_of(end), text=texts)

    def _weapons(self) -> tuple[str, ...]:
        mentions = [m for t in self.triggers for m in self.scene.arguments[t.id].weapons]
        self.evidence["weapons"] = mentions
        words = {self.graph.text(m).casefold(): self.graph.text(m) for m in reversed(mentions)}
        return tuple(reversed(words.values()))

    def _trace(self, sides: Sides) -> None:
        """Gather what the fields were read from."""
        self.evidence["status"] = [t for t in self.triggers if t.type not in self.coding.outcomes] or list(
            self.triggers
        )
        for trigger in self.triggers:
            for role in ("agent", "target", "victim"):
                for mention in self.graph.tails(trigger, role):
                    actor = self.scene.actors.get(mention.id)
                    if actor in sides.a:
                        self.evidence["side_a"].append(mention)
                    elif actor in sides.b:
                        self.evidence["side_b"].append(mention)
            self.evidence["sources"] += self.graph.tails(trigger, "source")
            kind = self.coding.outcomes.get(trigger.type)
            if kind in ("killed", "injured") and status_of(trigger) == "asserted":
                groups = [g for g in victim_groups(self.scene, [trigger]) if g.amount.is_known]
                self.evidence[kind] += [m for g in groups for m in (trigger, *g.evidence)]

    def _spans(self, mentions: Iterable[Mention]) -> tuple[Span, ...]:
        return tuple(sorted({(m.start, m.end) for m in mentions}))

    def _score(self) -> float | None:
        scores = [self.main.score, *(arc.score for arc in self.graph.arcs(self.main))]
        known = [score for score in scores if score is not None]
        return round(min(known), 4) if known else None
