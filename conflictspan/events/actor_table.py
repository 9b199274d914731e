"""The actors that are known by name: the packaged table, and a user's own over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conflictspan.errors import ConfigError
from conflictspan.events.gazetteer import place_key
from conflictspan.events.records import ActorClass
from conflictspan.events.tables import toml_table
from conflictspan.rows import describe

_STANCE = re.compile(  # from where a word begins, or a word of 10,000 characters would take a second
    r"\b(?:anti|pro|ex|non)-\S+|(?<!\S)\S+-(?:backed|led|aligned|linked|allied|affiliated|controlled|held)\b"
)
"""What somebody is against, or for, or backed by: not who he is."""


class NamedActor(BaseModel):
    """An entry of an actor table.

    Attributes:
        name: canonical.
        aliases: its other names.
        actor_class: what kind of actor.
        inter: ACLED's code.
        country: of the state whose force it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    aliases: tuple[str, ...] = ()
    actor_class: Annotated[ActorClass, Field(alias="class")]
    inter: Annotated[int, Field(ge=1, le=8)] | None = None
    country: str | None = None


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    actors: list[NamedActor]


class ActorTable:
    """Actors by any of their names."""

    def __init__(self, actors: Iterable[NamedActor]) -> None:
        """Take the entries; of two that share a name the later one has it."""
        self._by_key = {_alias_key(alias): actor for actor in actors for alias in (actor.name, *actor.aliases)}
        words = "|".join(re.escape(key) for key in sorted(self._by_key, key=len, reverse=True))
        self._inside = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")

    def find(self, text: str) -> NamedActor | None:
        """The actor of a name, or of a name within it: "Houthi gunmen"; None where the table has none."""
        if exact := self._by_key.get(_alias_key(text)):
            return exact
        text = _STANCE.sub(" ", text)
        match = self._inside.search(text) or self._inside.search(_plain(text))
        return self._by_key[match[0]] if match else None


def load_actors(path: Path | None = None) -> ActorTable:
    """The packaged table, with a user's own entries over it.

    Raises:
        ConfigError: the file is no table of actors; it names the entry and the field.
    """
    actors = list(_packaged())
    if path:
        try:
            actors += _Table.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).actors
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read as a table of actors: {error}") from error
        except ValidationError as error:
            faults = "; ".join(describe(error))
            raise ConfigError(f"{path}: {faults}; each entry is [[actors]] with name, class and aliases") from error
    return ActorTable(actors)


@cache
def _packaged() -> tuple[NamedActor, ...]:
    return tuple(_Table.model_validate(toml_table("actors")).actors)


@lru_cache(65536)
def _alias_key(name: str) -> str:
    """Short capitalised names as they are ("IS" is no "is"), others without case, accents and article."""
    return name if re.fullmatch(r"[A-Z][\w-]{1,4}", name) else place_key(name)


def _plain(text: str) -> str:
    return " ".join(map(place_key, text.split()))
