from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

from conflictspan.backends import OnnxBackend, TorchBackend, choose_backend, ranges_within
from conflictspan.batching import SpecialTokens, window_batch
from conflictspan.cli import main
from conflictspan.encoding import Window, encode
from conflictspan.errors import ConfigError, ModelError
from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel, ModelConfig, WindowBatch
from conflictspan.model_folder import save_model
from conflictspan.records import Report
from conflictspan.schema import Schema
from conflictspan.writing import line_of

CPU = torch.device("cpu")
TEXTS = ["At least 28 SDF fighters were killed near Manbij.", "Rebels shelled Raqqa.", "They fled. " * 5]
needs_onnx = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxruntime")), reason="the onnx extra"
)


@pytest.fixture
def batch(tokenizer: PreTrainedTokenizerFast) -> WindowBatch:
    """Windows of several lengths."""
    encoded = [encode(Report("r", text, sentences=((0, len(text)),)), tokenizer) for text in TEXTS]
    windows = [Window(0, 0, len(e.word_starts), len(e.word_starts)) for e in encoded]
    return window_batch(list(zip(encoded, windows, strict=True)), SpecialTokens.of(tokenizer))


def export(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sys.argv", ["conflictspan", "export-onnx", str(source), "-o", str(target)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    return target


@given(st.lists(st.integers(1, 300), max_size=40), st.integers(1, 2000))
def test_steps_cover_all_rows_in_order_within_the_budget(lengths: list[int], budget: int) -> None:
    steps = list(ranges_within(lengths, budget))
    assert [row for start, end in steps for row in range(start, end)] == list(range(len(lengths)))
    for start, end in steps:
        assert end == start + 1 or max(lengths[start:end]) * (end - start) <= budget


def test_torch_in_steps_gives_what_the_encoder_gives_at_once(
    model: ConflictModel, batch: WindowBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conflictspan.backends.STEP_PIECES", 40)
    with torch.inference_mode():
        expected, found = model.encode(batch), model.words(TorchBackend()(model, batch), batch)
    assert torch.allclose(found[batch.words], expected[batch.words], atol=1e-5)


def test_steps_are_larger_where_no_cache_of_a_cpu_must_hold_them(
    batch: WindowBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a GPU: tensors of the meta device have shapes and no numbers, so what a GPU computes is not tested."""
    monkeypatch.setattr("conflictspan.backends.STEP_PIECES", 40)
    monkeypatch.setattr("conflictspan.backends.GPU_STEP_PIECES", 32 * 40)

    def steps(device: str) -> list[tuple[int, int]]:
        taken: list[tuple[int, int]] = []

        def encoder(inputs_embeds: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
            taken.append((attention_mask.shape[0], attention_mask.shape[1]))
            return SimpleNamespace(last_hidden_state=inputs_embeds)

        embedded = torch.empty(*batch.pieces.shape, 4, device=device)
        stub = SimpleNamespace(embed=lambda _batch: embedded, encoder=encoder)
        states = TorchBackend()(cast(ConflictModel, stub), batch)
        assert (states.shape, states.device) == (embedded.shape, embedded.device)
        return taken

    lengths = batch.attention.sum(1).tolist()
    assert steps("cpu") == [(1, length) for length in lengths]
    assert steps("meta") == [(len(lengths), max(lengths))]


@needs_onnx
def test_onnx_is_close_to_torch_and_no_window_sees_its_neighbours(
    tiny_model: Path, tmp_path: Path, batch: WindowBatch, model: ConflictModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = OnnxBackend(export(tiny_model, tmp_path / "exported", monkeypatch) / "encoder.onnx")
    with torch.inference_mode():
        expected, found = TorchBackend()(model, batch), backend(model, batch)
    for row, length in enumerate(batch.attention.sum(1).tolist()):
        difference = (found - expected)[row, :length].abs()
        assert 0 < float(difference.mean()) < 0.05  # states of unit variance; not the same, for it is quantised
    alone = WindowBatch(batch.pieces[1:2], batch.attention[1:2], batch.shapes[1:2], *([batch.words[1:2]] * 3))
    with torch.inference_mode():
        length = int(alone.attention.sum())
        assert torch.equal(backend(model, alone)[0, :length], found[1, :length])


@needs_onnx
def test_an_exported_folder_is_used_by_itself_and_guarded_by_its_hash(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny_model / "README.md").write_text("card")
    folder = export(tiny_model, tmp_path / "exported", monkeypatch)
    assert (folder / "README.md").read_text() == "card"
    assert Extractor.from_pretrained(tiny_model, device=CPU).backend.name == "torch"
    assert Extractor.from_pretrained(folder, device=CPU, backend="torch").backend.name == "torch"
    extractor = Extractor.from_pretrained(folder, device=CPU)
    assert extractor.backend.name == "onnx"
    reports = [Report(str(n), text) for n, text in enumerate(TEXTS)]
    together = list(extractor.extract(reports))
    assert [report.id for report in together] == ["0", "1", "2"] and together[2].mentions
    alone = [next(extractor.extract([report])) for report in reports]
    # The encoder reads each window by itself; the heads read a batch, and torch rounds it in another order.
    assert [line_of(report) for report in together] == [line_of(report) for report in alone]

    (folder / "encoder.onnx").write_bytes(b"altered")
    with pytest.raises(ModelError, match=r"encoder.onnx was altered"):
        Extractor.from_pretrained(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["encoder.onnx"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"does not list encoder.onnx"):
        Extractor.from_pretrained(folder)


@needs_onnx
def test_an_encoder_of_transformers_is_exported_too(
    schema: Schema, tokenizer: PreTrainedTokenizerFast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ModernBertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        pad_token_id=0,
    )
    torch.manual_seed(0)
    encoder = ModernBertModel(config)
    settings = ModelConfig(encoder=config.to_dict(), window_pieces=64, pair_size=16)  # type: ignore[no-untyped-call]
    save_model(tmp_path / "modern", ConflictModel(settings, schema, encoder), tokenizer)
    folder = export(tmp_path / "modern", tmp_path / "exported", monkeypatch)
    text = "They fled from Raqqa. " * 20
    (found,) = Extractor.from_pretrained(folder, device=CPU).extract([Report("r", text)])
    assert found.text == text


def test_what_cannot_be_had_is_refused_with_the_remedy(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="choose torch or onnx"):
        choose_backend(tiny_model, name="jax", device=CPU)  # type: ignore[arg-type]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"pip install 'conflictspan\[onnx\]'"):
        choose_backend(tiny_model, name="onnx", device=CPU)
    (tiny_model / "encoder.onnx").touch()
    assert choose_backend(tiny_model, name=None, device=CPU).name == "torch"
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    with pytest.raises(ConfigError, match="runs on the CPU"):
        choose_backend(tiny_model, name="onnx", device=torch.device("cuda"))
    (tiny_model / "encoder.onnx").unlink()
    with pytest.raises(ModelError, match="export-onnx"):
        choose_backend(tiny_model, name="onnx", device=CPU)


@needs_onnx
def test_an_exported_encoder_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match=r"encoder.onnx cannot be loaded"):
        OnnxBackend(tmp_path / "encoder.onnx")
