"""Bytes as a stream of choices: numbers, hostile texts, odd values. All zeros once the bytes are used up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_Any = TypeVar("_Any")

WORDS = tuple(
    "Rebels army Syrian Army the The a an and of in on at to by near killed wounded shelled attack said that which denied"
    " denies least 28 two dozen hundreds several dozen million 3,000 12-15 between 40% no one half Raqqa Aleppo Manbij"
    " north Syria province village Islamic State SDF police civilians people fighters Monday Sunday night overnight since"
    " until before dawn May March June 2016 1999 0001 9999 9999-12-31 2016-06-21 yesterday tomorrow last next week weeks"
    " month ago past days hours early late mid end 03:00 10am U.S. U.N. Mr. Gen. No. A. Q. e.g. airstrike mortar IEDs"
    " http://x.y/z?q=1 well-known o'clock Sana'a d'Ivoire".split(" ")
)
MARKS = (
    *(" ", "  ", ". ", ", ", "; ", ": ", "? ", "! ", "... ", "\u2014", "-", "'", '"', "\u201c", "\u201d", "\u2018"),
    *("\u2019", "(", ")", "[", "]", "|", "{", "}", "<", ">", "&", "/", "\\", "%", "+", "=", "@", "#", "*", "\u2022 "),
    *("\n", "\r\n", "\r", "\n\n", "\t", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\u00a0", "\u3000"),
)
NASTY = (
    *("\x00", "\x07", "\x1b[2J", "\x7f", "\x9b", "\ufeff", "\ufffe", "\U0010ffff", "\ue000", "\ud800", "\udc80"),
    *("\u202e", "\u2066", "\u200b", "\u200d", "\u00ad", "\u2060", "e\u0301", "\u0301", "\u0e33", "\u1100\u1161"),
    *("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1f8\U0001f1fe", "\ufe0f", "\u0130", "\u00df", "\ufb01"),
    *("\u0660\u0661\u0662", "\u00b2", "\u2167", "\u2460", "\u4e03\u5341", "\u0642\u062a\u0644", "\u0915\u094d\u0937"),
    *(
        "</script><script>alert(1)</script>",
        "<!--",
        "]]>",
        "&lt;",
        "@DATA@",
        "=CMD|'/C calc'!A0",
        "+1",
        "-1",
        "@SUM(1)",
    ),
    *("\t=1", "'=1", "\uff1d1", "../../etc/passwd", "$(id)", "`id`", "%s", "{0}", "1e999", "9" * 400, "NaN", "null"),
)
FRAGMENTS = (*WORDS, *MARKS, *NASTY)


class Draws:
    """Choices read off bytes, one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def rest(self) -> bytes:
        """What has not been read."""
        rest = self._data[self._at :]
        self._at = len(self._data)
        return rest

    def number(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        size = (max(limit - 1, 1).bit_length() + 7) // 8
        taken = self._data[self._at : self._at + size]
        self._at += size
        return int.from_bytes(taken, "big") % limit

    def flag(self) -> bool:
        """Yes or no."""
        return bool(self.number(2))

    def pick(self, choices: Sequence[_Any]) -> _Any:
        """One of several."""
        return choices[self.number(len(choices))]

    def text(self, most: int = 64) -> str:
        """Words, marks and hostile matter, at most so many; some many times over."""
        parts: list[str] = []
        for _ in range(self.number(most)):
            kind = self.number(16)
            if kind < 8:
                parts += (self.pick(WORDS), " ")
            elif kind < 12:
                parts.append(self.pick(MARKS))
            elif kind < 14:
                parts.append(self.pick(NASTY))
            elif kind == 14:
                parts.append(chr(self.number(0x110000)))
            elif parts:
                parts += parts[-1 - self.number(min(len(parts), 4)) :] * self.number(64)
        # Two halves of a pair side by side are one character once they have been through JSON, from where reports come.
        return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def value(self, depth: int = 2) -> object:
        """What JSON may hold, the odd before the usual."""
        kind = self.number(14)
        if kind < 4:
            return self.text(12)
        if kind < 6 and depth:
            return [self.value(depth - 1) for _ in range(self.number(4))]
        if kind < 8 and depth:
            return {self.pick(FRAGMENTS): self.value(depth - 1) for _ in range(self.number(4))}
        odd = (None, True, False, 0, -1, 1, 2**31, 2**63, 10**40, 0.5, -0.0, float("inf"), float("nan"), "", " ")
        return self.pick(odd)
