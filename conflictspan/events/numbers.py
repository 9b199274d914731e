"""Numbers in words: "at least 28", "between 15 and 20", "two dozen", "hundreds" -> low, best, high."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from text_to_num import text2num

from conflictspan.events.records import Amount
from conflictspan.events.tables import csv_table

_UNITS = {
    "dozen": 12,
    "score": 20,
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "lakh": 100_000,
    "m": 1_000_000,
    "mn": 1_000_000,
    "million": 1_000_000,
    "crore": 10_000_000,
    "bn": 1_000_000_000,
    "billion": 1_000_000_000,
}
_UNIT = r"dozen|score|hundred|thousand|lakh|crore|million|billion|bn|mn|m|k"
_SINGLE = {"a": 1, "an": 1, "once": 1, "twice": 2, "a couple": 2, "couple": 2, "a pair": 2, "pair": 2, "both": 2}
_NONE = {"none": 0, "no one": 0, "nobody": 0, "zero": 0}

_FLOOR = (
    r"at least|no (?:fewer|less) than|not (?:fewer|less) than|upwards? of|(?:well |far )?(?:more than|over|above)"
    r"|in excess of|a minimum of"
)
_CEILING = (
    r"up to|as many as|at most|(?:no|not) more than|a maximum of|(?:just |well )?(?:fewer than|less than|under|below)"
    r"|nearly|almost"
)
_ABOUT = (
    r"(?:an )?estimated(?: at)?|about|around|roughly|approximately|approx\.?|some|close to|closer to|perhaps|maybe"
    r"|circa|c\.|or so"
)
_HEDGE = re.compile(rf"(?:(?P<floor>{_FLOOR})|(?P<ceiling>{_CEILING})|(?P<about>{_ABOUT}))\s+")
_FILLER = re.compile(r"(?:another|a further|an additional|further|all(?! but)|exactly|the|somewhere|a total of)\s+")
_TAIL = re.compile(r"\s+(?:more|others?|further|times|or more|or so)$|-odd$|\s*\+$|-plus$|\s+plus$")
_RANGE = re.compile(r"(?:between|from)\s+(.+?)\s+(?:and|to)\s+(.+)|(.+?)\s*(?:\s(?:to|or)\s|-)\s*(.+)")
_NO_COUNT = re.compile(
    r"%|per ?cent|\b(?:half|third|quarter|fifth)s?$|\bquarters$|\bin (?:ten|\d+)$|\bout of\b|\ball but\b"
    r"|\d(?:st|nd|rd|th)$"
    r"|\b(?:kg|km|kilos?|tonnes?|tons?|metres?|meters?|miles?|litres?|years?|days?|hours?)$"
)
_DIGITS = re.compile(rf"(\d+(?:\.\d+)?)\s*({_UNIT})?")
_VAGUE_TIMES = re.compile(rf"(?:a )?(\w+)\s+({_UNIT})")
_VAGUE_OF = re.compile(r"(\w+)\s+of\s+(\w+)")
_DECADE = re.compile(r"(\w+ty)-(?:something|odd)")


_MOST = 10**10
"""More than there are people, in all: no count of anything that reports tell of."""


_LONGEST = 200
"""Characters of the longest expression that is read; no number has so many, and patterns could take long over more."""


@dataclass(frozen=True, slots=True)
class _Value:
    number: int
    estimated: bool = False


@lru_cache(1)
def _vague() -> dict[str, int]:
    return {row["word"]: int(row["number"]) for row in csv_table("vague_numbers")}


@lru_cache(4096)
def parse_number(text: str) -> Amount:
    """Read a number expression.

    `best` is the number that the text names, whatever hedges it; a floor ("at least", "more than") is `low`, a ceiling
    ("up to", "fewer than", "nearly") is `high`; a bare number is all three; "about 30" is `best` alone; a range is
    `low` and `high`. "More than 40" is 40 and not 41: round numbers are named as floors. "another", "further" and
    "more" change nothing. Words without a number ("dozens", "several hundred") come from `vague_numbers.csv` as
    `low` and `best`, marked estimated.

    Args:
        text: as a COUNT span has it.

    Returns:
        Nothing known for shares ("half", "80 percent"), ordinals, measures, numbers above ten thousand million and
        words that are no number.

    >>> parse_number("at least 28")
    Amount(low=28, best=28, high=None, estimated=False)
    """
    if len(text) > _LONGEST:
        return Amount()
    words = _normal(text)
    if _DECADE.fullmatch(words):
        ten = _value(words.partition("-")[0])
        return Amount(low=ten.number, high=ten.number + 9) if ten else Amount()
    if _NO_COUNT.search(words) and not re.match(r"half an?\s|a quarter of an?\s", words):
        return Amount()
    floor = ceiling = about = False
    while match := (_HEDGE.match(words) or _FILLER.match(words)):
        kind = match.re is _HEDGE and match.lastgroup
        floor, ceiling, about = floor or kind == "floor", ceiling or kind == "ceiling", about or kind == "about"
        words = words[match.end() :]
    while match := _TAIL.search(words):
        tail = match[0].strip()
        floor, about = floor or tail in ("+", "-plus", "plus", "or more"), about or tail in ("-odd", "or so")
        words = words[: match.start()]
    if value := _value(words):
        return _amount(value, floor=floor, ceiling=ceiling, about=about)
    if (match := _RANGE.fullmatch(words)) and (ends := _ends(*(group for group in match.groups() if group))):
        low, high = ends
        return Amount(low=low.number, high=high.number, estimated=low.estimated or high.estimated)
    return Amount()


def _amount(value: _Value, *, floor: bool, ceiling: bool, about: bool) -> Amount:
    bare = not (floor or ceiling or about or value.estimated)
    return Amount(
        low=value.number if bare or floor or (value.estimated and not ceiling) else None,
        best=value.number,
        high=value.number if bare or ceiling else None,
        estimated=value.estimated,
    )


def _ends(first: str, second: str) -> tuple[_Value, _Value] | None:
    low, high = _value(first), _value(second)
    if low and high and low.number < high.number and (unit := re.search(rf"({_UNIT})$", second)) and unit[1] in _UNITS:
        scaled = low.number * _UNITS[unit[1]]  # "two to three dozen"
        low = _Value(scaled) if scaled <= high.number else low
    return (low, high) if low and high and low.number <= high.number else None


def _normal(text: str) -> str:
    words = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in words)
    words = re.sub(r"[\u2010-\u2015\u2212]", "-", words)
    words = re.sub(r"(?<=\d)[, ](?=\d{3}\b)", "", words)
    return re.sub(r"\s+", " ", words.replace(",", " ")).strip()


def _value(words: str) -> _Value | None:
    """One number without hedges; None where nothing can be so many."""
    value = _any_value(words.strip())
    return value if value and value.number <= _MOST else None


def _any_value(words: str) -> _Value | None:
    vague = _vague()
    if words in _NONE:
        return _Value(_NONE[words])
    if words in _SINGLE:
        return _Value(_SINGLE[words])
    if words.removeprefix("a ") in vague:
        return _Value(vague[words.removeprefix("a ")], estimated=True)
    if match := _DIGITS.fullmatch(words):
        number = float(match[1]) * _UNITS.get(match[2] or "", 1)
        return _Value(round(min(number, 10.0 * _MOST)))  # 400 digits are infinite
    if (match := _VAGUE_OF.fullmatch(words)) and match[1] in vague and match[2] in vague:  # tens of thousands
        return _Value(vague[match[1]] * vague[match[2]], estimated=True)
    if (match := _VAGUE_TIMES.fullmatch(words)) and match[1] in vague:  # several hundred
        return _Value(vague[match[1]] * _UNITS[match[2]], estimated=True)
    if match := re.fullmatch(r"(half|a quarter of) an? (million|hundred|thousand|dozen|billion)", words):
        return _Value(_UNITS[match[2]] // (2 if match[1] == "half" else 4))
    if match := re.fullmatch(rf"(.+) and a half ({_UNIT})", words):
        whole = _value(match[1])
        return _Value(round((whole.number + 0.5) * _UNITS[match[2]])) if whole else None
    if (match := re.fullmatch(r"(.*?)\s?(dozen|score|lakh|crore)", words)) and (times := _value(match[1] or "a")):
        return _Value(times.number * _UNITS[match[2]], estimated=times.estimated)
    return _spelled(re.sub(r"^(?:an?|single|a single)(?=\s|$)", "one", words).replace("one single", "one"))


def _spelled(words: str) -> _Value | None:
    if words in ("hundred", "thousand", "million"):
        words = f"one {words}"
    try:
        return _Value(text2num(words, "en"))
    except ValueError:
        return None
