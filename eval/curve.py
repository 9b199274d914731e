"""`python -m eval.curve MODELS`: F1 over the number of training reports, from models trained on shares of them.

It says whether annotating more pays: by how many points F1 rose when the reports were doubled for the last time.

`curve.json`:

    {"split": "validation", "data_sha256": "...",
     "models": [{"path": "models/curve/10", "reports": 98, "f1": {"entities": 0.6, ...},
                 "intervals": {"entities": [0.57, 0.63], ...}}, ...],     fewest reports first
     "last_doubling": {"entities": 0.021, ...}}                           F1 at the most reports less F1 at half of them

Values are shares. Where no model has just half the reports, its F1 is read off the straight line between the two models
around it, over the logarithm of the number of reports. Models of the same number of reports (several seeds) are
averaged for that, and for the line in the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from conflictspan.errors import InputError
from conflictspan.schema import Schema
from eval.console import errors_in_one_line
from eval.evaluation import COMPARED
from eval.files import file_sha256, save_figure, write_json
from eval.models import load_gold, score_model, train_reports
from eval.tables import TITLES, Grid, to_terminal


def main(
    models: Annotated[list[str], typer.Argument(help="Model folders trained on shares of the reports.")],
    split: Annotated[str, typer.Option(help="Split to score on.")] = "validation",
    data: Annotated[Path, typer.Option(help="Corpus folder.")] = Path("data/annotations"),
    out: Annotated[Path, typer.Option(help="Folder for curve.json and curve.png.")] = Path("eval/results"),
) -> None:
    """Draw the learning curve, and say what the last doubling of the training reports brought."""
    with errors_in_one_line():
        reports = {path: train_reports(path) for path in models}
        if len(set(reports.values())) < 2:
            raise InputError("a learning curve needs models of two numbers of training reports or more: `make curve`")
        gold, schema = load_gold(data, split), Schema.load(data / "schema.toml")
        points: list[dict[str, Any]] = []
        for path in sorted(models, key=lambda path: reports[path]):
            with Console(stderr=True).status(f"{path} reads {len(gold)} reports"):
                scores = {s: v for s, v in score_model(path, gold, schema).items() if s in COMPARED}
            points.append(
                {
                    "path": path,
                    "reports": reports[path],
                    "f1": {score: scored.counts.f1 for score, scored in scores.items()},
                    "intervals": {s: [v.interval.low, v.interval.high] for s, v in scores.items() if v.interval},
                }
            )
        record = {
            "split": split,
            "data_sha256": file_sha256(data / f"{split}.jsonl"),
            "models": points,
            "last_doubling": {score: last_doubling(_line(points, score)) for score in points[0]["f1"]},
        }
        write_json(out / "curve.json", record)
        plot_curve(record, out / "curve.png")
    console = Console(highlight=False)
    console.print(to_terminal(curve_grid(record)))
    console.print(f"Written to {out}: curve.json, curve.png.", markup=False)


def last_doubling(line: Sequence[tuple[int, float]]) -> float:
    """F1 at the most reports less F1 at half of them.

    Args:
        line: (reports, F1), fewest reports first, no number twice.

    Returns:
        A share. Where even the smallest model has more than half of the reports, the straight line of the last two
        is carried on.
    """
    numbers, f1 = np.log2([n for n, _ in line]), np.array([value for _, value in line])
    half = numbers[-1] - 1
    if half < numbers[0]:
        return float((f1[-1] - f1[-2]) / (numbers[-1] - numbers[-2]))
    return float(f1[-1] - np.interp(half, numbers, f1))


def curve_grid(record: Mapping[str, Any]) -> Grid:
    """The points of the curve in %, and what the last doubling brought, in points."""
    models = record["models"]
    columns = ("F1 in %", *(f"{model['reports']} reports" for model in models), "the last doubling brought")
    rows = (
        (TITLES[score], *(f"{100 * model['f1'][score]:.1f}" for model in models), f"{100 * gain:+.1f}")
        for score, gain in record["last_doubling"].items()
    )
    return Grid(f"Learning curve on the {record['split']} split", columns, tuple(rows))


def plot_curve(record: Mapping[str, Any], path: Path) -> None:
    """Draw F1 over the number of reports, with its intervals over the scored reports.

    Args:
        record: content of curve.json.
        path: PNG file to write.

    Raises:
        InputError: it cannot be written.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    models = record["models"]
    for number, score in enumerate(record["last_doubling"]):
        line, color = _line(models, score), f"C{number}"
        axes.plot(*zip(*line, strict=True), color=color, label=TITLES[score])
        for model in models:
            axes.plot(model["reports"], model["f1"][score], marker="o", color=color)
            if score in model["intervals"]:
                axes.vlines(model["reports"], *model["intervals"][score], color=color, alpha=0.5)
    numbers = sorted({model["reports"] for model in models})
    axes.set(xlabel="training reports", ylabel=f"strict F1 on {record['split']}", ylim=(0, 1), xscale="log")
    axes.set_xticks(numbers, [str(number) for number in numbers])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.legend()
    axes.grid(alpha=0.3)
    save_figure(figure, path)


def _line(models: Sequence[Mapping[str, Any]], score: str) -> list[tuple[int, float]]:
    """(reports, mean F1 of the models of so many), fewest first."""
    by_number: dict[int, list[float]] = {}
    for model in models:
        by_number.setdefault(model["reports"], []).append(model["f1"][score])
    return [(number, mean(values)) for number, values in sorted(by_number.items())]


if __name__ == "__main__":
    typer.run(main)
