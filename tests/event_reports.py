"""Reports for tests of event records, written in the corpus's markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from conflictspan.corpus import to_report
from conflictspan.events.assembly import Assembler
from conflictspan.events.records import Amount, Event
from conflictspan.markup import parse_markup
from conflictspan.records import Report
from conflictspan.schema import Schema

ROOT = Path(__file__).parents[1]
SCHEMA = Schema.load(ROOT / "data" / "annotations" / "schema.toml")
_TAG = re.compile(r"\[([^\[\]|]+)\|[A-Z_]+ (\w+)[^\]]*\]")


def report_of(markup: str, *, published: str | None = "2016-06-21", id_: str = "r") -> Report:
    """A report from lines of markup; sentences of one line are told apart at a full stop before a capital."""
    lines, relations = [], []
    for line in markup.strip().splitlines():
        if line.startswith("> "):
            relations += [relation.strip() for relation in line[2:].split(";")]
        else:
            lines += re.split(r"(?<=[a-z0-9\]]\.) (?=[A-Z\[])", line.strip())
    texts = [(line, {match[2] for match in _TAG.finditer(line)}) for line in lines]
    body = ""
    for index, (line, _) in enumerate(texts):
        seen = set().union(*(ids for _, ids in texts[: index + 1]))
        own = [r for r in relations if r and {r.split()[0], r.split()[2]} <= seen]
        relations = [r for r in relations if r not in own]
        body += line + "\n" + (f"> {'; '.join(own)}\n" if own else "")
    header = f"@report {id_} | date=2000-01-01 | conflict=x | genre=x\n"
    (annotated,) = parse_markup(header + body, source="x.ann", schema=SCHEMA)
    return replace(to_report(id_, annotated.sentences, None), published=published)


def events_of(markup: str, *, published: str | None = "2016-06-21") -> tuple[Event, ...]:
    """The records of a report in markup."""
    return Assembler().events(report_of(markup, published=published))


def numbers(amount: Amount) -> str:
    """Low, best and high, a dash for what is empty."""
    return " ".join("-" if n is None else str(n) for n in (amount.low, amount.best, amount.high))


def field(event: Event, name: str) -> str:
    """A field of a record as the docs write it."""
    side = {"a": event.side_a, "b": event.side_b}.get(name[-1])
    place = event.place
    values: dict[str, object] = {
        "type": "/".join(filter(None, (event.event_type, event.sub_event_type))),
        "status": event.status,
        "side_a": event.side_a and event.side_a.name,
        "side_b": event.side_b and event.side_b.name,
        "class_a": side and side.actor_class,
        "inter_a": side and side.inter,
        "allies_a": side and "; ".join(side.allies),
        "violence": event.type_of_violence,
        "place": place and place.name,
        "country": place and place.country,
        "admin": place and place.admin,
        "where": place and place.where_prec,
        "candidates": "some" if place and place.candidates else None,
        "date": " ".join(str(v) if v else "-" for v in (event.date_start, event.date_end, event.date_prec)),
        "unresolved": event.date_unresolved,
        "killed": numbers(event.killed.total),
        "injured": numbers(event.injured.total),
        "estimated": "yes" if event.killed.total.estimated else "no",
        "deaths_a": numbers(event.killed.a),
        "deaths_b": numbers(event.killed.b),
        "deaths_civilians": numbers(event.killed.civilians),
        "deaths_unknown": numbers(event.killed.unknown),
        "sources": "; ".join(event.sources),
        "disputed": "yes" if event.disputed else "no",
        "weapons": "; ".join(event.weapons),
    }
    return str(values[name] or "-")


def examples(page: str) -> Iterator[tuple[str | None, str, list[str]]]:
    """The examples of a page: the report's date, its markup, the expected lines."""
    for date, markup, expected in re.findall(r"```events (\S+)\n(.*?)\n---\n(.*?)\n```", page, re.DOTALL):
        yield (None if date == "-" else date), markup, expected.splitlines()
