"""Fitting on validation what makes outputs scores: a scale and a least score by kind, precision curves by label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from conflictspan.calibration import EDGE, Calibrator, Curve, KindCalibrator, Scale, end_to_end_score
from conflictspan.extractor import UNLIKELY, Extractor
from conflictspan.model import ConflictModel
from conflictspan.precision import usual_thresholds
from conflictspan.records import Offsets, Report
from conflictspan.schema import Schema

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST = 50
"""Of a kind with fewer predictions nothing is fitted; from a score that fewer reach nothing is promised."""

FEWEST_EITHER = 10
"""Right ones, and wrong ones, that a scale needs; where there are none the bias has no bound."""

PRIOR = 50
"""How many predictions the precision of all labels of its kind counts for in a label's own.

Chosen by cross-validation, see `training/EXPERIMENTS.md`.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """Predictions of one kind. N predictions.

    Attributes:
        labels: [N] type or label.
        scores: [N] 0..1.
        right: [N] whether gold has it: strict match, a relation's mentions included.
    """

    labels: NDArray[np.str_]
    scores: Doubles
    right: Bools

    @classmethod
    def of(cls, rows: Iterable[tuple[str, float, bool]]) -> Answers:
        """From rows of label, score, right."""
        rows = list(rows)
        return cls(
            np.array([label for label, _, _ in rows], dtype=np.str_),
            np.array([score for _, score, _ in rows], dtype=np.float64),
            np.array([right for _, _, right in rows], dtype=np.bool_),
        )


def calibrate(extractor: Extractor, gold: Sequence[Report]) -> dict[str, dict[str, float | None]]:
    """Fit the calibration of an extractor's model on annotated reports and leave it in the model.

    Mentions are judged as they are extracted from the bare text, by strict match. A relation's scale is fitted on
    gold mentions, for its score is given its mentions; its precision curves, and the least score that is given out,
    are those of relations end to end. Triggers have no least score: an event record gains more from an unsure trigger
    than it loses, see `training/EXPERIMENTS.md`.

    Returns:
        By kind: how many predictions, how many of them right, temperature, bias and the least score given out.
    """
    model, schema = extractor.model, extractor.schema
    bare = [Report(report.id, report.text) for report in gold]
    model.calibrator = Calibrator()  # it is the network's own probabilities that are scaled
    with _all_candidates(model):
        found, on_gold = list(extractor.find(bare)), list(extractor.relate(gold))
    answers = {**_mention_answers(gold, found, schema), "relation": _relation_answers(gold, on_gold)}
    counts = {kind: {"predictions": len(a.right), "right": int(a.right.sum())} for kind, a in answers.items()}
    fitted = {kind: KindCalibrator(fit_scale(a)) for kind, a in answers.items()}

    scored = [_rescaled(report, Calibrator(**fitted), schema) for report in found]
    wanted = _wanted(gold, schema)
    answers = _end_to_end(gold, scored, schema)
    for kind in ("entity", "relation"):
        fitted[kind] = replace(fitted[kind], least=fit_least(answers[kind], wanted[kind]))

    kept = list(map(usual_thresholds(Calibrator(**fitted), schema).apply, scored))
    labels = {"entity": list(schema.entities), "trigger": list(schema.events), "relation": schema.labels}
    answers = _end_to_end(gold, kept, schema)
    model.calibrator = Calibrator(
        **{kind: replace(k, curves=fit_curves(answers[kind], labels[kind])) for kind, k in fitted.items()}
    )
    return {kind: {**counts[kind], **asdict(k.scale), "least": k.least} for kind, k in fitted.items()}


@contextmanager
def _all_candidates(model: ConflictModel) -> Iterator[None]:
    """Have relations given out from a probability on that is too low for any use but to choose a better one."""
    config = model.config
    model.config = replace(config, relation_threshold=UNLIKELY)
    try:
        yield
    finally:
        model.config = config


def _rescaled(report: Report, calibrator: Calibrator, schema: Schema) -> Report:
    """A report with the network's own probabilities made scores of, as the extractor does it."""
    mentions = tuple(
        m if m.score is None else replace(m, score=calibrator.of_type(m.type, schema).scale(m.score))
        for m in report.mentions
    )
    relations = tuple(
        r if r.score is None else replace(r, score=calibrator.relation.scale(r.score)) for r in report.relations
    )
    return replace(report, mentions=mentions, relations=relations)


def fit_scale(answers: Answers) -> Scale:
    """The temperature and bias under which the answers are most likely; none where there are too few to tell."""
    n_right = int(answers.right.sum())
    if len(answers.right) < FEWEST or min(n_right, len(answers.right) - n_right) < FEWEST_EITHER:
        return Scale()
    inside = answers.scores.clip(EDGE, 1 - EDGE)
    logits = np.log(inside / (1 - inside))

    def loss(parameters: Doubles) -> float:
        scaled = logits / np.exp(parameters[0]) + parameters[1]
        return float(np.mean(np.logaddexp(0, scaled) - answers.right * scaled))

    found = minimize(loss, np.zeros(2), bounds=((np.log(0.1), np.log(10)), (-10, 10)))
    return Scale(round(float(np.exp(found.x[0])), 4), round(float(found.x[1]), 4))


