"""`python -m eval`: score a trained model and the rule baselines on a split of the corpus."""

from __future__ import annotations

import dataclasses
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Annotated

import typer
from rich.console import Console

from conflictspan.calibration import Calibrator
from conflictspan.corpus import load_corpus, load_report_infos, unseen_conflicts
from conflictspan.schema import Schema
from eval.calibration import calibration_of
from eval.calibration_report import calibration_markdown, write_calibration
from eval.confusion import run_confusion
from eval.console import errors_in_one_line
from eval.errors import run_errors
from eval.evaluation import Provenance, evaluate
from eval.files import file_sha256, read_json, read_text, write_json, write_text
from eval.markdown import fill_readme, readme_markdown, scores_markdown
from eval.models import load_gold
from eval.page import provenance_lines, render_page
from eval.scores_json import scores_json
from eval.slices import group_reports, slice_reports
from eval.systems import load_baselines, load_model, run_system
from eval.tables import all_grids, difference_grid, event_grid, summary, time_lines, to_terminal
from eval.vocabulary import training_vocabulary

PACKAGES = ("conflictspan", "numpy", "seqeval", "torch", "transformers")


def main(
    model: Annotated[str, typer.Option(help="Model folder or hub id.")] = "models/default",
    split: Annotated[str, typer.Option(help="Split to score on.")] = "test",
    data: Annotated[Path, typer.Option(help="Corpus folder.")] = Path("data/annotations"),
    out: Annotated[Path, typer.Option(help="Folder for scores and report.html.")] = Path("eval/results/latest"),
    seed: Annotated[int, typer.Option(min=0, help="Seed of the bootstrap.")] = 0,
    baselines: Annotated[bool, typer.Option(help="Score the rule baselines too.")] = True,
    compare: Annotated[str | None, typer.Option(help="A second model to compare with: folder or hub id.")] = None,
    write_readme: Annotated[Path | None, typer.Option(help="Also put the scores between this file's markers.")] = None,
) -> None:
    """Score a trained model and the rule baselines on a split of the corpus."""
    with errors_in_one_line():
        score(model, split, data, out, seed=seed, baselines=baselines, compare=compare, readme=write_readme)


def score(
    model_path: str,
    split: str,
    data: Path,
    out: Path,
    *,
    seed: int,
    baselines: bool,
    compare: str | None,
    readme: Path | None,
) -> None:
    """Run all systems over the gold reports of a split; show the scores and write them to `out` and the README.

    Raises:
        ConflictSpanError: the corpus, a model, an output or the README is not fit for it.
    """
    if readme:
        fill_readme(read_text(readme), "", where=str(readme))  # the model takes minutes: refuse before, not after
    gold = load_gold(data, split)
    schema = Schema.load(data / "schema.toml")
    infos = load_report_infos(data)
    ids = [report.id for report in gold]
    unseen = unseen_conflicts(infos).intersection(ids)
    training = load_corpus(data, "train")
    model = load_model(model_path, schema)
    systems = [(model.name, model)]
    if compare:
        systems.append((compare, load_model(compare, schema)))
    if baselines:
        systems += [(system.name, system) for system in load_baselines(training, schema)]
    runs = []
    for name, system in systems:
        with Console(stderr=True).status(f"{name} reads {len(gold)} reports"):
            runs.append(dataclasses.replace(run_system(system, gold, schema), name=name))
    evaluation = evaluate(
        runs,
        schema,
        group_reports(ids, unseen),
        slices=slice_reports(gold, infos),
        vocabulary=training_vocabulary(training),
        seed=seed,
    )
    calibrator = Calibrator.load(Path(model_path) / "calibration.json")
    calibration = calibration_of(runs[0].end_to_end, runs[0].on_gold, schema, calibrator)
    provenance = Provenance(
        split=split,
        data_file=f"{split}.jsonl",
        data_sha256=file_sha256(data / f"{split}.jsonl"),
        schema=schema.name,
        model_path=model_path,
        model_sha256=_entry(Path(model_path) / "manifest.json", "model.safetensors"),
        model_run=_entry(Path(model_path) / "run.json", "finished"),
        versions={"python": python_version()} | {package: version(package) for package in PACKAGES},
        unseen_conflicts=tuple(sorted({infos[id_].conflict for id_ in unseen})),
        compared=_compared(compare) if compare else None,
    )
    write_text(out / "scores.md", scores_markdown(evaluation, provenance) + calibration_markdown(calibration))
    figures = write_calibration(calibration, out)
    write_json(out / "scores.json", scores_json(evaluation, provenance))
    page = render_page(
        title=f"Scores on the {split} split",
        provenance=provenance_lines(provenance),
        grids=list(all_grids(evaluation)),
        figures=figures,
        errors=run_errors(runs[0], schema),
        confusion=run_confusion(runs[0], schema),
    )
    write_text(out / "report.html", page)
    if readme:
        write_text(readme, fill_readme(read_text(readme), readme_markdown(evaluation), where=str(readme)))
    console = Console(highlight=False)
    for grid in (summary(evaluation), difference_grid(evaluation, "all"), event_grid(evaluation)):
        if grid:
            console.print(to_terminal(grid))
    for line in (*time_lines(evaluation), f"Written to {out}: report.html, scores.md, scores.json, calibration.json."):
        console.print(line, markup=False)


def _compared(path: str) -> dict[str, str | None]:
    sha256, run = _entry(Path(path) / "manifest.json", "model.safetensors"), _entry(Path(path) / "run.json", "finished")
    return {"path": path, "sha256": sha256, "run": run}


def _entry(path: Path, key: str) -> str | None:
    """A text in a JSON file of a model folder; None where a model has no such file or entry."""
    return read_json(path).get(key) if path.is_file() else None


if __name__ == "__main__":
    typer.run(main)
