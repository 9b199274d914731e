"""The wheel: built, installed where the checkout is out of reach, and tried."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPOSITORY],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_only_the_package_is_in_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"conflictspan"}
    assert "conflictspan/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_installed_elsewhere_it_predicts_with_no_network(wheel: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    (packages,) = folder.glob("lib/python*/site-packages")
    # Its dependencies come from this environment by path alone, which leaves the checkout's own installation out.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"HF_HUB_OFFLINE": "1"}

    def run(*command: str | Path) -> str:
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run(python, "-c", "import conflictspan; print(conflictspan.__file__)")
    assert Path(where.strip()).is_relative_to(folder)
    command = folder / "bin" / "conflictspan"
    assert "0.1.0" in run(command, "--version")
    (tmp_path / "story.txt").write_text("Rebels attacked Raqqa on Sunday.", encoding="utf-8")
    if find_spec("spacy"):
        added = 'nlp.add_pipe("conflictspan")'  # with the model that comes along
        run(python, "-c", f"import spacy; nlp = spacy.blank('en'); {added}")  # found by its entry point
    found = json.loads(run(command, "predict", "story.txt"))  # with the model that comes along
    assert found["text"] == "Rebels attacked Raqqa on Sunday."
    assert {(m["text"], m["type"]) for m in found["mentions"]} >= {("Raqqa", "LOC"), ("attacked", "ATTACK")}
    assert {relation["label"] for relation in found["relations"]} >= {"AGENT", "PLACE"}
