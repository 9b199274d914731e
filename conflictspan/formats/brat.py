"""brat standoff (https://brat.nlplab.org/standoff.html): `name.txt` beside `name.ann`, in a folder and its folders.

Offsets are code points. What brat has no form for (date, genre, sentences, ids) stands in `reports.jsonl` beside, which
brat leaves alone; `brat_writing` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from conflictspan.errors import AnnotationError, InputError, shown
from conflictspan.formats.report_notes import ReportNote
from conflictspan.formats.sources import ImportSource, SourceReport, Tally, as_word, decode, named_splits
from conflictspan.records import Mention, Offsets, Relation, Report
from conflictspan.rows import Split, scan_rows
from conflictspan.schema import Schema

RULES = (
    "A span of several pieces is read from the beginning of the first to the end of the last.",
    "A relation goes from its first argument to its second; an event gives a relation from its trigger to each "
    "argument, to another event's trigger where the argument is an event; numbers that end a role's name are left out.",
    "The types of triggers are events, all others entities.",
    "The attribute Status of an event is its status. Other attributes, normalisations, equivalences and notes are not "
    "taken in.",
    "A folder named train, dev (valid, validation) or test is that split; what is in no such folder trains.",
    "A report that reports.jsonl names has its id, date, sentences and so on; a span where one stood has its id.",
)

NOTES = "reports.jsonl"
STATUS = "Status"

_SPAN = re.compile(r"(T[0-9]{1,9})\t(\S+) ([0-9]{1,9} [0-9]{1,9}(?:;[0-9]{1,9} [0-9]{1,9})*)\t(.*)")
_EVENT = re.compile(r"(E[0-9]{1,9})\t(\S+):(T[0-9]{1,9})((?: +\S+:[TE][0-9]{1,9})*)\s*")
_RELATION = re.compile(r"(R[0-9]{1,9})\t(\S+) (\S+):([TE][0-9]{1,9}) (\S+):([TE][0-9]{1,9})\s*")
_ATTRIBUTE = re.compile(r"(A[0-9]{1,9})\t(\S+) ([TE][0-9]{1,9}) (\S+)\s*")
_ROLE_NUMBER = re.compile(r"(?<=[^0-9])[0-9]+$")
_LEFT_OUT = {"A": "attributes", "M": "attributes", "N": "normalisations", "*": "equivalences", "#": "notes"}
_FORMS = "T1<TAB>Type 0 5<TAB>text; E1<TAB>Type:T1 Role:T2; R1<TAB>Type Arg1:T1 Arg2:T2; A, M, N, * or #"


@dataclass(slots=True)
class _Document:
    """A report as it is read.

    Attributes:
        text: from the `.txt`.
        split, tally, faults: of it; of all reports.
        spans: id -> mention.
        triggers: event's id -> (its trigger's id, its type, its place).
        arcs: (head, label, tail, place), ends as the file names them.
        statuses: (event, its status, place).
        ids: of all lines that have one.
    """

    text: str
    split: Split
    tally: Tally
    faults: list[str]
    spans: dict[str, Mention] = field(default_factory=dict)
    triggers: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    arcs: list[tuple[str, str, str, str]] = field(default_factory=list)
    statuses: list[tuple[str, str, str]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)


class BratNote(ReportNote):
    """A line of `reports.jsonl`.

    Attributes:
        file: the name of the report's files without folder and suffix.
        relations: in their order, which standoff loses; what comes back stands in it.
    """

    file: str
    relations: tuple[tuple[str, str, str], ...] = ()


def read_brat(folder: Path, _schema: Schema | None = None) -> ImportSource:
    """Read brat standoff.

    Args:
        folder: has `.txt` and `.ann` files, or folders of these. Hidden files are left out; a text without an `.ann` is
            skipped and told.

    Raises:
        InputError: there is no `.ann` file.
        AnnotationError: with every fault of the files, each with file and line.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix in (".ann", ".txt") and path.is_file())
    found = [path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    paths = [path for path in found if path.suffix == ".ann"]
    if not paths:
        raise InputError(
            f"{shown(folder)}: has no .ann file, nor has a folder in it; give the folder of the annotations"
        )
    annotated = {path.with_suffix(".txt") for path in paths}
    lone = [path for path in found if path.suffix == ".txt" and path not in annotated]
    tally = Tally(skipped=[f"{shown(path, under=folder)} (has no .ann)" for path in lone])
    faults: list[str] = []
    notes = _read_notes(folder / NOTES, faults)
    order = {name: number for number, name in enumerate(notes)}
    sources: list[SourceReport] = []
    events: set[str] = set()
    for path in sorted(paths, key=lambda path: order.get(path.stem, len(order))):
        text = decode(path.with_suffix(".txt"), faults)
        lines = decode(path, faults)
        if text is None or lines is None:
            continue
        name = path.relative_to(folder).with_suffix("")
        document = _Document(text, _split_of(name, path, faults), tally, faults)
        for number, line in enumerate(lines.split("\n"), 1):
            _read_line(document, line.rstrip("\r"), f"{shown(path)}:{number}")
        events |= {type_ for _, type_, _ in document.triggers.values()}
        relations = tuple(_relations(document))
        _set_statuses(document)
        tally.add(document.split, "reports", "read")
        note = notes.get(path.stem) or BratNote(
            file=as_word(path.stem), report=as_word(name.as_posix()), origin=as_word(name.name)
        )
        if fault := note.fault(text):
            faults.append(f"{shown(folder / NOTES)}: {shown(path)}: {fault}")
        mentions = tuple(document.spans.values())
        note = note.model_copy(update={"split": document.split})
        item = note.source(text, mentions, relations, where=shown(path))
        sources.append(replace(item, report=replace(item.report, relations=_in_order(item.report, note))))
    if faults:
        raise AnnotationError(faults)
    files = {shown(file, under=folder): file for path in paths for file in (path, path.with_suffix(".txt"))}
    if notes:
        files[NOTES] = folder / NOTES
        gone = notes.keys() - {path.stem for path in paths}
        tally.skipped += [f"{as_word(name)}.ann (is gone, but {NOTES} names it)" for name in notes if name in gone]
    return ImportSource("brat", RULES, files, sources, tally, events)


def _read_notes(path: Path, faults: list[str]) -> dict[str, BratNote]:
    notes: dict[str, BratNote] = {}
    if path.exists():
        for where, note in scan_rows(path, BratNote, faults):
            if note.file in notes:
                faults.append(f"{where}: the file {note.file!r} stands twice")
            notes[note.file] = note
    return notes


def _split_of(name: Path, path: Path, faults: list[str]) -> Split:
    splits = list(dict.fromkeys(split for part in name.parts[:-1] for split in named_splits(part)))
    if len(splits) > 1:
        faults.append(f"{shown(path)}: its folders speak of {' and '.join(splits)}; leave one")
    return splits[0] if splits else "train"


def _read_line(document: _Document, line: str, where: str) -> None:
    if not line.strip():
        return
    if span := _SPAN.fullmatch(line):
        fault = _take_span(document, span[1], span[2], span[3], span[4])
    elif event := _EVENT.fullmatch(line):
        fault = _take_event(document, event[1], event[2], event[3], event[4].split(), where)
    elif relation := _RELATION.fullmatch(line):
        fault = _take_id(document, relation[1])
        document.arcs.append((relation[4], relation[2], relation[6], where))
    elif (attribute := _ATTRIBUTE.fullmatch(line)) and attribute[2] == STATUS:
        fault = _take_id(document, attribute[1])
        document.tally.add(document.split, "statuses", "read")
        document.statuses.append((attribute[3], attribute[4], where))
    elif line[0] in _LEFT_OUT:
        fault = None
        what = _LEFT_OUT[line[0]]
        columns = line.split("\t")
        name = columns[1].split(" ")[0] if what == "attributes" and len(columns) > 1 else ""
        document.tally.add(document.split, what, "read")
        document.tally.add(document.split, what, "lost", name or "not taken in")
    else:
        fault = f"{line[:60]!r} is no line of standoff; its forms are {_FORMS}"
    if fault:
        document.faults.append(f"{where}: {fault}")


def _take_id(document: _Document, id_: str) -> str | None:
    if id_ in document.ids:
        return f"the id {id_} stands already further up"
    document.ids.add(id_)
    return None


def _take_span(document: _Document, id_: str, type_: str, places: str, words: str) -> str | None:
    pieces: list[Offsets] = []
    for piece in places.split(";"):
        start, end = map(int, piece.split(" "))
        if not (pieces[-1][1] if pieces else 0) <= start < end <= len(document.text):
            return f"{id_}: {places} is no span of a text of {len(document.text)} characters"
        pieces.append((start, end))
    found = " ".join(document.text[start:end] for start, end in pieces)
    if found.split() != words.split():
        return (
            f"{id_} is {words[:60]!r}, but {places} of the text is {found[:60]!r}; "
            "were the offsets counted in something else than code points?"
        )
    document.tally.add(document.split, "mentions", "read")
    gaps = [document.text[before[1] : after[0]] for before, after in pairwise(pieces)]
    if any(gap.strip() for gap in gaps):
        document.tally.add(document.split, "mentions", "changed", "of several pieces, words between taken in")
    elif gaps:
        document.tally.add(document.split, "mentions", "changed", "of several pieces, white space between taken in")
    document.spans.setdefault(id_, Mention(id_, pieces[0][0], pieces[-1][1], type_))
    return _take_id(document, id_)


def _take_event(
    document: _Document, id_: str, type_: str, trigger: str, arguments: list[str], where: str
) -> str | None:
    document.triggers.setdefault(id_, (trigger, type_, where))
    for argument in arguments:
        role, _, end = argument.rpartition(":")
        document.arcs.append((id_, _ROLE_NUMBER.sub("", role), end, where))
    return _take_id(document, id_)


def _relations(document: _Document) -> Iterator[Relation]:
    """Resolve events to their triggers, now that all lines are read."""
    spans = {id_: id_ for id_ in document.spans}
    for id_, (trigger, type_, where) in document.triggers.items():
        if trigger not in document.spans:
            document.faults.append(f"{where}: the trigger {trigger} of {id_} stands nowhere in the file")
        elif document.spans[trigger].type != type_:
            given = document.spans[trigger].type
            document.faults.append(f"{where}: {id_} is a {type_}, but its trigger {trigger} a {given}; make them one")
        spans[id_] = trigger
    for head, label, tail, where in document.arcs:
        for end in (head, tail):
            if end not in spans:
                document.faults.append(f"{where}: {end} stands nowhere in the file")
        if head in spans and tail in spans:
            document.tally.add(document.split, "relations", "read")
            yield Relation(spans[head], label, spans[tail])


def _in_order(report: Report, note: BratNote) -> tuple[Relation, ...]:
    rank = {relation: number for number, relation in enumerate(note.relations)}
    return tuple(sorted(report.relations, key=lambda r: rank.get((r.head, r.label, r.tail), len(rank))))


def _set_statuses(document: _Document) -> None:
    triggers = {id_: trigger for id_, (trigger, _, _) in document.triggers.items()}
    for target, status, where in document.statuses:
        if target not in document.spans and target not in triggers:
            document.faults.append(f"{where}: {target} stands nowhere in the file")
        id_ = triggers.get(target, target)
        if id_ not in triggers.values():
            document.tally.add(document.split, "statuses", "lost", "not that of an event")
        elif id_ in document.spans:
            document.spans[id_] = replace(document.spans[id_], status=status)
