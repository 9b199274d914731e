"""Where the network runs, and in which precision."""

from __future__ import annotations

import contextlib

import torch


def best_device() -> torch.device:
    """A GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_fast_bf16(device: torch.device) -> bool:
    """Whether bfloat16 products are faster than float32 ones there.

    A CPU without AVX-512 BF16 or AMX emulates them, about seventy times slower than float32.
    """
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def autocast(device: torch.device) -> contextlib.AbstractContextManager[None]:
    """bfloat16 autocast where it pays, else nothing."""
    if has_fast_bf16(device):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return contextlib.nullcontext()
