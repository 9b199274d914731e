"""The rules of the schema, checked on the rows of one report, wherever they were read from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from conflictspan.rows import Located, MentionRow, RelationRow
from conflictspan.schema import Schema

# "The Hague", "The New York Times": before a capital the article belongs to the name.
_ARTICLE = re.compile(r"(?!The [A-Z])(?i:the|an?)\s")
_Placed = tuple[int, MentionRow]
"""Number of the sentence, mention."""


def report_faults(sentences: Sequence[Located], schema: Schema) -> Iterator[str]:
    """Name every rule that the annotations of one report break.

    Args:
        sentences: all sentences of the report, in order.
        schema: the label scheme.

    Yields:
        One line a fault, `file:line: the span or the relation: the rule`.
    """
    known: dict[str, _Placed] = {}
    for number, sentence in enumerate(sentences):
        if sentence.row.sentence != number:
            yield f"{sentence.where}: sentence {sentence.row.sentence} of {sentence.row.report!r} where {number} is due"
        for fault in _sentence_faults(sentence.row.mentions, sentence.row.text, schema):
            yield f"{sentence.where}: {fault}"
        for mention in sentence.row.mentions:
            if mention.id in known:
                shown = _show(mention, sentence.row.text)
                yield f"{sentence.where}: {shown}: the id {mention.id!r} stands twice in the report"
            known.setdefault(mention.id, (number, mention))
    seen: set[RelationRow] = set()
    for number, sentence in enumerate(sentences):
        for relation, where in zip(sentence.row.relations, sentence.relations_where, strict=True):
            faults = list(_relation_faults(relation, number, known, schema))
            if relation in seen:
                faults.append("stands twice in the report")
            seen.add(relation)
            yield from (f"{where}: '{relation.head} {relation.label} {relation.tail}': {fault}" for fault in faults)


def _show(mention: MentionRow, text: str) -> str:
    return f"[{text[mention.start : mention.end]}|{mention.type} {mention.id}]"


def _sentence_faults(mentions: Sequence[MentionRow], text: str, schema: Schema) -> Iterator[str]:
    end = 0
    for mention in sorted(mentions, key=lambda m: (m.start, m.end)):
        for fault in _mention_faults(mention, text, schema):
            yield f"{_show(mention, text)}: {fault}"
        if mention.start < end:
            yield f"{_show(mention, text)}: overlaps the span before it; spans are flat"
        end = max(end, mention.end)


def _mention_faults(mention: MentionRow, text: str, schema: Schema) -> Iterator[str]:
    if mention.type not in schema.types:
        yield f"unknown type {mention.type}; known: {', '.join(schema.types)}"
    elif mention.status is not None and not schema.is_event(mention.type):
        yield f"status {mention.status!r} on an entity; only event triggers have one"
    elif mention.status is not None and mention.status not in schema.statuses:
        yield f"unknown status {mention.status!r}; known: {', '.join(schema.statuses)}"
    if not mention.start < mention.end <= len(text):
        yield f"{mention.start} to {mention.end} is no span of a sentence of {len(text)} characters"
        return
    surface = text[mention.start : mention.end]
    if surface != surface.strip():
        yield "the span has outer space; leave it out"
    if mention.type in schema.no_leading_article and _ARTICLE.match(surface):
        yield f"the span of a {mention.type} has a leading article; leave it out"


def _relation_faults(relation: RelationRow, number: int, known: Mapping[str, _Placed], schema: Schema) -> Iterator[str]:
    rule = schema.relations.get(relation.label)
    if rule is None:
        yield f"unknown relation {relation.label}; known: {', '.join(schema.labels)}"
    for id_ in dict.fromkeys((relation.head, relation.tail)):
        if id_ not in known:
            yield f"no span of the report has the id {id_!r}"
    if rule is None or relation.head not in known or relation.tail not in known:
        return
    if relation.head == relation.tail:
        yield "joins a span with itself"
        return
    (head_at, head), (tail_at, tail) = known[relation.head], known[relation.tail]
    if {head.type, tail.type} <= set(schema.types) and (fault := rule.fault(head.type, tail.type)):
        yield fault
    if max(head_at, tail_at) != number:
        yield f"belongs under sentence {max(head_at, tail_at)}, the later of its two, not under {number} (from 0)"
    gap = head_at - tail_at
    if gap and not rule.cross_sentence:
        yield f"{rule.label} joins spans of one sentence; these stand in sentences {head_at} and {tail_at} (from 0)"
    elif gap < 0:
        yield f"the tail stands {-gap} sentence(s) after the head; a relation across sentences looks back"
    elif gap > schema.max_sentence_gap:
        yield f"reaches {gap} sentences back; at most {schema.max_sentence_gap} are allowed"
    head_first = (head_at, head.start) < (tail_at, tail.start)
    if rule.order == "head_first" and not head_first:
        yield f"{rule.label} goes from the earlier span to the later; swap its ends"
    elif rule.order == "tail_first" and head_first:
        yield f"{rule.label} goes from the later span to the earlier; swap its ends"
