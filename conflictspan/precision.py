"""Keeping of what was found only that which is sure enough: by default for the best F1, else for `--min-precision`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from conflictspan.calibration import Calibrator, end_to_end_score
from conflictspan.errors import ConfigError, ModelError
from conflictspan.records import Report
from conflictspan.schema import Schema

logger = logging.getLogger(__name__)

NEVER = 2.0
"""A threshold that no score reaches."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which on predictions are kept.

    Attributes:
        types: mention type -> threshold on the score.
        labels: relation label -> threshold on `end_to_end_score`.
    """

    types: Mapping[str, float]
    labels: Mapping[str, float]

    def apply(self, report: Report) -> Report:
        """Leave out the mentions and relations below their thresholds; a relation goes with either of its mentions.

        What stays keeps its id, so that it can be found again in what is extracted with another precision. What has
        no score stays.
        """
        by_id = {m.id: m for m in report.mentions}
        mentions = tuple(m for m in report.mentions if m.score is None or m.score >= self.types[m.type])
        kept = {m.id for m in mentions}
        relations = tuple(
            r
            for r in report.relations
            if r.head in kept
            and r.tail in kept
            and ((score := end_to_end_score(r, by_id)) is None or score >= self.labels[r.label])
        )
        return replace(report, mentions=mentions, relations=relations)


def usual_thresholds(calibrator: Calibrator, schema: Schema) -> Thresholds:
    """The thresholds at which, by the model's validation, F1 is best; all is kept of what nothing is fitted for."""
    return Thresholds(
        types={type_: calibrator.of_type(type_, schema).least or 0.0 for type_ in schema.types},
        labels=dict.fromkeys(schema.labels, calibrator.relation.least or 0.0),
    )


def thresholds_for(min_precision: float, calibrator: Calibrator, schema: Schema) -> Thresholds:
    """The lowest thresholds at which, by the model's validation, at least `min_precision` of each label is right.

    None is below the usual ones. Right means as in strict scoring: a mention with both ends and its type, a relation
    with both its mentions and its label. Types and labels of which validation promises the precision at no threshold
    are left out altogether, and a warning is logged that names them.

    Args:
        min_precision: 0..1, both excluded.
        calibrator: the model's.
        schema: the model's.

    Raises:
        ConfigError: where the precision is no share.
        ModelError: where the model's validation was too small for any promise.
    """
    if not 0 < min_precision < 1:
        raise ConfigError(
            f"a precision of {min_precision} cannot be asked for; give a share between 0 and 1, such as 0.9"
        )
    if not calibrator.has_curves:
        raise ModelError(
            f"this model cannot promise a precision of {min_precision}: its folder has no curves in calibration.json; "
            "train it again with this version and at least 50 validation predictions, or leave the precision out"
        )
    types = {type_: calibrator.of_type(type_, schema).threshold(type_, min_precision) for type_ in schema.types}
    labels = {label: calibrator.relation.threshold(label, min_precision) for label in schema.labels}
    for noun, thresholds in (("types", types), ("relations", labels)):
        if withheld := [name for name, threshold in thresholds.items() if threshold is None]:
            logger.warning(
                "a precision of %s cannot be promised for these %s, which are left out: %s",
                min_precision,
                noun,
                ", ".join(withheld),
            )
    usual = usual_thresholds(calibrator, schema)
    return Thresholds(
        types={type_: NEVER if t is None else max(t, usual.types[type_]) for type_, t in types.items()},
        labels={label: NEVER if t is None else max(t, usual.labels[label]) for label, t in labels.items()},
    )
