from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load, save
from transformers import PreTrainedTokenizerFast

from conflictspan.calibration import Calibrator, KindCalibrator, Scale
from conflictspan.errors import ConflictSpanError, ModelError
from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel
from conflictspan.model_folder import copy_compressed, load_model, save_model


def put(folder: Path, name: str, content: bytes | str) -> None:
    """Alter a file as somebody would who can write hashes too."""
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest[name] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_what_is_saved_comes_back_the_same(tiny_model: Path, model: ConflictModel) -> None:
    loaded, tokenizer = load_model(tiny_model)
    assert json.dumps(loaded.config.to_dict(), sort_keys=True) == json.dumps(model.config.to_dict(), sort_keys=True)
    assert loaded.schema.source == model.schema.source
    assert tokenizer.encode("Raqqa fell").ids[0] == 2  # [CLS]
    for name, weight in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], weight), name


def test_loading_draws_no_random_weights(tiny_model: Path) -> None:
    """They would only be replaced; a caller's seed stays what it was, too."""
    before = torch.get_rng_state()
    loaded, _ = load_model(tiny_model)
    assert torch.equal(torch.get_rng_state(), before)
    assert {tensor.device.type for tensor in loaded.state_dict().values()} == {"cpu"}


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
    put(tiny_model, "calibration.json", '{"entity": {"scale": {"temperature": -1}}}')
    with pytest.raises(ModelError, match=r"calibration.json: (?s:.*)temperature(?s:.*)fetch the model again"):
        load_model(tiny_model)


FILES = [
    *("calibration.json", "config.json", "model.safetensors", "schema.toml", "tokenizer.json", "tokenizer_config.json")
]


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
    put(tiny_model, "schema.toml", '[entities]\nORG = ""\n')
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
    put(tiny_model, "config.json", json.dumps(config))
    with pytest.raises(ModelError, match=r"config.json: not a model of format 1"):
        Extractor.from_pretrained(tiny_model)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[1]", b"[" * 100_000, b'{"a": 1}'])
def test_what_is_no_file_of_its_kind_is_refused_although_its_hash_fits(
    tiny_model: Path, name: str, content: bytes
) -> None:
    put(tiny_model, name, content)
    try:
        load_model(tiny_model)
    except ConflictSpanError as error:
        assert str(tiny_model) in str(error)
        return
    # Without settings of its own a tokenizer is what tokenizer.json says; a calibration may be empty.
    assert (name, content) in [("tokenizer_config.json", b'{"a": 1}'), ("calibration.json", b'{"a": 1}')]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"auto_map": {"AutoModel": "evil--modeling.Evil"}}, "auto_map asks for code from elsewhere"),
        ({"attn_implementation": "evil/kernel"}, "attn_implementation asks for code from elsewhere"),
        ({"sub": {"_attn_implementation": "evil/kernel"}}, "attn_implementation asks for code from elsewhere"),
        ({"model_type": "evil"}, "no encoder can be built so"),
        ({"hidden_act": "evil"}, "no encoder can be built so"),
        ({"hidden_size": 33}, "does not fit its schema.toml and config.json"),
        ({"hidden_size": "32"}, "no encoder can be built so"),
        ({"hidden_size": 10**6}, "does not fit its schema.toml and config.json"),
        ({"intermediate_size": 10**12}, "does not fit its schema.toml and config.json"),
        ({"vocab_size": 10**11}, "does not fit its schema.toml and config.json"),
        ({"max_position_embeddings": 10**11}, "does not fit its schema.toml and config.json"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000"),
        ({"num_hidden_layers": 2}, "is missing"),
    ],
)
def test_an_encoder_that_asks_for_code_or_for_memory_is_refused(
    tiny_model: Path, settings: dict[str, object], named: str
) -> None:
    config = json.loads((tiny_model / "config.json").read_text())
    put(tiny_model, "config.json", json.dumps(config | {"encoder": config["encoder"] | settings}))
    with pytest.raises(ModelError, match=named):
        load_model(tiny_model)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"window_pieces": 0}, "window_pieces"),
        ({"window_pieces": "64"}, "window_pieces"),
        ({"context_sentences": -1}, "context_sentences"),
        ({"dropout": 1}, "dropout"),
        ({"relation_threshold": float("nan")}, "relation_threshold"),
        ({"encoder": []}, "encoder"),
        ({"more": 1}, "more"),
        ({"pair_size": 10**12}, "does not fit"),
    ],
)
def test_settings_that_make_no_sense_are_refused(tiny_model: Path, change: dict[str, object], named: str) -> None:
    put(tiny_model, "config.json", json.dumps(json.loads((tiny_model / "config.json").read_text()) | change))
    with pytest.raises(ModelError, match=named):
        load_model(tiny_model)


