"""From a report's text to what an encoder reads: words, pieces and windows, with offsets that lead back exactly.

A *word* is what the tagger labels: a run of letters, marks and digits, or one other visible character. Words are
the project's own, so that every tokenizer (WordPiece, byte-level BPE, SentencePiece) labels the same units and no
span can begin inside a word or on an invisible character. A *piece* is what the tokenizer makes of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import regex
from numpy.typing import NDArray
from tokenizers import Tokenizer

from conflictspan.records import Mention, Offsets, Report

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

FastTokenizer: TypeAlias = "Tokenizer | PreTrainedTokenizerFast"
"""One that keeps offsets: of the tokenizers library, bare or as transformers wraps it."""

# Format characters inside a word (soft hyphen, zero-width space) belong to it; alone they are no word at all.
WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:\p{Cf}+[\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}\p{C}]")

_SURROGATE = regex.compile(r"[\ud800-\udfff]")

MAX_WORD_PIECES = 32
"""A longer word (a base64 blob, a URL without marks) is read by its first pieces; its offsets stay whole."""

SHAPES = ("none", "lower", "title", "upper", "mixed", "digit", "symbol")
"""How a word is written. Uncased encoders cannot tell "IS" from "is"; the model gets this beside the pieces."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EncodedReport:
    """A report as arrays over its words and pieces.

    Attributes:
        pieces: [pieces] token ids, without special tokens.
        piece_shapes: [pieces] index into SHAPES of the word that the piece belongs to.
        word_starts, word_ends: [words] code points into the report's text, half open.
        word_sentences: [words] index of each word's sentence.
        first_pieces, last_pieces: [words] index of each word's first and last piece.
    """

    pieces: Ints
    piece_shapes: Ints
    word_starts: Ints
    word_ends: Ints
    word_sentences: Ints
    first_pieces: Ints
    last_pieces: Ints

    def count_pieces(self, start: int, end: int) -> int:
        """Pieces in a half-open range of words, what stands between the words included."""
        return int(self.last_pieces[end - 1] - self.first_pieces[start]) + 1

    def words_of(self, mention: Mention) -> Offsets | None:
        """The half-open range of words that a mention touches, or None where it touches no word."""
        first = int(np.searchsorted(self.word_ends, mention.start, side="right"))
        last = int(np.searchsorted(self.word_starts, mention.end, side="left"))
        return (first, last) if first < last else None

    def fits(self, mention: Mention) -> bool:
        """Whether a mention begins and ends on word boundaries, so that the tagger can find it at all."""
        words = self.words_of(mention)
        return (
            words is not None
            and int(self.word_starts[words[0]]) == mention.start
            and int(self.word_ends[words[1] - 1]) == mention.end
        )


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of words read in one pass: a core that it answers for, and context on both sides.

    Every word of a report is core in exactly one window. All four are indices of words; `start <= core_start <
    core_end <= end`.
    """

    start: int
    core_start: int
    core_end: int
    end: int


def rust_tokenizer(tokenizer: FastTokenizer) -> Tokenizer:
    """The tokenizer itself, without the settings that would cut or pad its texts."""
    bare = tokenizer if isinstance(tokenizer, Tokenizer) else tokenizer.backend_tokenizer
    if bare.truncation:
        bare.no_truncation()
    if bare.padding:
        bare.no_padding()
    return bare


def encode(report: Report, tokenizer: FastTokenizer) -> EncodedReport:
    """Cut a report, already split into sentences, into words and pieces.

    Sentences are tokenized one by one, so that what a sentence becomes does not depend on its neighbours.
    """
    # The tokenizer cannot take lone surrogates; U+FFFD keeps every offset where it is.
    texts = [_SURROGATE.sub("\ufffd", report.text[start:end]) for start, end in report.sentences]
    pieces, shapes, starts, ends, sentences, firsts, lasts = [], [], [], [], [], [], []
    n_pieces = 0
    encodings = rust_tokenizer(tokenizer).encode_batch(texts, add_special_tokens=False) if texts else []
    for index, (text, encoding) in enumerate(zip(texts, encodings, strict=True)):
        spans = np.array([m.span() for m in WORD.finditer(text)], dtype=np.int64).reshape(-1, 2)
        offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        # A word's pieces are those that overlap it; a piece of byte-level BPE may also hold the space before.
        first = np.searchsorted(offsets[:, 1], spans[:, 0], side="right")
        last = np.searchsorted(offsets[:, 0], spans[:, 1], side="left") - 1
        kept = (first <= last) & (first < len(offsets))
        spans, first, last = spans[kept], first[kept], last[kept]
        ids = np.array(encoding.ids, dtype=np.int64)
        if (last - first).max(initial=0) >= MAX_WORD_PIECES:
            ids, first, last = _shorten_words(ids, first, last)
        word_shapes = np.array([word_shape(text[a:b]) for a, b in spans.tolist()], dtype=np.int64)
        piece_shapes = np.zeros(len(ids), dtype=np.int64)
        sizes = last - first + 1
        owners = np.repeat(np.arange(len(sizes)), sizes)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[owners]
        piece_shapes[places] = word_shapes[owners]  # a piece of two words gets the later one's
        offset = report.sentences[index][0]
        pieces.append(ids)
        shapes.append(piece_shapes)
        starts.append(spans[:, 0] + offset)
        ends.append(spans[:, 1] + offset)
        sentences.append(np.full(len(spans), index, dtype=np.int64))
        firsts.append(first + n_pieces)
        lasts.append(last + n_pieces)
        n_pieces += len(ids)
    return EncodedReport(*(_join(parts) for parts in (pieces, shapes, starts, ends, sentences, firsts, lasts)))


def _shorten_words(ids: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints]:
    """Drop the pieces of each word beyond MAX_WORD_PIECES and renumber the rest."""
    keep = np.ones(len(ids), dtype=bool)
    for a, b in zip(first, last, strict=True):
        keep[a + MAX_WORD_PIECES : b + 1] = False
    place = np.cumsum(keep) - 1
    return ids[keep], place[first], place[np.minimum(last, first + MAX_WORD_PIECES - 1)]


def _join(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


@lru_cache(65536)
def word_shape(word: str) -> int:
    """Index into SHAPES of how a word is written; scripts without case are "none"."""
    if not word[0].isalnum():
        return SHAPES.index("symbol")
    if any(c.isdigit() for c in word):
        return SHAPES.index("digit")
    if word.lower() == word.upper():
        return SHAPES.index("none")
    if word.islower():
        return SHAPES.index("lower")
    if word[0].isupper() and (len(word) == 1 or word[1:].islower()):
        return SHAPES.index("title")
    return SHAPES.index("upper" if word.isupper() else "mixed")


def cut_windows(encoded: EncodedReport, *, budget: int, context: int) -> Iterator[Window]:
    """Pack whole sentences into windows of at most `budget` pieces; nothing is cut off.

    Args:
        encoded: the report.
        budget: pieces in a window, special tokens not counted.
        context: sentences before the core that come along where they take at most a third of the budget. What
            the budget leaves free after the core is filled with the words that follow.

    A sentence of more than half the budget is cut into parts between words; the parts count as sentences here.
    """
    n_words = len(encoded.word_starts)
    units = list(_units(encoded, limit=budget // 2))
    first_unit = 0
    while first_unit < len(units):
        core_start, core_end = units[first_unit]
        start = core_start
        for unit in reversed(units[max(first_unit - context, 0) : first_unit]):
            is_small = encoded.count_pieces(unit[0], core_start) <= budget // 3
            # Pieces between two words are no word's: together two units may have more than each has.
            if not is_small or encoded.count_pieces(unit[0], core_end) > budget:
                break
            start = unit[0]
        last_unit = first_unit
        while last_unit + 1 < len(units) and encoded.count_pieces(start, units[last_unit + 1][1]) <= budget:
            last_unit += 1
        core_end = units[last_unit][1]
        end = core_end
        while end < n_words and encoded.count_pieces(start, end + 1) <= budget:
            end += 1
        yield Window(start, core_start, core_end, end)
        first_unit = last_unit + 1


def _units(encoded: EncodedReport, *, limit: int) -> Iterator[Offsets]:
    """Ranges of words: sentences, or parts of at most `limit` pieces of a longer one."""
    borders = np.flatnonzero(np.diff(encoded.word_sentences)) + 1
    for start, end in zip([0, *borders], [*borders, len(encoded.word_sentences)], strict=True):
        begin = int(start)
        for word in range(int(start) + 1, int(end)):
            if encoded.count_pieces(begin, word + 1) > limit:
                yield begin, word
                begin = word
        if begin < end:
            yield begin, int(end)
