"""The figures of `python -m eval.speed` as tables and as a plot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from eval.files import save_figure
from eval.tables import Grid, to_markdown

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def speed_grid(record: Mapping[str, Any]) -> Grid:
    """Pieces a second of every system, by wall and by processor time, and how many times the reference's."""
    speed = record["speed"]
    pieces = speed["pieces"]
    rates = {
        name: [pieces / median(times[clock]) for clock in ("seconds", "cpu_seconds")]
        for name, times in speed["systems"].items()
    }
    reference = rates[speed["reference"]]
    rows = (
        (
            name,
            *(f"{rate:,.0f}" for rate in found),
            *(f"{rate / peer:.2f}" for rate, peer in zip(found, reference, strict=True)),
        )
        for name, found in rates.items()
    )
    title = (
        f"Word pieces a second on {speed['reports']:,} reports of {pieces:,} pieces, "
        f"median of {speed['rounds']} interleaved rounds"
    )
    columns = ("", "per second", "per CPU second", "times the pipeline", "times the pipeline, CPU")
    return Grid(title, columns, tuple(rows))


def archive_grid(record: Mapping[str, Any]) -> Grid:
    """Time and memory of `predict` by size of the archive."""
    archive = record["archive"]
    points: Sequence[Mapping[str, float]] = archive["points"]
    first = points[0]["peak_mib"]
    rows = (
        (
            f"{point['reports']:,}",
            f"{point['seconds']:.1f}",
            f"{point['reports'] / point['seconds']:,.1f}",
            f"{point['peak_mib']:,.0f}",
            f"{100 * (point['peak_mib'] / first - 1):+.1f} %",
        )
        for point in points
    )
    title = f"`predict` on archives of reports of one sentence, {archive['backend']} backend"
    return Grid(title, ("reports", "seconds", "reports/s", "peak memory, MiB", "against the smallest"), tuple(rows))


def other_grid(record: Mapping[str, Any]) -> Grid:
    """Start-up, training and the page."""
    rows = [(f"`{command}`", f"{seconds:.2f} s") for command, seconds in record["start_up"].items()]
    rows += [(f"training {name}", f"{seconds / 60:.1f} min") for name, seconds in record["training"].items()]
    if (view := record["view"]) is not None:
        rows.append((f"opening a view of {view['reports']:,} reports in Chromium", f"{view['milliseconds']:,.0f} ms"))
    return Grid("Start-up, training and the page", ("", "time"), tuple(rows))


def grids(record: Mapping[str, Any]) -> list[Grid]:
    """All tables."""
    return [speed_grid(record), archive_grid(record), other_grid(record)]


def conditions(record: Mapping[str, Any]) -> str:
    """On what it was measured, in a sentence."""
    machine = record["machine"]
    bf16 = "with" if machine["bf16"] else "without"
    return (
        f"Measured on {machine['cpu']}, {machine['threads']} of {machine['cores']} cores, {bf16} bf16, "
        f"torch {machine['torch']}, load {machine['load']:.1f} before; "
        "the pipeline tags only, conflictspan reads, splits, tags, relates, assembles events and writes."
    )


def bench_markdown(record: Mapping[str, Any]) -> str:
    """All tables under their titles: `bench.md`, and what stands between the README's markers."""
    return "\n\n".join([conditions(record), *(f"{grid.title}:\n\n{to_markdown(grid)}" for grid in grids(record))])


def plot_archive(record: Mapping[str, Any], path: Path) -> None:
    """Draw time and memory over the archive's size.

    Args:
        record: content of bench.json.
        path: PNG file to write.

    Raises:
        InputError: it cannot be written.
    """
    from matplotlib.figure import Figure

    points = record["archive"]["points"]
    sizes = [point["reports"] for point in points]
    figure = Figure(figsize=(10, 4), layout="constrained")
    time_axes, memory_axes = figure.subplots(1, 2)
    time_axes.plot(sizes, [point["seconds"] for point in points], marker="o")
    time_axes.set(xlabel="reports of one sentence", ylabel="seconds, start-up included", xscale="log", yscale="log")
    memory_axes.plot(sizes, [point["peak_mib"] for point in points], marker="o", color="C1")
    memory_axes.set(xlabel="reports of one sentence", ylabel="peak memory, MiB", xscale="log")
    memory_axes.set_ylim(bottom=0)
    for axes in (time_axes, memory_axes):
        axes.grid(alpha=0.3)
    save_figure(figure, path)
