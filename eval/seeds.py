"""`python -m eval.seeds MODELS`: how far the scores move when nothing but the seed of training changes.

`seeds.json`:

    {"split": "validation", "data_sha256": "...",
     "config": {"epochs": 4, ...},                           what the models' configurations have in common
     "models": [{"path": "models/seeds/13", "seed": 13, "f1": {"entities": 0.81, ...}}, ...],
     "scores": {"entities": {"mean": 0.82, "sd": 0.004}, ...}}

Values are shares. The sd is that of a sample (n - 1 below the line). The scores are the strict ones of `eval/scores.py`
over all reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated, Any

import typer
from rich.console import Console

from conflictspan.errors import InputError
from conflictspan.schema import Schema
from eval.console import errors_in_one_line
from eval.files import file_sha256, write_json, write_text
from eval.models import load_gold, run_config, score_model
from eval.tables import TITLES, Grid, to_markdown, to_terminal

LEAST = 3
"""Seeds below which a standard deviation is a guess."""
ITS_OWN = {"seed", "output"}
"""The keys of a configuration in which models of one recipe may differ."""


def main(
    models: Annotated[list[str], typer.Argument(help="Model folders that differ in nothing but the seed.")],
    split: Annotated[str, typer.Option(help="Split to score on.")] = "validation",
    data: Annotated[Path, typer.Option(help="Corpus folder.")] = Path("data/annotations"),
    out: Annotated[Path, typer.Option(help="Folder for seeds.json and seeds.md.")] = Path("eval/results"),
) -> None:
    """Score models of one recipe and several seeds: mean and standard deviation of every strict score."""
    with errors_in_one_line():
        configs = {path: run_config(path) for path in models}
        common = common_config(configs)
        gold, schema = load_gold(data, split), Schema.load(data / "schema.toml")
        f1 = {}
        for path in models:
            with Console(stderr=True).status(f"{path} reads {len(gold)} reports"):
                f1[path] = {score: scored.counts.f1 for score, scored in score_model(path, gold, schema).items()}
        record = {
            "split": split,
            "data_sha256": file_sha256(data / f"{split}.jsonl"),
            "config": common,
            "models": [{"path": path, "seed": configs[path].get("seed"), "f1": f1[path]} for path in models],
            "scores": spread(list(f1.values())),
        }
        grid = seeds_grid(record)
        write_json(out / "seeds.json", record)
        write_text(out / "seeds.md", f"# {grid.title}\n\n{to_markdown(grid)}\n")
    console = Console(highlight=False)
    console.print(to_terminal(grid))
    console.print(f"Written to {out}: seeds.json, seeds.md.", markup=False)


def common_config(configs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the configurations of several models share.

    Args:
        configs: model -> its configuration.

    Raises:
        InputError: there are too few, two have the same seed, or they differ in more than seed and output.
    """
    if len(configs) < LEAST:
        raise InputError(f"{len(configs)} model(s) given; the spread over seeds needs {LEAST} or more: `make seeds`")
    first, *others = configs
    seeds: dict[Any, str] = {}
    for path, config in configs.items():
        if (same := seeds.setdefault(config.get("seed"), path)) != path:
            raise InputError(f"{same} and {path} are both of seed {config.get('seed')}; train one of them with another")
    for path in others:
        for key in sorted({*configs[first], *configs[path]} - ITS_OWN):
            one, other = configs[first].get(key), configs[path].get(key)
            if one != other:
                raise InputError(
                    f"{path}: {key} = {other!r}, but {one!r} in {first}; models of one recipe differ in the seed only"
                )
    return {key: value for key, value in configs[first].items() if key not in ITS_OWN}


def spread(scores: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and sample standard deviation of each score over models that all have the same ones."""
    return {
        score: {"mean": mean(values), "sd": stdev(values)}
        for score in scores[0]
        for values in [[model[score] for model in scores]]
    }


def seeds_grid(record: Mapping[str, Any]) -> Grid:
    """Mean ± sd of each score, and the score of each model, in %."""
    models, split = record["models"], record["split"]
    columns = ("", "mean ± sd", *(f"seed {model['seed']}" for model in models))
    rows = (
        (
            TITLES[score],
            f"{100 * of['mean']:.1f} ± {100 * of['sd']:.1f}",
            *(f"{100 * m['f1'][score]:.1f}" for m in models),
        )
        for score, of in record["scores"].items()
    )
    return Grid(f"F1 in % on the {split} split over {len(models)} seeds", columns, tuple(rows))


if __name__ == "__main__":
    typer.run(main)
