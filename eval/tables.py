"""An evaluation as tables and sentences, for Markdown and the terminal. Nothing is computed here but percentages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table

from eval.bootstrap import Interval
from eval.evaluation import COMPARED, Evaluation, Scored, SystemScores
from eval.scores import STRICT, WHOLE, Row

TITLES = {
    "entities": "Entities",
    "triggers": "Event triggers",
    "status": "Planned or denied triggers",
    "status_accuracy": "Status of triggers found (accuracy)",
    "relations_on_gold": "Relations on gold spans",
    "cross_sentence_on_gold": "Relations on gold spans, across sentences",
    "relations": "Relations end to end",
    "cross_sentence": "Relations end to end, across sentences",
    "entities_relaxed": "Entities, an overlap is enough",
    "triggers_relaxed": "Event triggers, an overlap is enough",
    "spans": "All spans",
    "spans_untyped": "All spans, of whatever type",
    "entities_seen_words": "Entities whose words training has",
    "entities_unseen_words": "Entities whose words training has not",
    "triggers_seen_words": "Event triggers whose words training has",
    "triggers_unseen_words": "Event triggers whose words training has not",
    "relations_resolved_on_gold": "Relations on gold spans, another name of an end is enough",
    "relations_relaxed": "Relations end to end, overlapping ends are enough",
    "relations_resolved": "Relations end to end, another name of an end is enough",
}
LEAST = 5
"""Reports that a slice needs for its interval to be shown: the bootstrap finds fewer more alike than they are."""
WAYS = {"conflict": "conflict", "genre": "family of genres", "length": "length"}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts, before it has a form.

    Attributes:
        title: what it shows.
        columns: headings; the first column names the row.
        rows: as many cells each as there are columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def summary(evaluation: Evaluation) -> Grid:
    """The strict scores at a glance: the first system over every group of reports, the others over all reports."""
    shown = [(evaluation.systems[0], group) for group in evaluation.reports]
    shown += [(system, "all") for system in evaluation.systems[1:]]
    columns = [f"{system.name}, {group} ({evaluation.reports[group]})" for system, group in shown]
    title = "F1 in %, with its 95 % interval over reports; in brackets the number of reports"
    if "unseen" in evaluation.reports:
        title += "; seen and unseen: whether training has a report on the same conflict"
    return Grid(title, ("", *columns), tuple(_score_rows(_scores(evaluation, strict=True), shown)))


def group_grid(evaluation: Evaluation, group: str, *, strict: bool = True) -> Grid:
    """The strict scores of all systems over one group of reports, or the other scores."""
    shown = [(system, group) for system in evaluation.systems]
    columns = ("", *(system.name for system in evaluation.systems))
    title = "F1" if strict else "F1 by other counts"
    grid_rows = _score_rows(_scores(evaluation, strict=strict), shown)
    return Grid(f"{title}, {_reports(evaluation, group)}", columns, tuple(grid_rows))


def part_grids(evaluation: Evaluation) -> Iterator[Grid]:
    """For each score, the first system by type, status or label over all reports, and the F1 of the others."""
    first, *others = (system.groups["all"] for system in evaluation.systems)
    columns = ("", "gold", "predicted", "precision", "recall", "F1", *(f"{s.name} F1" for s in evaluation.systems[1:]))
    for score in dict.fromkeys(row.score for row in first):
        cells = []
        for row, scored in first.items():
            if row.score == score and row.part != WHOLE and scored.counts.gold + scored.counts.predicted:
                baselines = (_percent(other[row].counts.f1) for other in others)
                cells.append((row.part, *_ratios(scored), *baselines))
        if cells:
            yield Grid(TITLES[score], columns, tuple(cells))


def words_grid(evaluation: Evaluation) -> Grid | None:
    """How the first system does on mentions whose words training has, and on others; None where that is not known."""
    scores = evaluation.systems[0].groups["all"]
    shown = [row for row in scores if row.score.endswith("_words")]
    columns = ("", "gold", "predicted", "precision", "recall", "F1")
    cells = tuple((TITLES[row.score], *_ratios(scores[row])) for row in shown)
    return Grid("Mentions whose words training has, with that type, and others", columns, cells) if cells else None


def slice_grids(evaluation: Evaluation) -> Iterator[Grid]:
    """For each way to part the reports, the first system's scores in every slice; intervals from `LEAST` reports on."""
    first = evaluation.systems[0]
    scores = [score for score in COMPARED if Row(score) in first.groups["all"]]
    columns = ("", "reports", *(TITLES[score] for score in scores))
    for way, reports in evaluation.slices.items():
        cells = []
        for name, number in reports.items():
            shown = (first.slices[way][name][Row(score)] for score in scores)
            cells.append((name, str(number), *(_cell(s if number >= LEAST else Scored(s.counts, None)) for s in shown)))
        yield Grid(f"F1 by {WAYS[way]}, with an interval from {LEAST} reports on", columns, tuple(cells))


