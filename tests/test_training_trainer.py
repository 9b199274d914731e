"""What the trainer leaves as it is, and when."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerFast

from tests.conftest import save_tiny_encoder
from tests.test_training_run import weights
from training.config import TrainingConfig
from training.run import run_training


@pytest.fixture
def encoder(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> Path:
    folder = tmp_path / "encoder"
    save_tiny_encoder(folder, tokenizer, layers=2)
    return folder


def same(model: dict[str, torch.Tensor], start: dict[str, torch.Tensor], part: str) -> bool:
    """Whether all of a part of the encoder is as it was."""
    names = [name for name in start if part in name]
    assert names
    return all(torch.equal(model[f"encoder.{name}"], start[name]) for name in names)


@pytest.mark.parametrize(("freeze_after", "frozen"), [(0, True), (1, False)])
def test_lower_layers_stop_learning_when_it_is_time(
    config: TrainingConfig, encoder: Path, freeze_after: int, frozen: bool
) -> None:
    start = load_file(encoder / "model.safetensors")
    run_training(config.model_copy(update={"frozen_layers": 1, "freeze_after": freeze_after}))
    model = weights(config.output)
    assert same(model, start, "layer.0.") is frozen
    assert same(model, start, "position_embeddings") is frozen
    assert bool(model["shape_embedding.weight"].count_nonzero()) is not frozen, "it begins at zero"
    assert not same(model, start, "layer.1.")


def test_no_layers_no_freezing(config: TrainingConfig, encoder: Path) -> None:
    run_training(config.model_copy(update={"epochs": 1, "frozen_layers": 0, "freeze_after": 0}))
    start = load_file(encoder / "model.safetensors")
    assert not same(weights(config.output), start, "layer.0.")
    assert same(weights(config.output), start, "word_embeddings"), "token embeddings are never trained"
