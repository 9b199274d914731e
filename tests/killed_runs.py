"""Runs of `predict` that are killed at random moments; a process of its own, so that one can be forked for each run.

Prints how many runs were killed and how many outputs were made whole.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from conflictspan import blocks
from conflictspan.extractor import Extractor
from conflictspan.predict import predict

KILLS = 20


def main(folder: Path) -> None:
    """Compare what is left each time with what a run leaves that was not killed."""
    torch.set_num_threads(1)  # threads do not live on in a forked process
    blocks.BLOCK_CHARACTERS = 1_500
    extractor = Extractor.from_pretrained(folder / "tiny-model")
    Extractor.from_pretrained = lambda *_, **__: extractor  # type: ignore[method-assign]
    names = ("out.jsonl", "out.jsonl.gz", "out.jsonl.zst")
    began = time.monotonic()
    for name in names:
        (folder / "whole").mkdir(exist_ok=True)
        os.waitpid(_fork(folder, folder / "whole" / name), 0)
    duration = (time.monotonic() - began) / len(names)
    kills = done = 0
    while kills < KILLS:
        target = folder / f"killed-{done}"
        target.mkdir()
        name = names[done % len(names)]
        chance = random.Random(done)  # noqa: S311
        while not (target / name).exists() or len(list(target.iterdir())) > 2:
            child = _fork(folder, target / name)
            if kills < KILLS:
                time.sleep(chance.uniform(0, 0.7 * duration))
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            kills += os.WIFSIGNALED(status)
        for file in target.iterdir():
            if file.read_bytes() != (folder / "whole" / file.name).read_bytes():
                sys.exit(f"{file} differs")
        if len(list(target.iterdir())) != 2:
            sys.exit(f"{target} lacks the rejects")
        done += 1
    sys.stdout.write(f"{kills} {done}\n")


def _fork(folder: Path, output: Path) -> int:
    """Run `predict` in a process of its own."""
    if child := os.fork():
        return child
    try:
        predict([str(folder / "in")], str(output), model=folder / "tiny-model", resume=True)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
