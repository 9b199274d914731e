import io
import json

import pytest
from rich.console import Console

from conflictspan.errors import InputError
from eval.bootstrap import Interval
from eval.evaluation import Difference, Evaluation, Provenance, Scored, SystemScores
from eval.scores import Counts, Row
from eval.tables import (
    Grid,
    difference_lines,
    fill_readme,
    part_grids,
    readme_markdown,
    scores_json,
    scores_markdown,
    summary,
    time_lines,
    to_markdown,
    to_terminal,
)

NOTHING = Scored(Counts(), None)
MODEL = {
    Row("entities"): Scored(Counts(3, 4, 6), Interval(0.512345, 0.698765)),
    Row("entities", "LOC"): Scored(Counts(3, 3, 5), Interval(0.5, 1.0)),
    Row("entities", "ORG"): Scored(Counts(0, 1, 1), Interval(0.0, 0.0)),
    Row("entities", "FAC"): NOTHING,
    Row("status_accuracy"): NOTHING,
}
BASELINE = {**MODEL, Row("entities"): Scored(Counts(1, 2, 6), Interval(0.1, 0.4))}
EVALUATION = Evaluation(
    reports={"all": 5, "seen": 4, "unseen": 1},
    systems=(
        SystemScores("model", 12.34, 5.0, {"all": MODEL, "seen": MODEL, "unseen": BASELINE}),
        SystemScores("memory", 0.5, 0.0, {"all": BASELINE, "seen": BASELINE, "unseen": BASELINE}),
    ),
    differences=(
        Difference("all", "entities", "memory", 0.35, Interval(-0.012, 0.5)),
        Difference("unseen", "entities", "memory", -0.1, None),
    ),
    seed=7,
    draws=100,
)
PROVENANCE = Provenance(
    split="test",
    data_file="test.jsonl",
    data_sha256="ab12",
    schema="small",
    model_path="models/x",
    model_sha256="cd34",
    model_run=None,
    versions={"python": "3.11.7"},
    unseen_conflicts=("Chad", "Cyprus"),
)


def test_the_summary_has_the_model_by_group_and_the_baselines_over_all() -> None:
    grid = summary(EVALUATION)
    assert grid.columns == (
        "",
        "model, all (5)",
        "model, seen (4)",
        "model, unseen (1)",
        "memory, all (5)",
    )
    assert grid.rows == (
        # 2 * 3 / (4 + 6) and 2 * 1 / (2 + 6)
        ("Entities", "60.0 [51.2, 69.9]", "60.0 [51.2, 69.9]", "25.0 [10.0, 40.0]", "25.0 [10.0, 40.0]"),
        ("Status of triggers found (accuracy)", "-", "-", "-", "-"),
    )


def test_parts_without_gold_and_predictions_are_left_out() -> None:
    (grid,) = part_grids(EVALUATION)
    assert grid.title == "Entities"
    assert grid.columns == ("", "gold", "predicted", "precision", "recall", "F1", "memory F1")
    assert grid.rows == (
        ("LOC", "5", "3", "100.0", "60.0", "75.0 [50.0, 100.0]", "75.0"),
        ("ORG", "1", "1", "0.0", "0.0", "0.0 [0.0, 0.0]", "0.0"),
    )


def test_differences_and_times_in_words() -> None:
    assert list(difference_lines(EVALUATION, "all")) == [
        "Entities, all (5 reports): model less memory, the best baseline: +35.0 [-1.2, +50.0] points of F1."
    ]
    assert list(difference_lines(EVALUATION, "unseen")) == [
        "Entities, unseen conflicts (1 report): model less memory, the best baseline: -10.0 points of F1."
    ]
    assert list(time_lines(EVALUATION)) == [
        "model: 12.3 s for all (5 reports) end to end, 5.0 s for relations on gold spans.",
        "memory: 0.5 s for all (5 reports) end to end.",
    ]


def test_markdown_keeps_the_columns_whatever_a_cell_has() -> None:
    assert to_markdown(Grid("t", ("", "a|b"), (("x", "1"),))) == "|  | a\\|b |\n| --- | ---: |\n| x | 1 |"


