"""Offsets as JavaScript counts them, in UTF-16 code units, of which an emoji has two."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate


class Utf16Offsets:
    """The way between code points and UTF-16 code units of one text.

    >>> offsets = Utf16Offsets("🚁 fell")
    >>> offsets.units(2), offsets.points(3), offsets.points(1)
    (3, 2, None)
    """

    def __init__(self, text: str) -> None:
        """Count a text once."""
        self._units = list(accumulate((1 + (character > "\uffff") for character in text), initial=0))

    def units(self, points: int) -> int:
        """Code units before a code point. Raises IndexError beyond the end of the text."""
        return self._units[points]

    def points(self, units: int) -> int | None:
        """Code points before a code unit; None inside a character and beyond the end of the text."""
        place = bisect_left(self._units, units)
        return place if place < len(self._units) and self._units[place] == units else None
