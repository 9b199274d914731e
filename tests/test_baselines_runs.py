from eval.baselines.runs import RunWords
from eval.baselines.tokens import tokenize

WORDS = RunWords(
    stopwords=frozenset(["the", "of", "in", "by", "said", "a", "and", "near", "for"]),
    joints=frozenset({"ministry", "observatory"}),
    particles=frozenset({"de", "bin"}),
)


def runs(text: str, blocked: set[int] = frozenset(), held: set[int] = frozenset()) -> list[str]:  # type: ignore[assignment]
    tokens = tokenize(text, (0, len(text)))
    return [text[tokens[a].start : tokens[b - 1].end] for a, b in WORDS.runs(tokens, blocked, held)]


def test_small_words_and_marks_end_a_run() -> None:
    assert runs("The rebel fighters, said a Taiz doctor") == ["rebel fighters", "Taiz doctor"]


def test_a_name_hangs_together_over_small_words() -> None:
    assert runs("by the Ministry of Defence in Santa Rosa de Lima") == ["Ministry of Defence", "Santa Rosa de Lima"]
    assert runs("a Syrian Observatory for Human Rights post") == ["Syrian Observatory for Human Rights post"]
    assert runs("the Army of the North") == ["Army", "North"]


def test_the_first_word_of_a_sentence_may_be_a_small_word() -> None:
    assert runs('In Yemen. "Near Taiz') == ["Yemen", "Taiz"]
    assert runs("said Near East") == ["Near East"]


def test_blocked_words_are_out_and_held_words_in() -> None:
    assert runs("rebel attack helicopters", blocked={1}) == ["rebel", "helicopters"]
    assert runs("men of the north", held={1, 2}) == ["men of the north"]
