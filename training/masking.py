"""Hides words from the network in training, so that it types a word by what stands around it too."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from transformers import PreTrainedTokenizerFast

from conflictspan.errors import ConfigError
from conflictspan.model import WindowBatch


@dataclass(frozen=True, slots=True)
class WordMasker:
    """Puts the mask token in the place of words, drawn anew at every call with torch's random numbers.

    Attributes:
        share: of the words, 0 to 1. A word is hidden with all its pieces; its shape is left.
        piece: the mask token's id.
    """

    share: float
    piece: int

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast, share: float) -> WordMasker | None:
        """For a tokenizer; None where nothing is hidden. Raises ConfigError where it has no mask token."""
        if not share:
            return None
        if tokenizer.mask_token_id is None:
            raise ConfigError(
                "the encoder's tokenizer has no mask token: set mask_share = 0, or choose another encoder"
            )
        return cls(share, int(tokenizer.mask_token_id))

    def __call__(self, batch: WindowBatch) -> WindowBatch:
        """The windows with some of their words hidden."""
        drawn = ((torch.rand(batch.words.shape) < self.share) & batch.words).long()
        edges = torch.zeros(batch.pieces.shape[0], batch.pieces.shape[1] + 1, dtype=torch.long)
        edges.scatter_add_(1, batch.first_pieces, drawn)
        edges.scatter_add_(1, batch.last_pieces + 1, -drawn)
        hidden = edges.cumsum(1)[:, :-1] > 0
        return replace(batch, pieces=batch.pieces.masked_fill(hidden, self.piece))
