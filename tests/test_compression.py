from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.compression import compress, expand


def test_a_matrix_worked_out_by_hand() -> None:
    weights = {"w": torch.tensor([[1.27, -0.635, 0.004], [0.0, 0.0, 0.0]]), "b": torch.tensor([0.3, -0.1])}
    small = compress(weights)
    assert small["w"].dtype == torch.int8
    assert small["w"].tolist() == [[127, -64, 0], [0, 0, 0]]  # scale .01; -63.5 goes to the even -64
    assert torch.equal(small["b"], weights["b"])
    assert torch.allclose(expand(small)["w"], torch.tensor([[1.27, -0.64, 0.0], [0.0, 0.0, 0.0]]))


@given(st.integers(0, 2**31), st.floats(1e-4, 1e4))
def test_no_weight_is_off_by_more_than_half_a_step(seed: int, size: float) -> None:
    weight = torch.randn(5, 7, generator=torch.Generator().manual_seed(seed)) * size
    step = weight.abs().amax(dim=1, keepdim=True) / 127
    assert ((expand(compress({"w": weight}))["w"] - weight).abs() <= step * 0.5001).all()


def test_weights_that_are_not_compressed_pass() -> None:
    weights = {"w": torch.randn(2, 2), "ids": torch.tensor([[1, 2]])}
    assert torch.equal(expand(weights)["w"], weights["w"])
    assert torch.equal(expand(compress(weights))["ids"], weights["ids"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"w.int8_scale": None}, "w is int8 and has no scales"),
        ({"w": None}, r"w\.int8_scale are scales of no matrix"),
        ({"w": torch.ones(2, 3)}, r"w\.int8_scale are scales of no matrix"),
        ({"w.int8_scale": torch.ones(1, 1)}, r"is \(1, 1\) of torch\.float32"),  # would spread over all rows
        ({"w.int8_scale": torch.ones(2, 3)}, r"is \(2, 3\)"),
        ({"w.int8_scale": torch.ones(2, 1, dtype=torch.int8)}, "torch.int8 where a number a row is needed"),
        ({"w.int8_scale": torch.tensor([[1.0], [torch.nan]])}, "not above 0 and finite"),
        ({"w.int8_scale": torch.tensor([[1.0], [-1.0]])}, "not above 0 and finite"),
    ],
)
def test_scales_that_do_not_fit_are_refused(change: dict[str, torch.Tensor | None], named: str) -> None:
    weights = {**compress({"w": torch.randn(2, 3)}), **change}
    with pytest.raises(ValueError, match=named):
        expand({name: weight for name, weight in weights.items() if weight is not None})
