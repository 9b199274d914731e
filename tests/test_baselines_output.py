from conflictspan.records import Mention, Relation, Report
from eval.baselines.output import Found, assemble, split


def test_sentences_that_are_there_are_kept() -> None:
    report = Report("r", "One. Two.", sentences=((0, 9),))
    assert split(report) is report


def test_sentences_that_are_missing_are_found() -> None:
    assert split(Report("r", "One man died. Two men fled.")).sentences == ((0, 13), (14, 27))


def test_mentions_are_numbered_by_their_start() -> None:
    report = Report("r", "One man died.", relations=(Relation("x", "VICTIM", "y"),))
    assembled = assemble(report, [Found(8, 12, "DEATH", "denied"), Found(0, 3, "COUNT")])
    assert assembled.mentions == (Mention("m0", 0, 3, "COUNT", None, 1.0), Mention("m1", 8, 12, "DEATH", "denied", 1.0))
    assert assembled.relations == ()
