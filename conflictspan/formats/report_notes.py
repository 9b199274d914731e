"""What other tools keep of a report for us: its name, date, split, sentences, and which span has which id.

doccano and Label Studio give back the further fields of a report as they got them, brat leaves other files of its
folder alone. So what has no form in these formats travels there and comes back with the corrected annotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from conflictspan.formats.sources import UNKNOWN, SourceReport, free_names
from conflictspan.records import Mention, Offsets, Relation, Report
from conflictspan.rows import Split, Text, Word

_REMEDY = "was the text changed? Without 'sentences' it is split anew"


class ReportNote(BaseModel):
    """A report without text and annotations.

    Attributes:
        report: its id.
        published, title, conflict, genre, split, origin: as in `SourceReport`.
        sentences: code-point ranges into its text; where there are none, the text is split anew.
        ids: of each mention, with the code points over which it stood.
    """

    model_config = ConfigDict(frozen=True)

    report: Word
    published: str | None = None
    title: str | None = None
    conflict: Text = UNKNOWN
    genre: Text = UNKNOWN
    split: Split = "train"
    origin: Annotated[str, Field(pattern=r"^[^/\\]+$")] = UNKNOWN
    sentences: tuple[Offsets, ...] = ()
    ids: dict[str, Offsets] = {}

    @classmethod
    def of(cls, item: SourceReport) -> Self:
        """The note of a settled report."""
        report = item.report
        return cls(
            report=report.id,
            published=report.published,
            title=report.title,
            conflict=item.conflict,
            genre=item.genre,
            split=item.split,
            origin=item.origin,
            sentences=report.sentences,
            ids={mention.id: (mention.start, mention.end) for mention in report.mentions},
        )

    @classmethod
    def read(cls, fields: Mapping[str, object], *, stem: str, number: int, split: Split) -> Self:
        """The note among the further fields of a report; where they hold none, the report is named after its place.

        Args:
            fields: as they came back.
            stem: of the file, as a word.
            number: of the report in the file.
            split: that the file's name speaks of.

        Raises:
            ValidationError: a field of a note has another form.
        """
        if {"report", "ids"} <= fields.keys():
            return cls.model_validate(fields)
        return cls(report=f"{stem}-{number}", split=split, origin=stem)

    def fault(self, text: str) -> str | None:
        """Say where the sentences do not fit a text, or None where they do."""
        borders = [(0, 0), *self.sentences, (len(text), len(text))]
        for (_, before), (start, end) in pairwise(borders):
            if not before <= start <= end <= len(text):
                return f"sentences: {start} to {end} is none of a text of {len(text)} characters; {_REMEDY}"
            if self.sentences and text[before:start].strip():
                return f"sentences: {text[before:start].strip()[:60]!r} is in none; {_REMEDY}"
        return None

    def source(
        self,
        text: str,
        mentions: Sequence[Mention],
        relations: Iterable[Relation],
        *,
        where: str,
        model: str | None = None,
    ) -> SourceReport:
        """Put a report together again: a mention that stands where one stood has its id."""
        given = {offsets: id_ for id_, offsets in self.ids.items()}
        new = free_names("new-", self.ids, start=0)
        names = {
            mention.id: given.pop(offsets) if (offsets := (mention.start, mention.end)) in given else next(new)
            for mention in mentions
        }
        return SourceReport(
            Report(
                self.report,
                text,
                published=self.published,
                title=self.title,
                sentences=self.sentences,
                mentions=tuple(replace(mention, id=names[mention.id]) for mention in mentions),
                relations=tuple(replace(r, head=names[r.head], tail=names[r.tail]) for r in relations),
            ),
            self.split,
            where,
            self.origin,
            self.conflict,
            self.genre,
            own_ids=frozenset(self.ids) & frozenset(names.values()),
            model=model,
        )
