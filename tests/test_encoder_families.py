"""Every family of encoders labels the same words at the same offsets: tiny ones, each with a tokenizer of its kind.

What makes a family is how its tokenizer normalizes and splits; vocabularies are trained here on the texts they read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AutoConfig,
    AutoModel,
    BertConfig,
    DebertaV2Config,
    ModernBertConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    XLMRobertaConfig,
)

from conflictspan.batching import SpecialTokens
from conflictspan.corpus import load_corpus
from conflictspan.encoding import WORD, EncodedReport, cut_windows, encode
from conflictspan.errors import ModelError
from conflictspan.extractor import Extractor
from conflictspan.markup_files import load_annotations
from conflictspan.model import ConflictModel, ModelConfig
from conflictspan.model_folder import load_model, save_model
from conflictspan.records import Report
from conflictspan.schema import Schema
from conflictspan.sentences import split_sentences
from tests.conftest import REPOSITORY
from training.encoder import load_encoder

VOCABULARY = 600
CPU = torch.device("cpu")
SCHEMA = Schema.load(REPOSITORY / "data" / "annotations" / "schema.toml")

UNICODE = {
    "emoji": "💣💥 17 fighters 👨‍👩‍👧 died in the 🇺🇦 town ✊🏾. RIP!!",
    "combining": "The Şırna\u0323k bri\u0302gade le\u0301ft C\u0327ınar and Do\u0301va; né\u0300 'A\u030afrin'.",
    "composed and not": "Zu\u0308rich, Zürich, ＡＢＣ ﬁghters, ½ of 12² men, № 5, ™ Ⅷ.",
    "zero width": "\ufeffThe\u200b a\u200brmy\u2060 shelled\u00ad Do\u0301va\u200d.\u200b \u202eRaqqa\u202c fell",
    "other scripts": "قتل مسلحون خمسة أشخاص في طرفان. Війська відійшли. 反政府武装攻击了拉卡。 सेना ने कहा।",
    "odd spaces": "The\u00a0army \u2003 left\tAleppo\u3000on  Sunday .",
    "no letters": "\u0301 -- \u200b \u00ad ... \ufe0f",
}


@cache
def reports() -> tuple[Report, ...]:
    """All of the markup fixtures, and twenty reports of the validation split."""
    markup = REPOSITORY / "tests" / "fixtures" / "markup"
    fixtures = [r for name in ("train-f1", "validation-f2") for r in load_annotations(markup / f"{name}.ann", SCHEMA)]
    return (*fixtures, *load_corpus(REPOSITORY / "data" / "annotations", "validation")[:20])


def texts() -> Iterator[str]:
    for report in reports():
        yield from (report.text[start:end] for start, end in report.sentences)
    yield from UNICODE.values()


def sizes(**changed: Any) -> dict[str, Any]:
    tiny = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    return {**tiny, "max_position_embeddings": 160, **changed}


def bert(*, cased: bool) -> tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]:
    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=not cased, strip_accents=not cased)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    train(tokenizer, trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, show_progress=False))
    return tokenizer, BertConfig, {}


def byte_level(
    config: Callable[..., PreTrainedConfig], *, normalizer: normalizers.Normalizer | None = None, **changed: Any
) -> tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]:
    """The first word of a text has no space before it, and other vocabulary than in its midst."""
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    train(
        tokenizer,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
        ),
    )
    return tokenizer, config, changed


def roberta() -> tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]:
    tokenizer, config, changed = byte_level(RobertaConfig)
    last, first = (("</s>", SPECIAL.index("</s>")), ("<s>", SPECIAL.index("<s>")))
    tokenizer.post_processor = processors.RobertaProcessing(last, first, trim_offsets=True, add_prefix_space=False)
    return tokenizer, config, changed


def unigram(
    config: Callable[..., PreTrainedConfig], *before: pre_tokenizers.PreTokenizer, **changed: Any
) -> tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]:
    """SentencePiece's: NFKC, white space as part of the piece behind it, pieces over any signs between two spaces."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex("[\u200b\ufeff\n\t]"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*before, metaspace]) if before else metaspace
    train(
        tokenizer,
        trainers.UnigramTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False),
    )
    return tokenizer, config, changed


SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]  # in XLM-R's order: the padding is 1 in it and in RoBERTa


def train(tokenizer: Tokenizer, trainer: Any) -> None:
    tokenizer.train_from_iterator(texts(), trainer)


def modern_bert() -> tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]:
    ids = {
        name: SPECIAL.index(sign) for name, sign in (("cls", "<s>"), ("bos", "<s>"), ("sep", "</s>"), ("eos", "</s>"))
    }
    changed = {f"{name}_token_id": id_ for name, id_ in ids.items()}
    return byte_level(
        ModernBertConfig, normalizer=normalizers.NFC(), local_attention=16, num_hidden_layers=2, **changed
    )


