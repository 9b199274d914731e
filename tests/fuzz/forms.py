"""Forms that people and other programs write: markup, extractions, label schemes, standoff, columns."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import cache
from typing import Any

from conflictspan.errors import AnnotationError, InputError, SchemaError
from conflictspan.events.assembly import Assembler
from conflictspan.formats.brat import read_brat
from conflictspan.formats.conll import read_conll
from conflictspan.formats.re3d import read_re3d
from conflictspan.formats.sources import ImportSource
from conflictspan.markup import format_markup, parse_markup, scan_markup
from conflictspan.records import Mention, Relation, Report
from conflictspan.rows import AnnotatedReport
from conflictspan.schema import Schema
from conflictspan.writing import read_extraction, read_extractions, write_extractions
from tests.conftest import REPOSITORY
from tests.fuzz.draws import Draws
from tests.fuzz.scratch import scratch
from tests.fuzz.texts import schema

_HEADER = "@report r1 | date=2016-06-21 | conflict=Syria | genre=newswire"
_MARKUP = (
    *(
        "\n",
        "\n",
        " ",
        "[",
        "]",
        "|",
        "> ",
        ">",
        "; ",
        "@report ",
        f"\n{_HEADER}\n",
        "date=",
        "\r\n",
        "\ufeff",
        "\u2028",
    ),
    *(
        "[Rebels|ARMED_GROUP a1]",
        "[shelled|SHELLING e1 planned]",
        "[Raqqa|LOC p1]",
        "[the army|FORCE a2]",
        "[two|COUNT c1]",
    ),
    *(
        "e1 AGENT a1",
        "e1 PLACE p1",
        "e1 SAME_AS e1",
        "a1 SAME_AS a2",
        "p1 LOCATED_IN p1",
        "e1",
        "a1",
        "AGENT",
        "denied",
    ),
)


def markup(data: bytes) -> None:
    """Markup is faulty, or what was read is written and read again the same."""
    draws = Draws(data)
    if draws.flag():
        text = draws.rest().decode("utf-8", "replace")
    else:
        text = _HEADER + "\n" if draws.flag() else ""
        for _ in range(draws.number(40)):
            text += draws.pick(_MARKUP) if draws.number(4) else draws.text(4)
        text = text.encode("utf-8", "replace").decode()  # files hold nothing else
    _, faults = scan_markup(text, source="a.ann", schema=schema())
    if faults:
        assert all(fault.startswith("a.ann:") for fault in faults)
        return
    reports = parse_markup(text, source="a.ann", schema=schema())
    try:
        written = format_markup(reports)
    except AnnotationError:
        return
    again = parse_markup(written, source="a.ann", schema=schema())
    assert [_bare(report) for report in again] == [_bare(report) for report in reports]
    assert format_markup(again) == written


def _bare(report: AnnotatedReport) -> tuple[object, ...]:
    return report.header, [sentence.row for sentence in report.sentences]


def extractions(data: bytes) -> None:
    """A line with altered values is refused by place, or what is read is written and read again the same."""
    draws = Draws(data)
    if not draws.number(4):
        line = draws.rest()
    else:
        record = copy.deepcopy(_extraction())
        for _ in range(1 + draws.number(4)):
            _alter(record, draws)
        line = json.dumps(record).encode()
    try:
        report = read_extraction(line, where="a.jsonl:1")
    except InputError as error:
        assert str(error).startswith("a.jsonl:1: ")
        return
    for mention in report.mentions:
        assert report.text[mention.start : mention.end]
    with scratch() as folder:
        write_extractions([report], folder / "a.jsonl")
        (again,) = read_extractions(folder / "a.jsonl")
    rounded = [round(m.score, 4) if m.score is not None else None for m in report.mentions]
    assert (again.id, again.text, again.sentences) == (report.id, report.text, report.sentences)
    assert again.events == report.events
    assert [m.score for m in again.mentions] == rounded


@cache
def _extraction() -> Any:
    text = "Rebels shelled Raqqa on Sunday, killing two civilians, a monitor said."
    words = {"a1": ("Rebels", "ARMED_GROUP"), "e1": ("shelled", "SHELLING"), "p1": ("Raqqa", "LOC")}
    words |= {
        "t1": ("Sunday", "TIME"),
        "e2": ("killing", "DEATH"),
        "c1": ("two", "COUNT"),
        "v1": ("civilians", "PERSON"),
    }
    words |= {"s1": ("monitor", "ORG")}
    mentions = tuple(
        Mention(id_, i := text.index(w), i + len(w), type_, None, 0.5) for id_, (w, type_) in words.items()
    )
    arcs = ("e1 AGENT a1", "e1 PLACE p1", "e1 TIME t1", "e2 CAUSE e1", "e2 VICTIM v1", "v1 COUNT c1", "e2 SOURCE s1")
    report = Report("r", text, "2016-06-21", "t", ((0, len(text)),), mentions)
    relations = tuple(Relation(head, label, tail) for head, label, tail in map(str.split, arcs))
    report = Assembler().assemble(replace(report, relations=relations))
    with scratch() as folder:
        write_extractions([report], folder / "a.jsonl")
        return json.loads((folder / "a.jsonl").read_text())


def _alter(value: Any, draws: Draws) -> None:
    """Replace, remove or add something somewhere."""
    while value:
        key = draws.pick(list(value) if isinstance(value, dict) else range(len(value)))
        if isinstance(value[key], dict | list) and value[key] and draws.number(4):
            value = value[key]
            continue
        if not draws.number(8):
            del value[key]
        elif isinstance(value, dict) and not draws.number(8):
            value[draws.text(3)] = draws.value()
        else:
            value[key] = draws.value()
        return


def schemes(data: bytes) -> None:
    """A label scheme is read or refused."""
    draws = Draws(data)
    if draws.flag():
        text = draws.rest().decode("utf-8", "replace")
    else:
        names = ("entities", "events", "groups", "relations", "relations.R", "statuses", "max_sentence_gap")
        keys = (
            "LOC",
            "ORG",
            "head",
            "tail",
            "order",
            "no_leading_article",
            "statuses",
            "max_sentence_gap",
            "name",
            "g",
        )
        values: tuple[str, ...] = (
            '"LOC"',
            '["LOC"]',
            '["@g"]',
            '["@entities"]',
            "1",
            "-1",
            "true",
            "[[1]]",
            "{}",
            '"any"',
            "1e400",
            '""',
        )
        values += (str(10**30), "1979-05-27", '{head = ["LOC"], tail = ["@g"]}')
        lines = []
        for _ in range(draws.number(16)):
            lines.append(
                f"[{draws.pick(names)}]" if not draws.number(3) else f"{draws.pick(keys)} = {draws.pick(values)}"
            )
        text = "\n".join(lines)
    try:
        found = Schema.parse(text, where="schema.toml")
    except SchemaError as error:
        assert str(error).startswith("schema.toml")
        return
    assert found.types
    for head in found.types:
        assert set(found.allowed(head, found.types[0])) <= set(found.labels)


def brat(data: bytes) -> None:
    """Standoff is read or refused by file and line."""
    draws = Draws(data)
    text = draws.text(30).encode("utf-8", "surrogatepass" if not draws.number(8) else "replace")
    parts: tuple[str, ...] = (
        "T1\t",
        "T2\t",
        "E1\t",
        "R1\t",
        "A1\t",
        "#1\t",
        "LOC ",
        "0 5",
        "6 9;11 12",
        "\t",
        "\n",
        "Rebels",
        "LOC:T1",
    )
    parts += (
        " Arg1:T1",
        " Arg2:T2",
        "*\tEquiv T1 T2",
        "N1\t",
        str(10**8),
        " ",
        "T1\tLOC 0 6\tRebels\n",
        "E1\tLOC:E1 A:E1\n",
    )
    lines = b""
    for _ in range(draws.number(30)):
        lines += draws.pick(parts).encode() if draws.number(4) else draws.text(3).encode("utf-8", "replace")
    with scratch() as folder:
        (folder / "a.txt").write_bytes(text)
        (folder / "a.ann").write_bytes(lines)
        _import(lambda: read_brat(folder))


def conll(data: bytes) -> None:
    """Columns are read or refused by file and line."""
    draws = Draws(data)
    parts: tuple[str, ...] = (
        "-DOCSTART-",
        "\n",
        "\n",
        "\t",
        " ",
        "O",
        "B-LOC",
        "I-LOC",
        "I-ORG",
        "B-",
        "Raqqa B-LOC\n",
        "fell O\n",
        "\r\n",
    )
    content = b""
    for _ in range(draws.number(40)):
        content += draws.pick(parts).encode() if draws.number(4) else draws.text(3).encode("utf-8", "replace")
    with scratch() as folder:
        (folder / "train.txt").write_bytes(draws.rest() if draws.flag() else content)
        _import(lambda: read_conll([folder / "train.txt"]))


def re3d(data: bytes) -> None:
    """JSON of another project is read or refused by file."""
    draws = Draws(data)
    files = copy.deepcopy(_re3d())
    for _ in range(draws.number(4)):
        _alter(files[draws.pick(sorted(files))], draws)
    with scratch() as folder:
        (folder / "North Desk").mkdir()
        for name, rows in files.items():
            (folder / "North Desk" / name).write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        _import(lambda: read_re3d(folder))


@cache
def _re3d() -> dict[str, list[Any]]:
    files = sorted((REPOSITORY / "tests" / "fixtures" / "re3d" / "North Desk").glob("*.json"))
    read = {file.name: file.read_text(encoding="utf-8") for file in files}
    return {
        name: [json.loads(text)] if name == "split.json" else [json.loads(line) for line in text.splitlines() if line]
        for name, text in read.items()
    }


def _import(read: Any) -> None:
    try:
        source = read()
    except (AnnotationError, InputError) as error:
        assert str(error)
        return
    assert isinstance(source, ImportSource)
    for item in source.reports:
        for mention in item.report.mentions:
            assert 0 <= mention.start <= mention.end <= len(item.report.text)
