"""What a training run leaves beside its weights: the run record and the model card."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from conflictspan.formats.corpus_folder import IMPORT
from conflictspan.schema import Schema
from training.config import TrainingConfig

CORPUS_FILES = ("schema.toml", "train.jsonl", "validation.jsonl")
LIBRARIES = ("conflictspan", "torch", "transformers", "accelerate", "tokenizers", "safetensors", "numpy")


_OWN_LIMITS = """English only. The training reports are written for the corpus and their events are invented: on real
text scores are lower, above all for relations over sentences and for kinds of text that the corpus lacks."""
_IMPORTED_LIMITS = """The annotations are other people's, taken in by `conflictspan annotations`; the import.json of the
corpus says by which rules and what was lost. Their licence decides what may be done with the model."""


def run_record(
    config: TrainingConfig,
    *,
    scores: dict[str, float],
    history: list[dict[str, float]],
    counts: dict[str, int],
    calibration: dict[str, dict[str, float | None]],
    seconds: float,
    peak_mib: float,
    bf16: bool,
    processes: int,
) -> dict[str, Any]:
    """Everything needed to judge and repeat a run, as JSON types."""
    return {
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "config": config.model_dump(mode="json"),
        "data_sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in (config.corpus / name for name in (*CORPUS_FILES, IMPORT))
            if path.exists()
        },
        "versions": {name: version(name) for name in LIBRARIES},
        "counts": counts,
        "seconds": round(seconds, 1),
        "peak_memory_mib": round(peak_mib),
        "bf16": bf16,
        "processes": processes,
        "validation": {name: round(score, 4) for name, score in scores.items()},
        "calibration": calibration,
        "history": history,
    }


def model_card(record: dict[str, Any], schema: Schema) -> str:
    """README.md of a model folder, with the YAML header that model hubs read."""
    config, scores = record["config"], record["validation"]
    imported = IMPORT in record["data_sha256"]
    layers = config["encoder_layers"]
    lowest = f"the lower layers ({layers}) of " if layers else ""
    rows = "\n".join(f"| {name.replace('_', ' ')} | {score:.3f} |" for name, score in scores.items())
    return f"""---
license: {"other" if imported else "apache-2.0"}
language: en
library_name: conflictspan
pipeline_tag: token-classification
---

# {config["output"].rsplit("/", 1)[-1]}: a conflictspan model

Finds {len(schema.entities)} entity types, {len(schema.events)} event triggers and {len(schema.relations)} relations
of the label scheme "{schema.name}" in reports of any length. Trained on {record["counts"]["train_reports"]} annotated
reports from {lowest}the encoder `{config["encoder"]}` in {record["seconds"] / 60:.1f} minutes
(seed {config["seed"]}, {config["epochs"]:g} epochs, {"bfloat16" if record["bf16"] else "float32"}).

Strict F1 on validation (relation: end to end on predicted spans; relation gold: on gold spans). The thresholds of
what is given out were fitted on it, after the last epoch of the curves below.

| | F1 |
|---|---|
{rows}

![loss and F1 over the epochs](curves.png)

## Use

    conflictspan predict reports/ --model {config["output"]} -o extracted.jsonl

## Limits

{_IMPORTED_LIMITS if imported else _OWN_LIMITS}
What the model gives out are claims found in a text, not facts; a person must check them before anything rests on them.
`run.json` has the configuration, data hashes, versions and the log of the run.
"""


def _commit() -> str | None:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)  # noqa: S607
    return done.stdout.strip() or None
