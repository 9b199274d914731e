"""Annotated reports as training examples: windows with their tags, statuses and relations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from conflictspan.batching import SpecialTokens, pair_batch, window_batch
from conflictspan.candidates import CandidatePairs, MentionArrays, PairRules, candidate_pairs
from conflictspan.drafts import mention_arrays
from conflictspan.encoding import EncodedReport, Window, cut_windows, encode
from conflictspan.model import ModelConfig, PairBatch, WindowBatch
from conflictspan.records import Report
from conflictspan.schema import Schema
from conflictspan.tagging import WordSpan, tags_of
from training.masking import WordMasker

IGNORED = -100
"""Label of what no loss is taken on: padding, context words, mentions without a status."""


@dataclass(frozen=True, slots=True)
class Example:
    """One window with its gold labels.

    Attributes:
        encoded: the report that the window is cut from.
        window: its words.
        tags: [words in the window] gold tags, IGNORED outside the core.
        mentions: gold mentions that lie in the window up to the core's end.
        statuses: [mentions] index of the status, 0 asserted, IGNORED on entities and context.
        pairs: candidate pairs.
        labels: [pairs, labels] 1 where the relation holds.
    """

    encoded: EncodedReport
    window: Window
    tags: NDArray[np.int64]
    mentions: MentionArrays
    statuses: NDArray[np.int64]
    pairs: CandidatePairs
    labels: NDArray[np.float32]

    @property
    def length(self) -> int:
        """Pieces in the window."""
        return self.encoded.count_pieces(self.window.start, self.window.end)


@dataclass(slots=True)
class Losses:
    """What of the gold cannot be learned, and why: counted, and written to the run record.

    Attributes:
        misaligned_mentions: mentions that begin or end inside a word.
        unproposed_relations: relations that no candidate pair stands for.
    """

    misaligned_mentions: int = 0
    unproposed_relations: int = 0

    def __add__(self, other: Losses) -> Losses:
        """Both together."""
        return Losses(
            self.misaligned_mentions + other.misaligned_mentions, self.unproposed_relations + other.unproposed_relations
        )


def build_examples(
    reports: Iterable[Report], schema: Schema, tokenizer: PreTrainedTokenizerFast, config: ModelConfig
) -> tuple[list[Example], Losses]:
    """Cut annotated reports into windows. Each mention and each relation is learned from exactly one window."""
    rules, losses, examples = PairRules(schema), Losses(), []
    label_index = {label: i for i, label in enumerate(schema.labels)}
    for report in reports:
        encoded = encode(report, tokenizer)
        mentions = sorted((m for m in report.mentions if encoded.fits(m)), key=lambda m: m.start)
        losses.misaligned_mentions += len(report.mentions) - len(mentions)
        spans = [WordSpan(*words, schema.types.index(m.type)) for m in mentions if (words := encoded.words_of(m))]
        place = {m.id: i for i, m in enumerate(mentions)}
        gold = {
            (place[r.head], place[r.tail], label_index[r.label])
            for r in report.relations
            if r.head in place and r.tail in place
        }
        proposed = 0
        tags = tags_of(spans, n_words=len(encoded.word_starts), n_types=len(schema.types))
        for window in cut_windows(encoded, budget=config.window_pieces, context=config.context_sentences):
            inside = [
                i for i, s in enumerate(spans) if window.start <= s.start < window.core_end and s.end <= window.end
            ]
            arrays = mention_arrays(encoded, [spans[i] for i in inside])
            core = arrays.first_words >= window.core_start
            pairs = candidate_pairs(arrays, rules, asked=core)
            labels = np.zeros((len(pairs.heads), len(schema.labels)), dtype=np.float32)
            for row, (head, tail) in enumerate(zip(pairs.heads, pairs.tails, strict=True)):
                for label in np.flatnonzero(pairs.allowed[row]):
                    if (inside[head], inside[tail], int(label)) in gold:
                        labels[row, label] = 1
                        proposed += 1
            statuses = [
                (schema.statuses.index(status) + 1 if (status := mentions[i].status) else 0)
                if is_core and schema.is_event(mentions[i].type)
                else IGNORED
                for i, is_core in zip(inside, core, strict=True)
            ]
            window_tags = tags[window.start : window.end].copy()
            window_tags[: window.core_start - window.start] = IGNORED
            window_tags[window.core_end - window.start :] = IGNORED
            examples.append(
                Example(encoded, window, window_tags, arrays, np.array(statuses, dtype=np.int64), pairs, labels)
            )
        losses.unproposed_relations += len(report.relations) - proposed
    return examples, losses


@dataclass(frozen=True, slots=True)
class Collator:
    """Puts examples together to the network's input.

    Attributes:
        special: the tokenizer's special tokens.
        masker: hides words; None: none.
    """

    special: SpecialTokens
    masker: WordMasker | None = None

    def __call__(self, examples: Sequence[Example]) -> dict[str, WindowBatch | PairBatch | Tensor]:
        """Pad and join: `batch`, `pairs`, and the gold `tags` [B, W], `statuses` [N], `gold_relations` [P, labels]."""
        tags = [torch.from_numpy(e.tags) for e in examples]
        batch = window_batch([(e.encoded, e.window) for e in examples], self.special)
        return {
            "batch": self.masker(batch) if self.masker else batch,
            "pairs": pair_batch([(e.window, e.mentions, e.pairs) for e in examples]),
            "tags": torch.nn.utils.rnn.pad_sequence(tags, True, IGNORED),
            "statuses": torch.from_numpy(np.concatenate([e.statuses for e in examples])),
            "gold_relations": torch.from_numpy(np.concatenate([e.labels for e in examples])),
        }
