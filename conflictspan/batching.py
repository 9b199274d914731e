"""Windows and mentions as padded tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from conflictspan.candidates import CandidatePairs, MentionArrays
from conflictspan.encoding import EncodedReport, FastTokenizer, Window, rust_tokenizer
from conflictspan.model import PairBatch, WindowBatch

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SpecialTokens:
    """What the tokenizer puts around a text: ids before and ids after."""

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]

    @classmethod
    def of(cls, tokenizer: FastTokenizer) -> SpecialTokens:
        """Read them off an example, which holds for every tokenizer family."""
        rust = rust_tokenizer(tokenizer)
        bare, whole = rust.encode("a", add_special_tokens=False).ids, rust.encode("a").ids
        at = next(i for i in range(len(whole)) if whole[i : i + len(bare)] == bare)
        return cls(tuple(whole[:at]), tuple(whole[at + len(bare) :]))


def window_batch(windows: Sequence[tuple[EncodedReport, Window]], special: SpecialTokens) -> WindowBatch:
    """Pad windows, each of some report, to one batch."""
    pieces, shapes, firsts, lasts = [], [], [], []
    before, after = np.array(special.prefix, dtype=np.int64), np.array(special.suffix, dtype=np.int64)
    for encoded, window in windows:
        start, end = encoded.first_pieces[window.start], encoded.last_pieces[window.end - 1] + 1
        pieces.append(np.concatenate((before, encoded.pieces[start:end], after)))
        shapes.append(np.pad(encoded.piece_shapes[start:end], (len(before), len(after))))
        firsts.append(encoded.first_pieces[window.start : window.end] - start + len(before))
        lasts.append(encoded.last_pieces[window.start : window.end] - start + len(before))
    return WindowBatch(
        pieces=_padded(pieces, 0),
        attention=_padded([np.ones_like(p) for p in pieces], 0),
        shapes=_padded(shapes, 0),
        first_pieces=_padded(firsts, 0),
        last_pieces=_padded(lasts, 0),
        words=_padded([np.ones_like(f) for f in firsts], 0).bool(),
    )


def pair_batch(parts: Sequence[tuple[Window, MentionArrays, CandidatePairs]]) -> PairBatch:
    """Put together the mentions and pairs of a batch's windows, in the order of the windows.

    Mentions come with the report's words and must lie in their window.
    """
    offsets = np.cumsum([0, *(len(mentions.types) for _, mentions, _ in parts)])

    def joined(arrays: Sequence[NDArray[np.generic]]) -> torch.Tensor:
        return torch.from_numpy(np.concatenate(arrays))

    return PairBatch(
        windows=joined([np.full(len(m.types), i, dtype=np.int64) for i, (_, m, _) in enumerate(parts)]),
        first_words=joined([m.first_words - w.start for w, m, _ in parts]),
        last_words=joined([m.last_words - w.start for w, m, _ in parts]),
        types=joined([m.types for _, m, _ in parts]),
        heads=joined([p.heads + o for (_, _, p), o in zip(parts, offsets, strict=False)]),
        tails=joined([p.tails + o for (_, _, p), o in zip(parts, offsets, strict=False)]),
        distances=joined([p.distances for _, _, p in parts]),
        gaps=joined([p.gaps for _, _, p in parts]),
        heads_between=joined([p.heads_between for _, _, p in parts]),
        tails_between=joined([p.tails_between for _, _, p in parts]),
        allowed=joined([p.allowed for _, _, p in parts]),
    )


def _padded(rows: Sequence[Ints], value: int) -> torch.Tensor:
    return torch.nn.utils.rnn.pad_sequence([torch.from_numpy(row) for row in rows], True, value)
