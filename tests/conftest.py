"""A tiny randomly initialised encoder, made on the fly, and a model folder around it."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from conflictspan.model import ConflictModel, ModelConfig
from conflictspan.model_folder import save_model
from conflictspan.schema import Schema

REPOSITORY = Path(__file__).parent.parent


# A loaded machine is slow; that is no fault of what is tested.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The project's label scheme."""
    return Schema.load(REPOSITORY / "data" / "annotations" / "schema.toml")


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """The tiny model's tokenizer."""
    return tiny_tokenizer()


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """WordPiece over single characters, uncased: it can spell any ASCII word."""
    signs = string.ascii_lowercase + string.digits + string.punctuation
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs, *(f"##{sign}" for sign in signs)]
    wordpiece = Tokenizer(models.WordPiece({token: i for i, token in enumerate(tokens)}, unk_token="[UNK]"))
    wordpiece.normalizer = normalizers.BertNormalizer()
    wordpiece.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    wordpiece.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=wordpiece, pad_token="[PAD]", unk_token="[UNK]"
    )


def tiny_encoder(tokenizer: PreTrainedTokenizerFast, *, layers: int = 1) -> BertModel:
    """Few layers, random weights, always the same."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=64
    )
    return BertModel(config)


@pytest.fixture
def model(schema: Schema, tokenizer: PreTrainedTokenizerFast) -> ConflictModel:
    """The tiny model."""
    return tiny_conflict_model(schema, tokenizer)


def tiny_conflict_model(schema: Schema, tokenizer: PreTrainedTokenizerFast) -> ConflictModel:
    """A model around the tiny encoder; its heads are random, so that it finds nonsense, but plenty of it."""
    encoder = tiny_encoder(tokenizer)
    config = ModelConfig(
        encoder=encoder.config.to_dict(), window_pieces=64, context_sentences=2, pair_size=16, relation_threshold=0.05
    )
    model = ConflictModel(config, schema, encoder)
    with torch.no_grad():
        model.tagger.weight.mul_(8)  # far from even, so that random tags form spans of several types
    return model.eval()


@pytest.fixture
def tiny_model(tmp_path: Path, model: ConflictModel, tokenizer: PreTrainedTokenizerFast) -> Path:
    """The model folder of the tiny model."""
    folder = tmp_path / "tiny-model"
    save_model(folder, model, tokenizer)
    return folder
