"""The network: one encoder, read once, and three heads on it: tags of words, status of triggers, relations of pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from conflictspan.bert import BertEncoder, BertShape
from conflictspan.calibration import Calibrator
from conflictspan.candidates import BETWEEN_BUCKETS, DISTANCE_BUCKETS
from conflictspan.encoding import SHAPES
from conflictspan.schema import Schema

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What a model folder's `config.json` holds beside the encoder's own configuration.

    Attributes:
        encoder: the encoder's configuration, as transformers writes it.
        window_pieces: pieces in a window, special tokens not counted.
        context_sentences: sentences of context before a window's core.
        pair_size: width of the pair scorer.
        dropout: on the heads' inputs, in training.
        relation_threshold: the network's probability, before calibration, from which a relation between given mentions
            is given out; between mentions found, too, unless calibration has set `least`.
    """

    encoder: Mapping[str, Any]
    window_pieces: int = 256
    context_sentences: int = 2
    pair_size: int = 256
    dropout: float = 0.1
    relation_threshold: float = 0.5

    def to_dict(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class WindowBatch:
    """Windows as the network reads them. Shapes: B windows, L pieces, W words, all padded with 0.

    Attributes:
        pieces: [B, L] token ids with the tokenizer's special tokens.
        attention: [B, L] 1 on pieces, 0 on padding.
        shapes: [B, L] index into SHAPES for each piece.
        first_pieces, last_pieces: [B, W] positions of each word's first and last piece in the window.
        words: [B, W] True on words, False on padding.
    """

    pieces: Tensor
    attention: Tensor
    shapes: Tensor
    first_pieces: Tensor
    last_pieces: Tensor
    words: Tensor

    def to(self, device: torch.device) -> WindowBatch:
        """The same on another device."""
        return WindowBatch(**_moved(self, device))


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Mentions of a batch of windows and the candidate pairs among them. N mentions, P pairs.

    Attributes:
        windows: [N] the mention's window in the batch.
        first_words, last_words: [N] its first and last word in the window.
        types: [N] index into `Schema.types`.
        heads, tails: [P] indices of mentions.
        distances: [P] signed bucket of words between, see `conflictspan.candidates`.
        gaps: [P] sentences between.
        heads_between, tails_between: [P] mentions of the head's, of the tail's type between the two, capped.
        allowed: [P, labels] True where the schema lets the label join the pair.
    """

    windows: Tensor
    first_words: Tensor
    last_words: Tensor
    types: Tensor
    heads: Tensor
    tails: Tensor
    distances: Tensor
    gaps: Tensor
    heads_between: Tensor
    tails_between: Tensor
    allowed: Tensor

    def to(self, device: torch.device) -> PairBatch:
        """The same on another device."""
        return PairBatch(**_moved(self, device))


class ConflictModel(nn.Module):
    """Encoder and heads. The heads read the same states, so that a report is encoded once for all three.

    Attributes:
        calibrator: what the extractor makes scores of its outputs with; nothing fitted until training has ended.
    """

    def __init__(self, config: ModelConfig, schema: Schema, encoder: PreTrainedModel | None = None) -> None:
        """Build the network; without `encoder` its weights are random, to be loaded, and it is for inference."""
        super().__init__()
        self.config = config
        self.schema = schema
        self.calibrator = Calibrator()
        self.encoder: PreTrainedModel | BertEncoder = encoder if encoder is not None else _empty_encoder(config.encoder)
        if getattr(self.encoder, "pooler", None) is not None:
            self.encoder.register_module("pooler", None)  # it reads only the first piece; no head here does
        hidden: int = self.encoder.config.hidden_size
        n_types = len(schema.types)
        self.shape_embedding = nn.Embedding(len(SHAPES), hidden)
        nn.init.zeros_(self.shape_embedding.weight)  # begins as the encoder was, and learns what case adds
        self.dropout = nn.Dropout(config.dropout)
        self.tagger = nn.Linear(2 * hidden, 2 * n_types + 1)
        self.mention = nn.Linear(2 * hidden + n_types, hidden)
        self.status = nn.Linear(hidden, len(schema.statuses) + 1)
        self.pairs = PairScorer(hidden, config.pair_size, n_types, schema)

    def encode(self, batch: WindowBatch) -> Tensor:
        """[B, W, 2 * hidden]: each word as its first and last piece's states."""
        encoded = self.encoder(inputs_embeds=self.embed(batch), attention_mask=batch.attention)
        return self.words(encoded.last_hidden_state, batch)

    def embed(self, batch: WindowBatch) -> Tensor:
        """[B, L, hidden]: what the encoder reads, each piece with the shape of its word."""
        embedded: Tensor = self.encoder.get_input_embeddings()(batch.pieces) + self.shape_embedding(batch.shapes)
        return embedded

    def words(self, states: Tensor, batch: WindowBatch) -> Tensor:
        """[B, W, 2 * hidden]: each word as its first and last piece's of the encoder's states [B, L, hidden]."""
        index = torch.stack((batch.first_pieces, batch.last_pieces), dim=-1).flatten(1)
        words = states.gather(1, index.unsqueeze(-1).expand(-1, -1, states.shape[-1]))
        kept: Tensor = self.dropout(words.view(*batch.first_pieces.shape, -1))
        return kept

    def tag(self, words: Tensor) -> Tensor:
        """[B, W, 2 * types + 1] logits over O, B-t and I-t, in the order of `conflictspan.tagging`."""
        logits: Tensor = self.tagger(words)
        return logits

    def mentions(self, words: Tensor, pairs: PairBatch) -> Tensor:
        """[N, hidden]: each mention by its outer words and its type."""
        hidden = words.shape[-1] // 2
        first = words[pairs.windows, pairs.first_words, :hidden]
        last = words[pairs.windows, pairs.last_words, hidden:]
        kinds = nn.functional.one_hot(pairs.types, len(self.schema.types)).to(words.dtype)
        return nn.functional.gelu(self.mention(torch.cat((first, last, kinds), dim=-1)))


class PairScorer(nn.Module):
    """Scores every label for every candidate pair.

    A pair is what its two mentions say, the product of two projections of them, the mean of the words between
    them, and how far apart they stand. All that depends on one mention only is computed once per mention.
    """

    def __init__(self, hidden: int, size: int, n_types: int, schema: Schema) -> None:
        super().__init__()
        self.head = nn.Linear(hidden, size)
        self.tail = nn.Linear(hidden, size)
        self.head_product = nn.Linear(hidden, size)
        self.tail_product = nn.Linear(hidden, size)
        self.between = nn.Linear(2 * hidden, size)
        self.type_pair = nn.Embedding(n_types * n_types, size)
        self.distance = nn.Embedding(2 * DISTANCE_BUCKETS, size)
        self.gap = nn.Embedding(schema.max_sentence_gap + 1, size)
        self.heads_between = nn.Embedding(BETWEEN_BUCKETS, size)
        self.tails_between = nn.Embedding(BETWEEN_BUCKETS, size)
        for embedding in (self.type_pair, self.distance, self.gap, self.heads_between, self.tails_between):
            nn.init.normal_(embedding.weight, std=0.02)
        self.norm = nn.LayerNorm(size)
        self.out = nn.Linear(size, len(schema.labels))
        nn.init.constant_(self.out.bias, -3.0)  # most candidates hold no relation
        self.n_types = n_types

    def forward(self, words: Tensor, mentions: Tensor, pairs: PairBatch) -> Tensor:
        """[P, labels] logits."""
        head, tail = pairs.heads, pairs.tails
        product = self.head_product(mentions)[head] * self.tail_product(mentions)[tail]
        features = (
            self.head(mentions)[head]
            + self.tail(mentions)[tail]
            + product
            + self._mean_between(words, pairs)
            + self.type_pair(pairs.types[head] * self.n_types + pairs.types[tail])
            + self.distance(pairs.distances)
            + self.gap(pairs.gaps)
            + self.heads_between(pairs.heads_between)
            + self.tails_between(pairs.tails_between)
        )
        logits: Tensor = self.out(nn.functional.gelu(self.norm(features)))
        return logits

    def _mean_between(self, words: Tensor, pairs: PairBatch) -> Tensor:
        """[P, size]: the mean of the words between two mentions, zero where they touch."""
        sums = nn.functional.pad(self.between(words).float().cumsum(1), (0, 0, 1, 0))
        head, tail = pairs.heads, pairs.tails
        start = torch.minimum(pairs.last_words[head], pairs.last_words[tail]) + 1
        end = torch.maximum(pairs.first_words[head], pairs.first_words[tail])
        window = pairs.windows[head]
        length = (end - start).clamp(min=1).unsqueeze(-1)
        total = sums[window, torch.maximum(start, end)] - sums[window, start]
        return (total / length).to(words.dtype)


def outline(config: ModelConfig, schema: Schema) -> ConflictModel:
    """The network on the meta device: the names and shapes of its weights, which take no memory until they are loaded.

    Raises:
        Exception: whatever transformers makes of an encoder's settings that make no sense.
    """
    with torch.device("meta"), _Uninitialised():
        return ConflictModel(config, schema)


class _Uninitialised(TorchFunctionMode):
    """Leaves weights as they are made: for `normal_` on the meta device torch would import its compiler."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        given = dict(kwargs or {})
        if getattr(func, "__module__", None) == nn.init.__name__:
            return given["tensor"]
        return func(*args, **given)


def _moved(batch: WindowBatch | PairBatch, device: torch.device) -> dict[str, Tensor]:
    tensors = {f.name: getattr(batch, f.name) for f in fields(batch)}
    if device.type == "cuda":  # from pinned memory a copy goes on beside the work of the GPU
        tensors = {name: tensor.pin_memory() for name, tensor in tensors.items()}
    return {name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()}


def _empty_encoder(config: Mapping[str, Any]) -> PreTrainedModel | BertEncoder:
    if shape := BertShape.of(config):
        return BertEncoder(shape)
    from transformers import AutoConfig, AutoModel

    model: PreTrainedModel = AutoModel.from_config(AutoConfig.for_model(**config))  # type: ignore[no-untyped-call]
    return model
