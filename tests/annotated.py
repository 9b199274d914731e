"""Settled annotations drawn at random, a format's way there and back, and annotations by their words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import strategies as st

from conflictspan.formats.annotations import Annotations, settle
from conflictspan.formats.conversion import READERS, write_annotations
from conflictspan.formats.sources import SourceReport, Tally
from conflictspan.records import Mention, Offsets, Relation, Report
from conflictspan.rows import Split
from conflictspan.schema import Schema

SCHEMA = Schema.parse("""
statuses = ["planned", "denied"]
max_sentence_gap = 2
[entities]
ORG = ""
LOC = ""
[events]
ATTACK = ""
DEATH = ""
[relations.AGENT]
head = ["@events"]
tail = ["ORG"]
cross_sentence = true
[relations.CAUSE]
head = ["@events"]
tail = ["@events"]
cross_sentence = true
[relations.SAME_AS]
head = ["@entities"]
tail = ["@entities"]
same_type = true
[relations.NEAR2]
head = ["@entities", "@events"]
tail = ["@entities", "@events"]
""")

PLAIN = "abé🚁.,'-\u200b \u00a0"
HOSTILE = PLAIN + '[]|>@\\_#;\t\n\r\x0b\x85\u2028<&"=\x07'


def whole(reports: Sequence[SourceReport], schema: Schema = SCHEMA) -> Annotations:
    return Annotations("own", ("A rule.",), {}, schema, reports, Tally())


def there_and_back(given: Sequence[SourceReport], to: str, path: Path, schema: Schema = SCHEMA) -> Annotations:
    """What a format's reader makes of what its writer wrote."""
    write_annotations(whole(given, schema), path, to=to)
    return settle(READERS[to](path, schema), schema)


GAPS = (" ", "", "\n\n", "\r\n", " \t\u00a0")
"""What may stand between two sentences."""


@st.composite
def settled(draw: st.DrawFn, letters: str = HOSTILE) -> SourceReport:
    """A report that keeps the rules of SCHEMA."""
    sentence = st.text(st.sampled_from(letters), min_size=1, max_size=25).map(str.strip).filter(bool)
    text = ""
    sentences: list[Offsets] = []
    for one in draw(st.lists(sentence, min_size=1, max_size=4)):
        text += draw(st.sampled_from(GAPS)) if sentences else ""
        sentences.append((len(text), len(text) + len(one)))
        text += one
    mentions: list[Mention] = []
    for start, end in sentences:
        borders = draw(st.lists(st.integers(start, end), max_size=8, unique=True).map(sorted))
        for first, last in zip(borders[::2], borders[1::2], strict=False):
            words = text[first:last]
            if words.strip():
                begin = first + len(words) - len(words.lstrip())
                type_ = draw(st.sampled_from(SCHEMA.types))
                status = draw(st.sampled_from([None, *SCHEMA.statuses])) if SCHEMA.is_event(type_) else None
                id_ = f"{type_[0].lower()}{len(mentions)}"
                mentions.append(Mention(id_, begin, begin + len(words.strip()), type_, status))
    report = Report("r", text, sentences=tuple(sentences), mentions=tuple(mentions))
    possible = possible_relations(report)
    relations = draw(st.lists(st.sampled_from(possible), max_size=6, unique=True)) if possible else []
    split: Split = draw(st.sampled_from(("train", "validation", "test")))
    # No bar: a header of markup cannot hold it.
    word = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), min_size=1, max_size=8)
    return SourceReport(
        Report(
            draw(word),
            text,
            published=draw(st.sampled_from([None, "2016-06-21"])),
            sentences=report.sentences,
            mentions=report.mentions,
            relations=tuple(relations),
        ),
        split,
        "f:1",
        draw(st.sampled_from(["train-a", "b é"])),
        draw(st.sampled_from(["Syria/Iraq", "none"])),
        "newswire, daily",
    )


def possible_relations(report: Report) -> list[Relation]:
    """Every relation that SCHEMA allows in a report."""
    found = []
    for head in report.mentions:
        for tail in report.mentions:
            gap = report.sentence_of(head.start) - report.sentence_of(tail.start)
            for label in SCHEMA.allowed(head.type, tail.type) if head.id != tail.id else ():
                if 0 <= gap <= (SCHEMA.max_sentence_gap if SCHEMA.relations[label].cross_sentence else 0):
                    found.append(Relation(head.id, label, tail.id))
    return found


def corpora(letters: str = HOSTILE) -> st.SearchStrategy[list[SourceReport]]:
    """A few reports with unlike ids."""
    return st.lists(settled(letters), min_size=1, max_size=3, unique_by=lambda item: item.report.id)


def words(report: Report) -> list[tuple[str, str]]:
    """The words of each mention, and its type."""
    return [(report.text[m.start : m.end], m.type) for m in report.mentions]


def arcs(report: Report) -> list[tuple[str, str, str]]:
    """Each relation as the words of its head, its label and the words of its tail."""
    surface = {m.id: report.text[m.start : m.end] for m in report.mentions}
    return [(surface[r.head], r.label, surface[r.tail]) for r in report.relations]
