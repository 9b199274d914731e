"""The README's Python example runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


def test_the_python_example_runs(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tiny_model.parent / "models").mkdir()
    tiny_model.rename(tiny_model.parent / "models" / "default")
    monkeypatch.chdir(tiny_model.parent)
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102
    labels = {line.split()[1] for line in capsys.readouterr().out.splitlines() if len(line.split()) > 2}
    assert labels  # a random model relates at random, but it relates
