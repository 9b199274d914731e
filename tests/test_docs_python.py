"""The examples of docs/python.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "python.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))


@pytest.fixture
def run(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run an example where a folder of models is, and give what it leaves."""
    folder = tiny_model.parent
    (folder / "models").mkdir()
    tiny_model.rename(folder / "models" / "default")
    (folder / "samples").symlink_to(REPOSITORY / "samples")
    monkeypatch.chdir(folder)

    def run(title: str) -> dict[str, Any]:
        names: dict[str, Any] = {}
        exec(compile(EXAMPLES[title], "docs/python.md", "exec"), names)  # noqa: S102
        return names

    return run


def test_every_example_is_tested() -> None:
    assert list(EXAMPLES) == ["Reports, one by one", "A column of a dataset", "In a spaCy pipeline"]


def test_reports(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    run("Reports, one by one")
    *_, samples = capsys.readouterr().out.splitlines()
    assert int(samples.split()[0]) > 10


def test_a_dataset(run: Any) -> None:
    assert sum(len(row["mentions"]) for row in run("A column of a dataset")["found"]) > 0


def test_a_spacy_pipeline(run: Any) -> None:
    pytest.importorskip("spacy")
    import conflictspan.spacy_component  # noqa: F401  as its entry point does, which a checkout may not have

    doc = run("In a spaCy pipeline")["doc"]
    assert len(doc.spans["conflictspan"]) == len(doc._.conflict_mentions) > 0
