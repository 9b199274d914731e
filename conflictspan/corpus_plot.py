"""A picture of how often each label stands in a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from conflictspan.corpus_counts import Table
from conflictspan.errors import ConfigError


def plot_counts(tables: Mapping[str, Table], path: Path) -> None:
    """Draw the tables of `count_corpus`, but for the sizes: one panel a table, one bar a label, split by split.

    Args:
        tables: title -> label -> split -> count.
        path: a PNG or SVG file; replaced.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError("the picture needs matplotlib: pip install 'conflictspan[train]'") from error

    labels = {title: table for title, table in tables.items() if title != "Sizes" and table}
    heights = [len(table) for table in labels.values()]
    figure = Figure(figsize=(8, 0.22 * sum(heights) + 1), layout="constrained")
    panels = figure.subplots(len(labels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (title, table) in zip(panels, labels.items(), strict=True):
        names = sorted(table, key=lambda name: sum(table[name].values()))
        left = [0] * len(names)
        for split in next(iter(table.values())):
            widths = [table[name][split] for name in names]
            axes.barh(names, widths, left=left, label=split)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        axes.set_title(title, loc="left", fontsize=10)
        axes.tick_params(labelsize=8)
    panels[0].legend(fontsize=8, loc="lower right")
    figure.savefig(path, dpi=110)