def fit_least(answers: Answers, wanted: int) -> float | None:
    """The score from which on predictions are to be given out for the best F1: half of the best F1 that there is.

    A prediction adds to F1 if it is right with more than half the probability that F1 has (Lipton, Elkan and
    Naryanaswamy 2014, "Optimal thresholding of classifiers to maximize F1 measure"). The score at which F1 is best
    on the same predictions jumps about with them; half of the best does not.

    Args:
        answers: of one kind, with calibrated scores, the unlikely ones included.
        wanted: how many gold has.

    Returns:
        None where there are too few answers to tell, or none is right.
    """
    if len(answers.right) < FEWEST or not answers.right.any():
        return None
    order = np.argsort(-answers.scores, kind="stable")
    scores, right = answers.scores[order], answers.right[order].cumsum()
    f1 = 2 * right / (np.arange(1, len(scores) + 1) + wanted)
    together = np.append(scores[1:] != scores[:-1], True)  # equal scores are given out together
    return round(float(f1[together].max()) / 2, 4)


def fit_curves(answers: Answers, labels: Sequence[str]) -> dict[str, Curve]:
    """How precise each label is from which score on.

    From a score s on, n of a label's predictions are there and h of them right; of all its kind's, a share p is
    right. The label's precision is taken to be

        (h + PRIOR * p) / (n + PRIOR)

    (the m-estimate, Cestnik 1990): a label with many predictions is judged by its own, one with few by its kind's,
    and one that is worse than its kind is held down by what little there is of it. What is promised from s on is the
    lowest such precision from any score on that is at least s, so that it only rises with s. It is in whole percent,
    rounded down, and is not promised from scores that fewer than FEWEST of the kind reach.

    Args:
        answers: of one kind.
        labels: all labels of the kind, also those that were never predicted.
    """
    order = np.argsort(-answers.scores, kind="stable")
    scores, right, names = answers.scores[order], answers.right[order], answers.labels[order]
    last = np.append(scores[1:] != scores[:-1], True)[: len(scores)]  # of the predictions with this score
    numbers = np.arange(1, len(scores) + 1)
    asked = last & (numbers >= FEWEST)
    if not asked.any():
        return {}
    kind = right.cumsum() / numbers
    curves = {}
    for label in labels:
        own = names == label
        precision = ((own & right).cumsum() + PRIOR * kind) / (own.cumsum() + PRIOR)
        promised = np.floor(np.minimum.accumulate(precision[asked]) * 100 + 1e-9) / 100
        curves[label] = tuple(_steps(promised, scores[asked]))
    return curves


def _steps(promised: Doubles, scores: Doubles) -> Iterator[tuple[float, float]]:
    """From the lowest score up: each precision and where it begins. The lowest is promised of all there is."""
    reached = -1.0
    for precision, score in zip(promised[::-1].tolist(), scores[::-1].tolist(), strict=True):
        if precision > reached:
            yield precision, 0.0 if reached < 0 else round(score, 6)
            reached = precision


def _wanted(gold: Sequence[Report], schema: Schema) -> dict[str, int]:
    entities = sum(not schema.is_event(m.type) for report in gold for m in report.mentions)
    return {"entity": entities, "relation": sum(len(report.relations) for report in gold)}


def _end_to_end(gold: Sequence[Report], found: Sequence[Report], schema: Schema) -> dict[str, Answers]:
    """The answers of each kind from the bare text, relations with the score of all that has to be right."""
    return {**_mention_answers(gold, found, schema), "relation": _relation_answers(gold, found, end_to_end=True)}


def _mention_answers(gold: Sequence[Report], found: Sequence[Report], schema: Schema) -> dict[str, Answers]:
    rows: dict[str, list[tuple[str, float, bool]]] = {"entity": [], "trigger": []}
    for report, answer in zip(gold, found, strict=True):
        wanted = {(m.start, m.end, m.type) for m in report.mentions}
        for m in answer.mentions:
            if m.score is not None:
                kind = "trigger" if schema.is_event(m.type) else "entity"
                rows[kind].append((m.type, m.score, (m.start, m.end, m.type) in wanted))
    return {kind: Answers.of(found) for kind, found in rows.items()}


def _relation_answers(gold: Sequence[Report], found: Sequence[Report], *, end_to_end: bool = False) -> Answers:
    rows = []
    for report, answer in zip(gold, found, strict=True):
        wanted, mentions = set(_arcs(report)), {m.id: m for m in answer.mentions}
        for relation, arc in zip(answer.relations, _arcs(answer), strict=True):
            score = end_to_end_score(relation, mentions) if end_to_end else relation.score
            if score is not None:
                rows.append((relation.label, score, arc in wanted))
    return Answers.of(rows)


def _arcs(report: Report) -> list[tuple[Offsets, str, str, Offsets, str]]:
    """Its relations by what they join, in their order, for ids differ between gold and prediction."""
    mentions = {m.id: m for m in report.mentions}
    ends = [(mentions[r.head], r.label, mentions[r.tail]) for r in report.relations]
    return [((head.start, head.end), head.type, label, (tail.start, tail.end), tail.type) for head, label, tail in ends]
