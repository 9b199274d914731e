from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from conflictspan.extractor import Extractor
from conflictspan.model import ConflictModel
from conflictspan.records import Mention, Relation, Report
from conflictspan.writing import as_record
from tests.conftest import REPOSITORY

spacy = pytest.importorskip("spacy")

from conflictspan.spacy_component import ConflictSpan  # noqa: E402  only where spaCy is

STORY = "BEIRUT, June 20 - At least 28 SDF fighters were killed in an IS-led attack near Manbij. Residents fled."


class Marks:
    """An extractor that marks given words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            starts = [report.text.index(word) for word in self.words]
            mentions = tuple(
                Mention(f"m{i}", start, start + len(word), "LOC", "denied" if i else None, 0.5 + i / 10)
                for i, (word, start) in enumerate(zip(self.words, starts, strict=True))
            )
            yield replace(report, mentions=mentions, relations=(Relation("m0", "PLACE", "m1", 0.25),))


def test_mentions_inside_tokens_get_the_whole_token_and_are_listed() -> None:
    text = "Fighting near Raqqa-Tabqa\u200b😀 went on."
    nlp = spacy.blank("en")
    doc = ConflictSpan(Marks("Raqqa", "Tabqa", "went"))(spacy.tokens.Doc(nlp.vocab, words=text.split(" ")))  # type: ignore[arg-type]
    assert doc.text.rstrip() == text
    found = [(span.text, span.label_, span.id_) for span in doc.spans["conflictspan"]]
    whole = "Raqqa-Tabqa\u200b😀"
    assert found == [(whole, "LOC", "m0"), (whole, "LOC", "m1"), ("went", "LOC", "m2")]
    assert doc._.conflict_expanded == ["m0", "m1"]
    assert [(m["text"], m["start"], m["end"]) for m in doc._.conflict_mentions] == [
        ("Raqqa", 14, 19),
        ("Tabqa", 20, 25),
        ("went", 28, 32),
    ]
    # Both have the same range, and yet each its own values.
    assert [span._.conflict_score for span in doc.spans["conflictspan"]] == [0.5, 0.6, 0.7]
    assert [span._.conflict_status for span in doc.spans["conflictspan"]] == [None, "denied", "denied"]
    assert doc[0:1]._.conflict_score is None
    assert doc._.conflict_relations == [{"head": "m0", "label": "PLACE", "tail": "m1", "score": 0.25}]


def test_a_pipeline_gives_what_the_extractor_gives(
    model: ConflictModel, tokenizer: PreTrainedTokenizerFast, tiny_model: Path
) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("conflictspan", config={"model": str(tiny_model)})
    texts = [STORY, "", STORY * 3]
    expected = [
        as_record(report)
        for report in Extractor(model, tokenizer, device=torch.device("cpu")).extract(
            Report("doc", text) for text in texts
        )
    ]
    docs = list(nlp.pipe(texts))
    assert [doc.text for doc in docs] == texts
    for doc, record in zip(docs, expected, strict=True):
        exact = [(m["start"], m["end"], m["type"], m["status"]) for m in record["mentions"]]
        assert [(m["start"], m["end"], m["type"], m["status"]) for m in doc._.conflict_mentions] == exact
        spans = list(doc.spans["conflictspan"])
        assert [(span.id_, span.label_) for span in spans] == [(m["id"], m["type"]) for m in record["mentions"]]
        for span, mention in zip(spans, record["mentions"], strict=True):
            assert span.start_char <= mention["start"] < mention["end"] <= span.end_char
        assert [event["event_id"] for event in doc._.conflict_events] == [e["event_id"] for e in record["events"]]
    assert docs[0]._.conflict_mentions and docs[0]._.conflict_events
    again = spacy.tokens.Doc(nlp.vocab).from_bytes(docs[0].to_bytes())
    assert again._.conflict_events == docs[0]._.conflict_events
    assert [span._.conflict_score for span in again.spans["conflictspan"]] == [
        span._.conflict_score for span in docs[0].spans["conflictspan"]
    ]


def test_the_date_and_name_of_a_report_are_used(tiny_model: Path) -> None:
    nlp = spacy.blank("en")
    component = nlp.add_pipe("conflictspan", config={"model": str(tiny_model)})
    doc = nlp.make_doc(STORY)
    doc._.conflict_id = "syr-014"
    doc._.conflict_published = "2016-06-21"
    component(doc)
    assert {event["report_id"] for event in doc._.conflict_events} == {"syr-014"}


def test_the_entry_point_leads_to_the_factory() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["spacy_factories"]["conflictspan"].partition(":")
    assert callable(getattr(import_module(module), name))
