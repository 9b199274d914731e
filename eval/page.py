"""The report as one self-contained page: score tables, plots, confusion matrices and a browser of errors.

The page loads nothing: style, script, pictures and data stand in it, and its Content-Security-Policy forbids all
else. The texts of reports are hostile: the template escapes every one, the data block holds no `<` that could close
it, and the script puts them on the page as text only. It works from `file://`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eval.confusion import Confusion
from eval.error_data import browser_data, kinds_of
from eval.errors import Errors
from eval.evaluation import Provenance
from eval.tables import Grid

FOLDER = Path(__file__).parent
FILES = ("page.css", "page_sentence.js", "page.js")
"""The style and the scripts, in the order in which they run."""

NONE = "none"
"""How a matrix calls the side on which nothing stands."""

_LONE = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
_SCRIPT_SAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"}


def render_page(
    *,
    title: str,
    provenance: Sequence[str],
    grids: Sequence[Grid],
    figures: Sequence[tuple[str, bytes]],
    errors: Mapping[str, Errors],
    confusion: Sequence[Confusion],
) -> str:
    """The page as HTML text.

    Args:
        title: of the page.
        provenance: lines that say what was scored, and with what.
        grids: tables of scores; the first one stands open, the others are folded.
        figures: titles and PNG files.
        errors: title of a list -> its errors, from `mention_errors` or `relation_errors`.
        confusion: matrices; one with the title of a list leads to the errors behind its cells.
    """
    style, *scripts = ((FOLDER / name).read_text(encoding="utf-8") for name in FILES)
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("page.html.j2").render(
        title=title,
        policy=_policy(style, scripts),
        style=Markup(style),  # noqa: S704 - our own file
        scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
        provenance=provenance,
        grids=[(grid, [[_split_interval(cell) for cell in row] for row in grid.rows]) for grid in grids],
        figures=[(name, f"data:image/png;base64,{base64.b64encode(png).decode()}") for name, png in figures],
        kinds=[(name, len(found), list(_kind_counts(found))) for name, found in errors.items()],
        matrices=[_matrix(one) for one in confusion],
        data=script_json(browser_data(errors)),
    )
    return page.translate(_LONE)  # they have no UTF-8 form


def provenance_lines(provenance: Provenance) -> list[str]:
    """What was scored, and with what, one fact a line."""
    lines = [
        f"Model: {provenance.model_path}",
        f"Data: {provenance.data_file} ({provenance.split}), SHA-256 {provenance.data_sha256}",
        f"Label scheme: {provenance.schema}",
        "Versions: " + ", ".join(f"{name} {version}" for name, version in provenance.versions.items()),
    ]
    if provenance.model_sha256:
        lines.insert(1, f"Weights: SHA-256 {provenance.model_sha256}")
    if provenance.model_run:
        lines.insert(1, f"Trained: {provenance.model_run}")
    return lines


def script_json(data: Any) -> Markup:
    """JSON for a data block in HTML: no sign in it can end the block or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_SCRIPT_SAFE))  # noqa: S704 - every < is gone


def _policy(style: str, scripts: Sequence[str]) -> str:
    """The Content-Security-Policy: nothing from outside, and inside only these very texts."""

    def sources(texts: Sequence[str]) -> str:
        digests = (hashlib.sha256(text.encode()).digest() for text in texts)
        return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)

    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {sources(scripts)}",
            f"style-src {sources([style])}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _split_interval(cell: str) -> tuple[str, str]:
    """A cell's value and the interval behind it, if it has one."""
    value, bracket, interval = cell.partition(" [")
    return value, bracket.strip() + interval


def _kind_counts(errors: Errors) -> Iterator[tuple[str, str, str, int]]:
    """Key, title, meaning and number of each kind that such errors can have."""
    counts = Counter[str](error.kind for error in errors)
    for key, kind in kinds_of(errors).items():
        yield key, kind.title, kind.meaning, counts[key]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a matrix: what it counts, and its share of its row in tenths, 0 where it is empty."""

    gold: str
    predicted: str
    right: bool
    count: int
    heat: int


@dataclass(frozen=True, slots=True)
class _Matrix:
    """A matrix as the template shows it; a row is its label, its sum and its cells."""

    title: str
    rule: str
    columns: list[str]
    rows: list[tuple[str, int, list[_Cell]]]


def _matrix(confusion: Confusion) -> _Matrix:
    """A matrix without the labels that nothing has."""
    used = {label for cell in confusion.counts for label in cell}
    labels = [*(label for label in confusion.labels if label in used), None]
    rows = []
    for gold in labels:
        counts = [confusion.counts.get((gold, predicted), 0) for predicted in labels]
        total = sum(counts)
        cells = [
            _Cell(
                gold or NONE, predicted or NONE, gold == predicted, count, math.ceil(10 * count / total) if count else 0
            )
            for predicted, count in zip(labels, counts, strict=True)
        ]
        rows.append((gold or NONE, total, cells))
    return _Matrix(confusion.title, confusion.rule, [label or NONE for label in labels], rows)
