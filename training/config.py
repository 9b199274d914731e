"""A training run's configuration: a TOML file, one per released model, with overrides from the command line."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conflictspan.errors import ConfigError


class TrainingConfig(BaseModel):
    """Everything that decides a training run.

    Attributes:
        corpus: folder with schema.toml, train.jsonl and validation.jsonl.
        output: model folder to write.
        encoder: "default" (the packaged all-MiniLM-L6-v2), "released" (that of the model that comes with conflictspan),
            a folder of an encoder or of a trained model, or a model hub's id.
        encoder_layers: how many of its layers are used, from below; None: all. The upper ones are made for what the
            encoder was trained to do, and cost as much as the others in training and in use.
        seed: of weights, order, dropout and of the sample where `train_share` is below 1.
        train_share: share of the training reports to train on, for a learning curve; see `training.subsample`.
        epochs: passes over the training reports; with 2.5 the third ends half-way.
        batch_size: windows in one step, over all processes.
        learning_rate: peak, of the encoder.
        head_learning_rate: peak, of the heads and of the word-shape embedding.
        weight_decay: AdamW's.
        warmup_ratio: share of the steps in which the rate climbs; then it falls linearly to zero.
        relation_weight, status_weight: of the losses, beside the tags' 1.
        window_pieces, context_sentences, pair_size, dropout, relation_threshold: see `conflictspan.model.ModelConfig`.
        rename_share: of the reports, how many are read with other names in an epoch; see `training.renaming`.
        mask_share: of the words, how many are hidden at a step; see `training.masking`.
        encoder_dropout: on the encoder's hidden states; its attention has none, which on a CPU is a third faster.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    corpus: Path = Path("data/annotations")
    output: Path = Path("models/default")
    encoder: str = "default"
    encoder_layers: int | None = Field(default=None, ge=1)
    seed: int = 13
    train_share: float = Field(default=1.0, gt=0, le=1)
    epochs: float = Field(default=3, gt=0)
    batch_size: int = Field(default=2, ge=1)
    learning_rate: float = Field(default=4e-4, gt=0)
    head_learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    rename_share: float = Field(default=0.0, ge=0, le=1)
    mask_share: float = Field(default=0.0, ge=0, lt=1)
    warmup_ratio: float = Field(default=0.1, ge=0, lt=1)
    relation_weight: float = Field(default=0.3, ge=0)
    status_weight: float = Field(default=0.2, ge=0)
    window_pieces: int = Field(default=256, ge=16)
    context_sentences: int = Field(default=2, ge=0)
    pair_size: int = Field(default=256, ge=1)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    encoder_dropout: float = Field(default=0.0, ge=0, lt=1)
    relation_threshold: float = Field(default=0.5, gt=0, lt=1)


def load_config(path: Path, overrides: Sequence[str] = ()) -> TrainingConfig:
    """Read a configuration and apply `KEY=VALUE` overrides; another encoder keeps all layers unless these are set too.

    Raises:
        ConfigError: naming the file, the key and the nearest known key.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the configuration: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    for key in values:
        _check_known(key, str(path))
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise ConfigError(f"--set {override}: write KEY=VALUE")
        _check_known(key.strip(), f"--set {override}")
        values[key.strip()] = value.strip()
    keys = {override.partition("=")[0].strip() for override in overrides}
    if "encoder" in keys and "encoder_layers" not in keys:
        values.pop("encoder_layers", None)  # the file's number is for the file's encoder
    try:
        return TrainingConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"{path}: {key} = {first['input']!r}: {first['msg']}") from error


def _check_known(key: str, where: str) -> None:
    known = list(TrainingConfig.model_fields)
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0)[0]
        raise ConfigError(f"{where}: unknown key {key!r}; did you mean {near!r}? Known: {', '.join(known)}")
