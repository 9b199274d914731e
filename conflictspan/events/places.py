"""Where: place mentions of a report, resolved together against the gazetteer. What is not settled stays empty."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cache

from conflictspan.events.countries import countries_in, country_in, english_name
from conflictspan.events.gazetteer import AREA, COUNTRY, DISTRICT, PROVINCE, TOWN, Entry, lookup, place_key
from conflictspan.events.graph import ReportGraph
from conflictspan.events.records import Candidate, Place
from conflictspan.events.tables import toml_table
from conflictspan.records import Mention

_WELL_KNOWN = 500_000
"""Inhabitants from which a town is believed to be meant although nothing else in the report is in its country."""
_ONE_OF_ITS_NAME = 100_000
"""Inhabitants from which that is believed of a town with no namesakes."""
_DOMINANT = 8
"""How many times larger than the next town of its name such a town, or one of two in the same country, must be."""
_SAME_SPOT = 0.35
"""Degrees within which two entries are the same place, listed twice."""
_MOST_CANDIDATES = 5
_MOST_NEIGHBOURS = 100
_SMALL = 5000
"""Inhabitants below which a town may well have namesakes that no gazetteer lists."""
_FAR = 6.0
"""Degrees of latitude and longitude together: some 500 km."""
_DEEPEST_CHAIN = 4

_NEAR = re.compile(
    r"\b(?:near|outside|around|close to|not far from|beyond|off"
    r"|(?:north|south|east|west|northeast|northwest|southeast|southwest)(?:ern)?(?:-(?:east|west))?(?: side)? of"
    r"|(?:km|kms|kilometers?|kilometres?|miles?|metres?)(?: [\w-]+)? (?:of|from)|nautical miles \w+ of)"
    r"\s+(?:the )?(?:(?:town|city|village|settlement|hamlet) of )?$",
    re.IGNORECASE,
)
_LEVEL_KINDS = {0: (TOWN, DISTRICT), 1: (PROVINCE, AREA, DISTRICT), 2: (DISTRICT, TOWN, PROVINCE)}


@cache
def _words() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, int], dict[str, int]]:
    table = toml_table("place_words")
    either = "|".join(sorted((*table["directions"], *table["inside"]), key=len, reverse=True))
    suffixes = "|".join(sorted(table["suffixes"], key=len, reverse=True))
    return (
        # "West Shewa" is a name; "western Shewa", and "Western Shewa" at the head of a sentence, are a part of Shewa.
        re.compile(rf"^(?:the )?(?:{either}|[NSEW]\w+ern|Central|Rural)(?:[- ](?:the )?)"),
        re.compile(rf"\s+({suffixes})$|^({suffixes}) of ", re.IGNORECASE),
        table["suffixes"],
        table["nouns"],
    )


def resolve_places(graph: ReportGraph) -> dict[str, Place]:
    """Resolve all places and sites of a report.

    A name is looked up as it stands, then without directions ("northern Syria") and without words such as "province",
    which also say what kind of place is meant. Of several places of that name the one is taken that lies where the
    text puts it (LOCATED_IN); else the one in a country that the report names otherwise (a country, a country's
    adjective, a place that has one meaning only); else one that is far larger than its namesakes and well known. If
    none of these settles it, country and coordinates stay empty and the candidates are listed. A name that the
    gazetteer lacks takes the region that the text puts it in, with that region's precision.

    Returns:
        Mention id -> place, for each place and site.
    """
    resolver = _Resolver(graph)
    return {mention.id: resolver.place(mention) for mention in graph.of_kind("place", "site")}


class _Resolver:
    def __init__(self, graph: ReportGraph) -> None:
        self.graph = graph
        self.named = [m for m in graph.of_kind("place") if has_name(graph.text(m))]
        self.place_votes: Counter[str] = Counter()
        self.own_votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.votes = self._countries()
        self.settled: dict[str, Entry | None] = {}
        self.unsettled: dict[str, tuple[Entry, ...]] = {}

    def place(self, mention: Mention) -> Place:
        """The place of one mention."""
        name = self.graph.text(mention)
        entry = self._entry(mention)
        if entry and self._is_far_off(mention, entry):
            self.unsettled[mention.id] = (entry,)
            entry = None
        prec = self._prec(mention, entry) if entry else None
        if prec == 1 and _NEAR.search(self.graph.before(mention)):
            prec = 2
        if not entry and (inside := self._container(mention)):
            entry, prec, up = inside
            if prec in (1, 2) and not self._is_inside_town(mention):
                prec = 2 if _NEAR.search(self.graph.before(up)) else 3
        if not entry:
            candidates = self.unsettled.get(mention.id, ())[:_MOST_CANDIDATES]
            return Place(name=name, candidates=tuple(_candidate(e) for e in candidates))
        return Place(
            name=name,
            country=entry.country or None,
            country_name=english_name(entry.country) if entry.country else None,
            admin=entry.admin,
            lat=round(entry.lat, 4),
            lon=round(entry.lon, 4),
            where_prec=prec,
        )

    def _countries(self) -> Counter[str]:
        """How often the report points at each country: by name, by adjective, by places with one meaning only."""
        votes: Counter[str] = Counter()
        for mention in self.graph.mentions.values():
            text, kind = self.graph.text(mention), self.graph.kind(mention)
            if kind in ("place", "site", "state_force", "armed_group", "organisation", "people"):
                found = set(countries_in(text))
                votes.update(found)
                if kind in ("place", "site"):
                    self.place_votes.update(found)
            if kind in ("state_force", "organisation") and (capital := _capital(text)):
                votes[capital] += 1
                self.place_votes[capital] += 1
        for mention in self.named:
            entries = _lookup(self.graph.text(mention))
            countries = {e.country for e in entries if e.country}
            if len(countries) == 1 and (len(entries) > 1 or entries[0].population >= 20_000 or entries[0].kind != TOWN):
                votes.update(countries)
                self.place_votes.update(countries)
                self.own_votes[place_key(self.graph.text(mention))][entries[0].country] += 1
            elif entries and entries[0].population >= _WELL_KNOWN and entries[0].is_main and _dominates(entries):
                votes[entries[0].country] += 1
                self.place_votes[entries[0].country] += 1
                self.own_votes[place_key(self.graph.text(mention))][entries[0].country] += 1
        return votes

    def _entry(self, mention: Mention) -> Entry | None:
        """The gazetteer's entry for a mention, if it is settled."""
        if mention.id not in self.settled:
            self.settled[mention.id] = None  # a ring of LOCATED_IN ends here
            self.settled[mention.id] = self._settle(mention)
        return self.settled[mention.id]

    def _settle(self, mention: Mention) -> Entry | None:
        text = self.graph.text(mention)
        if self.graph.kind(mention) == "site" or not has_name(text):
            return self._same(mention) or self._only_one(mention, text)
        entries = _lookup(text)
        if not entries:
            return self._same(mention)
        inside = self._container(mention)
        chosen = self._choose(entries, inside[0] if inside else None, *self._others_votes(mention))
        if not chosen:
            self.unsettled[mention.id] = entries
        return chosen

    def _others_votes(self, mention: Mention) -> tuple[Counter[str], Counter[str]]:
        """The votes without those of a name itself: of all that the report names, and of its places alone."""
        own = self.own_votes.get(place_key(self.graph.text(mention)), Counter())
        return self.votes - own, self.place_votes - own

    def _choose(
        self, entries: Sequence[Entry], inside: Entry | None, votes: Counter[str], place_votes: Counter[str]
    ) -> Entry | None:
        if inside and inside.country:
            within = [e for e in entries if e.country == inside.country]
            if inside.admin and inside.kind in (PROVINCE, DISTRICT, TOWN):
                near = [e for e in within if e.admin and place_key(e.admin) == place_key(inside.admin)]
                near = near or [e for e in within if abs(e.lat - inside.lat) + abs(e.lon - inside.lon) < 2]
                within = near  # "Cukurca, in Hakkari": a namesake in another province is another place
            return _best(within)
        if entries[0].kind == AREA and not entries[0].country:
            return entries[0]
        countries = [e for e in entries if e.kind == COUNTRY]
        if countries:
            return countries[0]
        backed = [e for e in entries if votes[e.country]]
        if backed and backed[0].population >= _ONE_OF_ITS_NAME and _dominates(backed):
            return backed[0]
        if backed:
            top = max(votes[e.country] for e in backed)
            leading = [e for e in backed if 2 * votes[e.country] > top]
            return _best(leading) if len({e.country for e in leading}) == 1 else None
        one_country = len({e.country for e in entries}) == 1
        enough = _ONE_OF_ITS_NAME if one_country else _WELL_KNOWN
        if entries[0].population >= enough and _dominates(entries) and (one_country or entries[0].is_main):
            return entries[0]
        # Nothing backs it; it is taken if nothing speaks against it either, or if a province bears the name alone.
        if one_country and (not place_votes or not entries[0].population):
            return _best(entries)
        return None

    def _is_far_off(self, mention: Mention, entry: Entry) -> bool:
        """Whether a small town lies far from all other places of its country in the report: then it is a namesake."""
        if entry.kind != TOWN or entry.population >= _SMALL or self.graph.tails(mention, "located_in"):
            return False
        others = {e for m in self.named[:_MOST_NEIGHBOURS] if (e := self._entry(m)) and e != entry}
        near = [e for e in others if e.country == entry.country and e.kind in (TOWN, DISTRICT, PROVINCE)]
        return bool(near) and all(abs(e.lat - entry.lat) + abs(e.lon - entry.lon) > _FAR for e in near)

    def _prec(self, mention: Mention, entry: Entry) -> int:
        """How precisely a name gives the place: "Rueso district" is the district, if only its town is listed."""
        name = self.graph.text(mention)
        if self._is_part_of_country(name, entry):
            return 5
        if entry.kind == TOWN and (level := _level(name)):
            return {1: 4, 2: 3}[level]
        return entry.where_prec

    def _container(self, mention: Mention) -> tuple[Entry, int, Mention] | None:
        """The nearest place around a mention that is settled, its precision, and its mention."""
        seen = {mention.id}
        level = [mention]
        for _ in range(_DEEPEST_CHAIN):
            level = [up for m in level for up in self.graph.tails(m, "located_in") if up.id not in seen]
            seen |= {m.id for m in level}
            for up in level:
                if re.search(r"(?i)\b(?:border|frontier)\b", self.graph.text(up)):
                    continue  # on which side of it is not said
                if entry := self._entry(up):
                    return entry, self._prec(up, entry), up
        return None

    def _same(self, mention: Mention) -> Entry | None:
        """What another name of the same place, beside it, is settled as."""
        others = [*self.graph.tails(mention, "same_as"), *self.graph.heads(mention, "same_as")]
        return next(
            (entry for other in others if has_name(self.graph.text(other)) and (entry := self._entry(other))), None
        )

    def _only_one(self, mention: Mention, text: str) -> Entry | None:
        """Read "The city": the one town that the report has named so far, if it is one; the dateline's aside."""
        level = _words()[3].get(text.casefold())
        if level is None or not self.graph.is_definite(mention) or self.graph.tails(mention, "located_in"):
            return None
        kinds = (TOWN,) if level == 0 else (PROVINCE,)
        before = [m for m in self.named if m.start < mention.start and not self._is_dateline(m)]
        found = {entry for m in before if (entry := self._entry(m)) and entry.kind in kinds}
        return found.pop() if len(found) == 1 else None

    def _is_dateline(self, mention: Mention) -> bool:
        return self.graph.sentence(mention) == 0 and self.graph.text(mention).isupper()

    def _is_inside_town(self, mention: Mention) -> bool:
        """Whether a container's coordinates are those of the place itself: a site or a quarter of a town."""
        quarter = re.search(
            r"(?i)\b(?:neighbou?rhood|quarter|district|suburb|street|road|square|avenue|ward)\b",
            self.graph.text(mention),
        )
        return self.graph.kind(mention) == "site" or bool(quarter)

    @staticmethod
    def _is_part_of_country(name: str, entry: Entry) -> bool:
        """Read "Northern Syria", "the Turkish border": less than a country, and no province."""
        return (
            entry.kind == COUNTRY
            and place_key(name) not in {place_key(n) for n in (entry.name, english_name(entry.country))}
            and (bool(_words()[0].match(name)) or "border" in name or not lookup(name))
        )


