"""An evaluation as Markdown: `scores.md`, and the block of scores in the README."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conflictspan.errors import InputError
from eval.evaluation import Evaluation, Provenance
from eval.tables import (
    Grid,
    difference_grid,
    event_grid,
    group_grid,
    part_grids,
    slice_grids,
    summary,
    time_lines,
    to_markdown,
    words_grid,
)

BEGIN, END = "<!-- scores:begin -->", "<!-- scores:end -->"


def scores_markdown(evaluation: Evaluation, provenance: Provenance) -> str:
    """The text of `scores.md`."""
    parts = [
        f"# Scores on the {provenance.split} split",
        f"`{provenance.model_path}` on {provenance.data_file} (SHA-256 `{provenance.data_sha256}`). Micro F1 in %, "
        f"with its 95 % percentile bootstrap interval over reports ({evaluation.draws} draws, seed {evaluation.seed}; "
        "the same draws for all systems). Strict: a span counts with both ends and its type right, a relation end to "
        "end with both its spans and its label right. Spans and relations end to end are read from the bare text, "
        "without the gold sentence borders. A dash: neither gold nor predictions.",
    ]
    for group in evaluation.reports:
        parts += _titled(group_grid(evaluation, group))
        if differences := difference_grid(evaluation, group):
            parts += [f"{differences.title}:", to_markdown(differences)]
    for group in evaluation.reports:
        parts += _titled(group_grid(evaluation, group, strict=False))
    for grid in filter(None, (event_grid(evaluation), words_grid(evaluation))):
        parts += _titled(grid)
    for grid in slice_grids(evaluation):
        parts += _titled(grid)
    for grid in part_grids(evaluation):
        parts += [f"## {grid.title}, by part", to_markdown(grid)]
    parts += ["## Wall time", _bullets(time_lines(evaluation))]
    return "\n\n".join(parts) + "\n"


def readme_markdown(evaluation: Evaluation) -> str:
    """What stands between the README's markers: the summary, the differences over all reports, the event records."""
    grids: Iterable[Grid | None] = (summary(evaluation), difference_grid(evaluation, "all"), event_grid(evaluation))
    return "\n\n".join(f"{grid.title}:\n\n{to_markdown(grid)}" for grid in grids if grid)


def fill_readme(text: str, block: str, *, where: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """Replace what stands between two markers.

    Args:
        text: of the README.
        block: what comes between the markers.
        where: the file, for the error.
        markers: the lines before and after.

    Raises:
        InputError: the markers are not there once each, in order.
    """
    begin, end = markers
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise InputError(f"{where}: needs one line {begin} and, below it, one line {end}; the figures go between them")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{block}\n{end}{after}"


def _titled(grid: Grid) -> Iterator[str]:
    yield f"## {grid.title}"
    yield to_markdown(grid)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
