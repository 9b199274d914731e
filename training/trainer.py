"""One training run: the joint loss, the optimiser's groups and transformers' Trainer around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from torch import Tensor, nn
from torch.utils.data import Sampler
from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_pt_utils import LengthGroupedSampler

from conflictspan.devices import best_device, has_fast_bf16
from conflictspan.errors import ConfigError
from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel, PairBatch, WindowBatch
from conflictspan.records import Report
from training.config import TrainingConfig
from training.examples import IGNORED, Collator
from training.masking import WordMasker
from training.progress import validation_scores
from training.windows import TrainingWindows


class JointLoss(nn.Module):
    """The model with its losses: tags per word, statuses per trigger, relations per gold relation."""

    def __init__(self, model: ConflictModel, *, status_weight: float, relation_weight: float) -> None:
        super().__init__()
        self.model = model
        self.status_weight = status_weight
        self.relation_weight = relation_weight

    def forward(
        self, batch: WindowBatch, pairs: PairBatch, tags: Tensor, statuses: Tensor, gold_relations: Tensor
    ) -> dict[str, Tensor]:
        """The weighted sum, as {"loss": scalar}."""
        model = self.model
        words = model.encode(batch)
        logits = model.tag(words).float()
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), tags.flatten(), ignore_index=IGNORED)
        if not len(pairs.types):
            return {"loss": loss}
        states = model.mentions(words, pairs)
        if (statuses != IGNORED).any():
            status_logits = model.status(states).float()
            loss = loss + self.status_weight * nn.functional.cross_entropy(
                status_logits, statuses, ignore_index=IGNORED
            )
        if len(pairs.heads):
            pair_logits = model.pairs(words, states, pairs).float()
            all_losses = nn.functional.binary_cross_entropy_with_logits(pair_logits, gold_relations, reduction="none")
            # Per relation that is there, not per candidate: most candidates are easy, and there are very many.
            relation_loss = (all_losses * pairs.allowed).sum() / gold_relations.sum().clamp(min=1)
            loss = loss + self.relation_weight * relation_loss
        return {"loss": loss}


class ConflictTrainer(Trainer):
    """transformers' Trainer with windows of like length in one batch."""

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        examples: Any = train_dataset if train_dataset is not None else self.train_dataset
        return LengthGroupedSampler(
            self.args.train_batch_size * self.args.gradient_accumulation_steps,
            lengths=[example.length for example in examples],
        )


class ValidationCallback(TrainerCallback):
    """Scores the model on validation after each epoch and logs it beside the loss."""

    def __init__(self, extractor: Extractor, gold: Sequence[Report]) -> None:
        self.extractor = extractor
        self.gold = gold
        self.trainer: Trainer | None = None

    def on_epoch_end(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Log `validation_*`."""
        if self.trainer is None or not state.is_world_process_zero or not self.gold:
            return
        scores = validation_scores(self.extractor, self.gold)
        self.trainer.log({f"validation_{name}": round(score, 4) for name, score in scores.items()})


class EpochCallback(TrainerCallback):
    """Has something done when an epoch begins; an interrupted run that is resumed comes by here too."""

    def __init__(self, begin: Callable[[int], None]) -> None:
        """Take what is called with the epoch's number, from 0."""
        self.begin = begin

    def on_epoch_begin(
        self,
        args: TrainingArguments,  # noqa: ARG002
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        """Call it."""
        self.begin(round(state.epoch or 0))


def parameter_groups(model: JointLoss, config: TrainingConfig) -> list[dict[str, Any]]:
    """Two rates, encoder and heads; no decay on biases, norms and embeddings."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        in_encoder = name.startswith("model.encoder.")
        decays = parameter.ndim > 1 and "embedding" not in name
        groups.setdefault((in_encoder, decays), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": config.learning_rate if in_encoder else config.head_learning_rate,
            "weight_decay": config.weight_decay if decays else 0.0,
        }
        for (in_encoder, decays), parameters in groups.items()
    ]


def train(
    model: ConflictModel,
    extractor: Extractor,
    windows: TrainingWindows,
    validation: Sequence[Report],
    config: TrainingConfig,
    *,
    masker: WordMasker | None,
    checkpoints: Path,
    resume: bool,
) -> list[dict[str, float]]:
    """Train a model in place.

    Args:
        model: starts from a pretrained encoder.
        extractor: wraps the same model, for validation.
        windows: of the training reports.
        validation: annotated reports scored after each epoch.
        config: the recipe.
        masker: hides words of the windows; None: none.
        checkpoints: folder for the state after each epoch.
        resume: go on from the newest checkpoint there.

    Returns:
        The log: loss and validation scores over the epochs.
    """
    device = best_device()
    processes = PartialState().num_processes
    if config.batch_size % processes:
        raise ConfigError(
            f"batch_size = {config.batch_size} cannot be shared by {processes} processes; make it a multiple"
        )
    joint = JointLoss(model, status_weight=config.status_weight, relation_weight=config.relation_weight)
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size // processes,
        seed=config.seed,
        bf16=has_fast_bf16(device),
        use_cpu=device.type == "cpu",
        lr_scheduler_type="linear",
        warmup_steps=config.warmup_ratio,
        max_grad_norm=1.0,
        logging_steps=20,
        save_strategy="epoch",
        save_total_limit=1,
        report_to="none",
        remove_unused_columns=False,
        dataloader_pin_memory=device.type == "cuda",
    )
    optimizer = torch.optim.AdamW(parameter_groups(joint, config), fused=True)  # on a CPU twenty times faster
    # Half of the default encoder's weights, which every step would otherwise update; see EXPERIMENTS.md, B2-freeze.
    model.encoder.get_input_embeddings().requires_grad_(False)
    callback = ValidationCallback(extractor, validation)

    trainer = ConflictTrainer(
        model=joint,
        args=arguments,
        train_dataset=windows,
        data_collator=Collator(extractor.special, masker),
        optimizers=(optimizer, None),
        callbacks=[callback, EpochCallback(windows.begin)],
    )
    callback.trainer = trainer
    newest = any(checkpoints.glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=resume and newest)
    return [entry for entry in trainer.state.log_history if "loss" in entry or "validation_entity" in entry]
