"""Decision lists: a candidate gets the type of the first rule whose cue it has (Rivest 1987; Yarowsky 1994)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

NONE = "-"
"""The choice to mark nothing."""


class Choices:
    """Decision lists by key.

    A key's rules are strings `cue TYPE`, read in order; a last entry without a cue is the type where none fires:

        >>> Choices({"fired": ["~rocket SHELLING", "~jet AIRSTRIKE", "ATTACK"]}).choose("fired", {"~jet"})
        'AIRSTRIKE'
    """

    def __init__(self, rules: Mapping[str, Sequence[str]]) -> None:
        """Take the rules; a list whose last entry has a cue says nothing where no rule fires."""
        self._rules: dict[str, tuple[dict[str, tuple[int, str]], str | None]] = {}
        for key, entries in rules.items():
            split = [entry.rsplit(" ", 1) for entry in entries]
            default = split.pop()[0] if split and len(split[-1]) == 1 else None
            self._rules[key] = {cue: (rank, type_) for rank, (cue, type_) in enumerate(split)}, default

    def __contains__(self, key: str) -> bool:
        return key in self._rules

    def choose(self, key: str, cues: Collection[str]) -> str | None:
        """The type that the key's rules give; NONE for nothing; None where they say nothing."""
        ranks, default = self._rules.get(key, ({}, None))
        fired = [ranks[cue] for cue in cues if cue in ranks]
        return min(fired)[1] if fired else default
