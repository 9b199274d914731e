"""Training in two processes of `accelerate launch`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from conflictspan.extractor import Extractor
from conflictspan.records import Report
from tests.conftest import REPOSITORY
from training.config import TrainingConfig


def test_two_processes_share_each_batch_and_one_of_them_writes(config: TrainingConfig, tmp_path: Path) -> None:
    file = tmp_path / "tiny.toml"
    file.write_text(
        f'corpus = "{config.corpus}"\nencoder = "{config.encoder}"\noutput = "{config.output}"\n'
        "epochs = 1\nbatch_size = 4\npair_size = 8\n"
    )
    launch = ("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2", "--main_process_port", "0")
    done = subprocess.run(
        [sys.executable, *launch, "-m", "training", file],
        cwd=REPOSITORY,
        env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    record = json.loads((config.output / "run.json").read_text())
    assert record["processes"] == 2
    assert done.stderr.count("strict F1 on validation") == 1
    (found,) = Extractor.from_pretrained(config.output).extract([Report("r", "Rebels attacked Raqqa on Sunday.")])
    assert found.text == "Rebels attacked Raqqa on Sunday."
