from __future__ import annotations

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from conflictspan.batching import SpecialTokens
from conflictspan.model import ConflictModel, ModelConfig, PairBatch, WindowBatch
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from training.examples import IGNORED, Collator, build_examples

TEXT = "Rebels attacked Raqqa. They did not kill Smith."
REPORT = Report(
    "r",
    TEXT,
    sentences=((0, 22), (23, 47)),
    mentions=(
        Mention("a1", 0, 6, "ARMED_GROUP"),
        Mention("e1", 7, 15, "ATTACK"),
        Mention("p1", 16, 21, "LOC"),
        Mention("e2", 36, 40, "DEATH", status="denied"),
        Mention("h1", 41, 46, "PERSON"),
    ),
    relations=(
        Relation("e1", "AGENT", "a1"),
        Relation("e1", "PLACE", "p1"),
        Relation("e2", "VICTIM", "h1"),
        Relation("e2", "AGENT", "a1"),  # one sentence back
    ),
)


def config(**changes: int) -> ModelConfig:
    return ModelConfig(encoder={}, **{"window_pieces": 200, **changes})


def test_gold_becomes_tags_statuses_and_pair_labels(schema: Schema, tokenizer: PreTrainedTokenizerFast) -> None:
    (example,), losses = build_examples([REPORT], schema, tokenizer, config())
    types, n = schema.types, len(schema.types)
    words = ["Rebels", "attacked", "Raqqa", ".", "They", "did", "not", "kill", "Smith", "."]
    expected = dict.fromkeys(words, 0) | {
        "Rebels": 1 + types.index("ARMED_GROUP"),
        "attacked": 1 + types.index("ATTACK"),
        "Raqqa": 1 + types.index("LOC"),
        "kill": 1 + types.index("DEATH"),
        "Smith": 1 + types.index("PERSON"),
    }
    assert example.tags.tolist() == [expected[word] for word in words]
    assert n == 28
    denied = schema.statuses.index("denied") + 1
    assert example.statuses.tolist() == [IGNORED, 0, IGNORED, denied, IGNORED]
    gold = {
        (int(example.pairs.heads[row]), schema.labels[label], int(example.pairs.tails[row]))
        for row, label in np.argwhere(example.labels == 1)
    }
    assert gold == {(1, "AGENT", 0), (1, "PLACE", 2), (3, "VICTIM", 4), (3, "AGENT", 0)}
    assert (losses.misaligned_mentions, losses.unproposed_relations) == (0, 0)


def test_each_mention_and_relation_is_learned_from_exactly_one_window(
    schema: Schema, tokenizer: PreTrainedTokenizerFast
) -> None:
    # 19 and 20 letters: with 30 pieces a window the second sentence gets one of its own. The first, of more than a
    # third of 30 pieces, is no context to it, so the relation that reaches back cannot be learned: it is counted.
    examples, losses = build_examples([REPORT], schema, tokenizer, config(window_pieces=50))
    assert len(examples) == 1
    examples, losses = build_examples([REPORT], schema, tokenizer, config(window_pieces=38))
    assert len(examples) == 2
    assert sum(int((e.tags > 0).sum()) for e in examples) == 5
    assert sum(float(e.labels.sum()) for e in examples) == 3
    assert losses.unproposed_relations == 1


def test_context_words_take_no_loss(schema: Schema, tokenizer: PreTrainedTokenizerFast) -> None:
    examples, _ = build_examples([REPORT], schema, tokenizer, config(window_pieces=38))
    first = examples[0]
    core = first.window.core_end - first.window.core_start
    assert first.window.end > first.window.core_end  # some of the next sentence came along
    assert (first.tags[:core] != IGNORED).all() and (first.tags[core:] == IGNORED).all()


def test_what_cannot_be_learned_is_counted(schema: Schema, tokenizer: PreTrainedTokenizerFast) -> None:
    broken = Report(
        "r",
        TEXT,
        sentences=REPORT.sentences,
        mentions=(Mention("a1", 1, 6, "ARMED_GROUP"), Mention("e1", 7, 15, "ATTACK"), Mention("p1", 16, 21, "LOC")),
        relations=(
            Relation("e1", "AGENT", "a1"),  # its tail begins inside a word
            Relation("e1", "TARGET", "p1"),  # the schema has no such pair
            Relation("e1", "PLACE", "p1"),
        ),
    )
    _, losses = build_examples([broken], schema, tokenizer, config())
    assert (losses.misaligned_mentions, losses.unproposed_relations) == (1, 2)


def test_collated_examples_are_padded_and_their_mentions_numbered_through(
    schema: Schema, tokenizer: PreTrainedTokenizerFast, model: ConflictModel
) -> None:
    short = Report("s", "Raqqa fell.", sentences=((0, 11),), mentions=(Mention("p", 0, 5, "LOC"),))
    examples, _ = build_examples([REPORT, short], schema, tokenizer, config())
    inputs = Collator(SpecialTokens.of(tokenizer))(examples)
    batch, pairs, tags = inputs["batch"], inputs["pairs"], inputs["tags"]
    assert isinstance(batch, WindowBatch) and isinstance(pairs, PairBatch) and isinstance(tags, torch.Tensor)
    assert batch.words.sum(1).tolist() == [10, 3]
    assert tags[1].tolist() == [1 + schema.types.index("LOC"), 0, 0] + [IGNORED] * 7
    assert pairs.windows.tolist() == [0] * 5 + [1]
    assert inputs["statuses"].shape == (6,)  # type: ignore[union-attr]
    # The short one is read as it is alone: padding changes nothing.
    words = model.encode(batch)
    alone = Collator(SpecialTokens.of(tokenizer))(examples[1:])["batch"]
    assert isinstance(alone, WindowBatch)
    assert torch.allclose(words[1, :3], model.encode(alone)[0], atol=1e-5)
