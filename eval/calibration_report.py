"""Showing a calibration: Markdown, JSON and the two figures. Nothing is computed here but percentages and intervals."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from conflictspan.errors import OutputError
from eval.calibration import WHOLE, Calibration, Reliability
from eval.tables import TITLES, Grid, to_markdown

COLORS = {
    "entities": "tab:blue",
    "triggers": "tab:orange",
    "relations_on_gold": "tab:green",
    "relations": "tab:red",
}


def calibration_markdown(calibration: Calibration) -> str:
    """The section of `scores.md` on calibration; empty where nothing has a score."""
    if not calibration.kinds:
        return ""
    parts = [
        "## Calibration",
        "What `score` says, and how much is right. ECE: how far the one is from the other, in points, over bins of "
        "equal mass; Brier: the mean square of score less right (0 is perfect). A relation's score is given its "
        "mentions; end to end it is taken times the scores of both.",
        _table(
            ("", "predictions", "right, %", "mean score, %", "ECE", "Brier"),
            [
                (
                    TITLES[kind],
                    str(r.predictions),
                    _percent(r.right, r.predictions),
                    f"{100 * r.mean_score:.1f}",
                    f"{100 * r.ece:.1f}",
                    f"{r.brier:.3f}",
                )
                for kind, r in calibration.kinds.items()
            ],
        ),
    ]
    if calibration.promises:
        parts += [
            "What `--min-precision` gives: how much of what is kept is right, how much of all gold that is, and how "
            "much of what was right is still there.",
            _table(
                ("asked for", "of", "kept", "precision, %", "recall, %", "right ones kept, %"),
                [
                    (
                        str(p.min_precision),
                        TITLES[p.kind],
                        str(p.predicted),
                        _percent(p.right, p.predicted),
                        _percent(p.right, p.gold),
                        _percent(p.right, p.right_before),
                    )
                    for p in calibration.promises
                    if p.label == WHOLE
                ],
            ),
        ]
    return "\n" + "\n\n".join(parts) + "\n"


def reliability_figure(calibration: Calibration) -> Figure:
    """Reliability diagrams, a panel a kind: each bin's share of right predictions over its mean score.

    Bars are 95 % Wilson intervals of the share; below, how the scores spread. The diagonal is a score that says exactly
    how often it is right; below it, a score that says too much.
    """
    kinds = list(calibration.kinds.items())
    figure = Figure(figsize=(3.6 * max(len(kinds), 1), 4.6), layout="constrained")
    if not kinds:
        return figure
    panels = figure.subplots(2, len(kinds), squeeze=False, sharex=True, height_ratios=(3, 1))
    for column, (kind, found) in enumerate(kinds):
        _diagram(panels[0, column], kind, found)
        _spread(panels[1, column], kind, found)
    panels[0, 0].set_ylabel("share that is right")
    panels[1, 0].set_ylabel("how scores\nspread")
    return figure


def precision_recall_figure(calibration: Calibration) -> Figure:
    """Precision over recall of each kind, from the highest score down to all that is given out."""
    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    axes = figure.subplots()
    for kind, found in calibration.kinds.items():
        recalls, precisions = [p.recall for p in found.curve], [p.precision for p in found.curve]
        axes.plot(recalls, precisions, color=COLORS[kind], label=TITLES[kind])
        axes.plot(recalls[-1:], precisions[-1:], "o", color=COLORS[kind])
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.grid(alpha=0.3)
    if calibration.kinds:
        axes.legend(loc="lower left")
    return figure


def figure_bytes(figure: Figure) -> bytes:
    """A figure as a PNG file's content, the same for the same figure."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=120, metadata={"Software": None})
    return content.getvalue()


def write_calibration(calibration: Calibration, folder: Path) -> list[tuple[str, bytes]]:
    """Write `calibration.json`, `reliability.png` and `precision-recall.png` into a folder of results.

    Returns:
        The two figures as they were written, each with its title, for the page.

    Raises:
        OutputError: a file cannot be written.
    """
    text = json.dumps(calibration.to_dict(), indent=1, ensure_ascii=False) + "\n"
    reliability = figure_bytes(reliability_figure(calibration))
    precision_recall = figure_bytes(precision_recall_figure(calibration))
    contents = {
        "calibration.json": text.encode(),
        "reliability.png": reliability,
        "precision-recall.png": precision_recall,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error}") from error
    return [
        ("Reliability: how often predictions of a score are right", reliability),
        ("Precision against recall", precision_recall),
    ]


def wilson_interval(right: int, number: int, *, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), which stays within 0..1.

    >>> [round(end, 3) for end in wilson_interval(9, 10)]
    [0.596, 0.982]
    """
    share = right / number
    middle = share + z * z / (2 * number)
    reach = z * math.sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    below = 1 + z * z / number
    return (middle - reach) / below, (middle + reach) / below


def _diagram(axes: Axes, kind: str, found: Reliability) -> None:
    means = [b.mean_score for b in found.bins]
    shares = [b.right / b.predictions for b in found.bins]
    intervals = [wilson_interval(b.right, b.predictions) for b in found.bins]
    reach = [
        [max(share - low, 0.0) for share, (low, _) in zip(shares, intervals, strict=True)],
        [max(high - share, 0.0) for share, (_, high) in zip(shares, intervals, strict=True)],
    ]
    axes.plot((0, 1), (0, 1), color="0.6", linestyle="--", linewidth=1)
    axes.errorbar(means, shares, yerr=reach, fmt="o", color=COLORS[kind], markersize=4, elinewidth=1, capsize=2)
    axes.set_title(f"{TITLES[kind]}\nECE {100 * found.ece:.1f}, Brier {found.brier:.3f}", fontsize=10)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)


def _spread(axes: Axes, kind: str, found: Reliability) -> None:
    """All bins hold about as many predictions; a narrow one is a tall one. A bin of one score is drawn 0.01 wide."""
    for b in found.bins:
        width = max(b.high - b.low, 0.01)
        axes.bar(b.low, b.predictions / width, width=width, align="edge", color=COLORS[kind], alpha=0.5)
    axes.set(xlabel="score", yticks=[])


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return to_markdown(Grid("", heads, tuple(rows)))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"
