from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from conflictspan.near_duplicates import near_duplicate_faults, near_duplicates, normalise


def test_case_digits_and_punctuation_do_not_count() -> None:
    assert normalise("At least 28 SDF-fighters, «killed».") == ["at", "least", "00", "sdf", "fighters", "killed"]


def test_the_same_sentence_in_two_splits_is_a_fault() -> None:
    faults = near_duplicate_faults(
        [
            ("train", "Rockets killed 12 people in Marib.", "train.jsonl:1"),
            ("test", "Rockets killed 34 people in Taiz.", "test.jsonl:1"),
            ("test", "rockets killed 34 people, in Marib", "test.jsonl:2"),
        ]
    )
    [fault] = faults
    assert fault.startswith("test.jsonl:2: ")
    assert "train.jsonl:1" in fault


def test_one_split_may_repeat_itself() -> None:
    assert near_duplicate_faults([("train", "One two three four five six.", "f:1")] * 2) == []


def test_short_sentences_are_left_out() -> None:
    assert not list(near_duplicates(["Glory to Ukraine!"] * 2, ["train", "test"]))


def test_similarity_is_the_share_of_common_word_triples() -> None:
    # 8 triples and the first 7 of them: 7/8. Without two words at the end: 6/8, below the bound.
    long = "a b c d e f g h i j"
    assert list(near_duplicates([long, long[:-2]], ["train", "test"])) == [(0, 1, 7 / 8)]
    assert list(near_duplicates([long, long[:-4]], ["train", "test"])) == []


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from("ab"), min_size=6, max_size=14).map(" ".join), st.sampled_from("xy")),
        max_size=12,
    )
)
def test_no_pair_escapes_the_index(sentences: list[tuple[str, str]]) -> None:
    texts, groups = [text for text, _ in sentences], [group for _, group in sentences]

    def triples(text: str) -> set[tuple[str, ...]]:
        words = text.split()
        return set(zip(words, words[1:], words[2:], strict=False))

    expected = {
        (i, j)
        for i, j in combinations(range(len(texts)), 2)
        if groups[i] != groups[j]
        and len(triples(texts[i]) & triples(texts[j])) >= 0.8 * len(triples(texts[i]) | triples(texts[j]))
    }
    assert {(i, j) for i, j, _ in near_duplicates(texts, groups)} == expected
