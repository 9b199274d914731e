from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
from datasets import Dataset
from datasets.fingerprint import Hasher
from transformers import PreTrainedTokenizerFast

from conflictspan.datasets_map import ExtractBatch
from conflictspan.errors import InputError, ModelError
from conflictspan.extractor import Extractor
from conflictspan.model_folder import save_model
from conflictspan.records import Report
from conflictspan.writing import as_record

TEXTS = ["-", "Rebels shelled Raqqa on Sunday, killing 12. " * 3, None, "The army denied it. A car bomb went off."]


@pytest.fixture
def reports() -> Dataset:
    return Dataset.from_dict(
        {"id": list("abcd"), "text": TEXTS, "published": ["2016-06-21", None, None, None], "mine": range(4)}
    )


def test_the_columns_are_those_of_a_local_run_and_their_types_do_not_depend_on_the_first_rows(
    tiny_model: Path, reports: Dataset
) -> None:
    extract = ExtractBatch(tiny_model)
    found = reports.map(extract, batched=True, batch_size=1, features=extract.features(reports.features))
    assert found.column_names == ["id", "text", "published", "mine", "sentences", "mentions", "relations", "events"]
    assert list(found["mine"]) == [0, 1, 2, 3]
    given = [Report(row["id"], row["text"] or "", published=row["published"]) for row in reports]
    for row, report in zip(found, Extractor.from_pretrained(tiny_model).extract(given), strict=True):
        record = as_record(report)
        assert row["sentences"] == [list(sentence) for sentence in report.sentences]
        spans = [(m["start"], m["end"], m["type"], m["text"], m["status"]) for m in record["mentions"]]
        assert [(m["start"], m["end"], m["type"], m["text"], m["status"]) for m in row["mentions"]] == spans
        assert [m["score"] for m in row["mentions"]] == pytest.approx(
            [m["score"] for m in record["mentions"]], abs=1e-3
        )
        assert [event["event_id"] for event in json.loads(row["events"])] == [e.event_id for e in report.events]
    assert sum(len(mentions) for mentions in found["mentions"]) > 5
    assert found[2]["mentions"] == []


def test_the_cache_is_found_again_by_the_model_and_the_options_alone(tiny_model: Path) -> None:
    extract = ExtractBatch(tiny_model)
    before = Hasher.hash(extract)
    extract({"text": ["Rebels shelled Raqqa."], "id": ["a"]})  # loads the model
    assert Hasher.hash(extract) == Hasher.hash(ExtractBatch(tiny_model)) == before
    assert len(pickle.dumps(extract)) < 1000
    assert Hasher.hash(ExtractBatch(tiny_model, min_precision=0.9)) != before
    changed, tokenizer = (
        Extractor.from_pretrained(tiny_model).model,
        PreTrainedTokenizerFast.from_pretrained(tiny_model),
    )
    changed.tagger.bias.data += 1
    save_model(tiny_model, changed, tokenizer)
    assert Hasher.hash(ExtractBatch(tiny_model)) != before


def test_rows_without_a_name_go_by_their_number(tiny_model: Path, reports: Dataset) -> None:
    extract = ExtractBatch(tiny_model)
    bare = reports.remove_columns(["id", "published"])
    found = bare.map(extract, batched=True, with_indices=True, features=extract.features(bare.features))
    ids = {event["report_id"] for events in found["events"] for event in json.loads(events)}
    assert ids and ids <= {"0", "1", "3"}
    with pytest.raises(InputError, match=r"no column is named id; .*with_indices"):
        extract({"text": ["x"]})
    with pytest.raises(InputError, match="no column is named text; the columns are body"):
        extract({"body": ["x"]})


def test_a_folder_that_is_no_model_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        ExtractBatch(tmp_path / "none")
