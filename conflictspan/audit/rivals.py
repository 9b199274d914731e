"""What a place would be called if it were annotated as its like is elsewhere.

A check reduces the corpus to occurrences: a form (a surface string, a verb, a number word), the label that it has
here, and cues: the words around it, and what it is joined to or stands beside. For each occurrence the *rival* is the
label that the form and the cues speak for most, apart from its own, judged by all other reports: what is wrong in one
report is often wrong in it throughout. Its surprise is a product of two shares,

    n(form, rival) / (n(form) + 1)  *  1 / (1 + exp(-evidence))

of the form's other occurrences that have the rival's label (plus one, so that a form seen once surprises little), and
the probability of the rival against the own label by the cues alone, under naive Bayes:

    evidence = sum over cues of weight * log(P(cue | form, rival) / P(cue | form, own))
    P(cue | form, label) = (n(form, label, cue) + PRIOR * P(cue | label)) / (n(form, label) + PRIOR)

with P(cue | label) smoothed alike by P(cue): the m-estimate (Cestnik 1990), as rare forms have few cues of their own.
A form that varies with its role ("Turkey" bombs, speaks and is a place) has no label with a great share and cues that
speak for the one it has, so it surprises little.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from conflictspan.audit.finding import Finding, in_context
from conflictspan.audit.sentences import AuditedSentence
from conflictspan.records import Offsets

PRIOR = 4
"""How many occurrences the general habit counts for in a form's own."""

WORD_WEIGHT, ROLE_WEIGHT = 0.5, 1.0
"""The two words around a form go together, so each counts half."""

N_EXAMPLES = 2

Form = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A form in its place.

    Attributes:
        sentence: where.
        span: code points into the sentence.
        form: what is compared.
        label: what it is here.
        words: cues: the words around it.
        roles: cues: what it is joined to or stands beside.
    """

    sentence: AuditedSentence
    span: Offsets
    form: Form
    label: str
    words: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def cues(self) -> Iterator[tuple[str, float]]:
        """Every cue with its weight."""
        yield from ((cue, WORD_WEIGHT) for cue in self.words)
        yield from ((cue, ROLE_WEIGHT) for cue in self.roles)


@dataclass(frozen=True, slots=True)
class Rival:
    """The label that speaks loudest against an occurrence's own.

    Attributes:
        occurrence: what is in doubt.
        label: the rival.
        counts: label -> how often the form has it in other reports, the most frequent first.
        surprise: 0..1.
        examples: occurrences of the form in other reports that have the rival's label, in the likest places.
    """

    occurrence: Occurrence
    label: str
    counts: Mapping[str, int]
    surprise: float
    examples: tuple[Occurrence, ...]

    def finding(self, kind: str, *, reason: str, reading: str = "", before_examples: str = "") -> Finding:
        """The occurrence as a finding; the arguments are those of `Finding`, and what stands before each example."""
        sentence, (start, end) = self.occurrence.sentence, self.occurrence.span
        return Finding(
            kind=kind,
            split=sentence.split,
            row=sentence.row,
            start=start,
            end=end,
            reading=reading,
            reason=reason,
            surprise=self.surprise,
            examples=tuple(f"{before_examples}{in_context(o.sentence.row, o.span)}" for o in self.examples),
        )


def rivals(occurrences: Iterable[Occurrence], *, least: float) -> Iterator[Rival]:
    """Find the rival of every occurrence whose form has another label in another report.

    Args:
        occurrences: of one check, over the whole corpus.
        least: rivals that surprise less are left out.
    """
    by_report: dict[str, list[Occurrence]] = defaultdict(list)
    by_form: dict[tuple[Form, str], list[Occurrence]] = defaultdict(list)
    counts = _Counts()
    for occurrence in occurrences:
        by_report[occurrence.sentence.row.report].append(occurrence)
        by_form[occurrence.form, occurrence.label].append(occurrence)
        counts.add(occurrence, 1)
    for own in by_report.values():
        for occurrence in own:
            counts.add(occurrence, -1)
        for occurrence in own:
            elsewhere = counts.labels(occurrence.form)
            others = [label for label in elsewhere if label != occurrence.label]
            if not others:
                continue
            evidence = {label: counts.evidence(occurrence, label) for label in others}
            label = max(others, key=lambda label: math.log(elsewhere[label]) + evidence[label])
            share = elsewhere[label] / (sum(elsewhere.values()) + 1)
            surprise = share / (1 + math.exp(-evidence[label]))
            if surprise >= least:
                examples = _examples(occurrence, by_form[occurrence.form, label])
                yield Rival(occurrence, label, elsewhere, surprise, examples)
        for occurrence in own:
            counts.add(occurrence, 1)


class _Counts:
    def __init__(self) -> None:
        self.total = 0
        self.label: Counter[str] = Counter()
        self.cue: Counter[str] = Counter()
        self.label_cue: Counter[tuple[str, str]] = Counter()
        self.form: dict[Form, Counter[str]] = defaultdict(Counter)
        self.form_cue: Counter[tuple[Form, str, str]] = Counter()

    def add(self, occurrence: Occurrence, times: int) -> None:
        form, label = occurrence.form, occurrence.label
        self.total += times
        self.label[label] += times
        self.form[form][label] += times
        for cue, _ in occurrence.cues:
            self.cue[cue] += times
            self.label_cue[label, cue] += times
            self.form_cue[form, label, cue] += times

    def labels(self, form: Form) -> dict[str, int]:
        return {label: count for label, count in self.form[form].most_common() if count}

    def evidence(self, occurrence: Occurrence, rival: str) -> float:
        form, own = occurrence.form, occurrence.label
        return sum(
            weight * (math.log(self._share(form, rival, cue)) - math.log(self._share(form, own, cue)))
            for cue, weight in occurrence.cues
        )

    def _share(self, form: Form, label: str, cue: str) -> float:
        general = (self.cue[cue] + 1) / (self.total + len(self.cue))
        of_label = (self.label_cue[label, cue] + PRIOR * general) / (self.label[label] + PRIOR)
        return (self.form_cue[form, label, cue] + PRIOR * of_label) / (self.form[form][label] + PRIOR)


def _examples(occurrence: Occurrence, others: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
    cues = {*occurrence.words, *occurrence.roles}
    elsewhere = [o for o in others if o.sentence.row.report != occurrence.sentence.row.report]
    return tuple(sorted(elsewhere, key=lambda o: -len(cues & {*o.words, *o.roles}))[:N_EXAMPLES])
