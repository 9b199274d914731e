"""Weights as int8 in the file and float32 in use: a quarter of the size, at no change of speed.

Each row of a matrix is divided by its largest magnitude over 127 and rounded; that scale stands beside it. A weight
then is off by at most half a scale. Vectors (biases, norms), which are small and matter more, stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = ".int8_scale"
_LEVELS = 127


def compress(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Every floating matrix `name` [rows, columns] as int8, its scales [rows, 1] under `name` + `SCALE`."""
    compressed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if weight.dim() != 2 or not weight.is_floating_point():
            compressed[name] = weight
            continue
        scale = weight.abs().amax(dim=1, keepdim=True) / _LEVELS
        scale[scale == 0] = 1  # a row of zeros
        compressed[name] = (weight / scale).round().to(torch.int8)
        compressed[name + SCALE] = scale
    return compressed


def expand(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `compress` made, as float32 again; weights that it did not touch as they are.

    Raises:
        ValueError: scales are missing, belong to nothing, or are not one positive number a row.
    """
    for name, scale in weights.items():
        if not name.endswith(SCALE):
            if scale.dtype == torch.int8 and name + SCALE not in weights:
                raise ValueError(f"{name} is int8 and has no scales; fetch the model again")
            continue
        matrix = weights.get(name.removesuffix(SCALE))
        if matrix is None or matrix.dtype != torch.int8 or matrix.dim() != 2:
            raise ValueError(f"{name} are scales of no matrix of int8; fetch the model again")
        if tuple(scale.shape) != (matrix.shape[0], 1) or not scale.is_floating_point():
            raise ValueError(f"{name} is {tuple(scale.shape)} of {scale.dtype} where a number a row is needed")
        if not bool(((scale > 0) & scale.isfinite()).all()):
            raise ValueError(f"{name} has a scale that is not above 0 and finite; fetch the model again")
    return {
        # The cast first: product and cast in one take twice as long.
        name: weight.float().mul_(weights[name + SCALE]) if name + SCALE in weights else weight
        for name, weight in weights.items()
        if not name.endswith(SCALE)
    }
