import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from conflictspan.annotations_cli import app

FIXTURES = Path(__file__).parent / "fixtures" / "markup"
CORPUS = Path(__file__).parents[1] / "data" / "annotations"
GOOD = ["train-f1.ann", "validation-f2.ann"]


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    shutil.copy(CORPUS / "schema.toml", folder)
    done = _run("from-markup", *(FIXTURES / name for name in GOOD), "-o", folder)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"3 reports written to {folder}\n"
    return folder


def test_there_and_back(corpus: Path, tmp_path: Path) -> None:
    before = (corpus / "train.jsonl").read_bytes()
    assert _run("to-markup", corpus, "-o", tmp_path / "out").exit_code == 0
    assert _run("from-markup", tmp_path / "out", "-o", corpus).exit_code == 0
    assert (corpus / "train.jsonl").read_bytes() == before
    refused = _run("to-markup", corpus, "-o", tmp_path / "out")
    assert refused.exit_code == 1
    assert "--overwrite" in refused.stderr
    assert _run("to-markup", corpus, "-o", tmp_path / "out", "--overwrite").exit_code == 0


def test_faulty_markup_is_refused_with_every_fault_on_stderr(corpus: Path) -> None:
    before = (corpus / "train.jsonl").read_bytes()
    refused = _run("from-markup", FIXTURES / "faulty.ann", "-o", corpus)
    assert refused.exit_code == 1
    assert refused.stdout == ""
    *faults, total = refused.stderr.splitlines()
    assert len(faults) > 20
    assert total == f"{len(faults)} fault(s)"
    assert all(fault.startswith(f"{FIXTURES / 'faulty.ann'}:") for fault in faults)
    assert (corpus / "train.jsonl").read_bytes() == before


def test_validate(corpus: Path) -> None:
    done = _run("validate", corpus)
    assert (done.exit_code, done.stdout) == (0, "3 reports, no faults\n")
    rows = (corpus / "train.jsonl").read_text()
    (corpus / "train.jsonl").write_text(rows.replace('"type": "SHELLING"', '"type": "SHELING"'))
    done = _run("validate", corpus)
    assert done.exit_code == 1
    assert f"{corpus / 'train.jsonl'}:5: [shelled|SHELING e1]: unknown type SHELING" in done.stderr


def test_stats_counts_and_writes_the_card(corpus: Path) -> None:
    done = _run("stats", corpus)
    assert done.exit_code == 0
    rows = [line.replace("│", " ").split() for line in done.stdout.splitlines()]
    assert ["sentences", "5", "1", "0", "6"] in rows
    assert ["SAME_AS", "1", "0", "0", "1"] in rows
    shutil.copy(CORPUS / "README.md", corpus)
    assert _run("stats", corpus, "--write-card").exit_code == 0
    assert "| sentences | 5 | 1 | 0 | 6 |" in (corpus / "README.md").read_text()


def test_a_folder_that_is_no_corpus_is_named(tmp_path: Path) -> None:
    done = _run("validate", tmp_path)
    assert done.exit_code == 1
    assert str(tmp_path / "schema.toml") in done.stderr


def test_start_up_imports_nothing_heavy() -> None:
    code = "import sys, conflictspan.annotations_cli; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "pyarrow", "pydantic", "datasets"} & set(done.stdout.split())
