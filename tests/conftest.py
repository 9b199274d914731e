"""A tiny randomly initialised encoder, made on the fly, a model folder around it, and what it is trained with."""

from __future__ import annotations

import json
import shutil
import string
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from conflictspan.model import ConflictModel, ModelConfig
from conflictspan.model_folder import save_model
from conflictspan.schema import Schema

if TYPE_CHECKING:
    from training.config import TrainingConfig

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
        tokenizer_object=wordpiece, pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]"
    )


def tiny_encoder(tokenizer: PreTrainedTokenizerFast, *, layers: int = 1) -> BertModel:
    """Few layers, random weights, always the same."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=64
    )
    return BertModel(config)


def save_tiny_encoder(folder: Path, tokenizer: PreTrainedTokenizerFast, *, layers: int = 1) -> None:
    """The tiny encoder and its tokenizer as a folder that training starts from."""
    tiny_encoder(tokenizer, layers=layers).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


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


@pytest.fixture
def encoder(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> Path:
    """The folder of the tiny encoder."""
    folder = tmp_path / "encoder"
    save_tiny_encoder(folder, tokenizer)
    return folder


def copy_part_of_corpus(folder: Path, reports: Mapping[str, int], *, sentences: int | None = None) -> set[str]:
    """Write the scheme and the first reports of some splits, or their first sentences; the reports' ids come back."""
    folder.mkdir()
    source = REPOSITORY / "data" / "annotations"
    shutil.copy(source / "schema.toml", folder)
    ids: set[str] = set()
    for split, number in reports.items():
        lines = (source / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        wanted = set(list(dict.fromkeys(row["report"] for row in rows))[:number])
        kept = [
            line
            for line, row in zip(lines, rows, strict=True)
            if row["report"] in wanted and (sentences is None or row["sentence"] < sentences)
        ]
        (folder / f"{split}.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
        ids |= wanted
    return ids


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """The first 8 training reports and 2 of validation."""
    folder = tmp_path / "corpus"
    copy_part_of_corpus(folder, {"train": 8, "validation": 2})
    return folder


@pytest.fixture
def config(tmp_path: Path, corpus: Path, encoder: Path) -> TrainingConfig:
    """Two epochs of the tiny encoder on the tiny corpus."""
    from training.config import TrainingConfig  # only the tests that train need it

    return TrainingConfig(
        corpus=corpus, output=tmp_path / "model", encoder=str(encoder), epochs=2, pair_size=16, head_learning_rate=5e-3
    )
