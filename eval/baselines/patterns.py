"""The grammar of times and numbers, read from `patterns.toml` and compiled to one regular expression a label."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from eval.baselines.tokens import Token

_ITEM = re.compile(r"('(?:[^'\\]|\\.)*'|\w+)(\?)?")


class Window(NamedTuple):
    """A half-open range of a sentence's tokens and its label."""

    first: int
    last: int
    label: str


class Grammar:
    """Token patterns by label; the head of `patterns.toml` explains the language.

    A sentence is matched as its tokens, each followed by a blank.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Compile the content of a pattern file. Raises KeyError for a pattern that names an entry it lacks."""
        self._phrases: dict[str, list[str]] = data["phrases"]
        self._compiled: dict[str, tuple[str, int]] = {
            name: (f"(?i:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))}) ", 1)
            for name, words in data["words"].items()
        }
        self._compiled |= {name: (f"(?:{pattern}) ", 1) for name, pattern in data["regex"].items()}
        self._labels = {
            label: re.compile(r"(?<!\S)" + self._alternatives(sequences)[0])
            for label, sequences in data["patterns"].items()
        }

    def find(self, tokens: Sequence[Token]) -> list[Window]:
        """Windows that do not overlap, by start; labels that stand first in the file win.

        What overlaps a window of a stronger label is dropped, and so are the windows of NONE.
        """
        starts, text = [], ""
        for token in tokens:
            starts.append(len(text))
            text += token.text.replace("’", "'") + " "
        windows = [
            Window(bisect_left(starts, m.start()), bisect_left(starts, m.end()), label)
            for label, pattern in self._labels.items()
            for m in pattern.finditer(text)
        ]
        order = list(self._labels)
        return [w for w in apart(windows, key=lambda w: order.index(w.label)) if w.label != "NONE"]

    def _alternatives(self, sequences: Iterable[str]) -> tuple[str, int]:
        """The expression for any of these sequences, longest first, and the tokens in the longest."""
        parts = sorted((self._sequence(s) for s in sequences), key=lambda p: -p[1])
        return f"(?:{'|'.join(p for p, _ in parts)})", parts[0][1]

    def _sequence(self, sequence: str) -> tuple[str, int]:
        pattern, length = "", 0
        for name, optional in _ITEM.findall(sequence):
            item, tokens = self._item(name)
            pattern += f"(?:{item}){optional}"
            length += tokens
        return pattern, length

    def _item(self, name: str) -> tuple[str, int]:
        if name.startswith("'"):
            return f"(?i:{re.escape(name[1:-1])}) ", 1
        if name not in self._compiled:
            self._compiled[name] = self._alternatives(self._phrases[name])
        return self._compiled[name]


def apart(windows: Iterable[Window], *, key: Callable[[Window], int] = lambda _: 0) -> list[Window]:
    """Windows that do not overlap, by start: smallest key first, then longest, then leftmost."""
    taken: set[int] = set()
    kept = []
    for window in sorted(windows, key=lambda w: (key(w), w.first - w.last, w.first)):
        if taken.isdisjoint(range(window.first, window.last)):
            taken.update(range(window.first, window.last))
            kept.append(window)
    return sorted(kept)