def deberta() -> tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]:
    return unigram(
        DebertaV2Config,
        relative_attention=True,
        position_buckets=16,
        pos_att_type=["p2c", "c2p"],
        share_att_key=True,
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
        type_vocab_size=0,
    )


FAMILIES: dict[str, Callable[[], tuple[Tokenizer, Callable[..., PreTrainedConfig], dict[str, Any]]]] = {
    "BERT uncased": lambda: bert(cased=False),
    "BERT cased": lambda: bert(cased=True),
    "RoBERTa": roberta,
    "ModernBERT": modern_bert,
    "DeBERTa v3": deberta,
    "XLM-R": lambda: unigram(XLMRobertaConfig, pre_tokenizers.WhitespaceSplit()),
}


@dataclass(frozen=True)
class Family:
    tokenizer: PreTrainedTokenizerFast
    model: ConflictModel

    @property
    def extractor(self) -> Extractor:
        return Extractor(self.model, self.tokenizer, device=CPU)


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> Family:
    trained, config_class, changed = FAMILIES[request.param]()
    if trained.post_processor is None:
        ends = [(sign, SPECIAL.index(sign)) for sign in ("<s>", "</s>")]
        trained.post_processor = processors.TemplateProcessing("<s> $A </s>", None, ends)
    trained.add_special_tokens([AddedToken(sign) for sign in SPECIAL])
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=trained, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>"
    )
    torch.manual_seed(0)
    config = config_class(vocab_size=len(tokenizer), pad_token_id=1, **sizes(**changed))
    encoder = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    settings = ModelConfig(encoder=encoder.config.to_dict(), window_pieces=64, pair_size=8, relation_threshold=0.05)
    model = ConflictModel(settings, SCHEMA, encoder)
    with torch.no_grad():
        model.tagger.weight.mul_(8)  # far from even, so that random tags form spans of several types
    return Family(tokenizer, model.eval())


def visible_words(report: Report) -> list[tuple[int, int]]:
    return [
        (start + match.start(), start + match.end())
        for start, end in report.sentences
        for match in WORD.finditer(report.text[start:end])
    ]


def words_of(encoded: EncodedReport) -> list[tuple[int, int]]:
    return list(zip(encoded.word_starts.tolist(), encoded.word_ends.tolist(), strict=True))


def pieces_over(report: Report, tokenizer: PreTrainedTokenizerFast) -> Iterator[list[int]]:
    """Of each word, the numbers of all pieces that share a character with it, found one by one."""
    before = 0
    for start, end in report.sentences:
        text = report.text[start:end]
        offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        for match in WORD.finditer(text):
            yield [before + i for i, (a, b) in enumerate(offsets) if a < match.end() and match.start() < b]
        before += len(offsets)


def test_every_mention_of_the_corpus_aligns_exactly_to_words_and_back(family: Family) -> None:
    mentions = 0
    for report in reports():
        encoded = encode(report, family.tokenizer)
        assert words_of(encoded) == visible_words(report)
        for word, pieces in enumerate(pieces_over(report, family.tokenizer)):
            assert pieces == list(range(encoded.first_pieces[word], encoded.last_pieces[word] + 1))
        for mention in report.mentions:
            words = encoded.words_of(mention)
            assert words is not None and encoded.fits(mention)
            assert (encoded.word_starts[words[0]], encoded.word_ends[words[1] - 1]) == (mention.start, mention.end)
            mentions += 1
    assert mentions > 300


def test_windows_cover_every_word_once(family: Family) -> None:
    for report in reports():
        encoded = encode(report, family.tokenizer)
        windows = list(cut_windows(encoded, budget=64, context=2))
        cores = [word for window in windows for word in range(window.core_start, window.core_end)]
        assert cores == list(range(len(encoded.word_starts)))
        assert all(encoded.count_pieces(window.start, window.end) <= 64 for window in windows)


def test_special_tokens_are_read_off_the_tokenizer(family: Family) -> None:
    special = SpecialTokens.of(family.tokenizer)
    assert (special.prefix, special.suffix) == ((SPECIAL.index("<s>"),), (SPECIAL.index("</s>"),))


