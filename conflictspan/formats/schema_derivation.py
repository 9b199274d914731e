"""The label scheme of data that brings none, read off the data itself."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Collection, Iterable, Sequence

from conflictspan.formats.sources import SourceReport, Tally
from conflictspan.records import Relation, Report
from conflictspan.schema import Schema

RULES = (
    "Types, relation labels and statuses are those of all splits, by name.",
    "A relation's ends may be of any entity type where training has an entity at that end, and of any event type "
    "where it has an event there. A label that training lacks takes its ends from the splits that have it.",
    "A relation may look back over sentences where it does in training, as far as any there. Its order is free.",
    "What does not fit that is lost: relations whose tail stands in a later sentence than their head, and relations "
    "of the other splits that join or reach what training's do not.",
)

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def derive_schema(sources: Sequence[SourceReport], events: Collection[str], *, name: str) -> Schema:
    """Read a label scheme off annotated reports, after `flatten`.

    The ends of a relation are whole kinds (`@entities`, `@events`), not the types that came to stand there: in a small
    corpus the next report has a pair of types that the last one had not, and a scheme that forbids it hides it from
    the model and from recall. Only training decides, so that nothing of the gold scored later shapes the model.

    Args:
        sources: reports of all splits.
        events: the types that are event triggers; all others are entities.
        name: of the scheme.
    """
    used = sorted({mention.type for source in sources for mention in source.report.mentions})
    lines = ["# Derived from imported annotations, by these rules. Narrow it where your guidelines do."]
    lines += textwrap.wrap(" ".join(RULES), 118, initial_indent="# ", subsequent_indent="# ")
    lines += ["", f"name = {_quoted(name)}", 'version = "1"']
    statuses = sorted({mention.status for source in sources for mention in source.report.mentions if mention.status})
    if statuses:
        lines.append(f"statuses = [{', '.join(map(_quoted, statuses))}]")
    rules, reach = _relation_tables(sources, events)
    if reach:
        lines.append(f"max_sentence_gap = {reach}")
    for table, types in (
        ("entities", [type_ for type_ in used if type_ not in events]),
        ("events", [type_ for type_ in used if type_ in events]),
    ):
        if types:
            lines += ["", f"[{table}]", *(f'{_key(type_)} = ""' for type_ in types)]
    return Schema.parse("\n".join([*lines, *rules]) + "\n", where=name)


def fitting(source: SourceReport, schema: Schema, tally: Tally) -> list[Relation]:
    """The relations of a report that a scheme can hold; the others are counted as lost."""
    types, sentences = _types_and_sentences(source.report)
    kept = []
    for relation in source.report.relations:
        rule, gap = schema.relations[relation.label], sentences[relation.head] - sentences[relation.tail]
        if gap < 0:
            tally.add(source.split, "relations", "lost", "the tail stands in a later sentence")
        elif rule.fault(types[relation.head], types[relation.tail]):
            tally.add(source.split, "relations", "lost", "join kinds that training never joins so")
        elif gap and not (rule.cross_sentence and gap <= schema.max_sentence_gap):
            tally.add(source.split, "relations", "lost", "reach further back than in training")
        else:
            kept.append(relation)
    return kept


def _relation_tables(sources: Sequence[SourceReport], events: Collection[str]) -> tuple[list[str], int]:
    """The lines of all relations, and the sentences that the furthest looks back."""
    found: dict[str, dict[bool, set[tuple[int, bool, bool]]]] = {}  # how far back, head an event, tail an event
    for source in sources:
        types, sentences = _types_and_sentences(source.report)
        for relation in source.report.relations:
            gap = sentences[relation.head] - sentences[relation.tail]
            ends_are_events = types[relation.head] in events, types[relation.tail] in events
            by_training = found.setdefault(relation.label, {True: set(), False: set()})
            by_training[source.split == "train"].add((gap, *ends_are_events))
    lines: list[str] = []
    furthest = 0
    for label in sorted(found):
        deciding = found[label][True] or found[label][False]
        back = max(gap for gap, _, _ in deciding)
        ends = {"head": {head for _, head, _ in deciding}, "tail": {tail for _, _, tail in deciding}}
        lines += ["", f"[relations.{_key(label)}]"]
        lines += [f"{end} = [{_kinds(are_events)}]" for end, are_events in ends.items()]
        if back > 0:
            lines.append("cross_sentence = true")
            furthest = max(furthest, back)
    return lines, furthest


def _types_and_sentences(report: Report) -> tuple[dict[str, str], dict[str, int]]:
    """The type of each mention, and the sentence that it stands in."""
    return {m.id: m.type for m in report.mentions}, {m.id: report.sentence_of(m.start) for m in report.mentions}


def _kinds(are_events: Iterable[bool]) -> str:
    return ", ".join('"@events"' if event else '"@entities"' for event in sorted(are_events))


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's, but DEL is not escaped in JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
