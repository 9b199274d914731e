"""Extractions as one HTML page: no external resource, a strict content security policy, everything escaped."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from conflictspan.events.coding import default_coding
from conflictspan.events.records import Actor, Amount, Claim, Event
from conflictspan.parts import whole_or_not
from conflictspan.records import Report
from conflictspan.writing import check_output, read_extractions


def write_view(inputs: Sequence[Path], output: Path, *, overwrite: bool = False) -> int:
    """Write a page that shows the reports of extractions.

    Args:
        inputs: files that `write_extractions` wrote.
        output: the page.
        overwrite: replace an output that is there.

    Returns:
        How many reports it shows.

    Raises:
        InputError: a line is no extraction; it names file and line.
        OutputError: the output is there already, or cannot be written.
    """
    check_output(output, overwrite=overwrite)
    shown = list(_shown(inputs))
    page = render(shown, title=f"conflictspan: {', '.join(path.name for path in inputs)}")
    with whole_or_not(output) as part:
        part.write_text(page, encoding="utf-8")
    return len(shown)


def _shown(inputs: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in inputs:
        yield from map(report_data, read_extractions(path))


def render(reports: Iterable[dict[str, Any]], *, title: str) -> str:
    """The page's text, from what `report_data` makes."""
    data = {"kinds": default_coding().kinds, "reports": list(reports)}
    # "<" never stands in the data, so that no report can end the element that it stands in; surrogates are spelled out.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    text = re.sub("[\ud800-\udfff\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text)
    style, script, outlines = (_resource(name).strip() for name in ("style.css", "view.js", "outlines.txt"))
    parts = {
        "@STYLE_HASH@": _hash(style),
        "@SCRIPT_HASH@": _hash(script),
        "@TITLE@": html.escape(title.encode("utf-8", "replace").decode()),
        "@STYLE@": style,
        "@OUTLINES@": outlines,
        "@DATA@": text,
        "@SCRIPT@": script,
    }
    return re.sub("|".join(parts), lambda match: parts[match[0]], _resource("page.html"))


def _resource(name: str) -> str:
    return files("conflictspan.viewing").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def report_data(report: Report) -> dict[str, Any]:
    """What the page needs of a report, in short."""
    return {
        "id": report.id,
        "title": report.title,
        "published": report.published,
        "text": report.text,
        "mentions": [
            [m.id, m.start, m.end, m.type, m.status, m.score] for m in sorted(report.mentions, key=lambda m: m.start)
        ],
        "relations": [[r.head, r.label, r.tail] for r in report.relations],
        "events": [_event(event) for event in report.events],
    }


def _event(event: Event) -> dict[str, Any]:
    place = event.place
    return {
        "trigger": event.trigger.text,
        "type": event.event_type,
        "sub": event.sub_event_type,
        "status": event.status,
        "a": _actor(event.side_a),
        "b": _actor(event.side_b),
        "place": place.name if place else None,
        "country": place.country_name if place else None,
        "admin": place.admin if place else None,
        "lat": place.lat if place else None,
        "lon": place.lon if place else None,
        "prec": place.where_prec if place else None,
        "candidates": [", ".join(filter(None, (c.name, c.admin, c.country))) for c in place.candidates]
        if place
        else [],
        "start": event.date_start,
        "end": event.date_end,
        "dateprec": event.date_prec,
        "unresolved": event.date_unresolved,
        "weapons": event.weapons,
        "killed": _amount(event.killed.total),
        "injured": _amount(event.injured.total),
        "sources": event.sources,
        "claims": [_claim(claim) for claim in event.claims],
        "disputed": event.disputed,
        "disputes": event.disputes,
        "score": event.score,
    }


def _actor(actor: Actor | None) -> dict[str, Any] | None:
    return {"name": actor.name, "class": actor.actor_class, "allies": actor.allies} if actor else None


def _amount(amount: Amount) -> list[int | None]:
    return [amount.low, amount.best, amount.high]


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "source": claim.source,
        "says": [[said.type, said.status, said.text] for said in claim.says],
        "killed": _amount(claim.killed.total),
        "injured": _amount(claim.injured.total),
    }
