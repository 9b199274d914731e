"""K-fold training with a tiny random encoder, on a tiny corpus."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from conflictspan.corpus import load_corpus, read_corpus
from conflictspan.errors import ConfigError, InputError, OutputError
from conflictspan.rows import SPLITS
from conflictspan.writing import read_extractions
from tests.conftest import REPOSITORY
from training import folds
from training.config import TrainingConfig
from training.folds import deal, run_folds


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The first three sentences of three training reports, two of validation and one of test."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    source = REPOSITORY / "data" / "annotations"
    shutil.copy(source / "schema.toml", folder)
    infos = []
    for split, count in zip(SPLITS, (3, 2, 1), strict=True):
        lines = (source / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        wanted = list(dict.fromkeys(json.loads(line)["report"] for line in lines))[:count]
        rows = [json.loads(line) for line in lines]
        kept = [line for line, row in zip(lines, rows, strict=True) if row["report"] in wanted and row["sentence"] < 3]
        (folder / f"{split}.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
        lines = (source / "reports.jsonl").read_text(encoding="utf-8").splitlines()
        infos += [line for line in lines if json.loads(line)["id"] in wanted]
    (folder / "reports.jsonl").write_text("\n".join(infos) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def config(tmp_path: Path, corpus: Path, encoder: Path) -> TrainingConfig:
    return TrainingConfig(corpus=corpus, output=tmp_path / "unused", encoder=str(encoder), epochs=1, pair_size=16)


@given(st.lists(st.integers(), unique=True), st.integers(1, 9), st.integers())
def test_everything_is_dealt_once_and_evenly(items: list[int], hands: int, seed: int) -> None:
    dealt = deal(items, hands, seed=seed)
    assert sorted(item for hand in dealt for item in hand) == sorted(items)
    sizes = [len(hand) for hand in dealt]
    assert len(sizes) == hands
    assert max(sizes) - min(sizes) <= 1
    assert deal(items, hands, seed=seed) == dealt


def test_every_report_but_the_test_split_s_is_predicted_by_a_model_that_lacks_it(
    config: TrainingConfig, corpus: Path, tmp_path: Path
) -> None:
    path = run_folds(config, tmp_path / "folds", folds=2)
    assert path == tmp_path / "folds" / "predictions.jsonl"
    gold = [*load_corpus(corpus, "train"), *load_corpus(corpus, "validation")]
    found = list(read_extractions(path))
    assert [(r.id, r.text, r.sentences) for r in found] == [(r.id, r.text, r.sentences) for r in gold]
    assert all(mention.score is not None for report in found for mention in report.mentions)

    learned = [read_corpus(tmp_path / "folds" / f"fold-{number}" / "corpus") for number in range(2)]
    everything = {report.id for report in gold}
    held_out = [everything - fold.sentences.keys() for fold in learned]
    assert held_out[0] | held_out[1] == everything
    assert not held_out[0] & held_out[1]
    whole = read_corpus(corpus)
    for number, fold in enumerate(learned):
        assert fold.sentences.keys() <= everything, "no test report is learned from"
        for split in ("train", "validation"):
            assert fold.splits[split].keys() == whole.splits[split].keys() - held_out[number]
        record = json.loads((tmp_path / "folds" / f"fold-{number}" / "model" / "run.json").read_text())
        assert record["counts"]["train_reports"] == len(fold.splits["train"])
    assert not config.output.exists()


def test_what_is_there_is_kept_without_overwrite(config: TrainingConfig, tmp_path: Path) -> None:
    (tmp_path / "folds" / "fold-1").mkdir(parents=True)
    with pytest.raises(OutputError, match="fold-1 is there already"):
        run_folds(config, tmp_path / "folds", folds=2)
    (tmp_path / "folds" / "predictions.jsonl").touch()
    with pytest.raises(OutputError, match=r"predictions\.jsonl is there already"):
        run_folds(config, tmp_path / "folds", folds=2)


def test_a_fold_must_leave_both_splits_something(config: TrainingConfig, tmp_path: Path, corpus: Path) -> None:
    lines = (corpus / "validation.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = json.loads(lines[0])["report"]
    (corpus / "validation.jsonl").write_text(
        "".join(line for line in lines if json.loads(line)["report"] == kept), encoding="utf-8"
    )
    infos = [json.loads(line) for line in (corpus / "reports.jsonl").read_text(encoding="utf-8").splitlines()]
    infos = [info for info in infos if info["split"] != "validation" or info["id"] == kept]
    (corpus / "reports.jsonl").write_text("\n".join(map(json.dumps, infos)) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="all reports of the validation split"):
        run_folds(config, tmp_path / "folds", folds=2)
    assert not any((tmp_path / "folds").iterdir()), "told before the first fold is trained"


def test_a_corpus_without_reports_jsonl_is_named(config: TrainingConfig, corpus: Path, tmp_path: Path) -> None:
    (corpus / "reports.jsonl").unlink()
    with pytest.raises(InputError, match=r"corpus: has no reports\.jsonl"):
        run_folds(config, tmp_path / "folds", folds=2)


def test_the_command_hands_its_arguments_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    def note(config: TrainingConfig, output: Path, *, folds: int, overwrite: bool) -> Path:
        given.extend((config.epochs, output, folds, overwrite))
        return output / "predictions.jsonl"

    monkeypatch.setattr(folds, "run_folds", note)
    (tmp_path / "c.toml").write_text("epochs = 3\n")
    done = CliRunner().invoke(
        folds.app, [str(tmp_path / "c.toml"), "--folds", "4", "--set", "epochs=2", "-o", str(tmp_path / "out")]
    )
    assert (done.exit_code, given) == (0, [2, tmp_path / "out", 4, False])
    assert done.stdout == f"predictions written to {tmp_path / 'out' / 'predictions.jsonl'}\n"
