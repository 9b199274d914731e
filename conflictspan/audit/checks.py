"""The whole audit: every check that the label scheme and the data allow, ranked, without what was judged right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from conflictspan.audit.finding import (
    COUNT_MISSING,
    GOLD_ONLY,
    KINDS,
    MODEL_ONLY,
    SOURCE_MISSING,
    TRIGGER_UNMARKED,
    TYPE_VARIES,
    Finding,
)
from conflictspan.audit.missing_counts import COUNT, missing_counts
from conflictspan.audit.missing_sources import SOURCE, missing_sources
from conflictspan.audit.model_differences import gold_only, model_only, predicted_sentences
from conflictspan.audit.reviews import FAULT, RIGHT, Review
from conflictspan.audit.sentences import audited_sentences
from conflictspan.audit.type_variation import type_variation
from conflictspan.audit.unmarked_triggers import unmarked_triggers
from conflictspan.corpus import Corpus
from conflictspan.errors import InputError
from conflictspan.records import Report


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes:
        findings: the most surprising first, but for those that somebody judged right.
        found: kind -> how many there are in all, for the kinds that were looked for.
        right: kind -> how many of these were judged right.
        faults: ids of the findings that were judged faults and are still there -> the note.
        notes: what was not looked for or could not be compared, in words.
    """

    findings: tuple[Finding, ...]
    found: Mapping[str, int]
    right: Mapping[str, int]
    faults: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def n_unreviewed(self) -> int:
        """How many findings nobody has judged."""
        return sum(finding.id not in self.faults for finding in self.findings)


def audit_corpus(
    corpus: Corpus,
    *,
    predictions: Iterable[Report] | None = None,
    reviews: Mapping[str, Review] | None = None,
    kinds: Collection[str] = tuple(KINDS),
) -> Audit:
    """Look for faults in a corpus.

    Args:
        corpus: all splits.
        predictions: of models that did not learn from the reports that they are of.
        reviews: finding id -> what somebody judged.
        kinds: what to look for; what the scheme has no label for is left out.

    Raises:
        InputError: where a kind is not known, or predictions do not fit.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise InputError(f"{unknown[0]!r} is no kind of finding; known: {', '.join(KINDS)}")
    notes: list[str] = []
    findings: dict[str, list[Finding]] = {}
    for kind, found in _checks(corpus, predictions, kinds, notes):
        findings[kind] = list(found)
    reviews = reviews or {}
    ranked = sorted(
        (finding for found in findings.values() for finding in found),
        key=lambda f: (-f.surprise, f.row.report, f.row.sentence, f.start, f.kind),
    )
    verdicts = {finding.id: reviews[finding.id] for finding in ranked if finding.id in reviews}
    return Audit(
        findings=tuple(f for f in ranked if f.id not in verdicts or verdicts[f.id].verdict != RIGHT),
        found={kind: len(found) for kind, found in findings.items()},
        right=Counter(f.kind for f in ranked if f.id in verdicts and verdicts[f.id].verdict == RIGHT),
        faults={id_: review.note for id_, review in verdicts.items() if review.verdict == FAULT},
        notes=tuple(notes),
    )


def _checks(
    corpus: Corpus, predictions: Iterable[Report] | None, kinds: Collection[str], notes: list[str]
) -> Iterator[tuple[str, Iterator[Finding]]]:
    """The checks that can be run; into `notes`, why the others cannot."""
    reports = audited_sentences(corpus)
    sentences = [sentence for of_report in reports.values() for sentence in of_report]
    schema = corpus.schema
    if TYPE_VARIES in kinds:
        yield TYPE_VARIES, type_variation(sentences)
    if TRIGGER_UNMARKED in kinds:
        yield TRIGGER_UNMARKED, unmarked_triggers(sentences, schema)
    for kind, check, label in (
        (COUNT_MISSING, missing_counts, COUNT),
        (SOURCE_MISSING, missing_sources, SOURCE),
    ):
        if kind in kinds and label in schema.relations:
            yield kind, check(sentences, schema)
        elif kind in kinds:
            notes.append(f"the label scheme has no relation {label}, so nothing is looked for of {kind}")
    by_model = [kind for kind in (MODEL_ONLY, GOLD_ONLY) if kind in kinds]
    if by_model and predictions is None:
        notes.append(f"without predictions nothing is looked for of {', '.join(by_model)}")
    elif by_model and predictions is not None:
        predicted, told = predicted_sentences(reports, predictions)
        notes += told
        if MODEL_ONLY in kinds:
            yield MODEL_ONLY, model_only(predicted)
        if GOLD_ONLY in kinds:
            yield GOLD_ONLY, gold_only(predicted)
