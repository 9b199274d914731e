"""The journal of a run: what it is a run of, and how far it has come, so that it can be gone on with after a kill.

The first line is the signature, each further one a mark. A line is written only once all that it tells of is on the
disk. What follows the last whole line is the beginning of a line that a kill cut short.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, ValidationError

from conflictspan.errors import OutputError
from conflictspan.writing import Summary

Signature = Mapping[str, str | int | float | None]
"""All that the output depends on but the inputs."""


class Mark(BaseModel):
    """How far a run has come.

    Attributes:
        items: records of the inputs that are done.
        digest: the SHA-256 of these, see `conflictspan.blocks.Consumed`.
        output, rejects: bytes of both files.
        summary: counts of what these hold.
        pieces: word pieces of the texts that were read.
        seconds: that it took, of all its runs.
        finished: nothing is left but to give the files their names.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    items: NonNegativeInt
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    output: NonNegativeInt
    rejects: NonNegativeInt
    summary: Summary
    pieces: NonNegativeInt
    seconds: NonNegativeFloat
    finished: bool = False

    def line(self) -> bytes:
        """As a line of the journal."""
        return self.model_dump_json().encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Stand:
    """A mark in its journal.

    Attributes:
        mark: the mark.
        end: bytes of the journal up to the end of the mark's line.
    """

    mark: Mark
    end: int


def signature_line(signature: Signature) -> bytes:
    """The first line of a journal."""
    return json.dumps(signature).encode() + b"\n"


def read_journal(path: Path, signature: Signature) -> Iterator[Stand]:
    """Read a journal up to the end of its last whole line.

    Args:
        path: the journal; without a whole line it has no marks.
        signature: of the run that wants to go on.

    Raises:
        OutputError: the journal is of another run, or cannot be read.
    """
    try:
        with path.open("rb") as lines:
            first = lines.readline()
            if not first.endswith(b"\n"):
                return
            check_signature(path, first, signature)
            end = len(first)
            for line in lines:
                end += len(line)
                try:
                    mark = Mark.model_validate_json(line)
                except ValidationError:
                    return
                if line.endswith(b"\n"):
                    yield Stand(mark, end)
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error


def check_signature(path: Path, line: bytes, signature: Signature) -> None:
    """Raise OutputError where the first line of a journal is of another run."""
    try:
        theirs = json.loads(line)
    except ValueError:
        theirs = None
    if not isinstance(theirs, dict):
        raise OutputError(f"{path} is no journal of conflictspan; give another output, or --overwrite to start anew")
    names = [*signature, *(name for name in theirs if name not in signature)]
    differing = [
        f"{name} was {_shown(theirs.get(name))} and is {_shown(signature.get(name))}"
        for name in names
        if theirs.get(name) != signature.get(name)
    ]
    if differing:
        raise OutputError(
            f"{path}: the run that was interrupted is another one: {', '.join(differing)}; "
            "give what it was begun with, or --overwrite to start anew"
        )


def _shown(value: object) -> str:
    return "not given" if value is None else str(value)[:80]
