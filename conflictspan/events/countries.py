"""Countries by their names and by the adjectives made of them: "Syria", "Syrian", "U.S." -> ISO 3166 codes."""

from __future__ import annotations

import re
from functools import cache

from conflictspan.events.tables import csv_table


@cache
def country_names() -> dict[str, str]:
    """Name -> code, as the table spells it."""
    return {name: row["country"] for row in csv_table("countries") for name in row["names"].split("|") if name}


@cache
def _words() -> dict[str, str]:
    adjectives = {a: row["country"] for row in csv_table("countries") for a in row["adjectives"].split("|") if a}
    return country_names() | adjectives


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(map(re.escape, sorted(_words(), key=len, reverse=True)))
    # "pro-Russian", "US-backed" and "anti-Israeli" say whom somebody stands by, not whose he is.
    return re.compile(rf"(?<![\w-])({words})(?![\w-]|\.\w)")


@cache
def english_name(code: str) -> str:
    """A country's name by its code; the code itself where the table has none."""
    return next((row["names"].split("|")[0] for row in csv_table("countries") if row["country"] == code), code)


def country_in(text: str) -> tuple[str, str] | None:
    """The first country that a text names, and its word: "Turkey's army" -> ("TR", "Turkey"); None without one.

    The table has phrases of no country, too: "Bosnian Serb" is nobody's state.
    """
    found = ((_words()[match[1]], match[1]) for match in _pattern().finditer(text))
    return next((pair for pair in found if pair[0]), None)


def countries_in(text: str) -> list[str]:
    """The codes of all countries that a text names or makes an adjective of, in order."""
    return [code for match in _pattern().finditer(text) if (code := _words()[match[1]])]
