"""Handmade corpora for the tests of the audit."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import dedent

from conflictspan.audit.sentences import AuditedSentence, audited_sentences
from conflictspan.corpus import Corpus
from conflictspan.markup import scan_markup
from conflictspan.rows import ReportInfo, Split
from conflictspan.schema import Schema

SCHEMA = Schema.parse(
    """
    name = "small"
    statuses = ["planned", "denied"]
    max_sentence_gap = 1
    [entities]
    FORCE = ""
    ORG = ""
    PEOPLE = ""
    LOC = ""
    COUNT = ""
    [events]
    ATTACK = ""
    DEATH = ""
    [relations.AGENT]
    head = ["@events"]
    tail = ["FORCE", "PEOPLE"]
    cross_sentence = true
    [relations.PLACE]
    head = ["@events"]
    tail = ["LOC"]
    [relations.COUNT]
    head = ["PEOPLE", "FORCE", "@events"]
    tail = ["COUNT"]
    [relations.SOURCE]
    head = ["@events"]
    tail = ["ORG", "FORCE"]
    """
)


def corpus_of(*reports: str, schema: Schema = SCHEMA, split: Split = "train") -> Corpus:
    """A corpus of one split; each report is its lines of markup, and is named r0, r1 and so on."""
    headers = (f"@report r{number} | date=2020-01-01 | conflict=none | genre=test" for number in range(len(reports)))
    text = "\n\n".join(f"{header}\n{dedent(report).strip()}" for header, report in zip(headers, reports, strict=True))
    found, faults = scan_markup(f"{text}\n", source="test", schema=schema)
    assert faults == []
    infos = {r.header.id: ReportInfo(**r.header.model_dump(), split=split, origin=r.origin) for r in found}
    return Corpus(schema, infos, {split: {report.header.id: report.sentences for report in found}})


def sentences_of(*reports: str) -> list[AuditedSentence]:
    """The sentences of such a corpus as the checks look at them."""
    return flat(audited_sentences(corpus_of(*reports)).values())


def flat(reports: Iterable[Iterable[AuditedSentence]]) -> list[AuditedSentence]:
    """The sentences of several reports, one after another."""
    return [sentence for report in reports for sentence in report]
