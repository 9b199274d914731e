"""The inline markup in which people write and correct annotations: `[Raqqa|LOC p1]`, `> e1 PLACE p1`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from conflictspan.errors import AnnotationError
from conflictspan.rows import AnnotatedReport, Located, MentionRow, RelationRow, ReportHeader, SentenceRow, describe
from conflictspan.schema import Schema
from conflictspan.validation import report_faults

HEADER = "@report"
_UNDATED = "unknown"
_SPAN = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_TAG = re.compile(r"([^\s\[\]|]+) ([a-z][0-9]+)(?: ([^\s\[\]|]+))?")
_RESERVED = re.compile(r"[\[\]|]")


def parse_markup(text: str, *, source: str, schema: Schema) -> list[AnnotatedReport]:
    """Read reports from inline markup.

    Args:
        text: the content of a markup file.
        source: its name, for messages and for the reports' origin.
        schema: the label scheme it must keep to.

    Returns:
        The reports, in file order.

    Raises:
        AnnotationError: with every fault of the file, by line.
    """
    reports, faults = scan_markup(text, source=source, schema=schema)
    if faults:
        raise AnnotationError(faults)
    return reports


def scan_markup(
    text: str, *, source: str, schema: Schema, undated: bool = False
) -> tuple[list[AnnotatedReport], list[str]]:
    """Read what can be read of inline markup; `parse_markup` without the exception.

    Args:
        text: the content of a markup file.
        source: its name.
        schema: the label scheme.
        undated: a header may say `date=unknown`, as that of a report does which another tool gave without a date.

    Returns:
        The reports, without what could not be read; every fault, `source:line: what`, by line.
    """
    scanner = _Scanner(source, undated)
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        scanner.read(number, line)
    reports = scanner.finish()
    faults = scanner.faults + [fault for report in reports for fault in report_faults(report.sentences, schema)]
    return reports, sorted(faults, key=lambda fault: int(fault.removeprefix(f"{source}:").partition(":")[0]))


def format_markup(reports: Sequence[AnnotatedReport]) -> str:
    """Write reports as inline markup, in the one form that `parse_markup` reads back without loss.

    Raises:
        AnnotationError: where a report cannot be written so; with every such place.
    """
    if faults := [fault for report in reports for fault in _unwritable(report)]:
        raise AnnotationError(faults)
    return "\n".join("".join(f"{line}\n" for line in _lines(report)) for report in reports)


@dataclass(slots=True)
class _Scanner:
    """Reads markup line by line; what cannot be read becomes a fault, and the reading goes on.

    Attributes:
        source: the file's name.
        undated: whether a header may say that its date is not known.
        faults: what could not be read, `source:line: what`.
        reports: the reports that are complete.
        header: of the report that is being read.
        header_where: its place.
        sentences: of the report that is being read.
    """

    source: str
    undated: bool = False
    faults: list[str] = field(default_factory=list)
    reports: list[AnnotatedReport] = field(default_factory=list)
    header: ReportHeader | None = None
    header_where: str = ""
    sentences: list[Located] = field(default_factory=list)

    def read(self, number: int, line: str) -> None:
        where = f"{self.source}:{number}"
        if not line.strip():
            return
        if line.split()[0] == HEADER:
            self._close()
            self._read_header(line, where)
        elif self.header is None:
            self.faults.append(f"{where}: {line[:60]!r} stands before the first {HEADER} line")
        elif line.startswith(">"):
            self._read_relations(line[1:], where)
        else:
            self._read_sentence(line, where, self.header.id)

    def finish(self) -> list[AnnotatedReport]:
        self._close()
        return self.reports

    def _close(self) -> None:
        if self.header is None:
            return
        if not self.sentences:
            self.faults.append(f"{self.header_where}: the report {self.header.id!r} has no sentence")
        origin = Path(self.source).stem
        self.reports.append(AnnotatedReport(self.header, tuple(self.sentences), origin, self.header_where))
        self.sentences = []

    def _read_header(self, line: str, where: str) -> None:
        name, *parts = (part.strip() for part in line.strip().removeprefix(HEADER).split("|"))
        fields: dict[str, str | None] = {"id": name}
        for key, _, value in (part.partition("=") for part in parts):
            if key in fields:
                self.faults.append(f"{where}: header of {name!r}: {key} stands twice")
            fields[key] = value
        if self.undated and fields.get("date") == _UNDATED:
            fields["date"] = None
        try:
            header = ReportHeader.model_validate(fields)
        except ValidationError as error:
            form = f"a header is '{HEADER} id | date=2016-06-21 | conflict=Syria | genre=newswire'"
            self.faults += [f"{where}: header of {name!r}: {fault}; {form}" for fault in describe(error)]
            # Stands in for the header, so that the sentences below it are checked too.
            header = ReportHeader(id="".join(name.split()) or "?", date="0001-01-01", conflict="?", genre="?")
        first = {report.header.id: report.where for report in self.reports}
        if header.id in first:
            self.faults.append(f"{where}: the report {header.id!r} stands already at {first[header.id]}")
        self.header, self.header_where = header, where

    def _read_relations(self, line: str, where: str) -> None:
        if not self.sentences:
            self.faults.append(f"{where}: relations before the first sentence of the report")
            return
        relations = []
        for part in filter(None, (part.strip() for part in line.split(";"))):
            words = part.split()
            if len(words) == 3:
                relations.append(RelationRow(head=words[0], label=words[1], tail=words[2]))
            else:
                self.faults.append(f"{where}: {part!r} is no relation; write 'head LABEL tail', with ';' between two")
        last = self.sentences[-1]
        row = last.row.model_copy(update={"relations": (*last.row.relations, *relations)})
        self.sentences[-1] = Located(row, last.where, last.relations_where + (where,) * len(relations))

    def _read_sentence(self, line: str, where: str, report: str) -> None:
        if line != line.strip():
            self.faults.append(f"{where}: the line has outer space; leave it out")
        text, mentions, done = "", [], 0
        for match in _SPAN.finditer(line):
            text += line[done : match.start()]
            start, done = len(text), match.end()
            text += match[1]
            if tag := _TAG.fullmatch(match[2]):
                mentions.append(MentionRow(id=tag[2], start=start, end=len(text), type=tag[1], status=tag[3]))
            else:
                self.faults.append(
                    f"{where}: {match[0]!r} is no span; write '[surface|TYPE id]' or '[surface|TYPE id status]', "
                    "the id a small letter and a number"
                )
        text += line[done:]
        if stray := _RESERVED.search(text):
            context = text[max(0, stray.start() - 20) : stray.end() + 20]
            self.faults.append(f"{where}: stray {stray[0]!r} in {context!r}; '[', ']' and '|' stand only in spans")
        if not text.strip():
            self.faults.append(f"{where}: {line[:60]!r} is a sentence without text")
            text = "?"
        row = SentenceRow(report=report, sentence=len(self.sentences), text=text, mentions=tuple(mentions))
        self.sentences.append(Located(row, where, ()))


def _unwritable(report: AnnotatedReport) -> Iterator[str]:
    header = report.header
    for value in (header.id, header.date or _UNDATED, header.conflict, header.genre):
        if "|" in value or "\n" in value or value != value.strip():
            yield f"{report.where}: {value!r} has a bar, a line break or outer space: no header can hold it"
    for sentence in report.sentences:
        text = sentence.row.text
        if _RESERVED.search(text) or "\n" in text or text != text.strip():
            yield f"{sentence.where}: the text has a bracket, a bar, a line break or outer space: no markup can hold it"
        if text.startswith(">") or text.split()[0] == HEADER:
            yield f"{sentence.where}: the text begins with {text.split()[0]!r}, which means something else in markup"
        for mention in sentence.row.mentions:
            if not _TAG.fullmatch(_tag(mention)):
                yield f"{sentence.where}: {_tag(mention)!r} is no tag; an id is a small letter and a number in markup"


def _tag(mention: MentionRow) -> str:
    return f"{mention.type} {mention.id}" + (f" {mention.status}" if mention.status else "")


def _lines(report: AnnotatedReport) -> Iterator[str]:
    header = report.header
    yield (f"{HEADER} {header.id} | date={header.date or _UNDATED} | conflict={header.conflict} | genre={header.genre}")
    for sentence in report.sentences:
        row, line, done = sentence.row, "", 0
        for mention in sorted(row.mentions, key=lambda m: m.start):
            line += f"{row.text[done : mention.start]}[{row.text[mention.start : mention.end]}|{_tag(mention)}]"
            done = mention.end
        yield line + row.text[done:]
        if row.relations:
            yield "> " + "; ".join(f"{r.head} {r.label} {r.tail}" for r in row.relations)
