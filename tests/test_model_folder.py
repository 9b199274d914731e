from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from conflictspan.calibration import Calibrator, KindCalibrator, Scale
from conflictspan.errors import ModelError
from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel
from conflictspan.model_folder import copy_compressed, load_model, save_model


def test_what_is_saved_comes_back_the_same(tiny_model: Path, model: ConflictModel) -> None:
    loaded, tokenizer = load_model(tiny_model)
    assert json.dumps(loaded.config.to_dict(), sort_keys=True) == json.dumps(model.config.to_dict(), sort_keys=True)
    assert loaded.schema.source == model.schema.source
    assert tokenizer.encode("Raqqa fell").ids[0] == 2  # [CLS]
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight), name


def test_a_compressed_copy_is_the_same_but_for_rounding(tiny_model: Path, tmp_path: Path, model: ConflictModel) -> None:
    (tiny_model / "README.md").write_text("card")
    copy_compressed(tiny_model, tmp_path / "small")
    assert (tmp_path / "small" / "README.md").read_text() == "card"
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (tiny_model, tmp_path / "small")]
    assert sizes[1] < 0.5 * sizes[0]  # the tiny model has many vectors for its size
    loaded, _ = load_model(tmp_path / "small")
    for name, weight in model.state_dict().items():
        assert torch.allclose(loaded.state_dict()[name], weight, atol=float(weight.abs().max()) / 127), name
    with pytest.raises(ModelError, match="there already"):
        copy_compressed(tiny_model, tmp_path / "small")


def test_the_calibration_comes_back(tmp_path: Path, model: ConflictModel, tokenizer: PreTrainedTokenizerFast) -> None:
    model.calibrator = Calibrator(KindCalibrator(Scale(1.7, -0.6), {"LOC": ((0.8, 0.0), (0.9, 0.4))}))
    save_model(tmp_path / "model", model, tokenizer)
    loaded, _ = load_model(tmp_path / "model")
    assert loaded.calibrator == model.calibrator


def test_a_folder_from_before_calibration_loads_with_none(tiny_model: Path) -> None:
    (tiny_model / "calibration.json").unlink()
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    del manifest["calibration.json"]
    (tiny_model / "manifest.json").write_text(json.dumps(manifest))
    loaded, _ = load_model(tiny_model)
    assert loaded.calibrator == Calibrator()
    (tiny_model / "calibration.json").write_text("{}")
    with pytest.raises(ModelError, match=r"does not list calibration.json"):
        load_model(tiny_model)


def test_a_calibration_that_is_none_is_refused(tiny_model: Path) -> None:
    text = '{"entity": {"scale": {"temperature": -1}}}'
    (tiny_model / "calibration.json").write_text(text)
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    manifest["calibration.json"] = hashlib.sha256(text.encode()).hexdigest()
    (tiny_model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"calibration.json: (?s:.*)temperature(?s:.*)fetch the model again"):
        load_model(tiny_model)


FILES = ["calibration.json", "config.json", "model.safetensors", "schema.toml", "tokenizer.json"]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tiny_model: Path, name: str) -> None:
    (tiny_model / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        Extractor.from_pretrained(tiny_model)


@pytest.mark.parametrize("name", FILES)
def test_an_altered_file_is_named(tiny_model: Path, name: str) -> None:
    data = bytearray((tiny_model / name).read_bytes())
    data[-2] ^= 1
    (tiny_model / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name} was altered"):
        Extractor.from_pretrained(tiny_model)


def test_another_schema_is_refused(tiny_model: Path) -> None:
    """Even one whose hash was made to fit: the weights do not."""
    other = '[entities]\nORG = ""\n'
    (tiny_model / "schema.toml").write_text(other)
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    manifest["schema.toml"] = hashlib.sha256(other.encode()).hexdigest()
    (tiny_model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"model.safetensors does not fit its schema.toml"):
        Extractor.from_pretrained(tiny_model)


def test_a_pickle_is_refused(tiny_model: Path) -> None:
    (tiny_model / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(ModelError, match=r"pytorch_model.bin: pickled files"):
        Extractor.from_pretrained(tiny_model)


def test_a_manifest_cannot_point_outside(tiny_model: Path) -> None:
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    manifest["../secret"] = "0" * 64
    (tiny_model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="not a file of the folder"):
        Extractor.from_pretrained(tiny_model)


def test_a_manifest_must_list_every_needed_file(tiny_model: Path) -> None:
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    del manifest["model.safetensors"]
    (tiny_model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"does not list model.safetensors"):
        Extractor.from_pretrained(tiny_model)


def test_a_folder_that_is_no_model_and_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest.json is missing"):
        Extractor.from_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"no model folder at .*nowhere; train one"):
        Extractor.from_pretrained(tmp_path / "nowhere")


def test_another_format_is_refused(tiny_model: Path) -> None:
    config = json.loads((tiny_model / "config.json").read_text()) | {"format": 99}
    (tiny_model / "config.json").write_text(json.dumps(config))
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    manifest["config.json"] = hashlib.sha256((tiny_model / "config.json").read_bytes()).hexdigest()
    (tiny_model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"config.json: not a model of format 1"):
        Extractor.from_pretrained(tiny_model)
