"""`python -m eval.gate`: does a retrained model fall below the released scores by more than the noise of seeds?

It scores a model on the split of the reference (`scores.json` of the released model, from `python -m eval`) and
compares F1 over all reports. A score may fall by twice its standard deviation over seeds (`seeds.json`, from
`python -m eval.seeds`), but by `FLOOR` in any case: an sd over three seeds may come out near zero by luck, and where
there is no seeds.json the floor alone counts, which is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from conflictspan.errors import InputError
from conflictspan.records import Report
from conflictspan.schema import Schema
from eval.console import errors_in_one_line
from eval.evaluation import COMPARED
from eval.files import file_sha256, read_json
from eval.models import load_gold, score_model
from eval.tables import TITLES, Grid, to_terminal

FLOOR = 0.01
"""The fall in F1, as a share, that no score is blamed for."""
SDS = 2
"""Standard deviations over seeds that a score may fall."""


@dataclass(frozen=True, slots=True)
class Check:
    """One score of a retrained model beside that of the released one; all values are shares.

    Attributes:
        score: its name.
        released: F1 of the released model.
        found: F1 of the retrained model.
        allowed: how far `found` may lie below `released`.
    """

    score: str
    released: float
    found: float
    allowed: float

    @property
    def passed(self) -> bool:
        """Whether the score has held."""
        return self.found >= self.released - self.allowed


def main(
    model: Annotated[str, typer.Option(help="The retrained model's folder.")] = "models/default",
    reference: Annotated[Path, typer.Option(help="scores.json of the released model.")] = Path(
        "eval/results/default/scores.json"
    ),
    seeds: Annotated[Path, typer.Option(help="seeds.json of the recipe.")] = Path("eval/results/seeds.json"),
    data: Annotated[Path, typer.Option(help="Corpus folder.")] = Path("data/annotations"),
) -> None:
    """Exit with 1 where a retrained model falls more than the noise of seeds below the released scores."""
    with errors_in_one_line():
        released = read_json(reference)
        noise = read_json(seeds) if seeds.exists() else None
        gold = load_reference_gold(released, data, where=reference)
        with Console(stderr=True).status(f"{model} reads {len(gold)} reports"):
            scores = score_model(model, gold, Schema.load(data / "schema.toml"))
        found = {score: scored.counts.f1 for score, scored in scores.items()}
        checks = compare(found, released, noise, where=reference)
    console = Console(highlight=False, soft_wrap=True)
    console.print(to_terminal(gate_grid(checks, model, reference)))
    if noise is None:
        console.print(f"{seeds} is not there (`make seeds` writes it): a fall of {100 * FLOOR:g} points is allowed.")
    fallen = [check for check in checks if not check.passed]
    for check in fallen:
        console.print(
            f"{TITLES[check.score]}: F1 is {100 * check.found:.1f}, {100 * (check.released - check.found):.1f} points "
            f"below the released {100 * check.released:.1f}; {100 * check.allowed:.1f} may be the seed's doing."
        )
    console.print(f"{model} {'has fallen' if fallen else 'holds'} against {reference}.", markup=False)
    if fallen:
        raise typer.Exit(1)


def load_reference_gold(released: Mapping[str, Any], data: Path, *, where: Path) -> list[Report]:
    """The reports on which the released model was scored.

    Raises:
        InputError: they are not what they were, so that the scores cannot be compared.
    """
    split = released.get("split")
    if not isinstance(split, str):
        raise InputError(f"{where}: names no split; it must be a scores.json of `python -m eval`")
    gold = load_gold(data, split)
    if file_sha256(data / f"{split}.jsonl") != released.get("data_sha256"):
        raise InputError(
            f"{data / f'{split}.jsonl'} is not the file that {where} was scored on; score the released model again"
        )
    return gold


def compare(
    found: Mapping[str, float], released: Mapping[str, Any], noise: Mapping[str, Any] | None, *, where: Path
) -> list[Check]:
    """Set F1 scores beside the released ones.

    Args:
        found: score -> F1 of the retrained model.
        released: content of the released model's scores.json.
        noise: content of seeds.json, if there is one.
        where: the file of `released`, for the error.

    Returns:
        A check for each of `COMPARED` that the scheme has.

    Raises:
        InputError: a released score is missing, or a standard deviation is.
    """
    checks = []
    for score in COMPARED:
        if score not in found:
            continue
        try:
            before = float(released["systems"][0]["scores"]["all"][score]["f1"])
        except (KeyError, IndexError, TypeError) as error:
            raise InputError(
                f"{where}: has no F1 of {score!r} over all reports; make it with `python -m eval`"
            ) from error
        allowed = FLOOR
        if noise is not None:
            try:
                allowed = max(FLOOR, SDS * float(noise["scores"][score]["sd"]))
            except (KeyError, TypeError) as error:
                raise InputError(f"seeds.json has no sd of {score!r}; make it with `python -m eval.seeds`") from error
        checks.append(Check(score, before, found[score], allowed))
    return checks


def gate_grid(checks: list[Check], model: str, reference: Path) -> Grid:
    """The checks as a table, in %."""
    rows = (
        (
            TITLES[check.score],
            f"{100 * check.released:.1f}",
            f"{100 * check.found:.1f}",
            f"{100 * (check.found - check.released):+.1f}",
            f"-{100 * check.allowed:.1f}",
            "holds" if check.passed else "FALLEN",
        )
        for check in checks
    )
    columns = ("F1 in %", "released", "found", "difference", "allowed", "")
    return Grid(f"{model} against {reference}", columns, tuple(rows))


if __name__ == "__main__":
    typer.run(main)
