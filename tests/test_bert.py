from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel

from conflictspan.bert import BertEncoder, BertShape

CONFIG = BertConfig(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)


def test_its_states_are_those_of_transformers() -> None:
    torch.manual_seed(0)
    theirs = BertModel(CONFIG, add_pooling_layer=False)
    theirs.train(False)
    shape = BertShape.of(CONFIG.to_dict())
    assert shape is not None
    ours = BertEncoder(shape).eval()
    ours.load_state_dict(theirs.state_dict())
    attention = torch.tensor([[1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0]])
    embedded = ours.get_input_embeddings()(torch.randint(50, (2, 7)))
    with torch.inference_mode():
        for rows in (slice(2), slice(1)):  # with padding and without
            expected = theirs(inputs_embeds=embedded[rows], attention_mask=attention[rows]).last_hidden_state
            found = ours(inputs_embeds=embedded[rows], attention_mask=attention[rows]).last_hidden_state
            on = attention[rows].bool()
            assert torch.allclose(found[on], expected[on], atol=1e-5)
    assert ours.get_input_embeddings().weight.shape == (50, 32)


@pytest.mark.parametrize(
    "change", [{"model_type": "roberta"}, {"hidden_act": "relu"}, {"position_embedding_type": "relative_key"}]
)
def test_another_encoder_is_left_to_transformers(change: dict[str, str]) -> None:
    assert BertShape.of(CONFIG.to_dict()) is not None
    assert BertShape.of(CONFIG.to_dict() | change) is None
    assert BertShape.of({"model_type": "bert", "hidden_act": "gelu"}) is None
