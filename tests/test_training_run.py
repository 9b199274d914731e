"""Training with a tiny random encoder, on a tiny corpus."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerFast

import training.trainer
from conflictspan.errors import AnnotationError, ConfigError, ModelError
from conflictspan.extractor import Extractor
from conflictspan.records import Report
from tests.conftest import save_tiny_encoder
from training import progress
from training.__main__ import main
from training.config import TrainingConfig
from training.run import run_training


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def test_a_run_writes_a_model_that_loads_with_its_record_card_and_curves(config: TrainingConfig) -> None:
    record = run_training(config)
    (found,) = Extractor.from_pretrained(config.output).extract([Report("r", "Rebels attacked Raqqa on Sunday.")])
    assert found.text == "Rebels attacked Raqqa on Sunday."
    assert json.loads((config.output / "run.json").read_text()) == record
    assert record["config"]["seed"] == config.seed
    assert record["counts"]["train_reports"] == 8
    assert record["data_sha256"].keys() == {"schema.toml", "train.jsonl", "validation.jsonl"}
    assert record["validation"].keys() == {"entity", "trigger", "status", "relation_gold", "relation"}
    assert record["calibration"].keys() == {"entity", "trigger", "relation"}
    assert record["calibration"]["entity"]["predictions"] > 0
    losses = [entry["loss"] for entry in record["history"] if "loss" in entry]
    assert losses == sorted(losses, reverse=True)
    assert "| entity |" in (config.output / "README.md").read_text()
    assert (config.output / "curves.png").stat().st_size > 1000
    assert not (config.output / "checkpoints").exists()


def test_a_recipe_may_use_the_encoders_lower_layers_alone(
    config: TrainingConfig, tmp_path: Path, tokenizer: PreTrainedTokenizerFast
) -> None:
    save_tiny_encoder(tmp_path / "two-layers", tokenizer, layers=2)
    config = config.model_copy(update={"epochs": 1, "encoder": str(tmp_path / "two-layers")})
    run_training(config)
    assert any(".layer.1." in name for name in weights(config.output))
    run_training(config.model_copy(update={"encoder_layers": 1}))
    assert {".layer.0." in name for name in weights(config.output) if ".layer." in name} == {True}
    assert "from the lower layers (1) of the encoder" in (config.output / "README.md").read_text()


def test_a_run_can_go_on_from_a_trained_model(config: TrainingConfig, tiny_model: Path) -> None:
    still = {"epochs": 1, "learning_rate": 1e-12, "head_learning_rate": 1e-12, "weight_decay": 0.0}
    run_training(config.model_copy(update={"encoder": str(tiny_model), **still}))
    before, after = weights(tiny_model), weights(config.output)
    kept = [name for name in before if name.startswith(("encoder.", "shape_embedding."))]
    assert len(kept) > 10
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in kept)
    assert f"the encoder `{tiny_model}`" in (config.output / "README.md").read_text()


def test_the_same_seed_gives_the_same_model_and_another_seed_another(config: TrainingConfig, tmp_path: Path) -> None:
    runs = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run_training(config.model_copy(update={"output": tmp_path / name, "seed": seed, "epochs": 1}))
        runs[name] = weights(tmp_path / name)
    assert all(torch.equal(runs["a"][key], runs["b"][key]) for key in runs["a"])
    assert not all(torch.equal(runs["a"][key], runs["c"][key]) for key in runs["a"])


@pytest.mark.parametrize("share", ["rename_share", "mask_share"])
def test_an_interrupted_run_resumes_to_the_same_model(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: str
) -> None:
    run_training(config.model_copy(update={"output": tmp_path / "words-kept"}))
    config = config.model_copy(update={share: 0.9})
    run_training(config)
    whole, kept = weights(config.output), weights(tmp_path / "words-kept")
    assert not all(torch.equal(whole[key], kept[key]) for key in whole), "it learned from other words"

    real = progress.validation_scores
    calls = 0

    def fail_at_the_second(*arguments: Any) -> dict[str, float]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    broken = config.model_copy(update={"output": tmp_path / "broken"})
    monkeypatch.setattr(training.trainer, "validation_scores", fail_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_training(broken)
    assert not (broken.output / "model.safetensors").exists()
    monkeypatch.setattr(training.trainer, "validation_scores", real)
    record = run_training(broken, resume=True)
    assert [entry["epoch"] for entry in record["history"] if "validation_entity" in entry] == [1, 2]
    resumed = weights(broken.output)
    assert all(torch.allclose(whole[key], resumed[key], atol=1e-6) for key in whole)


def test_a_last_pass_may_end_half_way(config: TrainingConfig) -> None:
    record = run_training(config.model_copy(update={"epochs": 1.5}))
    assert [entry["epoch"] for entry in record["history"] if "validation_entity" in entry] == [1, 1.5]
    assert "1.5 epochs" in (config.output / "README.md").read_text()


def test_a_share_of_the_reports_is_trained_on_and_told(config: TrainingConfig) -> None:
    record = run_training(config.model_copy(update={"train_share": 0.5, "epochs": 1}))
    assert record["counts"]["train_reports"] == 4
    assert record["config"]["train_share"] == 0.5


def test_a_scheme_of_spans_only_trains(config: TrainingConfig) -> None:
    lines = [
        {
            "report": "a",
            "sentence": 0,
            "text": "Rebels left Raqqa .",
            "mentions": [{"id": "p1", "start": 12, "end": 17, "type": "LOC"}],
        },
        {"report": "a", "sentence": 1, "text": "Nothing else ."},
    ]
    (config.corpus / "schema.toml").write_text('name = "spans"\n[entities]\nLOC = "a place"\n')
    for split in ("train", "validation"):
        (config.corpus / f"{split}.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    record = run_training(config)
    assert record["validation"].keys() == {"entity"}
    assert list(Extractor.from_pretrained(config.output).extract([Report("r", "Raqqa")]))


def test_faulty_annotations_are_named_and_nothing_is_trained(config: TrainingConfig) -> None:
    train = config.corpus / "train.jsonl"
    lines = train.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[0])
    row["mentions"][0]["type"] = "PLANET"
    train.write_text("\n".join([json.dumps(row), *lines[1:]]) + "\n", encoding="utf-8")
    with pytest.raises(AnnotationError, match=r"train.jsonl:1: .*PLANET"):
        run_training(config)
    assert not config.output.exists()


def test_an_encoder_that_is_not_there_is_named(config: TrainingConfig, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"encoder '.*nowhere' cannot be loaded"):
        run_training(config.model_copy(update={"encoder": str(tmp_path / "nowhere")}))


def test_the_command_trains_and_tells_faults_in_one_line(
    config: TrainingConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'corpus = "{config.corpus}"\nencoder = "{config.encoder}"\nepochs = 1\npair_size = 8\n')

    def run(arguments: Iterable[str]) -> object:
        monkeypatch.setattr("sys.argv", ["training", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code

    assert run([str(file), "--set", "batchsize=4"]) == 2
    assert "did you mean 'batch_size'" in capsys.readouterr().err
    assert run([str(file), "--output", str(tmp_path / "mine"), "--seed", "5", "--set", "batch_size=2"]) == 0
    assert "strict F1 on validation: entity" in caplog.text
    assert json.loads((tmp_path / "mine" / "run.json").read_text())["config"]["batch_size"] == 2


def test_smoke_with_the_default_encoder(config: TrainingConfig) -> None:
    """The one test that trains the real encoder: three passes over eight reports are enough to find some entities."""
    record = run_training(config.model_copy(update={"encoder": "default", "epochs": 3, "batch_size": 2}))
    assert record["counts"]["misaligned_mentions"] == record["counts"]["unproposed_relations"] == 0
    assert record["validation"]["entity"] > 0.05


def test_a_batch_must_divide_among_processes(config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    class ThreeOfThem:
        num_processes = 3
        is_main_process = True

        def __init__(self, **_: Any) -> None: ...

    monkeypatch.setattr(training.trainer, "PartialState", ThreeOfThem)
    with pytest.raises(ConfigError, match="batch_size = 2 cannot be shared by 3 processes"):
        run_training(config)
