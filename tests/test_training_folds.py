"""Cross-validation with a tiny random encoder, on a tiny corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conflictspan.corpus import load_corpus, read_corpus
from conflictspan.errors import ConfigError, InputError, OutputError
from conflictspan.extractor import Extractor
from conflictspan.records import Report
from conflictspan.rows import SPLITS
from conflictspan.writing import read_extractions
from tests.conftest import REPOSITORY, copy_part_of_corpus
from training import folds
from training.config import TrainingConfig
from training.fold_scores import FoldScores
from training.folds import run_folds
from training.grouping import By


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The first three sentences of three training reports, two of validation and one of test."""
    folder = tmp_path / "corpus"
    wanted = copy_part_of_corpus(folder, dict(zip(SPLITS, (3, 2, 1), strict=True)), sentences=3)
    lines = (REPOSITORY / "data" / "annotations" / "reports.jsonl").read_text(encoding="utf-8").splitlines()
    infos = [line for line in lines if json.loads(line)["id"] in wanted]
    (folder / "reports.jsonl").write_text("\n".join(infos) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def config(tmp_path: Path, corpus: Path, encoder: Path) -> TrainingConfig:
    return TrainingConfig(corpus=corpus, output=tmp_path / "unused", encoder=str(encoder), epochs=1, pair_size=16)


def test_every_report_but_the_test_split_s_is_predicted_by_a_model_that_lacks_it(
    config: TrainingConfig, corpus: Path, tmp_path: Path
) -> None:
    scores = run_folds(config, tmp_path / "folds", folds=2)
    gold = [*load_corpus(corpus, "train"), *load_corpus(corpus, "validation")]
    found = list(read_extractions(tmp_path / "folds" / "predictions.jsonl"))
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

    assert [(fold.name, fold.reports) for fold in scores] == [(str(n), len(ids)) for n, ids in enumerate(held_out)]
    names = {"entity", "trigger", "status", "relation_gold", "relation"}
    assert all(fold.held_out.keys() == fold.rest.keys() == names for fold in scores)
    assert (tmp_path / "folds" / "scores.md").read_text().startswith("# Cross-validation by report\n")


def tell(corpus: Path, told: dict[str, dict[str, str]]) -> None:
    """Say other things about reports: for each split, a value of each of some fields for every report in turn."""
    path = corpus / "reports.jsonl"
    infos = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for split, fields in told.items():
        members = [info for info in infos if info["split"] == split]
        for field, values in fields.items():
            for info, value in zip(members, values.split(", "), strict=True):
                info[field] = value
    path.write_text("\n".join(map(json.dumps, infos)) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("by", "names"),
    [(By.region, ["middle-east-and-north-africa", "the-americas"]), (By.writer, ["b", "r"])],
)
def test_a_region_or_writer_is_held_out_whole_and_scored_beside_the_rest(
    config: TrainingConfig, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: By, names: list[str]
) -> None:
    tell(
        corpus,
        {
            "train": {"conflict": "Syria, Peru VRAEM, Iraq/Syria", "origin": "train-b1, train-r1, train-b2"},
            "validation": {"conflict": "Colombia, Yemen", "origin": "validation-r1, train-b2"},
        },
    )
    train, validation = (load_corpus(corpus, split) for split in ("train", "validation"))
    held_out = [[train[0], train[2], validation[1]], [train[1], validation[0]]]
    scored: list[list[Report]] = []

    def score(extractor: Extractor, gold: list[Report]) -> dict[str, float]:
        scored.append(gold)
        return {"entity": len(gold) / 10 + 0.00001}

    monkeypatch.setattr(folds, "validation_scores", score)
    scores = run_folds(config, tmp_path / "folds", by=by)
    assert scored == held_out, "whole, with their annotations"
    assert [(fold.name, fold.reports, fold.rest_reports) for fold in scores] == [(names[0], 3, 1), (names[1], 2, 1)]
    assert [fold.held_out for fold in scores] == [{"entity": 0.3}, {"entity": 0.2}]
    for fold, lacking in zip(scores, held_out, strict=True):
        folder = tmp_path / "folds" / f"fold-{fold.name}"
        learned = read_corpus(folder / "corpus")
        assert learned.sentences.keys() == {r.id for r in [*train, *validation]} - {r.id for r in lacking}
        record = json.loads((folder / "model" / "run.json").read_text())
        assert fold.rest == record["validation"]
        assert record["counts"]["validation_reports"] == 1
    written = json.loads((tmp_path / "folds" / "scores.json").read_text())
    assert [fold["name"] for fold in written["folds"]] == names
    assert written["mean"]["held_out"] == {"entity": 0.26}  # (3 * .3 + 2 * .2) / 5
    assert "| mean | 5 | 26.0 (" in (tmp_path / "folds" / "scores.md").read_text()
    found = read_extractions(tmp_path / "folds" / "predictions.jsonl")
    assert [report.id for report in found] == [report.id for report in [*train, *validation]]


def test_a_region_that_has_a_split_to_itself_is_not_held_out(
    config: TrainingConfig, corpus: Path, tmp_path: Path
) -> None:
    tell(corpus, {"train": {"conflict": "Syria, Peru, Iraq"}, "validation": {"conflict": "Yemen, Syria"}})
    with pytest.raises(ConfigError, match=r"fold middle-east-and-north-africa would take all .* validation split"):
        run_folds(config, tmp_path / "folds", by=By.region)
    assert not any((tmp_path / "folds").iterdir()), "told before the first fold is trained"


def test_what_is_there_is_kept_without_overwrite(config: TrainingConfig, tmp_path: Path) -> None:
    (tmp_path / "folds" / "fold-1").mkdir(parents=True)
    with pytest.raises(OutputError, match="fold-1 is there already"):
        run_folds(config, tmp_path / "folds", folds=2)
    for name in ("scores.md", "scores.json", "predictions.jsonl"):
        (tmp_path / "folds" / name).touch()
        with pytest.raises(OutputError, match=f"{name} is there already"):
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


@pytest.mark.parametrize(
    ("options", "asked"),
    [([], (By.report, None)), (["--folds", "4"], (By.report, 4)), (["--by", "region"], (By.region, None))],
)
def test_the_command_hands_its_arguments_on_and_prints_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], asked: tuple[By, int | None]
) -> None:
    given: list[object] = []
    scores = [FoldScores("0", 2, 1, held_out={"entity": 0.5}, rest={"entity": 0.6})]

    def note(config: TrainingConfig, output: Path, *, by: By, folds: int | None, overwrite: bool) -> list[FoldScores]:
        given.extend((config.epochs, output, by, folds, overwrite))
        return scores

    monkeypatch.setattr(folds, "run_folds", note)
    (tmp_path / "c.toml").write_text("epochs = 3\n")
    output = tmp_path / "out"
    done = CliRunner().invoke(folds.app, [str(tmp_path / "c.toml"), *options, "--set", "epochs=2", "-o", str(output)])
    assert (done.exit_code, given) == (0, [2, output, *asked, False])
    assert done.stdout == (
        "| fold | reports | entity |\n| --- | ---: | ---: |\n| 0 | 2 | 50.0 (-10.0) |\n| mean | 2 | 50.0 (-10.0) |\n"
        f"\npredictions.jsonl, scores.json and scores.md written to {output}\n"
    )
