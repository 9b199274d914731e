"""Mentions whose words have another type elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conflictspan.audit.finding import LIKELY, TYPE_VARIES, Finding, in_context
from conflictspan.audit.rivals import Occurrence, rivals
from conflictspan.audit.sentences import NOTHING, AuditedSentence


def type_variation(sentences: Iterable[AuditedSentence]) -> Iterator[Finding]:
    """Find mentions that have a minority's type for which what they are joined to and stand beside is no reason."""
    for rival in rivals((o for sentence in sentences for o in _occurrences(sentence)), least=LIKELY):
        occurrence, sentence = rival.occurrence, rival.occurrence.sentence
        counts = ", ".join(f"{label} {count}" for label, count in rival.counts.items())
        yield Finding(
            kind=TYPE_VARIES,
            split=sentence.split,
            row=sentence.row,
            start=occurrence.span[0],
            end=occurrence.span[1],
            reading=occurrence.label,
            reason=f"{occurrence.label} here, rather {rival.label} by other reports; there it is {counts}",
            surprise=rival.surprise,
            examples=tuple(f"{rival.label}: {in_context(o.sentence.row, o.span)}" for o in rival.examples),
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
