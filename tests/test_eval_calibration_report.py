from __future__ import annotations

import json
from pathlib import Path

import pytest

from conflictspan.errors import OutputError
from eval.calibration import WHOLE, Calibration, Promise, reliability
from eval.calibration_report import (
    calibration_markdown,
    figure_bytes,
    precision_recall_figure,
    reliability_figure,
    wilson_interval,
    write_calibration,
)

FOUND = Calibration(
    {
        "entities": reliability([0.5, 1.0, 0.8], [False, True, True], gold=4),
        "relations": reliability([0.9, 0.9], [True, False], gold=3),
    },
    (
        Promise(0.9, "entities", WHOLE, predicted=2, right=2, gold=4, right_before=2),
        Promise(0.9, "entities", "LOC", predicted=1, right=1, gold=2, right_before=1),
        Promise(0.9, "relations", WHOLE, predicted=0, right=0, gold=3, right_before=1),
    ),
)


def test_the_section_has_a_row_a_kind_and_a_row_a_promise() -> None:
    lines = calibration_markdown(FOUND).splitlines()
    assert "## Calibration" in lines
    assert "| Entities | 3 | 66.7 | 76.7 | 23.3 | 0.097 |" in lines
    assert "| Relations end to end | 2 | 50.0 | 90.0 | 40.0 | 0.410 |" in lines
    assert "| 0.9 | Entities | 2 | 100.0 | 50.0 | 100.0 |" in lines
    assert "| 0.9 | Relations end to end | 0 | - | 0.0 | 0.0 |" in lines
    assert sum(line.startswith("| 0.9") for line in lines) == 2


def test_without_scores_there_is_no_section() -> None:
    assert calibration_markdown(Calibration({})) == ""


def test_the_diagram_draws_each_bin_s_share_over_its_mean_score() -> None:
    figure = reliability_figure(FOUND)
    assert len(figure.axes) == 4  # a diagram and a spread for each of two kinds
    points = figure.axes[0].containers[0].lines[0]  # type: ignore[attr-defined]
    assert list(points.get_xdata()) == [0.5, 0.8, 1.0]
    assert list(points.get_ydata()) == [0, 1, 1]


def test_the_precision_recall_figure_draws_each_curve() -> None:
    (axes,) = precision_recall_figure(FOUND).axes
    curve = next(line for line in axes.lines if line.get_label() == "Entities")
    assert list(curve.get_xdata()) == [0.25, 0.5, 0.5]  # type: ignore[arg-type]
    assert list(curve.get_ydata()) == [1, 1, pytest.approx(2 / 3)]  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [reliability_figure, precision_recall_figure])
@pytest.mark.parametrize("found", [FOUND, Calibration({})])
def test_figures_are_the_same_bytes_for_the_same_scores(make, found: Calibration) -> None:  # type: ignore[no-untyped-def]
    png = figure_bytes(make(found))
    assert png.startswith(b"\x89PNG")
    assert png == figure_bytes(make(found))


def test_an_interval_of_a_share() -> None:
    # 9 of 10, z = 1.96: (0.9 + 0.19208 ± 1.96 * sqrt(.009 + .009604)) / 1.38416
    assert wilson_interval(9, 10) == pytest.approx((0.5959, 0.9821), abs=1e-4)
    assert wilson_interval(0, 5)[0] == pytest.approx(0)


def test_the_files(tmp_path: Path) -> None:
    write_calibration(FOUND, tmp_path / "new")
    assert json.loads((tmp_path / "new" / "calibration.json").read_text()) == json.loads(json.dumps(FOUND.to_dict()))
    for name in ("reliability.png", "precision-recall.png"):
        assert (tmp_path / "new" / name).read_bytes().startswith(b"\x89PNG")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file: cannot be written"):
        write_calibration(FOUND, tmp_path / "file")
