import pytest

from eval.baselines.datafiles import read_data
from eval.baselines.patterns import Grammar, Window, apart
from eval.baselines.tokens import tokenize

GRAMMAR = Grammar(read_data("patterns"))


def found(text: str) -> list[tuple[str, str]]:
    tokens = tokenize(text, (0, len(text)))
    return [(text[tokens[w.first].start : tokens[w.last - 1].end], w.label) for w in GRAMMAR.find(tokens)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least 28 fighters died on Sunday 20 June.", [("At least 28", "COUNT"), ("Sunday 20 June", "TIME")]),
        ("It fell before dawn on Friday.", [("before dawn on Friday", "TIME")]),
        ("Shelling since March 2015 killed dozens.", [("since March 2015", "TIME"), ("dozens", "COUNT")]),
        ("Two weeks ago more than 2.4 million fled.", [("Two weeks ago", "TIME"), ("more than 2.4 million", "COUNT")]),
        ("Between 40 and 50 died at 21:40 local time.", [("Between 40 and 50", "COUNT"), ("21:40 local time", "TIME")]),
        ("Jan. 24; 4 December 2016.", [("Jan. 24", "TIME"), ("4 December 2016", "TIME")]),
        ("They may march two hundred miles.", [("two hundred", "COUNT")]),
        ("Forty-two men and tens of thousands of others", [("Forty-two", "COUNT"), ("tens of thousands", "COUNT")]),
    ],
)
def test_times_and_numbers_with_their_hedges(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text", ["a boy aged 12", "60 km south", "no one was hurt", "one of the men", "it costs $30 million", "fell 3%"]
)
def test_ages_lengths_and_money_are_no_counts(text: str) -> None:
    assert found(text) == []


def test_a_sentence_without_tokens_has_no_times() -> None:
    assert GRAMMAR.find([]) == []


def test_a_label_that_stands_first_wins_and_then_the_longest() -> None:
    data = {
        "words": {"unit": ["days", "week"]},
        "regex": {"number": r"\d+"},
        "phrases": {"span": ["number unit"]},
        "patterns": {"TIME": ["span 'ago'?"], "COUNT": ["number 'or' number unit", "number"]},
    }
    text = "5 or 6 days 4 days ago 5"
    assert Grammar(data).find(tokenize(text, (0, len(text)))) == [
        Window(2, 4, "TIME"),  # and not the longer COUNT that begins at 5
        Window(4, 7, "TIME"),
        Window(7, 8, "COUNT"),
    ]


def test_a_pattern_with_an_unknown_word_is_an_error() -> None:
    with pytest.raises(KeyError, match="unti"):
        Grammar({"words": {}, "regex": {}, "phrases": {}, "patterns": {"TIME": ["unti"]}})


def test_windows_apart_keep_the_longest_then_the_leftmost() -> None:
    assert apart([Window(0, 2, "a"), Window(1, 4, "b"), Window(4, 5, "c"), Window(3, 5, "d")]) == [
        Window(1, 4, "b"),
        Window(4, 5, "c"),
    ]
