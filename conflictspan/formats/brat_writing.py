"""A folder that brat opens: text and standoff of each report, `annotation.conf`, and what brat has no form for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from conflictspan.corpus import SCHEMA
from conflictspan.formats.annotations import Annotations
from conflictspan.formats.brat import NOTES, STATUS, BratNote
from conflictspan.formats.report_notes import ReportNote
from conflictspan.formats.sources import as_word
from conflictspan.records import Mention, Relation, Report
from conflictspan.schema import RelationRule, Schema

_LONGEST_NAME = 200
"""Bytes; file systems take 255, of which suffixes need some."""

# Where Python ends a line, which is how brat reads a file: a span that reaches over it has a piece on each side.
_LINE_END = re.compile(r"\s*[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*")


def write_brat(annotations: Annotations, folder: Path) -> None:
    """Write `<split>/<id>.txt` and `.ann` for each report; `annotation.conf`, `schema.toml`, `reports.jsonl`.

    A trigger is an event, its relations are its arguments, in the order in which brat would number them (AGENT,
    AGENT2); its status is an attribute. All other relations are brat's relations.
    """
    annotations.lose("brat has no place for them", "scores")
    (folder / "annotation.conf").write_text(_configuration(annotations.schema), encoding="utf-8", newline="\n")
    (folder / SCHEMA).write_text(annotations.schema.source, encoding="utf-8", newline="\n")
    notes = []
    for item in annotations.reports:
        name = _file_name(item.report.id)
        place = folder / item.split / name
        place.parent.mkdir(exist_ok=True)
        # Not overwriting: where upper and lower case are one, two ids may be one file.
        with place.with_name(f"{name}.txt").open("x", encoding="utf-8", newline="") as file:
            file.write(item.report.text)
        with place.with_name(f"{name}.ann").open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in standoff_lines(item.report, annotations.schema))
        order = tuple((r.head, r.label, r.tail) for r in item.report.relations)
        notes.append(BratNote(file=name, relations=order, **ReportNote.of(item).model_dump()).model_dump_json())
    (folder / NOTES).write_text("".join(f"{note}\n" for note in notes), encoding="utf-8", newline="\n")


def standoff_lines(report: Report, schema: Schema) -> Iterator[str]:
    """The standoff of a settled report: `T2<TAB>LOC 9 13<TAB>Aden`, `E1<TAB>FIGHT:T1 PLACE:T2`, ..."""
    events = [mention for mention in report.mentions if schema.is_event(mention.type)]
    spans = {mention.id: f"T{number}" for number, mention in enumerate(report.mentions, 1)}
    ends = spans | {event.id: f"E{number}" for number, event in enumerate(events, 1)}
    types = {mention.id: mention.type for mention in report.mentions}
    for mention in report.mentions:
        pieces = list(_pieces(report.text, mention))
        places = ";".join(f"{start} {end}" for start, end in pieces)
        words = " ".join(report.text[start:end] for start, end in pieces)
        yield f"{spans[mention.id]}\t{mention.type} {places}\t{words}"
    arguments: dict[str, list[Relation]] = {event.id: [] for event in events}
    others: list[Relation] = []
    for relation in report.relations:
        (arguments.get(relation.head, others) if _is_role(relation.label) else others).append(relation)
    for head, relations in arguments.items():
        roles: dict[str, int] = {}
        line = f"{ends[head]}\t{types[head]}:{spans[head]}"
        for relation in relations:
            roles[relation.label] = number = roles.get(relation.label, 0) + 1
            line += f" {relation.label}{number if number > 1 else ''}:{ends[relation.tail]}"
        yield line
    for number, relation in enumerate(others, 1):
        yield f"R{number}\t{relation.label} Arg1:{ends[relation.head]} Arg2:{ends[relation.tail]}"
    for number, event in enumerate((event for event in events if event.status), 1):
        yield f"A{number}\t{STATUS} {ends[event.id]} {event.status}"


def _is_role(label: str) -> bool:
    """Whether a label can be that of an argument: of another, brat takes the last digits for a number of its own."""
    return not label[-1].isdigit()


def _pieces(text: str, mention: Mention) -> Iterator[tuple[int, int]]:
    start = mention.start
    for line_end in _LINE_END.finditer(text, mention.start, mention.end):
        yield start, line_end.start()
        start = line_end.end()
    yield start, mention.end


def _file_name(id_: str) -> str:
    """A report's id as a file name that no system hides or refuses."""
    name = re.sub(r'^\.|[<>:"|?*]', lambda match: f"%{ord(match[0]):02X}", as_word(id_))
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    return f"{name[:40]}-{hashlib.sha256(id_.encode()).hexdigest()[:16]}"


def _configuration(schema: Schema) -> str:
    """`annotation.conf` (https://brat.nlplab.org/configuration.html)."""
    lines = ["[entities]", *schema.entities, "", "[relations]"]
    for rule in schema.relations.values():
        lines += _relation_lines(rule, schema)
    lines += ["", "[events]", *(_event_line(type_, schema) for type_ in schema.events), "", "[attributes]"]
    if schema.statuses and schema.events:
        lines.append(f"{STATUS}\tArg:<EVENT>, Value:{'|'.join(schema.statuses)}")
    return "\n".join(lines) + "\n"


def _relation_lines(rule: RelationRule, schema: Schema) -> Iterator[str]:
    apart = schema.events if _is_role(rule.label) else ()  # their relations are arguments
    heads = [type_ for type_ in schema.types if type_ in rule.head and type_ not in apart]
    if rule.same_type:
        yield from (f"{rule.label}\tArg1:{type_}, Arg2:{type_}" for type_ in heads if type_ in rule.tail)
    elif heads:
        tails = [type_ for type_ in schema.types if type_ in rule.tail]
        yield f"{rule.label}\tArg1:{'|'.join(heads)}, Arg2:{'|'.join(tails)}"


def _event_line(type_: str, schema: Schema) -> str:
    roles = []
    for rule in schema.relations.values():
        if type_ in rule.head and _is_role(rule.label):
            tails = [tail for tail in schema.types if rule.fault(type_, tail) is None]
            roles.append(f"{rule.label}*:{'|'.join(tails)}")
    return f"{type_}\t{', '.join(roles)}" if roles else type_
