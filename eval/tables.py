"""Showing an evaluation: Markdown, the terminal, JSON. Nothing is computed here but percentages.

`scores.json`:

    {"split": "test",
     "data_file": "test.jsonl", "data_sha256": "...", "schema": "conflictspan",
     "model_path": "models/default",
     "model_sha256": "..." or null,                                 of its weights, as the folder's manifest has it
     "model_run": "2026-01-31T12:00:00+00:00" or null,              when its training finished, by the folder's run.json
     "versions": {"python": "3.11.7", "conflictspan": "0.1.0", ...},
     "unseen_conflicts": ["Cyprus", ...],                           conflicts that no training report tells of
     "bootstrap": {"seed": 0, "draws": 10000, "level": 0.95},
     "reports": {"all": 42, "seen": 30, "unseen": 12},              "seen" and "unseen" where there are both
     "systems": [{"name": "model",
                  "seconds": {"extract": 20.1, "relate": 8.2},      wall time, loading left out
                  "scores": {"all": {"entities": {SCORE, "parts": {"LOC": {SCORE}, ...}}, ...}, "seen": ..., ...}}],
     "differences": [{"reports": "all", "score": "entities", "baseline": "memory",
                      "value": 0.2, "interval": [0.1, 0.3]}, ...]}   F1 of the model less that of the best baseline

SCORE is `"tp": 1, "predicted": 2, "gold": 3, "precision": 0.5, "recall": 0.333, "f1": 0.4, "interval": [0.2, 0.6]`; the
interval is that of the F1, null for fewer than two reports and where there is neither gold nor prediction. Values are
shares, not percentages. `status_accuracy` is over the triggers found: there predicted = gold = triggers found, and
precision, recall and F1 are the accuracy. What is scored, and under which names, is told in `eval/scores.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

from conflictspan.errors import InputError
from eval.bootstrap import LEVEL, Interval
from eval.evaluation import Evaluation, Provenance, Scored, SystemScores
from eval.scores import WHOLE, Row

TITLES = {
    "entities": "Entities",
    "triggers": "Event triggers",
    "status": "Planned or denied triggers",
    "status_accuracy": "Status of triggers found (accuracy)",
    "relations_on_gold": "Relations on gold spans",
    "cross_sentence_on_gold": "Relations on gold spans, across sentences",
    "relations": "Relations end to end",
    "cross_sentence": "Relations end to end, across sentences",
}
BEGIN, END = "<!-- scores:begin -->", "<!-- scores:end -->"


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
    """All scores at a glance: the first system over every group of reports, the others over all reports."""
    shown = [(evaluation.systems[0], group) for group in evaluation.reports]
    shown += [(system, "all") for system in evaluation.systems[1:]]
    columns = [f"{system.name}, {group} ({evaluation.reports[group]})" for system, group in shown]
    title = "F1 in %, with its 95 % interval over reports; in brackets the number of reports"
    if "unseen" in evaluation.reports:
        title += "; seen and unseen: whether training has a report on the same conflict"
    return Grid(title, ("", *columns), tuple(_score_rows(evaluation, shown)))


def group_grid(evaluation: Evaluation, group: str) -> Grid:
    """All scores of all systems over one group of reports."""
    shown = [(system, group) for system in evaluation.systems]
    columns = ("", *(system.name for system in evaluation.systems))
    return Grid(f"F1, {_reports(evaluation, group)}", columns, tuple(_score_rows(evaluation, shown)))


def part_grids(evaluation: Evaluation) -> Iterator[Grid]:
    """For each score, the first system by type, status or label over all reports, and the F1 of the others."""
    first, *others = (system.groups["all"] for system in evaluation.systems)
    columns = ("", "gold", "predicted", "precision", "recall", "F1", *(f"{s.name} F1" for s in evaluation.systems[1:]))
    for score in _scores(evaluation):
        cells = []
        for row, scored in first.items():
            counts = scored.counts
            if row.score == score and row.part != WHOLE and counts.gold + counts.predicted:
                ratios = (_percent(counts.precision), _percent(counts.recall), _cell(scored))
                baselines = (_percent(other[row].counts.f1) for other in others)
                cells.append((row.part, str(counts.gold), str(counts.predicted), *ratios, *baselines))
        if cells:
            yield Grid(TITLES[score], columns, tuple(cells))


def difference_lines(evaluation: Evaluation, group: str) -> Iterator[str]:
    """A sentence for each difference between the model and the best baseline over one group of reports."""
    for difference in evaluation.differences:
        if difference.group == group:
            yield (
                f"{TITLES[difference.score]}, {_reports(evaluation, group)}: {evaluation.systems[0].name} less "
                f"{difference.baseline}, the best baseline: "
                f"{_with_interval(difference.value, difference.interval, '+')} points of F1."
            )


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
        grid = group_grid(evaluation, group)
        parts += [f"## {grid.title}", to_markdown(grid), _bullets(difference_lines(evaluation, group))]
    for grid in part_grids(evaluation):
        parts += [f"## {grid.title}, by part, {_reports(evaluation, 'all')}", to_markdown(grid)]
    parts += ["## Wall time", _bullets(time_lines(evaluation))]
    return "\n\n".join(filter(None, parts)) + "\n"


def readme_markdown(evaluation: Evaluation) -> str:
    """What stands between the README's markers: the summary, and the differences over all reports."""
    grid = summary(evaluation)
    parts = (f"{grid.title}:", to_markdown(grid), _bullets(difference_lines(evaluation, "all")))
    return "\n\n".join(filter(None, parts))


