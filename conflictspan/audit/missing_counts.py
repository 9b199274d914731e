"""Numbers before people, weapons, sites or events that are no COUNT. The number words are English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from conflictspan.audit.finding import COUNT_MISSING, LIKELY, Finding
from conflictspan.audit.rivals import Occurrence, rivals
from conflictspan.audit.sentences import AuditedSentence
from conflictspan.schema import RelationRule, Schema

COUNT = "COUNT"
"""The relation from what is counted to its number."""

COUNTED, UNCOUNTED = "counted", "not counted"
DIGITS = "digits"

_ONES = "one two three four five six seven eight nine ten eleven twelve"
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_LARGE = "hundred thousand million dozen hundreds thousands dozens scores several"
NUMBER_WORDS = frozenset(f"{_ONES} {_TEENS} {_TENS} {_LARGE}".split())
INSIDE_NUMBERS = frozenset(",.-–")


def missing_counts(sentences: Sequence[AuditedSentence], schema: Schema) -> Iterator[Finding]:
    """Find numbers that stand before what is counted and are outside all spans, or in the span of what is counted."""
    rule = schema.relations[COUNT]
    nouns = _counted_nouns(sentences, [type_ for type_ in schema.entities if type_ in rule.head])
    for rival in rivals((o for sentence in sentences for o in _occurrences(sentence, rule, nouns)), least=LIKELY):
        occurrence = rival.occurrence
        if rival.label != COUNTED:
            continue
        number = "a number in digits" if occurrence.form == (DIGITS,) else f'"{occurrence.form[0]}"'
        yield rival.finding(
            COUNT_MISSING,
            reason=f"{number} before what can be counted is a {COUNT} in {rival.counts[COUNTED]} of "
            f"{sum(rival.counts.values())} places of other reports",
        )


def _counted_nouns(sentences: Sequence[AuditedSentence], types: Collection[str]) -> frozenset[str]:
    """The words that end a mention of what can be counted in at least half of their places."""
    heads: Counter[str] = Counter()
    for sentence in sentences:
        heads.update(sentence.forms[end - 1] for mention, _, end in sentence.spans() if mention.type in types)
    places = Counter(form for sentence in sentences for form in sentence.forms if form in heads)
    return frozenset(noun for noun, count in heads.items() if 2 * count >= places[noun])


def _occurrences(sentence: AuditedSentence, rule: RelationRule, nouns: Collection[str]) -> Iterator[Occurrence]:
    first = 0
    while first < len(sentence.words):
        end = _number_end(sentence, first)
        if end == first:
            first += 1
            continue
        label = _label(sentence, first, end, rule, nouns)
        if label is not None:
            yield Occurrence(
                sentence=sentence,
                span=sentence.offsets(first, end),
                form=(DIGITS if sentence.forms[end - 1].isdecimal() else sentence.forms[end - 1],),
                label=label,
                words=(f"before: {sentence.form(first - 1)}", f"after: {sentence.form(end)}"),
                roles=(f"mention after: {sentence.type_beside(end, 1)}",),
            )
        first = end


def _number_end(sentence: AuditedSentence, first: int) -> int:
    """Where the number that begins at a word ends ("30 000", "1,200", "twenty-one"); at its beginning if none does."""
    end = first
    while end < len(sentence.words):
        form = sentence.forms[end]
        joins = end > first and form in INSIDE_NUMBERS and _is_joined(sentence, end)
        if not (form.isdecimal() or form in NUMBER_WORDS or joins):
            break
        end += 1
    return end


def _is_joined(sentence: AuditedSentence, index: int) -> bool:
    """Whether a sign has a digit or letter right before and right behind it, as in "1,200" but not in "3. Three"."""
    start, end = sentence.words[index]
    return sentence.row.text[start - 1 : start].isalnum() and sentence.row.text[end : end + 1].isalnum()


def _label(sentence: AuditedSentence, first: int, end: int, rule: RelationRule, nouns: Collection[str]) -> str | None:
    """Whether a number is counted; None where nothing that is counted follows, or it is a part of another span."""
    if end == len(sentence.words) or _is_part_of_a_word(sentence, first, end) or sentence.form(first - 1) == "no":
        return None
    over, following = sentence.covers[first], sentence.covers[end]
    if over is None or over.type in rule.tail:
        if following is None:
            follows = sentence.forms[end] in nouns
        else:
            follows = following is not over and following.type in rule.head
        if not follows:
            return None
        return UNCOUNTED if over is None else COUNTED
    start, noun = sentence.words[first][0], slice(*sentence.words[end])
    swallowed = over is following and over.type in rule.head and over.start == start
    return UNCOUNTED if swallowed and sentence.row.text[noun].islower() else None


def _is_part_of_a_word(sentence: AuditedSentence, first: int, end: int) -> bool:
    """Whether it is joined to its neighbour, as in "T-72 tanks", "nine-storey" or "$5"."""
    text, (start, stop) = sentence.row.text, sentence.offsets(first, end)
    return text[start - 1 : start].strip("([\"'“‘").strip() != "" or text[stop : stop + 1].strip() != ""
