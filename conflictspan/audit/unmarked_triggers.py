"""Words that name an event elsewhere and stand outside all spans here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from conflictspan.audit.finding import LIKELY, TRIGGER_UNMARKED, Finding
from conflictspan.audit.rivals import Form, Occurrence, rivals
from conflictspan.audit.sentences import AuditedSentence
from conflictspan.schema import Schema

MARKED, UNMARKED = "marked", "unmarked"


def unmarked_triggers(sentences: Sequence[AuditedSentence], schema: Schema) -> Iterator[Finding]:
    """Find words outside all spans that are mostly a trigger elsewhere, as far as their surroundings are like there."""
    types: dict[Form, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for sentence in sentences:
        for mention, first, end in sentence.spans():
            if schema.is_event(mention.type):
                types[sentence.forms[first:end]][mention.type] += 1
    forms = _by_first_word(types)
    occurrences = (o for sentence in sentences for o in _occurrences(sentence, forms, schema))
    for rival in rivals(occurrences, least=LIKELY):
        occurrence = rival.occurrence
        if rival.label != MARKED:
            continue
        commonest = max(types[occurrence.form], key=lambda type_: types[occurrence.form][type_])
        yield rival.finding(
            TRIGGER_UNMARKED,
            reason=f"a trigger in {rival.counts[MARKED]} of {sum(rival.counts.values())} places of other reports, "
            f"mostly {commonest}",
        )


def _by_first_word(forms: Iterable[Form]) -> dict[str, list[Form]]:
    """First word -> the forms that begin with it, the longest first."""
    found: dict[str, list[Form]] = defaultdict(list)
    for form in sorted(forms, key=len, reverse=True):
        found[form[0]].append(form)
    return found


def _occurrences(
    sentence: AuditedSentence, forms: Mapping[str, Sequence[Form]], schema: Schema
) -> Iterator[Occurrence]:
    marked = {first: end for mention, first, end in sentence.spans() if schema.is_event(mention.type)}
    n_entities = len({id(mention) for mention in sentence.covers if mention and not schema.is_event(mention.type)})
    first = 0
    while first < len(sentence.words):
        end = marked.get(first) or _unmarked_end(sentence, first, forms)
        if end is None:
            first += 1
            continue
        others = len(marked) - (first in marked)
        yield Occurrence(
            sentence=sentence,
            span=sentence.offsets(first, end),
            form=sentence.forms[first:end],
            label=MARKED if first in marked else UNMARKED,
            words=(f"before: {sentence.form(first - 1)}", f"after: {sentence.form(end)}"),
            roles=(
                f"mention before: {sentence.type_beside(first - 1, -1)}",
                f"mention after: {sentence.type_beside(end, 1)}",
                f"entities: {min(n_entities, 3)}",
                f"other triggers: {min(others, 2)}",
            ),
        )
        first = end


def _unmarked_end(sentence: AuditedSentence, first: int, forms: Mapping[str, Sequence[Form]]) -> int | None:
    """Where the longest known form that begins at a word and is outside all spans ends."""
    for form in forms.get(sentence.forms[first], ()):
        end = first + len(form)
        if sentence.forms[first:end] == form and not any(sentence.covers[first:end]):
            return end
    return None
