import io

from rich.console import Console

from eval.tables import (
    Grid,
    difference_grid,
    group_grid,
    part_grids,
    slice_grids,
    summary,
    time_lines,
    to_markdown,
    to_terminal,
    words_grid,
)
from tests.evaluations import EVALUATION


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
    )  # strict scores only


def test_the_scores_over_a_group_are_strict_ones_or_others() -> None:
    grid = group_grid(EVALUATION, "unseen")
    assert (grid.title, grid.columns) == ("F1, unseen conflicts (1 report)", ("", "model", "memory"))
    assert [row[0] for row in grid.rows] == ["Entities", "Status of triggers found (accuracy)"]
    others = group_grid(EVALUATION, "all", strict=False)
    assert others.rows[0] == ("Entities, an overlap is enough", "80.0 [60.0, 90.0]", "80.0 [60.0, 90.0]")


def test_words_that_training_has_not_stand_with_precision_and_recall() -> None:
    grid = words_grid(EVALUATION)
    assert grid is not None
    assert grid.rows == (("Entities whose words training has not", "4", "1", "100.0", "25.0", "40.0 [10.0, 70.0]"),)


def test_slices_have_an_interval_from_five_reports_on() -> None:
    (grid,) = slice_grids(EVALUATION)
    assert grid.columns == ("", "reports", "Entities")
    assert grid.rows == (("short", "5", "60.0 [51.2, 69.9]"), ("long", "4", "25.0"))


def test_differences_and_times_by_hand() -> None:
    grid = difference_grid(EVALUATION, "all")
    assert grid is not None
    assert "model less that of every other system, all (5 reports)" in grid.title
    assert "all 1 comparisons" in grid.title  # the one without a p takes no part
    assert grid.rows == (("Entities", "memory", "+35.0 [-1.2, +50.0]", "< 0.001", "0.012"),)
    unseen = difference_grid(EVALUATION, "unseen")
    assert unseen is not None
    assert unseen.rows == (("Entities", "memory", "-10.0", "-", "-"),)
    assert difference_grid(EVALUATION, "seen") is None
    assert list(time_lines(EVALUATION)) == [
        "model: 12.3 s for all (5 reports) end to end, 5.0 s for relations on gold spans.",
        "memory: 0.5 s for all (5 reports) end to end.",
    ]


def test_parts_without_gold_and_predictions_are_left_out() -> None:
    (grid,) = part_grids(EVALUATION)
    assert grid.title == "Entities"
    assert grid.columns == ("", "gold", "predicted", "precision", "recall", "F1", "memory F1")
    assert grid.rows == (
        ("LOC", "5", "3", "100.0", "60.0", "75.0 [50.0, 100.0]", "75.0"),
        ("ORG", "1", "1", "0.0", "0.0", "0.0 [0.0, 0.0]", "0.0"),
    )


def test_markdown_keeps_the_columns_whatever_a_cell_has() -> None:
    assert to_markdown(Grid("t", ("", "a|b"), (("x", "1"),))) == "|  | a\\|b |\n| --- | ---: |\n| x | 1 |"


def test_the_terminal_shows_every_cell_as_it_is() -> None:
    console = Console(file=io.StringIO(), width=200)
    console.print(to_terminal(Grid("F1 [bold]", ("", "model [x]"), (("Entities", "60.0 [51.2, 69.9]"),))))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    for text in ("F1 [bold]", "model [x]", "Entities", "60.0 [51.2, 69.9]"):
        assert text in shown
