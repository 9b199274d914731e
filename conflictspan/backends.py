"""What runs the encoder: torch, or ONNX Runtime with a quantised copy of it. The heads run in torch either way."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import torch
from torch import Tensor

from conflictspan.errors import ConfigError, ModelError
from conflictspan.model_folder import ONNX_ENCODER

if TYPE_CHECKING:
    from conflictspan.model import ConflictModel, WindowBatch

BackendName = Literal["torch", "onnx"]

STEP_PIECES = 1024
"""Pieces in one step of the encoder on a CPU: what it holds in between still fits the caches."""

GPU_STEP_PIECES = 32 * STEP_PIECES
"""The same on a GPU, which small steps leave idle."""


class Backend(Protocol):
    """Runs the encoder. Attributes: its name."""

    name: BackendName

    def __call__(self, model: ConflictModel, batch: WindowBatch) -> Tensor:
        """[B, L, hidden]: the states of a batch on the model's device; what stands on padding means nothing."""


class TorchBackend:
    """The model's own encoder, a few windows of the batch at a time."""

    name: BackendName = "torch"

    def __call__(self, model: ConflictModel, batch: WindowBatch) -> Tensor:
        """See `Backend`."""
        embedded = model.embed(batch)
        budget = STEP_PIECES if embedded.device.type == "cpu" else GPU_STEP_PIECES
        lengths = batch.attention.sum(1).tolist()
        states = torch.empty_like(embedded)
        for start, end in ranges_within(lengths, budget):
            length = max(lengths[start:end])
            step = model.encoder(
                inputs_embeds=embedded[start:end, :length], attention_mask=batch.attention[start:end, :length]
            )
            states[start:end, :length] = step.last_hidden_state
        return states


class OnnxBackend:
    """An exported encoder in ONNX Runtime, on the CPU, each window by itself.

    Activations are quantised by their range in the run, so that a window's states would depend on those beside it.
    Windows alone are as fast, and one per core needs no waiting for one another.
    """

    name: BackendName = "onnx"

    def __init__(self, file: Path) -> None:
        """Load what `conflictspan.onnx_export` wrote. Raises ModelError where ONNX Runtime cannot."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's errors have no common type of their own
            raise ModelError(f"{file} cannot be loaded: {error}; export the model again") from error
        self._threads = ThreadPoolExecutor(torch.get_num_threads(), thread_name_prefix="conflictspan-onnx")

    def __call__(self, model: ConflictModel, batch: WindowBatch) -> Tensor:
        """See `Backend`."""
        embedded = model.embed(batch).float()
        states = torch.zeros_like(embedded)
        source, target = embedded.numpy(), states.numpy()

        def run(row: int, length: int) -> None:
            (found,) = self._session.run(None, {"embedded": source[row : row + 1, :length]})
            target[row, :length] = found[0]

        lengths = batch.attention.sum(1).tolist()
        list(self._threads.map(run, range(len(lengths)), lengths))
        return states


def choose_backend(folder: Path, *, name: BackendName | None, device: torch.device) -> Backend:
    """The backend asked for; where none is, ONNX Runtime if it can be had and there is no GPU, else torch.

    Args:
        folder: the model's.
        name: "torch", "onnx" or None.
        device: where the model runs.

    Raises:
        ConfigError: no such backend, or what it needs is not installed, or it does not run on that device.
        ModelError: the folder holds no exported encoder, or one that cannot be loaded.
    """
    file = folder / ONNX_ENCODER
    installed = importlib.util.find_spec("onnxruntime") is not None
    if name is None:
        name = "onnx" if file.is_file() and installed and device.type == "cpu" else "torch"
    if name == "torch":
        return TorchBackend()
    if name != "onnx":
        raise ConfigError(f"no backend {name!r}; choose torch or onnx")
    if not installed:
        raise ConfigError("the onnx backend needs ONNX Runtime; pip install 'conflictspan[onnx]'")
    if not file.is_file():
        raise ModelError(f"{file} is missing; write it with `conflictspan export-onnx {folder} -o FOLDER`")
    if device.type != "cpu":
        raise ConfigError(f"the onnx backend runs on the CPU and the device is {device}; choose torch")
    return OnnxBackend(file)


def ranges_within(lengths: list[int], budget: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that, padded to the longest of them, fit the budget, or of one row."""
    start = 0
    while start < len(lengths):
        end, longest = start + 1, lengths[start]
        while end < len(lengths) and max(longest, lengths[end]) * (end + 1 - start) <= budget:
            longest = max(longest, lengths[end])
            end += 1
        yield start, end
        start = end
