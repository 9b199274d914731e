"""BERT for inference: the layers that transformers builds from the same configuration, under the same weights' names.

transformers' own model code takes five seconds to import, which is most of the time that one short report needs; it
is used for training and for every other kind of encoder. `tests/test_bert.py` holds the two equal.
Source: Devlin et al. 2019, https://arxiv.org/abs/1810.04805, as in transformers' `BertModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from torch import Tensor, nn
from torch.nn import functional

Attend = Callable[[Tensor, Tensor, Tensor, Tensor | None, int], Tensor]
"""What `attention` is, in whatever way."""


@dataclass(frozen=True, slots=True)
class BertShape:
    """The settings of a BERT encoder that its states depend on, named as transformers names them."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self | None:
        """Read an encoder's configuration; None where it asks for anything but a plain BERT."""
        plain = {"model_type": "bert", "hidden_act": "gelu", "is_decoder": False, "add_cross_attention": False}
        usual = {"position_embedding_type": "absolute"}  # not written by every version
        if any(config.get(key) != value for key, value in plain.items()):
            return None
        if any(config.get(key, value) != value for key, value in usual.items()):
            return None
        try:
            return cls(**{name: config[name] for name in cls.__slots__})
        except KeyError:
            return None


@dataclass(frozen=True, slots=True)
class BertStates:
    """What the encoder gives back, under the name that transformers uses."""

    last_hidden_state: Tensor


class BertEncoder(nn.Module):
    """Embeddings and layers, without pooler and without dropout: it is not for training."""

    def __init__(self, shape: BertShape) -> None:
        """Build the layers with random weights, to be loaded."""
        super().__init__()
        self.config = shape
        self.embeddings = _Embeddings(shape)
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(_Layer(shape) for _ in range(shape.num_hidden_layers))})

    def get_input_embeddings(self) -> nn.Embedding:
        """The embeddings of pieces."""
        return self.embeddings.word_embeddings

    def forward(self, inputs_embeds: Tensor, attention_mask: Tensor) -> BertStates:
        """States [B, L, hidden] of embedded pieces [B, L, hidden].

        Args:
            inputs_embeds: of the pieces alone; places are added here.
            attention_mask: [B, L] 1 on pieces, 0 on padding.
        """
        # Attention without a mask is faster, and windows of one length come together.
        mask = None if bool(attention_mask.all()) else attention_mask[:, None, None, :].bool()
        return BertStates(self.run(inputs_embeds, mask))

    def run(self, embedded: Tensor, mask: Tensor | None, *, attend: Attend | None = None) -> Tensor:
        """The states, with the attention of an export in place of torch's where one is given."""
        states: Tensor = self.embeddings(embedded)
        for layer in self.encoder["layer"].children():
            states = layer(states, mask, attend or attention)
        return states


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, n_heads: int) -> Tensor:
    """Scaled dot-product attention of `n_heads` heads that lie side by side in [B, L, hidden].

    Args:
        query: [B, L, hidden].
        key: the same.
        value: the same.
        mask: [B, 1, 1, L] True on pieces; None where there is no padding.
        n_heads: heads.
    """
    heads = [states.view(*states.shape[:2], n_heads, -1).transpose(1, 2) for states in (query, key, value)]
    mixed = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], attn_mask=mask)
    return mixed.transpose(1, 2).flatten(2)


class _Embeddings(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(shape.vocab_size, shape.hidden_size)
        self.position_embeddings = nn.Embedding(shape.max_position_embeddings, shape.hidden_size)
        self.token_type_embeddings = nn.Embedding(shape.type_vocab_size, shape.hidden_size)
        self.LayerNorm = nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)

    def forward(self, embedded: Tensor) -> Tensor:
        places = self.position_embeddings.weight[: embedded.shape[1]] + self.token_type_embeddings.weight[0]
        normed: Tensor = self.LayerNorm(embedded + places)
        return normed


class _Layer(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.attention = _Attention(shape)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(shape.hidden_size, shape.intermediate_size)})
        self.output = _Residual(shape.intermediate_size, shape)

    def forward(self, states: Tensor, mask: Tensor | None, attend: Attend) -> Tensor:
        states = self.attention(states, mask, attend)
        output: Tensor = self.output(functional.gelu(self.intermediate["dense"](states)), states)
        return output


class _Attention(nn.Module):
    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.n_heads = shape.num_attention_heads
        projections = {name: nn.Linear(shape.hidden_size, shape.hidden_size) for name in ("query", "key", "value")}
        self.self = nn.ModuleDict(projections)
        self.output = _Residual(shape.hidden_size, shape)

    def forward(self, states: Tensor, mask: Tensor | None, attend: Attend) -> Tensor:
        query, key, value = (projection(states) for projection in self.self.values())
        output: Tensor = self.output(attend(query, key, value, mask, self.n_heads), states)
        return output


class _Residual(nn.Module):
    def __init__(self, inputs: int, shape: BertShape) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, shape.hidden_size)
        self.LayerNorm = nn.LayerNorm(shape.hidden_size, eps=shape.layer_norm_eps)

    def forward(self, states: Tensor, before: Tensor) -> Tensor:
        normed: Tensor = self.LayerNorm(self.dense(states) + before)
        return normed
