"""A whole training run: corpus in, model folder with its record, card and curves out."""

from __future__ import annotations

import json
import logging
import resource
import shutil
import time
from dataclasses import asdict
from functools import partial
from typing import Any

from accelerate import PartialState
from transformers import PreTrainedModel, set_seed

from conflictspan.corpus import load_corpus
from conflictspan.devices import best_device, has_fast_bf16
from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel, ModelConfig
from conflictspan.model_folder import save_model
from conflictspan.schema import Schema
from training.calibration import calibrate
from training.config import TrainingConfig
from training.encoder import load_encoder
from training.examples import build_examples
from training.masking import WordMasker
from training.progress import plot_curves, validation_scores
from training.renaming import Renamer
from training.run_record import model_card, run_record
from training.subsample import subsample
from training.trainer import train
from training.windows import TrainingWindows

logger = logging.getLogger(__name__)


def run_training(config: TrainingConfig, *, resume: bool = False) -> dict[str, Any]:
    """Train by a configuration and write `config.output`.

    Under `accelerate launch` every process trains on its share of each batch and the first one writes.

    Args:
        config: the recipe.
        resume: go on from the last finished epoch of an interrupted run into the same output.

    Returns:
        The run record, as written to run.json.
    """
    schema = Schema.load(config.corpus / "schema.toml")
    reports, validation = load_corpus(config.corpus, "train"), load_corpus(config.corpus, "validation")
    reports = subsample(reports, config.train_share, seed=config.seed)
    processes = PartialState(cpu=best_device().type == "cpu")
    set_seed(config.seed)
    start = load_encoder(config.encoder, hidden_dropout=config.encoder_dropout, layers=config.encoder_layers)
    tokenizer = start.tokenizer
    masker = WordMasker.of(tokenizer, config.mask_share)
    model_config = ModelConfig(
        encoder=_architecture(start.model),
        window_pieces=config.window_pieces,
        context_sentences=config.context_sentences,
        pair_size=config.pair_size,
        dropout=config.dropout,
        relation_threshold=config.relation_threshold,
    )
    model = ConflictModel(model_config, schema, start.model)
    if start.shapes is not None:
        model.shape_embedding.load_state_dict({"weight": start.shapes})
    extractor = Extractor(model, tokenizer)
    windows = TrainingWindows(
        reports,
        partial(build_examples, schema=schema, tokenizer=tokenizer, config=model_config),
        renamer=Renamer(reports, schema),
        share=config.rename_share,
        seed=config.seed,
    )
    counts = {
        "train_reports": len(reports),
        "validation_reports": len(validation),
        "windows": len(windows),
        "pieces": sum(windows[i].length for i in range(len(windows))),
        **asdict(windows.losses),
    }
    if processes.is_main_process:
        logger.info("%s", "  ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in counts.items()))
    started = time.monotonic()
    checkpoints = config.output / "checkpoints"
    history = train(
        model, extractor, windows, validation, config, masker=masker, checkpoints=checkpoints, resume=resume
    )
    seconds = time.monotonic() - started
    calibration = calibrate(extractor, validation)
    record = run_record(
        config,
        scores=validation_scores(extractor, validation) if validation else {},  # calibration decides what is given out
        history=history,
        counts=counts,
        calibration=calibration,
        seconds=seconds,
        peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        bf16=has_fast_bf16(best_device()),
        processes=processes.num_processes,
    )
    if processes.is_main_process:
        save_model(config.output, model, tokenizer)
        (config.output / "run.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        (config.output / "README.md").write_text(model_card(record, schema), encoding="utf-8")
        plot_curves(history, config.output / "curves.png")
        shutil.rmtree(checkpoints, ignore_errors=True)
        scores = "  ".join(f"{name} {score:.3f}" for name, score in record["validation"].items())
        minutes = record["seconds"] / 60
        logger.info("%s: strict F1 on validation: %s (%.1f min)", config.output, scores, minutes)
    return record


def _architecture(encoder: PreTrainedModel) -> dict[str, Any]:
    """An encoder's configuration without the path that it was loaded from, which means nothing elsewhere."""
    settings: dict[str, Any] = encoder.config.to_dict()
    settings.pop("_name_or_path", None)
    return settings
