"""A spaCy pipeline component: `nlp.add_pipe("conflictspan", config={"model": "models/default"})`.

It is found by its entry point, with no import. On each document it sets

    doc.spans["conflictspan"]   the mentions: `label_` is the type, `id_` the mention's id
    span._.conflict_status      "planned" or "denied" of such a trigger; None else
    span._.conflict_score       the probability that words and type are right
    doc._.conflict_relations    between the mentions, by their ids
    doc._.conflict_events       the event records
    doc._.conflict_mentions     the mentions with the exact offsets of their words
    doc._.conflict_expanded     ids of the mentions that begin or end inside a token

Relations, events and mentions are lists of dicts, as in a line of the output of `conflictspan predict`, so that a
document can be stored with them. Mentions are found in the text, whatever its tokens: the span of one that begins or
ends inside a token has the whole token, so that none is lost. Where the report's date and name are known, set
`doc._.conflict_published` (ISO 8601; "on Sunday" is reckoned from it) and `doc._.conflict_id` before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import tee
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span

from conflictspan.records import Report
from conflictspan.writing import as_record

if TYPE_CHECKING:
    from conflictspan.extractor import Extractor

KEY = "conflictspan"
"""The name of the component and of its span group."""


class ConflictSpan:
    """The component."""

    def __init__(self, extractor: Extractor) -> None:
        """Wrap an extractor, and make spaCy know the attributes."""
        self._extractor = extractor
        for name in ("conflict_relations", "conflict_events", "conflict_mentions", "conflict_expanded"):
            Doc.set_extension(name, default=[], force=True)
        for name in ("conflict_id", "conflict_published"):
            Doc.set_extension(name, default=None, force=True)
        # Looked up by the span's id: spaCy keeps values by range, which two mentions inside one token would share.
        Span.set_extension("conflict_status", getter=lambda span: _mention_of(span).get("status"), force=True)
        Span.set_extension("conflict_score", getter=lambda span: _mention_of(span).get("score"), force=True)

    def __call__(self, doc: Doc) -> Doc:
        """Annotate a document."""
        (done,) = self.pipe([doc])
        return done

    def pipe(self, docs: Iterable[Doc], *, batch_size: int | None = None) -> Iterator[Doc]:  # noqa: ARG002
        """Annotate documents, in their order. The extractor makes its own batches, of pieces; spaCy's are not used."""
        docs, read = tee(docs)
        for doc, report in zip(docs, self._extractor.extract(map(_report_of, read)), strict=True):
            _annotate(doc, report)
            yield doc


@Language.factory(  # type: ignore[untyped-decorator]
    KEY, default_config={"model": None, "min_precision": None}, assigns=["doc.spans"]
)
def make_component(
    nlp: Language,  # noqa: ARG001  spaCy calls factories so
    name: str,  # noqa: ARG001
    model: str | None,
    min_precision: float | None,
) -> ConflictSpan:
    """Load the model for a pipeline.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        model: a model folder or a model hub's id; where None, the one that comes with the package.
        min_precision: what `Extractor.from_pretrained` takes.

    Raises:
        ModelError: the model cannot be trusted or read, or can promise no precision.
        ConfigError: the precision is no share.
    """
    from conflictspan.extractor import Extractor
    from conflictspan.predict import RELEASED

    return ConflictSpan(Extractor.from_pretrained(model or RELEASED, min_precision=min_precision))


def _report_of(doc: Doc) -> Report:
    return Report(str(doc._.conflict_id or "doc"), doc.text, published=doc._.conflict_published)


def _annotate(doc: Doc, report: Report) -> None:
    record = json.loads(json.dumps(as_record(report)))
    doc._.conflict_mentions = record["mentions"]
    doc._.conflict_relations = record["relations"]
    doc._.conflict_events = record["events"]
    spans = [
        doc.char_span(m.start, m.end, label=m.type, span_id=m.id, alignment_mode="expand") for m in report.mentions
    ]
    doc.spans[KEY] = spans
    doc._.conflict_expanded = [
        mention.id
        for mention, span in zip(report.mentions, spans, strict=True)
        if (span.start_char, span.end_char) != (mention.start, mention.end)
    ]


def _mention_of(span: Span) -> dict[str, Any]:
    return next((mention for mention in span.doc._.conflict_mentions if mention["id"] == span.id_), {})