def _lookup(text: str) -> tuple[Entry, ...]:
    """Entries for a name as the text has it, of the kind that its words ask for first."""
    directions, suffix, _, _ = _words()
    name, level = text, _level(text)
    if found := lookup(text):
        return found
    for _ in range(3):
        if match := suffix.search(name):
            name = (name[: match.start()] if match[1] else name[match.end() :]).strip()
        elif match := directions.match(name):
            name = name[match.end() :]
        else:
            break
        if found := lookup(name):
            break
    if not found:
        return _country_part(text)
    if level is None:
        return found
    order = _LEVEL_KINDS[level]
    fitting = [e for kind in order for e in found if e.kind == kind]
    return tuple(e for e in fitting if e.kind == fitting[0].kind) if level == 1 and fitting else tuple(fitting) or found


def _capital(text: str) -> str | None:
    """The country that a city's name stands for: "Juba denies that any aircraft was lost"."""
    entries = lookup(text) if text[:1].isupper() and " " not in text else ()
    return entries[0].country if entries and entries[0].population >= _WELL_KNOWN // 2 and _dominates(entries) else None


def _level(text: str) -> int | None:
    """What kind of place a word such as "province" in a name says it is; None without such a word."""
    _, suffix, levels, _ = _words()
    match = suffix.search(text)
    return levels[(match[1] or match[2]).casefold()] if match else None


