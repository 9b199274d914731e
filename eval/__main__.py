"""`python -m eval`: score a trained model and the rule baselines on a split of the corpus."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Annotated

import typer
from rich.console import Console

from conflictspan.corpus import load_corpus, load_report_infos, unseen_conflicts
from conflictspan.errors import ConflictSpanError, InputError
from conflictspan.schema import Schema
from eval.evaluation import Provenance, evaluate, group_reports
from eval.event_scores import event_grid, score_events
from eval.systems import load_baselines, load_model, run_system
from eval.tables import (
    difference_lines,
    fill_readme,
    readme_markdown,
    scores_json,
    scores_markdown,
    summary,
    time_lines,
    to_markdown,
    to_terminal,
)

PACKAGES = ("conflictspan", "numpy", "seqeval", "torch", "transformers")


def main(
    model: Annotated[str, typer.Option(help="Model folder or hub id.")] = "models/default",
    split: Annotated[str, typer.Option(help="Split to score on.")] = "test",
    data: Annotated[Path, typer.Option(help="Corpus folder.")] = Path("data/annotations"),
    out: Annotated[Path, typer.Option(help="Folder for scores.md and scores.json.")] = Path("eval/results/latest"),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    baselines: Annotated[bool, typer.Option(help="Score the rule baselines too.")] = True,
    write_readme: Annotated[Path | None, typer.Option(help="Also put the scores between this file's markers.")] = None,
) -> None:
    """Score a trained model and the rule baselines on a split of the corpus."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        score(model, split, data, out, seed=seed, baselines=baselines, readme=write_readme)
    except ConflictSpanError as error:
        errors.print(f"error: {error}")
        raise typer.Exit(2) from error


def score(
    model_path: str, split: str, data: Path, out: Path, *, seed: int, baselines: bool, readme: Path | None
) -> None:
    """Run all systems over the gold reports of a split; show the scores and write them to `out` and the README.

    Raises:
        ConflictSpanError: the corpus, the model, an output or the README is not fit for it.
    """
    if readme:
        fill_readme(_read(readme), "", where=str(readme))  # the model takes minutes: refuse before, not after
    gold = load_corpus(data, split)
    if not gold:
        raise InputError(f"{data / f'{split}.jsonl'}: no reports to score on")
    schema = Schema.load(data / "schema.toml")
    infos = load_report_infos(data)
    ids = [report.id for report in gold]
    unseen = unseen_conflicts(infos).intersection(ids)
    systems = [load_model(model_path, schema)]
    if baselines:
        systems += load_baselines(load_corpus(data, "train"), schema)
    runs = []
    for system in systems:
        with Console(stderr=True).status(f"{system.name} reads {len(gold)} reports"):
            runs.append(run_system(system, gold, schema))
    evaluation = evaluate(runs, schema, group_reports(ids, unseen), seed=seed)
    provenance = Provenance(
        split=split,
        data_file=f"{split}.jsonl",
        data_sha256=hashlib.sha256((data / f"{split}.jsonl").read_bytes()).hexdigest(),
        schema=schema.name,
        model_path=model_path,
        model_sha256=_entry(Path(model_path) / "manifest.json", "model.safetensors"),
        model_run=_entry(Path(model_path) / "run.json", "finished"),
        versions={"python": python_version()} | {package: version(package) for package in PACKAGES},
        unseen_conflicts=tuple(sorted({infos[id_].conflict for id_ in unseen})),
    )
    events = event_grid(score_events(runs, seed=seed))
    _write(
        out / "scores.md",
        f"{scores_markdown(evaluation, provenance)}\n## {events.title}\n\n{to_markdown(events)}\n",
    )
    _write(out / "scores.json", json.dumps(scores_json(evaluation, provenance), indent=1, ensure_ascii=False) + "\n")
    if readme:
        _write(readme, fill_readme(_read(readme), readme_markdown(evaluation), where=str(readme)))
    console = Console(highlight=False)
    console.print(to_terminal(summary(evaluation)))
    console.print(to_terminal(events))
    differences = [line for group in evaluation.reports for line in difference_lines(evaluation, group)]
    for line in (*differences, *time_lines(evaluation), f"Written to {out}: scores.md, scores.json."):
        console.print(line, markup=False)


def _entry(path: Path, key: str) -> str | None:
    """A text in a JSON file of a model folder; None where a model has no such file or entry."""
    if not path.is_file():
        return None
    try:
        entries: dict[str, str] = json.loads(_read(path))
    except ValueError as error:
        raise InputError(f"{path}: not valid JSON: {error}; fetch the model again") from error
    return entries.get(key)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}") from error


if __name__ == "__main__":
    typer.run(main)
