from hypothesis import given
from hypothesis import strategies as st

from eval.baselines.tokens import Token, form, tokenize


def texts(text: str) -> list[str]:
    return [token.text for token in tokenize(text, (0, len(text)))]


def test_names_numbers_and_times_stay_whole() -> None:
    assert texts("The U.S.-led raid on al-Nour killed 1,200 at 21:40, N'Djamena's army said.") == [
        "The", "U.S.", "-", "led", "raid", "on", "al-Nour", "killed", "1,200", "at", "21:40", ",",
        "N'Djamena", "'s", "army", "said", ".",
    ]  # fmt: skip


def test_positions_are_those_of_the_report() -> None:
    assert tokenize("One. Two men.", (5, 13)) == [
        Token("Two", "two", 5, 8),
        Token("men", "men", 9, 12),
        Token(".", ".", 12, 13),
    ]


@given(st.text())
def test_tokens_are_in_order_and_leave_out_nothing_but_blanks(text: str) -> None:
    end = 0
    for token in tokenize(text, (0, len(text))):
        assert token.start >= end
        assert text[end : token.start].strip() == ""
        assert text[token.start : token.end] == token.text != ""
        end = token.end
    assert text[end:].strip() == ""


def test_a_name_may_begin_with_a_small_article() -> None:
    assert [t.text for t in tokenize("Jaish al-Fatah took anti-tank guns", (0, 34)) if t.capital] == [
        "Jaish",
        "al-Fatah",
    ]


def test_short_acronyms_keep_their_capitals() -> None:
    words = ["US", "us", "YPG", "BEIRUT", "I", "Ma’rib"]
    assert [form(word) for word in words] == ["US", "us", "YPG", "beirut", "i", "ma'rib"]
