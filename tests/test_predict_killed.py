import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

SENTENCES = ("Rebels shelled Raqqa on Sunday, killing two civilians.", "The army denied it had left Aleppo.", "A b.")


def test_killed_at_random_moments_it_goes_on_to_the_same_bytes(tiny_model: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with (tmp_path / "in" / "a.jsonl").open("w") as file:
        for n in range(90):
            text = " ".join(SENTENCES[(n + k) % 3] for k in range(1 + n % 7))
            file.write(json.dumps({"id": f"r{n % 80}", "text": text}) + "\n" + "no json\n" * (n % 20 == 0))
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed_runs", tmp_path],
        cwd=REPOSITORY,
        env=os.environ | {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    killed, whole = map(int, done.stdout.split())
    assert killed == 20
    assert whole > 1
