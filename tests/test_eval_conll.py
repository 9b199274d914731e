from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eval.conll as command
from conflictspan.formats.conll import ConllFile, TaggedSentence, chunks, scan_conll
from conflictspan.records import Mention, Report
from eval.conll import predict_tags, score_tags
from eval.match import MatchError
from eval.systems import System
from tests.evaluations import invoke

GOLD = Path(__file__).parent / "fixtures" / "conll" / "dev.conll"


class Words:
    """Finds certain words wherever they stand."""

    name = "words"

    def __init__(self, **types: str) -> None:
        self.types = types
        self.given: list[Report] = []

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            self.given.append(report)
            starts = {word: report.text.find(word) for word in self.types if word in report.text}
            mentions = (Mention(word, s, s + len(word), self.types[word]) for word, s in starts.items())
            yield dataclasses.replace(report, mentions=tuple(sorted(mentions, key=lambda m: m.start)))

    def relate(self, reports: Iterable[Report]) -> Iterator[Report]:
        yield from reports


def file(*sentences: Sequence[tuple[str, str]]) -> ConllFile:
    read = [TaggedSentence(tuple(t for t, _ in s), tuple(g for _, g in s), "f:1", (" ",) * len(s)) for s in sentences]
    return ConllFile("f", tuple((sentence,) for sentence in read), (None,) * len(read), parted=False)


run = partial(invoke, command.main)


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> Words:
    words = Words(Rebels="ORG", Tarvan="ORG", Ossar="LOC")
    monkeypatch.setattr(command, "_load", lambda *_: words)
    return words


def test_a_system_reads_the_file_s_sentences_and_tags_come_back_in_order() -> None:
    scanned, faults = scan_conll(GOLD)
    assert faults == []
    words = Words(Rebels="ORG", Ossar="LOC", Berg="PER")
    tags, lost = predict_tags(words, scanned)
    assert tags == [["B-ORG", "O", "O", "B-LOC", "O"], ["O", "O"], ["B-PER", "O"]]
    assert lost == 0
    assert [report.sentences for report in words.given] == [((0, 29), (30, 41)), ((0, 10),)]


def test_scores_worked_by_hand() -> None:
    gold = file([("a", "I-X"), ("b", "I-X"), ("c", "O"), ("d", "I-Y"), ("e", "B-Y")])  # X 0-2, Y 3-4, Y 4-5
    scores = score_tags(gold, [["B-X", "I-X", "B-Y", "O", "B-Y"]], lost=0)  # X right, Y 2-3 wrong, Y 4-5 right
    assert scores.rows["X"] == (1, 1, 1, 1)
    assert scores.rows["Y"] == (0.5, 0.5, 0.5, 2)
    assert scores.rows["micro avg"] == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert list(scores.rows) == ["X", "Y", "micro avg"]


def test_nothing_to_find_and_nothing_found_is_no_error() -> None:
    assert score_tags(file([("a", "O")]), [["O"]], lost=0).rows == {"micro avg": (0, 0, 0, 0)}


PAIRS = st.tuples(st.sampled_from(["O", "B-X", "I-X", "B-Y", "I-Y"]), st.sampled_from(["O", "B-X", "I-X", "B-Y"]))


@given(st.lists(st.lists(PAIRS, min_size=1, max_size=8), min_size=1, max_size=4))
def test_micro_f1_is_that_of_the_spans(sentences: list[list[tuple[str, str]]]) -> None:
    gold, predicted = ([[pair[side] for pair in sentence] for sentence in sentences] for side in (0, 1))
    wanted = {(i, *chunk) for i, tags in enumerate(gold) for chunk in chunks(tags)}
    found = {(i, *chunk) for i, tags in enumerate(predicted) for chunk in chunks(tags)}
    f1 = 2 * len(wanted & found) / (len(wanted) + len(found)) if wanted or found else 0
    columns = file(*([("x", tag) for tag in tags] for tags in gold))
    assert score_tags(columns, predicted, lost=0).rows["micro avg"][2] == pytest.approx(f1)


def test_the_command_shows_scores_and_writes_tags_in_the_file_s_order(tmp_path: Path, words: Words) -> None:
    out = tmp_path / "out.txt"
    result = run(GOLD, "--out", out)
    assert result.exit_code == 0, result.output
    rows = [line.replace("│", " ").split() for line in result.output.splitlines()]
    assert ["LOC", "100.00", "50.00", "66.67", "2"] in rows
    assert ["micro", "avg", "66.67", "40.00", "50.00", "5"] in rows
    assert out.read_text().split("\n\n") == [
        "-DOCSTART- O O",
        "Rebels I-ORG B-ORG\nleft O O\nTarvan I-LOC B-ORG\nOssar B-LOC B-LOC\nArmy I-ORG O",
        "They O O\ndenied O O",
        "-DOCSTART- O O",
        "Berg I-PER O\nspoke O O",
        "",
    ]
    refused = run(GOLD, "--out", out)
    assert (refused.exit_code, "--overwrite" in refused.stderr) == (2, True)
    assert run(GOLD, "--out", out, "--overwrite").exit_code == 0


def test_spans_that_no_token_can_take_are_told(words: Words) -> None:
    words.types["pok"] = "ORG"
    assert "1 predicted spans lie inside a token" in run(GOLD).output


def test_faults_of_the_file_and_the_model_are_told(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "bad.txt").write_text("a PER\nb LOC\n")
    (tmp_path / "empty.txt").write_text("\n")
    result = run(tmp_path / "bad.txt", "--model", tiny_model)
    assert (result.exit_code, result.stderr.count("bad.txt:")) == (2, 2)
    assert "has no token to score" in run(tmp_path / "empty.txt", "--model", tiny_model).stderr
    result = run(GOLD, "--model", tiny_model)
    assert result.exit_code == 2
    assert "the model does not know the types PER of dev" in result.stderr


def test_a_changed_text_cannot_be_scored() -> None:
    class Changing(Words):
        def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
            return (dataclasses.replace(report, text=report.text.lower()) for report in reports)

    system: System = Changing()
    with pytest.raises(MatchError, match="words, report 'dev-1': the text was changed"):
        predict_tags(system, scan_conll(GOLD)[0])
