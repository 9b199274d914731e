"""Each fuzz target for a moment; `python -m tests.fuzz TARGET` goes on for as long as one likes."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

SECONDS = 1.5
"""After which the rest of a target's examples are let go; so many are enough to find what breaks often."""


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_finds_nothing(name: str) -> None:
    target = TARGETS[name]
    target(b"")
    end = time.monotonic() + SECONDS
    failed = False

    @settings(max_examples=200, derandomize=True, database=None)
    @given(st.integers(0, 2**32), st.integers(0, 1024))
    def drive(seed: int, length: int) -> None:
        nonlocal failed
        if time.monotonic() > end and not failed:  # what failed once must be tried again for as long as it takes
            return
        # Random bytes, since hypothesis's own are mostly short and zero, which draws little.
        data = random.Random(seed).randbytes(length)  # noqa: S311
        try:
            target(data)
        except BaseException:
            failed = True
            raise

    drive()
