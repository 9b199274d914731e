"""`python -m tests.fuzz TARGET --seconds 600`: drive one target for a while; what it finds ends it with the bytes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

LONGEST = 4096
SLOW = 10
"""Seconds that an input of at most LONGEST bytes may take."""


def main(
    target: Annotated[str, typer.Argument(help="Its name; `all` are listed where it is none.")],
    seconds: Annotated[int, typer.Option(help="For how long.")] = 60,
    corpus: Annotated[Path | None, typer.Option(help="A folder to keep inputs in that reach something new.")] = None,
    replay: Annotated[Path | None, typer.Option(help="Only try the bytes of this file.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Without atheris, even where it is installed.")] = False,
) -> None:
    """Drive a fuzz target."""
    if replay or plain:
        run = _target(target)
        if replay:
            run(replay.read_bytes())
        else:
            _drive_plainly(run, seconds)
        return
    try:
        import atheris
    except ImportError:
        typer.echo("atheris is not installed (the extra fuzz); hypothesis drives it, not guided by coverage", err=True)
        _drive_plainly(_target(target), seconds)
        return
    with atheris.instrument_imports(include=["conflictspan"], enable_loader_override=False):
        run = _target(target)
        run(b"")
    options = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOW}",
        "-rss_limit_mb=4096",
        "-print_final_stats=1",
    ]
    if corpus:
        corpus.mkdir(parents=True, exist_ok=True)
    atheris.Setup([sys.argv[0], *options, *([str(corpus)] if corpus else [])], run)
    atheris.Fuzz()


def _target(name: str) -> Callable[[bytes], None]:
    from tests.fuzz.targets import TARGETS

    if name not in TARGETS:
        raise typer.BadParameter(f"no target is named {name!r}; there are {', '.join(TARGETS)}")
    return TARGETS[name]


def _drive_plainly(run: Callable[[bytes], None], seconds: int) -> None:
    end = time.monotonic() + seconds

    @settings(max_examples=10**9, deadline=SLOW * 1000, database=None, phases=[Phase.generate, Phase.shrink])
    @settings(suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=LONGEST))
    def drive(data: bytes) -> None:
        if time.monotonic() > end:
            raise KeyboardInterrupt
        run(data)

    try:
        drive()
    except KeyboardInterrupt:
        typer.echo(f"nothing found in {seconds} s", err=True)


if __name__ == "__main__":
    typer.run(main)
