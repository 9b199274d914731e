"""From other people's files to a model and its scores: import, train, evaluate, with the tiny encoder."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

import eval.__main__
import eval.conll
from conflictspan.extractor import Extractor
from conflictspan.formats.brat import read_brat
from conflictspan.formats.conll import read_conll
from conflictspan.formats.corpus_folder import write_import
from conflictspan.formats.re3d import read_re3d
from conflictspan.formats.sources import ImportSource, SourceReport, Tally
from conflictspan.records import Mention, Relation, Report
from tests.evaluations import invoke
from training.config import TrainingConfig
from training.run import run_training

FIXTURES = Path(__file__).parent / "fixtures"
CONLL = [FIXTURES / "conll" / "train.txt", FIXTURES / "conll" / "dev.conll"]


@pytest.fixture
def config(tmp_path: Path, encoder: Path) -> TrainingConfig:
    return TrainingConfig(
        corpus=tmp_path / "corpus",
        output=tmp_path / "model",
        encoder=str(encoder),
        epochs=1,
        pair_size=8,
        window_pieces=64,
    )


def evaluated(config: TrainingConfig, out: Path, *more: str) -> dict[str, list[str]]:
    """System -> its scores, from `python -m eval` on validation."""
    named = ("--model", config.output, "--data", config.corpus, "--split", "validation", "--out", out)
    result = invoke(eval.__main__.main, *named, *more)
    assert result.exit_code == 0, result.output
    found = json.loads((out / "scores.json").read_text())
    return {system["name"]: list(system["scores"]["all"]) for system in found["systems"]}


@pytest.mark.parametrize(
    ("read", "training_scores", "scores"),
    [
        (
            lambda: read_re3d(FIXTURES / "re3d"),
            {"entity", "relation_gold", "relation"},
            ["entities", "relations_on_gold", "cross_sentence_on_gold", "relations", "cross_sentence"],
        ),
        (lambda: read_conll(CONLL), {"entity"}, ["entities"]),
        (
            lambda: read_brat(FIXTURES / "brat"),
            {"entity", "trigger", "relation_gold", "relation"},
            ["entities", "triggers", "relations_on_gold", "cross_sentence_on_gold", "relations", "cross_sentence"],
        ),
    ],
    ids=["re3d", "conll", "brat"],
)
def test_a_corpus_trains_and_is_scored_with_and_without_baselines(
    read: Callable[[], ImportSource],
    training_scores: set[str],
    scores: list[str],
    config: TrainingConfig,
    tmp_path: Path,
) -> None:
    write_import(read(), config.corpus)
    record = run_training(config)
    assert record["validation"].keys() == training_scores
    assert "import.json" in record["data_sha256"]
    card = (config.output / "README.md").read_text()
    assert "license: other" in card
    assert "invented" not in card
    for out, options, systems in (("a", ("--no-baselines",), {"model"}), ("b", (), {"model", "memory"})):
        found = evaluated(config, tmp_path / out, *options)
        assert found.keys() == systems
        assert all(names[: len(scores)] == scores for names in found.values()), "the strict scores come first"
        assert all("triggers" not in name or "triggers" in scores for names in found.values() for name in names)


def test_a_model_of_columns_is_scored_at_their_tokens(config: TrainingConfig, tmp_path: Path) -> None:
    write_import(read_conll(CONLL), config.corpus)
    run_training(config)
    result = invoke(eval.conll.main, CONLL[1], "--model", config.output, "--out", tmp_path / "tags.txt")
    assert result.exit_code == 0, result.output
    assert "micro avg" in result.output
    gold = [line.split()[0] for line in CONLL[1].read_text().splitlines() if line]
    assert [line.split(" ")[0] for line in (tmp_path / "tags.txt").read_text().splitlines() if line] == gold


def test_columns_without_a_validation_file_train(config: TrainingConfig) -> None:
    write_import(read_conll(CONLL[:1]), config.corpus)
    assert run_training(config)["validation"] == {}
    assert list(Extractor.from_pretrained(config.output).extract([Report("r", "Ana Berg left Tarvan.")]))


def test_a_very_long_report_with_relations_of_any_types_trains(config: TrainingConfig) -> None:
    draw = random.Random(7)  # noqa: S311
    words = [draw.choice(["army", "rebels", "Tarvan", "left", "held"]) for _ in range(2000)]
    text = ""
    mentions = []
    for number, word in enumerate(words):
        if number % 7 == 0:
            mentions.append(Mention(str(number), len(text), len(text) + len(word), draw.choice(["A", "B", "E"])))
        text += word + (". " if number % 11 == 10 else " ")
    relations = tuple(
        Relation(mentions[i].id, draw.choice(["IS", "AT"]), mentions[i - 1].id) for i in range(1, len(mentions))
    )
    report = Report("long", text, mentions=tuple(mentions), relations=relations)
    source = SourceReport(report, "train", "f", "o")
    tally = write_import(ImportSource("own", (), {}, [source], Tally(), {"E"}), config.corpus)
    kept = {count.what: numbers["train"] for count, numbers in tally.table().items() if count.fate == "kept"}
    assert kept["mentions"] == len(mentions)
    assert kept["relations"] == len(relations)
    record = run_training(config.model_copy(update={"window_pieces": 256}))
    assert record["counts"]["windows"] > 40
    assert record["counts"]["misaligned_mentions"] == 0
    assert record["counts"]["unproposed_relations"] == 0
