"""What the trainer leaves as it is."""

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


def test_token_embeddings_stay_and_all_else_learns(config: TrainingConfig, encoder: Path) -> None:
    run_training(config.model_copy(update={"epochs": 1}))
    start, model = load_file(encoder / "model.safetensors"), weights(config.output)
    assert same(model, start, "word_embeddings")
    for part in ("position_embeddings", "layer.0.", "layer.1."):
        assert not same(model, start, part)
    assert model["shape_embedding.weight"].count_nonzero(), "it begins at zero"
