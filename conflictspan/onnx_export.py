"""The encoder as a quantised ONNX graph beside the model: the way to the speed of int8 products on a CPU.

Weights are int8 by column, activations uint8 by their range in the run. On CPUs without VNNI a sum of two full products
would overflow 16 bits, so weights keep to 7 of the 8 bits. Norms, softmax and products of states stay float32.
"""

from __future__ import annotations

import importlib.util
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from conflictspan.bert import BertEncoder
from conflictspan.errors import ConfigError
from conflictspan.model_folder import ONNX_ENCODER, copy_folder, load_model, local_folder, write_manifest

OPSET = 17


def export_onnx(source: str | Path, target: Path) -> None:
    """Write a model folder anew with its encoder quantised for ONNX Runtime; all else goes along as it is.

    Args:
        source: a model folder or a model hub's id.
        target: the folder to write.

    Raises:
        ConfigError: the onnx extra is not installed.
        ModelError: the source cannot be trusted or read, or the target is there already.
    """
    if any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxruntime")):
        raise ConfigError("the export needs onnx and ONNX Runtime; pip install 'conflictspan[onnx]'")
    folder = local_folder(source)
    model, _ = load_model(folder)
    copy_folder(folder, target)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "float32.onnx"
        hidden = int(model.encoder.config.hidden_size)
        _write_float32(model.encoder, hidden, whole)
        _quantise(whole, target / ONNX_ENCODER)
    write_manifest(target)


def _write_float32(encoder: nn.Module, hidden: int, path: Path) -> None:
    graph = _BertGraph(encoder) if isinstance(encoder, BertEncoder) else _AnyGraph(encoder)
    with torch.no_grad(), warnings.catch_warnings():
        # This exporter traces, which is all that an encoder needs; its successor brings two packages more.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph.eval(),
            (torch.zeros(1, 8, hidden),),
            str(path),
            input_names=["embedded"],
            output_names=["states"],
            dynamic_axes={name: {0: "windows", 1: "pieces"} for name in ("embedded", "states")},
            opset_version=OPSET,
            custom_opsets={"com.microsoft": 1},
            dynamo=False,
        )


def _quantise(source: Path, target: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().addFilter(_no_advice)  # onnxruntime gives it to the root logger
    try:
        quantize_dynamic(
            source,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            # What follows an operator of ONNX Runtime's own has no type that the quantiser can infer.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    finally:
        logging.getLogger().removeFilter(_no_advice)


def _no_advice(record: logging.LogRecord) -> bool:
    return "pre-processing before quantization" not in record.getMessage()


class _AnyGraph(nn.Module):
    """An encoder of transformers' over windows without padding."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, embedded: Tensor) -> Tensor:
        attention = torch.ones(embedded.shape[:2], dtype=torch.long)
        states: Tensor = self.encoder(inputs_embeds=embedded, attention_mask=attention).last_hidden_state
        return states


class _BertGraph(nn.Module):
    """BERT over windows without padding, with ONNX Runtime's own operator for its attention."""

    def __init__(self, encoder: BertEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, embedded: Tensor) -> Tensor:
        return self.encoder.run(embedded, None, attend=_FusedAttention.apply)


class _FusedAttention(torch.autograd.Function):
    """`com.microsoft.MultiHeadAttention`: a fifth faster for the whole encoder than products, softmax and product."""

    @staticmethod
    def forward(_ctx: Any, query: Tensor, _key: Tensor, _value: Tensor, _mask: Tensor | None, _n_heads: int) -> Tensor:
        return query.clone()  # only traced; what counts is the symbol

    @staticmethod
    def symbolic(g: Any, query: Any, key: Any, value: Any, _mask: Any, n_heads: int) -> Any:
        mixed = g.op("com.microsoft::MultiHeadAttention", query, key, value, num_heads_i=n_heads)
        mixed.setType(query.type())
        return mixed
