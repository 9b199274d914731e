"""Mentions whose words have another type elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conflictspan.audit.finding import LIKELY, TYPE_VARIES, Finding
from conflictspan.audit.rivals import Occurrence, rivals
from conflictspan.audit.sentences import NOTHING, AuditedSentence


def type_variation(sentences: Iterable[AuditedSentence]) -> Iterator[Finding]:
    """Find mentions that have a minority's type for which what they are joined to and stand beside is no reason."""
    for rival in rivals((o for sentence in sentences for o in _occurrences(sentence)), least=LIKELY):
        counts = ", ".join(f"{label} {count}" for label, count in rival.counts.items())
        label = rival.occurrence.label
        yield rival.finding(
            TYPE_VARIES,
            reading=label,
            reason=f"{label} here, rather {rival.label} by other reports; there it is {counts}",
            before_examples=f"{rival.label}: ",
        )


def _occurrences(sentence: AuditedSentence) -> Iterator[Occurrence]:
    for mention, first, end in sentence.spans():
        yield Occurrence(
            sentence=sentence,
            span=(mention.start, mention.end),
            form=sentence.forms[first:end],
            label=mention.type,
            words=(f"before: {sentence.form(first - 1)}", f"after: {sentence.form(end)}"),
            roles=tuple(sentence.roles.get(mention.id, (NOTHING,))),
        )