def _country_part(text: str) -> tuple[Entry, ...]:
    """Read "Turkish border", "Syrian territory": the country of the adjective."""
    if not re.search(r"(?i)\b(?:border|frontier|territory|soil|coast|airspace|waters|side|desert)\b", text):
        return ()
    found = country_in(text)
    return tuple(e for e in lookup(english_name(found[0])) if e.kind == COUNTRY) if found else ()


def has_name(text: str) -> bool:
    """Whether a place has a name in it: some word but the first of a sentence begins with a capital."""
    return bool(re.search(r"(?:^|[\s('\u2018\u2019-])[^\W\d_a-z]", text)) and text.casefold() not in _words()[3]


def _best(entries: Iterable[Entry]) -> Entry | None:
    """The one to take of several in one country: the town that dominates; else a province; None where towns vie."""
    towns: list[Entry] = []
    regions: list[Entry] = []
    for entry in entries:
        (towns if entry.kind == TOWN else regions).append(entry)
    regions.sort(key=lambda e: e.kind)
    if towns and (_dominates(towns) or len(towns) == 1):
        return towns[0]
    if regions:
        return regions[0]
    return None


def _dominates(entries: Sequence[Entry]) -> bool:
    """Whether the first town is far larger than all others that are not the same spot."""
    first = entries[0]
    rivals = [
        e.population
        for e in entries[1:]
        if e.kind == TOWN and (abs(e.lat - first.lat) > _SAME_SPOT or abs(e.lon - first.lon) > _SAME_SPOT)
    ]
    return first.kind == TOWN and (not rivals or first.population >= _DOMINANT * max(*rivals, 1))


def _candidate(entry: Entry) -> Candidate:
    return Candidate(
        name=entry.name, country=entry.country, admin=entry.admin, lat=round(entry.lat, 4), lon=round(entry.lon, 4)
    )