def test_a_tokenizer_that_asks_for_code_is_refused(tiny_model: Path) -> None:
    config = json.loads((tiny_model / "tokenizer_config.json").read_text())
    code = {"auto_map": {"AutoTokenizer": ["evil--tokenizer.Evil", None]}}
    put(tiny_model, "tokenizer_config.json", json.dumps(config | code))
    with pytest.raises(ModelError, match=r"tokenizer_config\.json: auto_map asks for code from elsewhere"):
        load_model(tiny_model)


def test_a_tokenizer_with_more_pieces_than_the_encoder_is_refused(tiny_model: Path) -> None:
    tokenizer = json.loads((tiny_model / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"]["one more"] = len(tokenizer["model"]["vocab"])
    put(tiny_model, "tokenizer.json", json.dumps(tokenizer))
    with pytest.raises(ModelError, match=r"tokenizer\.json has \d+ pieces and the encoder \d+"):
        load_model(tiny_model)


def test_a_file_that_the_manifest_does_not_list_is_not_read(tiny_model: Path) -> None:
    (tiny_model / "encoder.onnx").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"does not list encoder\.onnx"):
        load_model(tiny_model)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "..", "a/b", "."])
def test_no_name_in_the_manifest_leads_out_of_the_folder(tiny_model: Path, name: str) -> None:
    manifest = json.loads((tiny_model / "manifest.json").read_text())
    (tiny_model / "manifest.json").write_text(json.dumps(manifest | {name: "0" * 64}))
    with pytest.raises(ModelError, match="not a file of the folder"):
        load_model(tiny_model)


@pytest.mark.parametrize("name", ["optimizer.PT", "weights.bin", "code.pkl"])
def test_no_pickle_may_lie_in_the_folder(tiny_model: Path, name: str) -> None:
    (tiny_model / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=f"{name}: pickled files can run code"):
        load_model(tiny_model)


@pytest.mark.parametrize(
    "header",
    [
        (2**63).to_bytes(8, "little"),  # longer than there is memory
        (2**20).to_bytes(8, "little") + b"{}",  # longer than the file
        (2).to_bytes(8, "little") + b"{}",  # of no weight
        (61).to_bytes(8, "little") + b'{"a":{"dtype":"F32","shape":[9999999999],"data_offsets":[0,4]}}',
    ],
)
def test_a_header_of_weights_that_lies_is_refused(tiny_model: Path, header: bytes) -> None:
    put(tiny_model, "model.safetensors", header + b"\0" * 8)
    with pytest.raises(ModelError, match=r"model\.safetensors"):
        load_model(tiny_model)


def test_int8_weights_with_scales_of_another_shape_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    copy_compressed(tiny_model, tmp_path / "small")
    whole = load((tmp_path / "small" / "model.safetensors").read_bytes())
    for scale, named in ((None, "tagger.weight is int8 and has no scales"), (torch.ones(1, 1), r"is \(1, 1\)")):
        weights = {name: weight for name, weight in whole.items() if name != "tagger.weight.int8_scale"}
        weights |= {} if scale is None else {"tagger.weight.int8_scale": scale}
        put(tmp_path / "small", "model.safetensors", save(weights))
        with pytest.raises(ModelError, match=named):
            load_model(tmp_path / "small")
