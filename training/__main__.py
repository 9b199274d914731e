"""`python -m training CONFIG`: train on the corpus, write a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.command import run_command

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    config_file: Annotated[Path, typer.Argument(metavar="CONFIG", help="A TOML file, as in training/configs/.")],
    overrides: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key.")] = None,
    encoder: Annotated[str | None, typer.Option(help="Encoder: a folder or a model hub's id.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Model folder to write.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights, order and dropout.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last finished epoch.")] = False,
) -> None:
    """Train a model on an annotated corpus."""
    from training.config import load_config  # pydantic, torch and transformers only once the arguments are right

    shortcuts = {"encoder": encoder, "output": output, "seed": seed}
    named = [f"{key}={value}" for key, value in shortcuts.items() if value is not None]
    config = load_config(config_file, [*(overrides or []), *named])

    from training.run import run_training

    run_training(config, resume=resume)


def main() -> None:
    """Run the command."""
    run_command(app)


if __name__ == "__main__":
    main()