def test_saved_and_loaded_it_predicts_the_same(family: Family, tmp_path: Path) -> None:
    save_model(tmp_path / "model", family.model, family.tokenizer)
    loaded, tokenizer = load_model(tmp_path / "model")
    bare = [Report(report.id, report.text) for report in reports()[:6]]
    bare += [Report(name, text) for name, text in UNICODE.items()]
    before = list(family.extractor.extract(bare))
    assert sum(len(report.mentions) for report in before) > 20
    after = list(Extractor(loaded, tokenizer, device=CPU).extract(bare))
    assert [without_scores(report) for report in after] == [without_scores(report) for report in before]
    # BERT is loaded into layers of our own, which round otherwise in the last digits.
    scores = [
        [score for r in found for score in (*(m.score for m in r.mentions), *(x.score for x in r.relations))]
        for found in (before, after)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=1e-4)


def test_the_lower_layers_alone_can_be_loaded(family: Family, tmp_path: Path) -> None:
    settings = {key: value for key, value in family.model.config.encoder.items() if key != "layer_types"}
    config = AutoConfig.for_model(**(settings | {"num_hidden_layers": 3}))
    whole = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    whole.save_pretrained(tmp_path)
    family.tokenizer.save_pretrained(tmp_path)
    lower = load_encoder(str(tmp_path), hidden_dropout=0.0, layers=2).model
    assert AutoConfig.for_model(**lower.config.to_dict()).num_hidden_layers == 2
    kept = {key: weights for key, weights in whole.state_dict().items() if key in lower.state_dict()}
    assert lower.state_dict().keys() == kept.keys()
    assert sum(".2." in key for key in whole.state_dict()) > 0 == sum(".2." in key for key in kept)
    assert all(torch.equal(weights, lower.state_dict()[key]) for key, weights in kept.items())
    weights = load_file(tmp_path / "model.safetensors")
    lost = next(key for key in weights if ".1." in key)
    save_file(
        {key: tensor for key, tensor in weights.items() if key != lost},
        tmp_path / "model.safetensors",
        {"format": "pt"},
    )
    with pytest.raises(ModelError, match=r"lacks 1 weights, such as .*; get it whole"):
        load_encoder(str(tmp_path), hidden_dropout=0.0, layers=2)
    pieces = torch.tensor([[3, 9, 8, 4]])
    assert lower(input_ids=pieces).last_hidden_state.shape == (1, 4, 32)
    with pytest.raises(ModelError, match="has 3 layers: set encoder_layers to 3 or less"):
        load_encoder(str(tmp_path), hidden_dropout=0.0, layers=4)


def test_training_can_go_on_from_the_encoder_of_a_trained_model(family: Family, tmp_path: Path) -> None:
    trained = family.model
    with torch.no_grad():
        trained.shape_embedding.weight.normal_()
    save_model(tmp_path / "model", trained, family.tokenizer)
    start = load_encoder(str(tmp_path / "model"), hidden_dropout=0.0)
    assert start.shapes is not None
    assert torch.equal(start.shapes, trained.shape_embedding.weight)
    assert len(start.tokenizer) == len(family.tokenizer)
    pieces = torch.tensor([[3, 9, 8, 4]])
    states = [encoder.eval()(input_ids=pieces).last_hidden_state for encoder in (start.model, trained.encoder)]
    assert torch.allclose(states[0], states[1], atol=1e-5)
    assert all(weight.requires_grad for weight in start.model.parameters())


def without_scores(report: Report) -> Report:
    """The report with mentions and relations that have no scores, and without events, which have scores too."""
    mentions = tuple(replace(mention, score=None) for mention in report.mentions)
    relations = tuple(replace(relation, score=None) for relation in report.relations)
    return replace(report, mentions=mentions, relations=relations, events=())


def test_offsets_are_exact_in_any_script(family: Family) -> None:
    given_ = [Report(name, text, sentences=split_sentences(text)) for name, text in UNICODE.items()]
    for report, found in zip(given_, family.extractor.extract(given_), strict=True):
        words = visible_words(report)
        encoded = words_of(encode(report, family.tokenizer))
        # A tokenizer may make nothing of marks that stand alone; all else is a word, and no word is anything else.
        lost = set(words) - set(encoded)
        assert set(encoded) <= set(words)
        assert all(report.text[start:end] in "\u0301\ufe0f" for start, end in lost)
        assert found.text == report.text
        starts, ends = {start for start, _ in words}, {end for _, end in words}
        assert all(mention.start in starts and mention.end in ends for mention in found.mentions)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("aé\u0301\u200b\u200d ﬁ😀.-")), max_size=60))
def test_words_are_the_same_in_every_family(family: Family, text: str) -> None:
    report = Report("r", text, sentences=split_sentences(text))
    encoded = encode(report, family.tokenizer)
    assert set(words_of(encoded)) <= set(visible_words(report))
    assert (encoded.first_pieces <= encoded.last_pieces).all()
    assert encoded.last_pieces.max(initial=-1) < len(encoded.pieces)
