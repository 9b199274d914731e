"""Where models and annotators differ: spans that only the models find, and spans that they overlook.

The predictions must come from models that did not learn from the report: from k-fold training
(`python -m training.folds`), or from a model trained on other splits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conflictspan.audit.finding import GOLD_ONLY, MODEL_ONLY, Finding
from conflictspan.audit.rivals import PRIOR, Form
from conflictspan.audit.sentences import AuditedSentence
from conflictspan.errors import InputError
from conflictspan.records import Mention, Offsets, Report

SURE = 0.9
"""A model's span is listed from this score on, an overlooked one if this share of its like is found elsewhere."""


@dataclass(frozen=True, slots=True)
class PredictedSentence:
    """A sentence beside the mentions that a model found in it.

    Attributes:
        sentence: as annotated.
        predicted: with offsets into the sentence; those that cross its end are left out.
    """

    sentence: AuditedSentence
    predicted: tuple[Mention, ...]


def predicted_sentences(
    reports: Mapping[str, Sequence[AuditedSentence]], predictions: Iterable[Report]
) -> tuple[list[PredictedSentence], list[str]]:
    """Put predictions beside the reports that they are of.

    Returns:
        The sentences of the reports that have predictions, and in words what could not be compared.

    Raises:
        InputError: where no prediction is of a report here, a report has two, or mentions have no score.
    """
    found: dict[str, list[PredictedSentence]] = {}
    unknown = changed = 0
    for prediction in predictions:
        sentences = reports.get(prediction.id)
        if sentences is None:
            unknown += 1
        elif prediction.text != " ".join(sentence.row.text for sentence in sentences):
            changed += 1
        elif prediction.id in found:
            raise InputError(f"report {prediction.id!r} has two predictions; leave one")
        else:
            found[prediction.id] = list(_cut(sentences, prediction))
    if not found:
        raise InputError("no prediction is of a report of the corpus with the text that it has now; predict these anew")
    notes = {
        "reports have no prediction": len(reports) - len(found) - changed,
        "predictions are of another text than the report has now": changed,
        "predictions are of no report here": unknown,
    }
    told = [f"{count} {what}" for what, count in notes.items() if count]
    return [sentence for sentences in found.values() for sentence in sentences], told


def model_only(predicted: Iterable[PredictedSentence]) -> Iterator[Finding]:
    """Find spans that a model is sure of and that are not annotated so. The score is the surprise."""
    for item in predicted:
        row = item.sentence.row
        gold = {(m.start, m.end, m.type) for m in row.mentions}
        for mention in item.predicted:
            score = mention.score or 0.0
            if score < SURE or (mention.start, mention.end, mention.type) in gold:
                continue
            instead = [m for m in row.mentions if m.start < mention.end and mention.start < m.end]
            here = " and ".join(f'"{row.text[m.start : m.end]}" {m.type}' for m in instead) or "nothing"
            yield Finding(
                kind=MODEL_ONLY,
                split=item.sentence.split,
                row=row,
                start=mention.start,
                end=mention.end,
                reading=mention.type,
                reason=f"{mention.type} by a model that did not learn from the report; annotated is {here}",
                surprise=score,
            )


def gold_only(predicted: Sequence[PredictedSentence]) -> Iterator[Finding]:
    """Find mentions in whose place a model finds nothing at all, though it finds others of these words and this type.

    A model gives no score to what it does not find. The surprise is the share of mentions of the form and type in other
    reports that are found, where the type's share counts for PRIOR mentions.
    """
    found: Counter[tuple[Form, str, str]] = Counter()  # form, type, report: for its own report does not count
    there: Counter[tuple[Form, str, str]] = Counter()
    mentions = []
    for item in predicted:
        sentence = item.sentence
        exact = {(m.start, m.end, m.type) for m in item.predicted}
        touched: list[Offsets] = [(m.start, m.end) for m in item.predicted]
        for mention, first, end in sentence.spans():
            key = (sentence.forms[first:end], mention.type, sentence.row.report)
            there[key] += 1
            found[key] += (mention.start, mention.end, mention.type) in exact
            if not any(start < mention.end and mention.start < stop for start, stop in touched):
                mentions.append((sentence, mention, key))
    n_form, n_type = _sums(there)
    found_form, found_type = _sums(found)
    for sentence, mention, key in mentions:
        form, type_, _ = key
        of_type = found_type[type_] / n_type[type_]
        n, n_found = n_form[form, type_] - there[key], found_form[form, type_] - found[key]
        surprise = (n_found + PRIOR * of_type) / (n + PRIOR)
        if surprise >= SURE:
            yield Finding(
                kind=GOLD_ONLY,
                split=sentence.split,
                row=sentence.row,
                start=mention.start,
                end=mention.end,
                reading=type_,
                reason=f"{type_} here, nothing by a model that did not learn from the report; models find "
                f"{n_found} of the {n} of these words and this type in other reports, and "
                f"{of_type:.0%} of all {type_}",
                surprise=surprise,
            )


def _cut(sentences: Sequence[AuditedSentence], prediction: Report) -> Iterator[PredictedSentence]:
    """The mentions of a prediction, by sentence."""
    if any(mention.score is None for mention in prediction.mentions):
        raise InputError(f"report {prediction.id!r}: its mentions have no score; give what a model predicted")
    start = 0
    for sentence in sentences:
        end = start + len(sentence.row.text)
        inside = (m for m in prediction.mentions if start <= m.start and m.end <= end)
        moved = (Mention(m.id, m.start - start, m.end - start, m.type, m.status, m.score) for m in inside)
        yield PredictedSentence(sentence, tuple(moved))
        start = end + 1


def _sums(counts: Mapping[tuple[Form, str, str], int]) -> tuple[Counter[tuple[Form, str]], Counter[str]]:
    """By form and type, and by type."""
    of_form: Counter[tuple[Form, str]] = Counter()
    of_type: Counter[str] = Counter()
    for (form, type_, _), count in counts.items():
        of_form[form, type_] += count
        of_type[type_] += count
    return of_form, of_type
