"""From what the network gives to what `score` means: calibrated probabilities, and thresholds that promise a precision.

All of it is fitted on the validation reports after training (`training/calibration.py`) and stands in the model
folder's `calibration.json`:

    {"entity": {"scale": {"temperature": 1.71, "bias": -0.66}, "least": 0.41,
                "curves": {"LOC": [[0.85, 0.0], [0.86, 0.2107], ...], ...}},      precision, score from which on
     "trigger": {...}, "relation": {...}}
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from conflictspan.errors import ModelError
from conflictspan.records import Mention, Relation
from conflictspan.schema import Schema

EDGE = 1e-6
"""Probabilities are kept this far from 0 and 1 before their logit is taken."""

Curve = tuple[tuple[float, float], ...]
"""Pairs of a precision and the lowest score from which on it is promised; both ascend, the first score is 0."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Temperature and bias on the logit: `sigmoid(logit(p) / temperature + bias)`, which keeps the order.

    The temperature alone (Guo et al. 2017, "On calibration of modern neural networks") leaves .5 where it is; what is
    given out has already won against its alternatives, so .5 needs moving too (Platt 1999).

    >>> round(Scale(temperature=2.0, bias=0.0)(0.9), 2)   # logit 2.197, halved: 1.099
    0.75
    """

    temperature: Annotated[float, Field(gt=0)] = 1.0
    bias: float = 0.0

    def __call__(self, probability: float) -> float:
        """The calibrated probability."""
        if self == Scale():
            return probability
        inside = min(max(probability, EDGE), 1 - EDGE)
        return 1 / (1 + math.exp(-(math.log(inside / (1 - inside)) / self.temperature + self.bias)))


@dataclass(frozen=True, slots=True)
class KindCalibrator:
    """The calibration of one kind of prediction: entities, triggers or relations.

    Attributes:
        scale: from the network's probability to the score.
        curves: type or label -> precision promised from which score on; a relation's end to end, from which
            `end_to_end_score` on. Empty where validation had too few predictions of the kind.
        least: the score from which on a prediction is given out, of a relation its `end_to_end_score`; None where
            nothing is fitted, and what the network prefers is given out.
    """

    scale: Scale = Scale()
    curves: Mapping[str, Curve] = field(default_factory=dict)
    least: Annotated[float, Field(ge=0, le=1)] | None = None

    def threshold(self, label: str, min_precision: float) -> float | None:
        """The lowest score from which on a precision is promised; None where no score promises it."""
        return next((score for precision, score in self.curves.get(label, ()) if precision >= min_precision), None)


@dataclass(frozen=True, slots=True)
class Calibrator:
    """The calibration of a model. Without anything fitted, scores are the network's own."""

    entity: KindCalibrator = KindCalibrator()
    trigger: KindCalibrator = KindCalibrator()
    relation: KindCalibrator = KindCalibrator()

    def of_type(self, type_: str, schema: Schema) -> KindCalibrator:
        """The calibration of mentions of a type."""
        return self.trigger if schema.is_event(type_) else self.entity

    @property
    def has_curves(self) -> bool:
        """Whether any precision is promised of anything."""
        return any(kind.curves for kind in (self.entity, self.trigger, self.relation))

    def to_json(self) -> str:
        """The text of `calibration.json`, one line a curve."""
        kinds = []
        for name, kind in (("entity", self.entity), ("trigger", self.trigger), ("relation", self.relation)):
            scale = f'"scale": {json.dumps(asdict(kind.scale))}'
            curves = ",\n".join(f"   {json.dumps(label)}: {json.dumps(curve)}" for label, curve in kind.curves.items())
            least = f'"least": {json.dumps(kind.least)}'
            kinds.append(f' "{name}": {{{scale}, {least}, "curves": {{\n{curves}}}}}')
        return "{\n" + ",\n".join(kinds) + "}\n"

    @classmethod
    def from_json(cls, text: str) -> Calibrator:
        """Read the text of `calibration.json`. Raises ValueError saying what is wrong."""
        return TypeAdapter(cls).validate_json(text)

    @classmethod
    def load(cls, path: Path) -> Calibrator:
        """Read a `calibration.json`; where there is none, as in model folders from before it, nothing is fitted.

        Raises:
            ModelError: naming the file and what is wrong with it.
        """
        if not path.is_file():
            return cls()
        try:
            return cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"{path}: {error}; fetch the model again or train it anew") from error


def end_to_end_score(relation: Relation, mentions: Mapping[str, Mention]) -> float | None:
    """How probable it is that a relation and both its mentions are right: the product of the three scores.

    A relation's own score is given its mentions. The product takes the three as independent; being right they go
    together, so that it is somewhat too low.

    Args:
        relation: a predicted relation.
        mentions: of its report, by id.

    Returns:
        0..1, or None where one of the three has no score.
    """
    scores = (relation.score, mentions[relation.head].score, mentions[relation.tail].score)
    return None if None in scores else math.prod(score for score in scores if score is not None)
