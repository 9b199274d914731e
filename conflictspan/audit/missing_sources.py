"""Events beside a verb of saying that nobody is the SOURCE of. The verbs are English."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conflictspan.audit.finding import LIKELY, SOURCE_MISSING, Finding
from conflictspan.audit.rivals import Occurrence, rivals
from conflictspan.audit.sentences import NOTHING, AuditedSentence
from conflictspan.schema import Schema

SOURCE = "SOURCE"
"""The relation from an event to who tells of it."""

SOURCED, UNSOURCED = "sourced", "not sourced"

# Without those that mostly mean something else: states, posted, put, counted, admitted (to a hospital).
_VERBS = """
say says said saying tell tells told according report reports reported reporting claim claims claimed claiming stated
announce announces announced confirm confirms confirmed acknowledge acknowledges acknowledged concede concedes conceded
deny denies denied accuse accuses accused accusing blame blames blamed blaming allege alleges alleged alleging insist
insists insisted add adds added adding write writes wrote quote quoted quoting cite cites cited citing warn warns warned
maintain maintains maintained declare declares declared recount recounts recounted boast boasts boasted
"""
VERBS = frozenset(_VERBS.split())
CLAUSE_BREAKS = frozenset(
    {",", ";", ":", '"', "“", "”", "who", "whose", "where", "when", "which", "after", "as", "and"}
)


def missing_sources(sentences: Sequence[AuditedSentence], schema: Schema) -> Iterator[Finding]:
    """Find events without a SOURCE that stand to the nearest verb of saying as events do that have one."""
    for rival in rivals((o for sentence in sentences for o in _occurrences(sentence, schema)), least=LIKELY):
        occurrence = rival.occurrence
        if rival.label != SOURCED:
            continue
        verb, place = occurrence.form
        yield rival.finding(
            SOURCE_MISSING,
            reason=f'no {SOURCE}, and it stands {place} "{verb}"; in other reports {rival.counts[SOURCED]} of '
            f"{sum(rival.counts.values())} such events have one",
        )


def _occurrences(sentence: AuditedSentence, schema: Schema) -> Iterator[Occurrence]:
    verbs = [index for index, form in enumerate(sentence.forms) if form in VERBS and not sentence.covers[index]]
    if not verbs:
        return
    sourced = {relation.head for relation in sentence.row.relations if relation.label == SOURCE}
    triggers = [(mention, first) for mention, first, _ in sentence.spans() if schema.is_event(mention.type)]
    for mention, first in triggers:
        verb = min(verbs, key=lambda index: abs(index - first))
        others = {other.id in sourced for other, _ in triggers if other is not mention}
        company = "some" if len(others) > 1 else "all" if True in others else "none"
        between = sentence.forms[min(verb, first) + 1 : max(verb, first)]
        breaks = [form for form in between if form in CLAUSE_BREAKS]
        side = "before" if first < verb else "behind"
        nearest = (breaks[-1] if side == "before" else breaks[0]) if breaks else NOTHING
        yield Occurrence(
            sentence=sentence,
            span=(mention.start, mention.end),
            form=(sentence.forms[verb], side),
            label=SOURCED if mention.id in sourced else UNSOURCED,
            words=tuple(f"at {step}: {sentence.form(verb + step)}" for step in (-1, 1)),
            roles=(
                f"subject: {sentence.type_beside(verb - 1, -1)}",
                f"object: {sentence.type_beside(verb + 1, 1)}",
                f"{side}, breaks {min(len(breaks), 3)}",
                f"{side}, across {nearest}",
                f"status: {mention.status}",
                f"others: {company if others else NOTHING}",
            ),
        )
