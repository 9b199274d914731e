"""What the page's browser of errors is given: kinds in words, and errors as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from conflictspan.records import Mention, Relation
from eval.errors import Errors, Excerpt, MentionError, RelationError, mention_kind


class Kind(NamedTuple):
    """A kind of error in words."""

    title: str
    meaning: str


MENTION_KINDS: Mapping[str, Kind] = {
    "missed": Kind("missed", "no prediction answers it"),
    "spurious": Kind("spurious", "it answers no gold mention"),
    "boundary": Kind("boundary", "right type, wrong start or end"),
    "type": Kind("type", "right start and end, wrong type"),
    "both": Kind("boundary and type", "it overlaps gold, but its bounds and its type are wrong"),
    "status": Kind("status", "a right span of the right type, whose status is wrong"),
}
RELATION_KINDS: Mapping[str, Kind] = {
    "head": Kind("lost with its head", "the span at its head was not found"),
    "tail": Kind("lost with its tail", "the span at its tail was not found"),
    "both ends": Kind("lost with both ends", "neither span was found"),
    "label": Kind("wrong label", "both spans found, joined by another label"),
    "unproposed": Kind("never proposed", "both spans found; the scheme or the sentence gap rules the pair out"),
    "missed": Kind("missed", "both spans found and the pair asked; it scored too low"),
    "spurious": Kind("spurious", "both spans are right; gold has no such relation"),
    "spurious span": Kind("spurious on a wrong span", "an end is no right span; it answers no gold relation"),
}


def kinds_of(errors: Errors) -> Mapping[str, Kind]:
    """The kinds that such errors can have, in words; none where there are no errors."""
    if not errors:
        return {}
    return MENTION_KINDS if isinstance(errors[0], MentionError) else RELATION_KINDS


def browser_data(errors: Mapping[str, Errors]) -> dict[str, Any]:
    """Errors as JSON.

    Args:
        errors: title of a list -> its errors.

    Returns:
        {"excerpts": [{"report": "a-001", "start": 120, "text": "...",
                       "gold": [[0, 6, "ARMED_GROUP", null], ...], "predicted": [...]}, ...],
         "lists": [{"title": "Mentions", "kinds": {"missed": "missed", ...},
                    "errors": [{"kind": "boundary", "excerpt": 0, "note": "",
                                "gold": {"label": "LOC", "spans": [3], "score": null}, "predicted": ...}, ...]}, ...]}

        A mention is its start and end in the excerpt's text (code points), its type and its status; `spans` are
        indices into the excerpt's mentions of that side: of the mention, or of head and tail. A side on which nothing
        stands is null.
    """
    excerpts: dict[int, int] = {}  # by identity: errors of the same sentences share one
    found: list[Excerpt] = []
    lists = []
    for title, listed in errors.items():
        entries = []
        for error in listed:
            excerpt = error.excerpt
            if id(excerpt) not in excerpts:
                excerpts[id(excerpt)] = len(found)
                found.append(excerpt)
            sides = _mention_sides(error) if isinstance(error, MentionError) else _relation_sides(error)
            entries.append({"kind": error.kind, "excerpt": excerpts[id(excerpt)], "note": _note(error), **sides})
        kinds = {key: kind.title for key, kind in kinds_of(listed).items()}
        lists.append({"title": title, "kinds": kinds, "errors": entries})
    return {"excerpts": [_excerpt(excerpt) for excerpt in found], "lists": lists}


def _excerpt(excerpt: Excerpt) -> dict[str, Any]:
    gold, predicted = (
        [[m.start - excerpt.start, m.end - excerpt.start, m.type, m.status] for m in mentions]
        for mentions in (excerpt.gold, excerpt.predicted)
    )
    return {
        "report": excerpt.report,
        "start": excerpt.start,
        "text": excerpt.text,
        "gold": gold,
        "predicted": predicted,
    }


def _mention_sides(error: MentionError) -> dict[str, Any]:
    gold, predicted = error.gold, error.predicted
    return {
        "gold": gold and _side(gold.type, None, [gold], error.excerpt.gold),
        "predicted": predicted and _side(predicted.type, predicted.score, [predicted], error.excerpt.predicted),
    }


def _relation_sides(error: RelationError) -> dict[str, Any]:
    def side(relation: Relation | None, ends: Sequence[Mention | None], mentions: Sequence[Mention]) -> Any:
        return relation and _side(relation.label, relation.score, [end for end in ends if end], mentions)

    head, tail, excerpt = error.head, error.tail, error.excerpt
    return {
        "gold": side(error.gold, [head.gold, tail.gold], excerpt.gold),
        "predicted": side(error.predicted, [head.predicted, tail.predicted], excerpt.predicted),
    }


def _side(label: str, score: float | None, spans: Sequence[Mention], mentions: Sequence[Mention]) -> dict[str, Any]:
    places = [mentions.index(span) for span in spans]
    return {"label": label, "spans": places, "score": None if score is None else round(score, 3)}


def _note(error: MentionError | RelationError) -> str:
    """What the two lines of spans do not show."""
    if isinstance(error, MentionError):
        if error.kind == "status" and error.gold and error.predicted:
            return f"gold is {error.gold.status or 'asserted'}, predicted is {error.predicted.status or 'asserted'}"
        return ""
    if error.reason:
        return error.reason
    notes = []
    for name, end in (("head", error.head), ("tail", error.tail)):
        kind = mention_kind(end)
        if kind and kind != "status":
            other = end.predicted if error.gold else end.gold
            answer = f", {'predicted' if error.gold else 'gold'} is {_words(other, error.excerpt)}" if other else ""
            notes.append(f"{name}: {MENTION_KINDS[kind].title}{answer}")
    return "; ".join(notes)


def _words(mention: Mention, excerpt: Excerpt) -> str:
    return f"{mention.type} “{excerpt.text[mention.start - excerpt.start : mention.end - excerpt.start]}”"
