from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from conflictspan.encoding import SHAPES, EncodedReport, cut_windows, encode, word_shape
from conflictspan.records import Mention, Report


def whole(text: str) -> Report:
    return Report("r", text, sentences=((0, len(text)),))


def words(report: Report, encoded: EncodedReport) -> list[str]:
    return [report.text[a:b] for a, b in zip(encoded.word_starts, encoded.word_ends, strict=True)]


def test_words_are_runs_of_letters_and_digits_or_single_signs(tokenizer: PreTrainedTokenizerFast) -> None:
    report = whole("U.S.-backed fighters killed 1,200 in al-Bab's west.")
    assert words(report, encode(report, tokenizer)) == (
        [
            "U",
            ".",
            "S",
            ".",
            "-",
            "backed",
            "fighters",
            "killed",
            "1",
            ",",
            "200",
            "in",
            "al",
            "-",
            "Bab",
            "'",
            "s",
            "west",
            ".",
        ]
    )


def test_invisible_characters_are_no_words_of_their_own(tokenizer: PreTrainedTokenizerFast) -> None:
    report = whole("\ufeffRa\u00adqqa \u200b fell\u0000 \u202e")
    assert words(report, encode(report, tokenizer)) == ["Ra\u00adqqa", "fell"]


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("is", "lower"),
        ("IS", "upper"),
        ("Isis", "title"),
        ("ISiL", "mixed"),
        ("155mm", "digit"),
        ("داعش", "none"),
        ("-", "symbol"),
        ("A", "title"),
    ],
)
def test_word_shape(word: str, shape: str) -> None:
    assert SHAPES[word_shape(word)] == shape


def test_pieces_carry_the_shape_of_their_word(tokenizer: PreTrainedTokenizerFast) -> None:
    encoded = encode(whole("IS is"), tokenizer)
    upper, lower = SHAPES.index("upper"), SHAPES.index("lower")
    assert encoded.piece_shapes.tolist() == [upper, upper, lower, lower]  # one piece a letter


def test_lone_surrogates_keep_every_offset(tokenizer: PreTrainedTokenizerFast) -> None:
    report = whole("a \ud83d\ude00 b \ud800c")  # two lone surrogates that look like a pair, and one more
    assert words(report, encode(report, tokenizer)) == ["a", "b", "c"]


def test_a_word_of_many_pieces_is_shortened_but_keeps_its_offsets(tokenizer: PreTrainedTokenizerFast) -> None:
    text = "see " + "x" * 90 + " now"  # WordPiece spells up to 100 characters, here one piece each
    encoded = encode(whole(text), tokenizer)
    assert (encoded.last_pieces - encoded.first_pieces + 1).tolist() == [3, 32, 3]
    assert (int(encoded.word_starts[1]), int(encoded.word_ends[1])) == (4, 94)
    assert len(encoded.pieces) == 38


def test_a_mention_maps_to_its_words_and_a_misaligned_one_is_told(tokenizer: PreTrainedTokenizerFast) -> None:
    encoded = encode(whole("near Manbij on Sunday"), tokenizer)
    assert encoded.words_of(Mention("p1", 5, 11, "LOC")) == (1, 2)
    assert encoded.fits(Mention("p1", 5, 11, "LOC"))
    assert encoded.words_of(Mention("p1", 6, 14, "LOC")) == (1, 3)
    assert not encoded.fits(Mention("p1", 6, 14, "LOC"))
    assert encoded.words_of(Mention("p1", 4, 5, "LOC")) is None


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        ["the army said the army killed rebels in the city"] * 3,
        trainers.BpeTrainer(vocab_size=320, initial_alphabet=alphabet),
    )
    return PreTrainedTokenizerFast(tokenizer_object=bpe)  # type: ignore[no-untyped-call]


def test_byte_level_pieces_that_hold_the_space_before_belong_to_the_word() -> None:
    report = whole("the army said: Şırnak")
    tokenizer = byte_level_tokenizer()
    encoded = encode(report, tokenizer)
    assert words(report, encoded) == ["the", "army", "said", ":", "Şırnak"]
    spelled = [
        str(tokenizer.decode(encoded.pieces[a : b + 1])).strip()
        for a, b in zip(encoded.first_pieces, encoded.last_pieces, strict=True)
    ]
    assert spelled == ["the", "army", "said", ":", "Şırnak"]


sentences = st.lists(st.text("ab .\u200bé中😀", max_size=60), max_size=6)


@given(sentences, st.integers(8, 40), st.integers(0, 3))
def test_every_word_is_core_in_exactly_one_window(
    tokenizer: PreTrainedTokenizerFast, texts: list[str], budget: int, context: int
) -> None:
    text, offsets = "", []
    for sentence in texts:
        offsets.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    report = Report("r", text, sentences=tuple(offsets))
    encoded = encode(report, tokenizer)
    windows = list(cut_windows(encoded, budget=budget, context=context))
    assert [word for w in windows for word in range(w.core_start, w.core_end)] == list(range(len(encoded.word_starts)))
    for window in windows:
        assert window.start <= window.core_start < window.core_end <= window.end
        pieces = encoded.last_pieces[window.end - 1] - encoded.first_pieces[window.start] + 1
        longest = (encoded.last_pieces - encoded.first_pieces + 1).max()
        assert pieces <= max(budget, longest + budget // 3)
    for start, end in zip(encoded.word_starts, encoded.word_ends, strict=True):
        assert text[start:end].strip("\u200b ") == text[start:end] != ""
    assert all(a <= b for a, b in pairwise(encoded.word_ends))
    assert np.all(encoded.first_pieces <= encoded.last_pieces)


def test_windows_hold_whole_sentences_with_context_on_both_sides(tokenizer: PreTrainedTokenizerFast) -> None:
    # Five sentences of ten one-letter words each: ten pieces a sentence.
    sentence = "a b c d e f g h i j"
    text = " ".join([sentence] * 5)
    report = Report("r", text, sentences=tuple((i * 20, i * 20 + 19) for i in range(5)))
    windows = list(cut_windows(encode(report, tokenizer), budget=34, context=2))
    # 34 pieces: three sentences and four words of what follows; then one sentence back (a third of 34 is 11).
    assert [(w.start, w.core_start, w.core_end, w.end) for w in windows] == [(0, 0, 30, 34), (20, 30, 50, 50)]


def test_an_empty_report_has_no_windows(tokenizer: PreTrainedTokenizerFast) -> None:
    encoded = encode(Report("r", ""), tokenizer)
    assert len(encoded.pieces) == 0
    assert list(cut_windows(encoded, budget=10, context=1)) == []


def test_what_is_no_word_counts_between_a_window_and_its_context(tokenizer: PreTrainedTokenizerFast) -> None:
    before, after = "a " * 7 + "a", "\U00036d7a " * 20 + "b " * 11 + "b"
    text = f"{before} {after}"
    encoded = encode(Report("r", text, sentences=((0, len(before)), (len(before) + 1, len(text)))), tokenizer)
    assert encoded.count_pieces(0, 20) == 40
    windows = list(cut_windows(encoded, budget=30, context=1))
    assert [(w.start, w.core_start, w.core_end, w.end) for w in windows] == [(0, 0, 8, 10), (8, 8, 20, 20)]