def event_grid(evaluation: Evaluation) -> Grid | None:
    """Event records and their fields, one column a system; None where gold has none."""
    systems = evaluation.systems
    cells = tuple((row, *(_cell(system.events[row]) for system in systems)) for row in systems[0].events)
    title = "Event records: F1 in %, with its 95 % interval over reports, against records assembled from gold"
    return Grid(title, ("", *(system.name for system in systems)), cells) if cells else None


def difference_grid(evaluation: Evaluation, group: str) -> Grid | None:
    """The first system less each of the others over one group of reports; None where there are no others."""
    shown = [difference for difference in evaluation.differences if difference.group == group]
    if not shown:
        return None
    tested = sum(difference.p is not None for difference in evaluation.differences)
    title = (
        f"F1 of {evaluation.systems[0].name} less that of every other system, {_reports(evaluation, group)}: points "
        f"with the 95 % interval, two-sided p of the paired bootstrap, and p with Holm's correction for all {tested} "
        "comparisons of this run"
    )
    columns = ("", "less", "points of F1", "p", "p, Holm")
    cells = ((TITLES[d.score], d.other, _with_interval(d.value, d.interval, "+"), _p(d.p), _p(d.p_holm)) for d in shown)
    return Grid(title, columns, tuple(cells))


def all_grids(evaluation: Evaluation) -> Iterator[Grid]:
    """Every table of an evaluation, from the general to the particular."""
    yield summary(evaluation)
    if differences := difference_grid(evaluation, "all"):
        yield differences
    yield from (group_grid(evaluation, group) for group in evaluation.reports)
    yield group_grid(evaluation, "all", strict=False)
    if events := event_grid(evaluation):
        yield events
    if words := words_grid(evaluation):
        yield words
    yield from slice_grids(evaluation)
    yield from part_grids(evaluation)


def time_lines(evaluation: Evaluation) -> Iterator[str]:
    """A sentence for each system's wall time."""
    for system in evaluation.systems:
        relate = f", {system.relate_seconds:.1f} s for relations on gold spans" if system.relate_seconds else ""
        yield f"{system.name}: {system.extract_seconds:.1f} s for {_reports(evaluation, 'all')} end to end{relate}."


def to_markdown(grid: Grid) -> str:
    """A pipe table without its title."""
    lines = (grid.columns, ("---", *("---:",) * (len(grid.columns) - 1)), *grid.rows)
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def to_terminal(grid: Grid) -> Table:
    """A table for a rich console."""
    table = Table(title=escape(grid.title), title_justify="left")
    for index, column in enumerate(grid.columns):
        table.add_column(escape(column), justify="right" if index else "left")
    for row in grid.rows:
        table.add_row(*map(escape, row))
    return table


def _scores(evaluation: Evaluation, *, strict: bool) -> list[str]:
    wholes = (row.score for row in evaluation.systems[0].groups["all"] if row.part == WHOLE)
    return [score for score in wholes if (score in STRICT) == strict]


def _score_rows(scores: Iterable[str], shown: Sequence[tuple[SystemScores, str]]) -> Iterator[tuple[str, ...]]:
    for score in scores:
        yield (TITLES[score], *(_cell(system.groups[group][Row(score)]) for system, group in shown))


def _reports(evaluation: Evaluation, group: str) -> str:
    kind = "all" if group == "all" else f"{group} conflicts"
    number = evaluation.reports[group]
    return f"{kind} ({number} report{'s' if number != 1 else ''})"


def _ratios(scored: Scored) -> tuple[str, ...]:
    counts = scored.counts
    ratios = (_percent(counts.precision), _percent(counts.recall), _cell(scored))
    return (str(counts.gold), str(counts.predicted), *ratios)


def _cell(scored: Scored) -> str:
    if not scored.counts.gold + scored.counts.predicted:
        return "-"
    return _with_interval(scored.counts.f1, scored.interval)


def _p(p: float | None) -> str:
    if p is None:
        return "-"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _with_interval(value: float, interval: Interval | None, sign: str = "") -> str:
    if interval is None:
        return _percent(value, sign)
    return f"{_percent(value, sign)} [{_percent(interval.low, sign)}, {_percent(interval.high, sign)}]"


def _percent(share: float, sign: str = "") -> str:
    return f"{100 * share:{sign}.1f}"