def fill_readme(text: str, block: str, *, where: str) -> str:
    """Replace what stands between the two markers.

    Args:
        text: of the README.
        block: what comes between the markers.
        where: the file, for the error.

    Raises:
        InputError: the markers are not there once each, in order.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise InputError(f"{where}: needs one line {BEGIN} and, below it, one line {END}; the scores go between them")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{block}\n{END}{after}"


def scores_json(evaluation: Evaluation, provenance: Provenance) -> dict[str, Any]:
    """The content of `scores.json`, as told at the top of this module."""
    return {
        **dataclasses.asdict(provenance),
        "bootstrap": {"seed": evaluation.seed, "draws": evaluation.draws, "level": LEVEL},
        "reports": dict(evaluation.reports),
        "systems": [
            {
                "name": system.name,
                "seconds": {"extract": system.extract_seconds, "relate": system.relate_seconds},
                "scores": {group: _scores_json(scores) for group, scores in system.groups.items()},
            }
            for system in evaluation.systems
        ],
        "differences": [
            {
                "reports": difference.group,
                "score": difference.score,
                "baseline": difference.baseline,
                "value": difference.value,
                "interval": _interval_json(difference.interval),
            }
            for difference in evaluation.differences
        ],
    }


def _scores_json(scores: Mapping[Row, Scored]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for row, scored in scores.items():
        counts = scored.counts
        entry = {
            **dataclasses.asdict(counts),
            "precision": counts.precision,
            "recall": counts.recall,
            "f1": counts.f1,
            "interval": _interval_json(scored.interval),
        }
        if row.part == WHOLE:
            nested[row.score] = {**entry, "parts": {}}
        else:
            nested[row.score]["parts"][row.part] = entry
    return nested


def _interval_json(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None


def _score_rows(evaluation: Evaluation, shown: Sequence[tuple[SystemScores, str]]) -> Iterator[tuple[str, ...]]:
    for score in _scores(evaluation):
        yield (TITLES[score], *(_cell(system.groups[group][Row(score)]) for system, group in shown))


def _scores(evaluation: Evaluation) -> list[str]:
    return [row.score for row in evaluation.systems[0].groups["all"] if row.part == WHOLE]


def _reports(evaluation: Evaluation, group: str) -> str:
    kind = "all" if group == "all" else f"{group} conflicts"
    number = evaluation.reports[group]
    return f"{kind} ({number} report{'s' if number != 1 else ''})"


def _cell(scored: Scored) -> str:
    if not scored.counts.gold + scored.counts.predicted:
        return "-"
    return _with_interval(scored.counts.f1, scored.interval)


def _with_interval(value: float, interval: Interval | None, sign: str = "") -> str:
    if interval is None:
        return _percent(value, sign)
    return f"{_percent(value, sign)} [{_percent(interval.low, sign)}, {_percent(interval.high, sign)}]"


def _percent(share: float, sign: str = "") -> str:
    return f"{100 * share:{sign}.1f}"


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
