import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conflictspan.sentences import MAX_SENTENCE, split_sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


# Characters and words at which a splitter may trip, in the density that random text never has.
BREAKS = ["\n", "\r\n", "\n\n", "\t", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", ". ", "! ", "? ", "\u061f ", "\u3002"]
QUOTES = ['"', "\u201c", "\u201d", "\u2018Afrin", "(", ")"]
WORDS = ["a", "B", "Gen. ", "U.S. ", "on X. ", "May. ", "3. ", "15 August. ", "Spc. ", "* ", "word " * 40, "x" * 200]
SIGNS = ["\x00", "\u200b", "\u202e", "\u0301", "\U0001f468\u200d\U0001f467", "\ud800", "\udfff", "\ufeff", "مدينة"]
HOSTILE = st.lists(st.sampled_from(BREAKS + QUOTES + WORDS + SIGNS), max_size=60).map("".join)


@settings(deadline=None)
@given(st.one_of(HOSTILE, st.text(), st.text(st.characters(codec=None))))
@example("")
@example(" \n\x00\r\n ")
@example("x" * (MAX_SENTENCE + 1))
@example("“a. B " * (MAX_SENTENCE // 2))
@example("a " + "x" * 3 * MAX_SENTENCE + " b. C")
@example("\ud83d" * (2 * MAX_SENTENCE))
@example("In zone A\u00a0. Then B\u3000.")
def test_sentences_are_ordered_trimmed_and_hold_all_but_white_space(text: str) -> None:
    sentences = split_sentences(text)
    last = 0
    for start, end in sentences:
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize(
    "sentences",
    [
        ["Brig. Gen. Yahya S. met Lt. Col. Brown in the U.S. on Friday.", "They left at 5 p.m. in a convoy."],
        ["“We won.”", "The army denied it, said Dr. Al-Amin of St. Mary's."],
        ["The shell hit 3.5 km from Mt. Sela!", "Who fired it?", "Nobody knows..."],
        ["The jets returned in May.", "Syrian rebels fled."],
        ["The ministry said so on X.", "Egypt's border is jammed."],
        ["The hostages were ill.", "Families waited; the kidnappers said no.", "Kigali was silent."],
        ["\u2018Afrin was shelled on day seven.", "Turkish jets flew 31 raids.", "Rajo burned."],
        ["3. So-called volunteers took the mill.", "Spc. Dan Ruiz died."],
        ["15 August. The truce held.", "LIMA, 11 February. Police fired."],
        ["Q. Who fired?", "A. Nobody did."],
    ],
)
def test_news_copy(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_a_blank_line_ends_a_sentence_and_a_wrapped_line_does_not() -> None:
    text = (
        "Five killed in market raid\r\n\r\n"
        "TARVAN - Gunmen of the Orel Brigade killed at least five people in a\r\n"
        "raid on a cattle market near the town of Tarvan on Friday, Lt. Col.\r\n"
        "Ivo Maren, a spokesman of the army in the region of Upper Tarvan,\r\n"
        "said. The group denied it.\r\n"
        " \t\r\n"
        "More to follow"
    )
    assert [" ".join(sentence.split()) for sentence in split(text)] == [
        "Five killed in market raid",
        "TARVAN - Gunmen of the Orel Brigade killed at least five people in a raid on a cattle market near the town of "
        "Tarvan on Friday, Lt. Col. Ivo Maren, a spokesman of the army in the region of Upper Tarvan, said.",
        "The group denied it.",
        "More to follow",
    ]


def test_a_line_far_shorter_than_the_longest_is_a_paragraph() -> None:
    assert split("Shelling in Dova\nShells hit the town of Dova overnight, the mayor said.\nMore later") == [
        "Shelling in Dova",
        "Shells hit the town of Dova overnight, the mayor said.",
        "More later",
    ]


def test_each_line_is_a_paragraph_where_lines_are_longer_than_anyone_wraps() -> None:
    headline = (
        "Army and rebels trade blame for the shelling of a hospital in the besieged town of Dova, where dozens died"
    )
    body = (
        "Shells hit the only hospital of Dova overnight, its director told reporters by telephone, and many are missing"
    )
    assert split(f"{headline} on Friday\n{body} or dead") == [f"{headline} on Friday\n{body} or dead"]
    assert split(f"{headline} on Friday morning\n{body} or dead") == [
        f"{headline} on Friday morning",
        f"{body} or dead",
    ]


def test_a_bullet_begins_a_sentence() -> None:
    assert split("In brief:\n• three wounded\n• two lorries burned") == [
        "In brief:",
        "• three wounded",
        "• two lorries burned",
    ]


def test_a_sentence_of_5000_words_is_cut_between_words() -> None:
    words = [f"word{n}" for n in range(5_000)]
    pieces = split(" ".join(words) + ". The end.")
    assert pieces[-1] == "The end."
    assert " ".join(pieces) == " ".join(words) + ". The end."
    assert 2 < len(pieces) < 10
    assert max(map(len, pieces)) <= MAX_SENTENCE


@pytest.mark.parametrize("unit", ["word ", "x", "“a. B ", '"a. ', "Gen. ", "\ud800", "a\n", " \n"])
def test_time_is_linear_in_one_long_line(unit: str) -> None:
    def once(length: int) -> float:
        text = unit * (length // len(unit))
        began = time.process_time()
        split_sentences(text)
        return time.process_time() - began

    def seconds(length: int) -> float:
        return min(once(length) for _ in range(3))  # other work on the machine only ever makes it longer

    once(1_000)
    assert seconds(200_000) < 12 * max(seconds(50_000), 0.01)  # sixteen times as long if it were quadratic
