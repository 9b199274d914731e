"""Sentence boundaries: the `sentencex` library, told what a line break means and what news copy abbreviates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, pairwise

import sentencex

from conflictspan.records import Offsets

MAX_SENTENCE = 10_000
"""Code points after which a sentence without an end is cut at white space: no prose is that long, and without a
bound every later step (and `sentencex`, quadratic in unclosed quotes) would pay for one line of 10 MB."""

_WIDEST_WRAP = 120
"""Columns beyond which nobody wraps lines by hand: there, each line is a paragraph."""

_RAGGED = 10
"""Columns of white space that a wrapped line may leave at its right beyond the word that did not fit."""

_LINE_END = r"[\n\r\x0b\x0c\x85\u2028\u2029]"
_LINE_BREAK = re.compile(rf"\r\n|{_LINE_END}")
_BULLET = re.compile(r"\s*[*•·▪●◦‣][ \t]")
_LAST_SPACE = re.compile(r"\s(?=\S*\Z)")

# One character for one, so that offsets hold.
_READABLE = (
    (re.compile("[\ud800-\udfff]"), "\ufffd"),  # sentencex encodes to UTF-8, which has no form for lone surrogates
    (re.compile(_LINE_END), " "),
    # A no-break or other wide space after a lone capital ("A\u00a0."): sentencex 1.0 cuts inside its bytes and panics.
    (re.compile(r"[^\S\x00-\x7f]"), " "),
    # Transliterated ayn, as in 'Afrin: sentencex takes it for a quotation that nothing closes. The price is a split
    # inside single quotes where they hold several sentences.
    (re.compile(r"(?<!\w)['\u2018](?=\w)"), "\u02bc"),
)

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_HEADING = re.compile(
    rf"""
      \(? (?: \d{{1,3}} | [A-Z] | [ivx]{{1,4}} ) [.)]            # "3."  "b)"  "Q."
    | \d{{1,2}} [.:] \d{{2}} \.                                  # "12:40."
    | (?: MR | MS | MRS | DR ) \.                                # "MS. HALLORAN:"
    | (?: [^\W\d_a-z] [^\W\d_a-z'\u2019 -]* , \s )?              # "LIMA, 11 February."  "March 14, 02:40."
      (?: \d{{1,2}} \s )? {_MONTH} (?: \s \d{{1,2}} )? (?: ,? \s \d{{4}} )? (?: , \s \d{{1,2}} [.:] \d{{2}} )? \.
    """,
    re.VERBOSE,
)
"""What is no sentence by itself but numbers, dates or voices the one that follows."""

_ABBREVIATION = re.compile(r"\b(?:Amb|Approx|approx|Bn|Cdr|Div|Regt|Spc)\.\s*\Z")
"""Abbreviations of war reporting that `sentencex` ends a sentence at."""

_OPENING = r"[\"\u201c\u2018(]?"
_SURE_END = re.compile(
    rf"\b(?:(?:on X|May)\.\s(?={_OPENING}[A-Z0-9])|(?:art|fed|ill|me|miss|no)\.\s(?={_OPENING}[A-Z]))"
)
"""What `sentencex` takes for an initial, a month's or another abbreviation, but news copy ends sentences with."""


def split_sentences(text: str) -> tuple[Offsets, ...]:
    """Split a text into sentences.

    A paragraph always ends a sentence: at a blank line, and at a line break that was made on purpose. A break
    inside a wrapped paragraph is only white space. Whether a line was wrapped is read off the lines between
    two blank ones: it was if the next line's first word would not have fitted into the longest of them, ten
    columns of ragged edge allowed. Lines longer than 120 columns are a paragraph each (how feeds and databases
    store articles); a line that begins with a bullet begins a paragraph. Hence a headline or a short list item
    on its own line is a sentence of its own.

    Within a paragraph `sentencex` finds the ends; numbers, dates and speakers' letters that stand like sentences
    ("3.", "15 August.", "Q.") stay with what they head.

    Args:
        text: any string, also with control characters, lone surrogates or no full stop at all.

    Returns:
        Half-open ranges of code points, ascending and not overlapping, without outer white space; together they
        hold every character that is not white space. None is longer than about `MAX_SENTENCE`. Linear in time.
    """
    readable = text
    for pattern, character in _READABLE:
        readable = pattern.sub(character, readable)
    return tuple(
        (start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
        for first, last in _paragraphs(text)
        for start, end in _sentences(readable, first, last)
        if (piece := text[start:end]).strip()
    )


def _paragraphs(text: str) -> Iterator[Offsets]:
    """Yield the ranges that no sentence reaches across; only white space lies between them."""
    block: list[Offsets] = []
    for start, end in _lines(text):
        if text[start:end].strip():
            block.append((start, end))
        else:
            yield from _unwrap(text, block)
            block = []
    yield from _unwrap(text, block)


def _lines(text: str) -> Iterator[Offsets]:
    start = 0
    for mark in _LINE_BREAK.finditer(text):
        yield start, mark.start()
        start = mark.end()
    yield start, len(text)


def _unwrap(text: str, lines: list[Offsets]) -> Iterator[Offsets]:
    """Join the lines between two blank ones into paragraphs."""
    if not lines:
        return
    width = max(end - start for start, end in lines)
    first = lines[0][0]
    for (start, end), (after, after_end) in pairwise(lines):
        word = text[after:after_end].split(maxsplit=1)[0]
        fits = end - start + 1 + len(word) + _RAGGED <= width
        if fits or width > _WIDEST_WRAP or _BULLET.match(text, after):
            yield first, end
            first = after
    yield first, lines[-1][1]


def _sentences(text: str, start: int, end: int) -> Iterator[Offsets]:
    """Yield the sentences of the paragraph `text[start:end]`; together they tile it."""
    first = start
    for cut in chain(_cuts(text, start, end), (end,)):
        sentence = text[first:cut]
        if cut < end and (_HEADING.fullmatch(sentence.strip()) or _ABBREVIATION.search(sentence)):
            continue
        for mark in _SURE_END.finditer(text, first, cut):
            yield first, mark.end()
            first = mark.end()
        yield first, cut
        first = cut


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where sentences but the first begin, reading in windows so that time stays linear."""
    while end - start > MAX_SENTENCE:
        window = text[start : start + MAX_SENTENCE]
        begins = _begins(window)
        if not begins:  # no end in sight
            space = _LAST_SPACE.search(window)
            begins = [space.end() if space else MAX_SENTENCE]
        yield from (start + begin for begin in begins)
        start += begins[-1]  # the window may have cut its last sentence, which is therefore read again
    yield from (start + begin for begin in _begins(text[start:end]))


def _begins(text: str) -> list[int]:
    return [begin for found in sentencex.get_sentence_boundaries("en", text) if (begin := found["start_index"]) > 0]
