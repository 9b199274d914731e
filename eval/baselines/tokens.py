"""Tokens as the rules see them: hyphenated words, abbreviations, numbers and clock times stay whole."""

from __future__ import annotations

import re
from typing import NamedTuple

from conflictspan.records import Offsets

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}"  # U.S., a.m.
    r"|\d+(?:[.,:]\d+)*(?:-?\w+)*"  # 1,200  21:40  24-hour  4pm  93rd
    r"|\w+(?:[-.](?=\w)\w+|['’](?!s\b)\w+)*"  # al-Nour  US-backed  N'Djamena
    r"|['’]s\b"
    r"|\S"
)
_ARTICLE = re.compile(r"[a-z]{1,3}['’-][A-Z]")


class Token(NamedTuple):
    """One token.

    Attributes:
        text: as written.
        lower: lower case; curly apostrophes straightened, so that lexica need one form only.
        start, end: code points into the report's text, half open.
    """

    text: str
    lower: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """Whether it is written as a name: "Fatah", "al-Fatah"."""
        return self.text[0].isupper() or _ARTICLE.match(self.text) is not None


def tokenize(text: str, span: Offsets) -> list[Token]:
    """The tokens of one sentence, given as a range of the report's text."""
    return [
        Token(m.group(), m.group().lower().replace("’", "'"), m.start(), m.end())
        for m in _TOKEN.finditer(text, span[0], span[1])
    ]


def form(word: str) -> str:
    """How the lexica spell a word: in small letters, but short acronyms stay ("US" is not "us")."""
    return word if word.isupper() and 1 < len(word) <= 5 else word.lower().replace("’", "'")