def test_the_terminal_shows_every_cell_as_it_is() -> None:
    console = Console(file=io.StringIO(), width=200)
    console.print(to_terminal(Grid("F1 [bold]", ("", "model [x]"), (("Entities", "60.0 [51.2, 69.9]"),))))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for text in ("F1 [bold]", "model [x]", "Entities", "60.0 [51.2, 69.9]"):
        assert text in shown


def test_scores_md_has_all_tables_and_where_they_come_from() -> None:
    text = scores_markdown(EVALUATION, PROVENANCE)
    for part in (
        "# Scores on the test split",
        "`models/x` on test.jsonl (SHA-256 `ab12`)",
        "100 draws, seed 7",
        "## F1, all (5 reports)\n\n|  | model | memory |",
        "| Entities | 60.0 [51.2, 69.9] | 25.0 [10.0, 40.0] |",
        "## F1, seen conflicts (4 reports)",
        "## F1, unseen conflicts (1 report)",
        "- Entities, unseen conflicts (1 report): model less memory",
        "## Entities, by part, all (5 reports)",
        "| LOC | 5 | 3 | 100.0 | 60.0 |",
        "- memory: 0.5 s",
    ):
        assert part in text
    assert "\n\n\n" not in text


def test_scores_json_has_what_its_schema_says() -> None:
    data = json.loads(json.dumps(scores_json(EVALUATION, PROVENANCE), allow_nan=False))
    score = {"tp": 3, "predicted": 4, "gold": 6, "precision": 0.75, "recall": 0.5, "f1": 0.6}
    entities = data["systems"][0]["scores"]["all"]["entities"]
    assert {key: entities[key] for key in score} == score
    assert entities["interval"] == [0.512345, 0.698765]
    assert list(entities["parts"]) == ["LOC", "ORG", "FAC"]
    assert entities["parts"]["LOC"]["gold"] == 5
    assert entities["parts"]["FAC"]["interval"] is None
    assert data["systems"][1]["seconds"] == {"extract": 0.5, "relate": 0.0}
    assert list(data["systems"][1]["scores"]) == ["all", "seen", "unseen"]
    assert data["differences"][1] == {
        "reports": "unseen",
        "score": "entities",
        "baseline": "memory",
        "value": -0.1,
        "interval": None,
    }
    del data["systems"], data["differences"]
    assert data == {
        "split": "test",
        "data_file": "test.jsonl",
        "data_sha256": "ab12",
        "schema": "small",
        "model_path": "models/x",
        "model_sha256": "cd34",
        "model_run": None,
        "versions": {"python": "3.11.7"},
        "unseen_conflicts": ["Chad", "Cyprus"],
        "bootstrap": {"seed": 7, "draws": 100, "level": 0.95},
        "reports": {"all": 5, "seen": 4, "unseen": 1},
    }


def test_the_readme_is_changed_between_its_markers_only() -> None:
    text = "# Name\n<!-- scores:begin -->\nold\n<!-- scores:end -->\nmore\n"
    filled = fill_readme(text, readme_markdown(EVALUATION), where="README.md")
    assert filled.startswith("# Name\n<!-- scores:begin -->\nF1 in %, with its 95 % interval")
    assert filled.endswith("\n<!-- scores:end -->\nmore\n")
    assert "| Entities | 60.0 [51.2, 69.9] |" in filled
    assert "+35.0 [-1.2, +50.0] points" in filled
    assert "old" not in filled
    assert fill_readme(filled, readme_markdown(EVALUATION), where="README.md") == filled


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "<!-- scores:begin -->",
        "<!-- scores:end --> <!-- scores:begin -->",
        "<!-- scores:begin --> <!-- scores:begin --> <!-- scores:end -->",
    ],
)
def test_a_readme_without_a_place_for_the_scores_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"README\.md: needs one line <!-- scores:begin -->"):
        fill_readme(text, "", where="README.md")
