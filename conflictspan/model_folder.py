"""A model folder: weights, tokenizer, schema and configuration, with the hash of each.

config.json          heads and encoder, see ModelConfig
model.safetensors    all weights, as float32 or, a quarter as large, as int8; never a pickle
tokenizer*.json      the encoder's tokenizer
schema.toml          the label scheme it was trained on
calibration.json     what scores are made with, see `conflictspan.calibration`; folders from before it have none
encoder.onnx         the encoder alone for ONNX Runtime, where `conflictspan export-onnx` wrote the folder
manifest.json        SHA-256 of the files above
run.json, README.md  how it was trained, and its card
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from conflictspan.bert import BertEncoder
from conflictspan.calibration import Calibrator
from conflictspan.compression import compress, expand
from conflictspan.errors import ModelError
from conflictspan.model import ConflictModel
from conflictspan.model_settings import FORMAT, fitting_outline, load_settings, read_json, refuse_code
from conflictspan.schema import Schema

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MANIFEST = "manifest.json"
CALIBRATION = "calibration.json"
ONNX_ENCODER = "encoder.onnx"
_TOKENIZER_CONFIG = "tokenizer_config.json"
_READ_IF_THERE = (CALIBRATION, ONNX_ENCODER, _TOKENIZER_CONFIG)
_PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib"}


def save_model(folder: Path, model: ConflictModel, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write a model so that `load_model` gives the same one back."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    weights = {name: weight.detach().cpu().contiguous() for name, weight in model.state_dict().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "schema.toml").write_text(model.schema.source, encoding="utf-8")
    config = {"format": FORMAT, **model.config.to_dict()}
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (folder / CALIBRATION).write_text(model.calibrator.to_json(), encoding="utf-8")
    write_manifest(folder)


def write_manifest(folder: Path) -> None:
    """Write the hashes of all that a model is loaded from."""
    names = [CALIBRATION, "config.json", "model.safetensors", "schema.toml", ONNX_ENCODER]
    files = [folder / name for name in names if (folder / name).is_file()]
    manifest = {file.name: _sha256(file) for file in (*files, *sorted(folder.glob("tokenizer*.json")))}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def copy_compressed(source: Path, target: Path) -> None:
    """Write a model folder anew with its weights as int8; its card and its record go along.

    Raises:
        ModelError: the source cannot be trusted or read, or the target is there already.
    """
    model, _ = load_model(source)
    copy_folder(source, target)
    (target / ONNX_ENCODER).unlink(missing_ok=True)  # it would still be the one of the weights as they were
    weights = {name: weight.contiguous() for name, weight in model.state_dict().items()}
    save_file(compress(weights), target / "model.safetensors", metadata={"format": "pt"})
    write_manifest(target)


def copy_folder(source: Path, target: Path) -> None:
    """Copy what a model is loaded from, its card and its record. Raises ModelError where the target is there."""
    if target.exists() and any(target.iterdir()):
        raise ModelError(f"{target} is there already; give another folder or remove it")
    target.mkdir(parents=True, exist_ok=True)
    manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    for name in (*manifest, MANIFEST, "README.md", "run.json"):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)


def load_model(path_or_hub_id: str | Path) -> tuple[ConflictModel, Tokenizer]:
    """Read a model folder, for inference, after checking that nothing in it is missing, altered or a pickle.

    Raises:
        ModelError: naming the file and what to do.
    """
    folder = local_folder(path_or_hub_id)
    check_model_folder(folder)
    schema = Schema.load(folder / "schema.toml")
    config = load_settings(folder / "config.json")
    model = fitting_outline(config, schema, folder / "model.safetensors")
    if not isinstance(model.encoder, BertEncoder):  # transformers' encoders compute buffers that no file has
        model = ConflictModel(config, schema)
    try:
        model.load_state_dict(expand(load_file(folder / "model.safetensors")), assign=True)
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"{folder / 'model.safetensors'} does not fit its schema.toml and config.json: {error}"
        ) from error
    model.calibrator = Calibrator.load(folder / CALIBRATION)
    return model.eval(), _load_tokenizer(folder, model)


def _load_tokenizer(folder: Path, model: ConflictModel) -> Tokenizer:
    if (folder / _TOKENIZER_CONFIG).exists():
        refuse_code(read_json(folder / _TOKENIZER_CONFIG), folder / _TOKENIZER_CONFIG)
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the tokenizers library knows no other kind
        raise ModelError(f"{folder / 'tokenizer.json'} cannot be read: {error}; fetch the model again") from error
    weight = model.encoder.get_input_embeddings().weight
    pieces, rows = tokenizer.get_vocab_size(), len(weight) if isinstance(weight, Tensor) else 0
    if pieces > rows:
        raise ModelError(
            f"{folder / 'tokenizer.json'} has {pieces} pieces and the encoder {rows}; fetch the model again"
        )
    return tokenizer


def hash_of_model(path_or_hub_id: str | Path) -> str:
    """SHA-256 over the hashes that its manifest lists: tells models apart without loading them.

    Whether the files are those of the manifest is for `check_model_folder` to say, which `load_model` asks.

    Raises:
        ModelError: there is no model folder.
    """
    manifest_path = _manifest_of(local_folder(path_or_hub_id))
    return _sha256(manifest_path)


def _manifest_of(folder: Path) -> Path:
    manifest_path = folder / MANIFEST
    if not manifest_path.exists():
        raise ModelError(f"{manifest_path} is missing: {folder} is no model folder; train one or fetch it again")
    return manifest_path


def check_model_folder(folder: Path) -> None:
    """Raise ModelError where a file is missing, altered since it was saved, or a pickle."""
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() in _PICKLES:
            raise ModelError(
                f"{file}: pickled files can run code and are not loaded; remove it, weights are safetensors only"
            )
    manifest_path = _manifest_of(folder)
    manifest = read_json(manifest_path)
    needed = {"config.json", "model.safetensors", "schema.toml", "tokenizer.json"}
    needed |= {name for name in _READ_IF_THERE if (folder / name).exists()}
    for name in sorted(needed - manifest.keys()):
        raise ModelError(f"{manifest_path} does not list {name}; fetch the model again")
    for name, expected in manifest.items():
        file = folder / name
        if Path(name).name != name or name in ("", ".."):
            raise ModelError(
                f"{manifest_path} lists {name!r}, which is not a file of the folder; fetch the model again"
            )
        if not file.is_file():
            raise ModelError(f"{file} is missing; fetch the model again or train it anew")
        if _sha256(file) != expected:
            raise ModelError(f"{file} was altered since the model was saved (SHA-256 differs); fetch the model again")


def local_folder(path_or_hub_id: str | Path) -> Path:
    """The folder of a model, fetched from the model hub where it is none. Raises ModelError where there is none."""
    folder = Path(path_or_hub_id).expanduser()
    if folder.is_dir():
        return folder
    # "models/default" could be a hub id too; where its parent folder exists, a path was meant.
    if isinstance(path_or_hub_id, Path) or folder.is_absolute() or folder.parent.is_dir():
        raise ModelError(
            f"no model folder at {folder}; train one with `python -m training training/configs/default.toml`"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(path_or_hub_id))
    except (OSError, HFValidationError, HfHubHTTPError, LocalEntryNotFoundError) as error:
        raise ModelError(f"no model folder at {folder}, and the model hub did not give it: {error}") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
