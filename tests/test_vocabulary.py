from conflictspan.records import Mention, Report
from eval.vocabulary import training_vocabulary, words_of


def test_words_are_found_again_whatever_their_case_and_spaces() -> None:
    text = "the FREE\n  Straße Army"
    assert words_of(Mention("m", 4, 22, "ORG"), text) == "free strasse army"


def test_the_vocabulary_has_words_with_their_type() -> None:
    text = "Aden left Aden"
    reports = [
        Report("r", text, mentions=(Mention("a", 0, 4, "ORG"), Mention("b", 10, 14, "LOC"))),
        Report("s", "ADEN", mentions=(Mention("a", 0, 4, "LOC"),)),
    ]
    assert training_vocabulary(reports) == {("aden", "ORG"), ("aden", "LOC")}
