from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflictspan.errors import InputError, OutputError
from conflictspan.formats.annotations import settle
from conflictspan.formats.conversion import READERS, WRITERS
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import Schema
from conflictspan.sentences import split_sentences
from conflictspan.suggestions import (
    Suggestion,
    expected_errors,
    most_uncertain,
    pick,
    suggest,
    without_known,
    word_vectors,
)
from tests.test_cli import HOSTILE

SHORT = {id_: text for id_, text in HOSTILE.items() if len(text) < 9_000}
STORY = "Rebels shelled Raqqa, and the army left Aleppo on Sunday."


def report(id_: str, text: str = STORY, *scores: float) -> Report:
    """Its first words are mentions of these scores."""
    mentions = tuple(Mention(f"m{n}", n, n + 1, "ORG", score=score) for n, score in enumerate(scores))
    return Report(id_, text, sentences=split_sentences(text), mentions=mentions)


def test_expected_errors_are_worked_out_by_hand() -> None:
    two = report("a", "Rebels came. They left.", 0.9, 0.5)
    # (0.1 + 0.5) / 2 sentences
    assert expected_errors(two) == pytest.approx(0.3)
    related = Report(
        "a", two.text, sentences=two.sentences, mentions=two.mentions, relations=(Relation("m1", "BY", "m0", 0.8),)
    )
    # (0.1 + 0.5 + 1 - 0.5 * 0.9 * 0.8) / 2
    assert expected_errors(related) == pytest.approx(0.62)
    assert expected_errors(report("a", "Nobody came.")) == 0
    assert expected_errors(Report("a", "x", mentions=(Mention("g", 0, 1, "ORG"),))) == 0


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=30), st.integers(1, 10))
def test_the_most_uncertain_are_those_of_a_sort(scores: list[float], number: int) -> None:
    reports = [report(f"r{n}", "One sentence.", score) for n, score in enumerate(scores)]
    kept = [suggestion.report.id for suggestion in most_uncertain(iter(reports), number)]
    ordered = sorted(range(len(scores)), key=lambda n: (scores[n], n))
    assert kept == [f"r{n}" for n in ordered[:number]]


def test_of_like_reports_one_is_picked_before_an_unlike_one_and_a_copy_never() -> None:
    texts = {
        "first": STORY,
        "copy": STORY.upper(),
        "like": STORY.replace("Aleppo", "Homs"),
        "unlike": "Gunmen abducted nine teachers near Maiduguri.",
        "dull": "Shares fell.",
    }
    uncertainty = {"first": 2.0, "copy": 1.9, "like": 1.8, "unlike": 1.0, "dull": 0.0}
    suggestions = [Suggestion(report(id_, text), uncertainty[id_]) for id_, text in texts.items()]
    assert [s.report.id for s in pick(suggestions, 2)] == ["first", "unlike"]
    assert [s.report.id for s in pick(suggestions, 9)] == ["first", "unlike", "like"]
    assert pick([], 3) == []


def test_vectors_have_length_one_and_words_alone_make_them_alike() -> None:
    vectors = word_vectors(["Rebels left Tarvan", "tarvan, REBELS: left!", "The budget fell", "..."])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0])
    similarity = vectors @ vectors.T
    assert similarity[0, 1] == pytest.approx(1)
    assert similarity[0, 2] == pytest.approx(0)


def test_a_word_that_all_have_makes_less_alike_than_a_rare_one() -> None:
    vectors = word_vectors(["common rare", "common rare", "common other", "common another"])
    similarity = vectors @ vectors.T
    assert similarity[0, 1] > similarity[0, 2] > 0


def test_reports_with_a_sentence_of_the_corpus_are_left_out() -> None:
    new = Suggestion(report("new", "Gunmen abducted nine teachers near Maiduguri on Friday evening."), 1.0)
    old = Suggestion(report("old", f"It rained. {STORY}"), 1.0)
    assert without_known([old, new], [STORY.replace("Sunday", "Monday")]) == [old, new], "not that like"
    assert without_known([old, new], ["Rebels shelled Raqqa and the army left Aleppo on Sunday"]) == [new]
    assert without_known([old, new], []) == [old, new]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    records = [{"id": id_, "text": text} for id_, text in SHORT.items()]
    records += [{"id": "a/b|c\ud800", "text": STORY, "published": "2020-01-31T10:00Z", "title": "T\ud800"}]
    records += [{"id": "a/b|c\ud800", "text": "A car bomb killed eight in Tarvan [see map], the mayor said.\n\nMore."}]
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + "no JSON\n")
    return path


@pytest.mark.parametrize("to", WRITERS)
def test_any_text_is_suggested_in_any_form_and_comes_back(
    reports: Path, tiny_model: Path, tmp_path: Path, to: str
) -> None:
    output = tmp_path / {"label-studio": "out.json", "doccano": "out.jsonl"}.get(to, "out")
    summary = suggest([str(reports)], output, model=tiny_model, number=50, to=to)
    assert summary.reports == len(SHORT) + 2
    assert [reject.kind for reject in summary.rejects] == ["duplicate id", "rejected"]
    assert len((tmp_path / f"{output.name}.rejects.jsonl").read_text().splitlines()) == 2
    assert len(summary.suggestions) >= len(SHORT)
    # The random model keeps no rule of the guidelines on spans.
    source = (tiny_model / "schema.toml").read_text(encoding="utf-8")
    schema = Schema.parse(source.replace("no_leading_article = [", "no_leading_article = []\n# ["))
    if to == "corpus":
        (output / "schema.toml").write_text(schema.source)
    back = {item.report.id: item.report for item in settle(READERS[to](output, schema), schema).reports}
    assert len(back) == len(summary.suggestions)
    assert {"a%2Fb%7Cc\ufffd", "a%2Fb%7Cc\ufffd~2"} <= back.keys()
    assert sum(len(found.mentions) for found in back.values()) == sum(
        len(suggestion.report.mentions) for suggestion in summary.suggestions
    )
    assert not any("\x00" in found.text for found in back.values())


def test_the_same_input_gives_the_same_suggestions(reports: Path, tiny_model: Path, tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        suggest([str(reports)], tmp_path / name, model=tiny_model, number=4, to="doccano")
    first, second = (
        (tmp_path / name).read_text().replace('"origin": "b"', '"origin": "a"') for name in ("a.jsonl", "b.jsonl")
    )
    assert first == second
    assert len(first.splitlines()) == 4


def test_what_would_be_read_or_replaced_is_refused_before_a_model_is_loaded(reports: Path, tmp_path: Path) -> None:
    ask = {"model": tmp_path / "no model", "number": 3}
    with pytest.raises(OutputError, match="is inside the input"):
        suggest([str(tmp_path)], tmp_path / "out.jsonl", to="doccano", **ask)  # type: ignore[arg-type]
    (tmp_path / "out.jsonl.rejects.jsonl").touch()
    with pytest.raises(OutputError, match=r"rejects\.jsonl: is there already"):
        suggest([str(reports)], tmp_path / "out.jsonl", to="doccano", **ask)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="there is no such file"):
        suggest(["nowhere.txt"], tmp_path / "other.jsonl", to="doccano", **ask)  # type: ignore[arg-type]
