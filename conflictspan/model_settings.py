"""A model folder's `config.json` at the file border: it runs no code, fetches nothing, and has the weights' shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError, safe_open

from conflictspan.compression import SCALE
from conflictspan.errors import ModelError
from conflictspan.model import ConflictModel, ModelConfig, outline
from conflictspan.rows import describe
from conflictspan.schema import Schema

FORMAT = 1

_FOREIGN = {"auto_map", "backbone", "custom_pipelines", "trust_remote_code"}
"""Settings by which transformers takes code or weights from elsewhere."""


class _Settings(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    format: Literal[1]
    encoder: dict[str, Any]
    window_pieces: Annotated[int, Field(ge=8, le=100_000)] = 256
    context_sentences: Annotated[int, Field(ge=0, le=100)] = 2
    pair_size: Annotated[int, Field(ge=1)] = 256
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1
    relation_threshold: Annotated[float, Field(ge=0, le=1)] = 0.5


def load_settings(path: Path) -> ModelConfig:
    """Read a `config.json`.

    Raises:
        ModelError: it is of another format, has an unknown key or a value that makes no sense, or names code.
    """
    settings = read_json(path)
    if settings.get("format") != FORMAT:
        raise ModelError(f"{path}: not a model of format {FORMAT}; train it again with this version")
    try:
        checked = _Settings.model_validate(settings)
    except ValidationError as error:
        raise ModelError(f"{path}: {'; '.join(describe(error))}; train it again with this version") from error
    refuse_code(checked.encoder, path)
    return ModelConfig(**checked.model_dump(exclude={"format"}))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises ModelError naming the file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} cannot be read: {error}; fetch the model again") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path} cannot be read: it is no JSON object; fetch the model again")
    return found


def refuse_code(settings: Mapping[str, Any], path: Path) -> None:
    """Raise ModelError where a setting of transformers names code or weights that are not in the folder."""
    for key, value in _entries(settings):
        kernel = key.endswith("attn_implementation") and "/" in str(value)  # the hub's name of a compiled kernel
        if kernel or (key in _FOREIGN and value):
            raise ModelError(
                f"{path}: {key} asks for code from elsewhere ({str(value)[:80]!r}), which is never loaded; "
                "take a model of an architecture that transformers has"
            )


def _entries(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        yield key, value
        if isinstance(value, dict):
            yield from _entries(value)


def fitting_outline(config: ModelConfig, schema: Schema, weights: Path) -> ConflictModel:
    """Compare what a configuration asks for with the header of the weights, before any memory is taken for it.

    Returns:
        The network on the meta device, into which the weights can be loaded.

    Raises:
        ModelError: the weights cannot be read, or have other names or shapes.
    """
    try:
        with safe_open(weights, framework="pt") as file:
            names = set(file.keys())
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in names if not name.endswith(SCALE)}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{weights} cannot be read: {error}; fetch the model again") from error
    misfit = f"{weights} does not fit its schema.toml and config.json"
    for key, value in _entries(config.encoder):
        if "layers" in key and isinstance(value, int) and value > len(shapes):
            raise ModelError(f"{misfit}: {key} is {value}, and there are {len(shapes)} weights; fetch the model again")
    try:
        model = outline(config, schema)
    except Exception as error:  # whatever transformers makes of settings that make no sense
        reason = f"{type(error).__name__}: {error}"[:300]
        raise ModelError(f"{weights.with_name('config.json')}: no encoder can be built so: {reason}") from error
    needed = {name: tuple(weight.shape) for name, weight in model.state_dict().items()}
    for name in sorted(needed.keys() ^ shapes.keys()):
        raise ModelError(f"{misfit}: {name} is {'missing' if name in needed else 'too many'}; fetch the model again")
    for name, shape in needed.items():
        if shapes[name] != shape:
            raise ModelError(f"{misfit}: {name} is {shapes[name]} where {shape} is needed; fetch the model again")
    return model
