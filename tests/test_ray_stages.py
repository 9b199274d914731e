"""What the workers do, without Ray."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conflictspan.errors import ModelError, OutputError
from conflictspan.extractor import Extractor
from conflictspan.model_folder import hash_of_model
from conflictspan.ray_stages import ExtractBlocks, read_files, stub_of
from conflictspan.reading import Located, read_located
from conflictspan.records import Report
from conflictspan.shards import Shards
from conflictspan.writing import as_record, read_extractions

STORY = "Rebels shelled Raqqa on Sunday. "


def write_lines(path: Path, *records: object) -> None:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8")


def read(root: Path, *groups: list[str], characters: int = 1000) -> list[dict[str, list[Any]]]:
    batch = {"number": range(len(groups)), "files": [json.dumps(group) for group in groups]}
    return list(read_files(batch, root=root, characters=characters))


def test_blocks_are_cut_by_their_characters_and_named_in_input_order(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", {"text": "x" * 400}, {"text": "y" * 601}, 7, {"text": "z" * 5000})
    write_lines(tmp_path / "b.jsonl", {"text": "w" * 10})
    blocks = read(tmp_path, ["a.jsonl"], ["b.jsonl", "b.jsonl"])
    assert [block["name"] for block in blocks] == [["00000-00000"], ["00000-00001"], ["00000-00002"], ["00001-00000"]]
    lines = [[row[:2] for row in json.loads(block["items"][0])] for block in blocks]
    # The same id twice in a group is no reject here: it is found over all groups in the end.
    assert lines == [[["a.jsonl", 1]], [["a.jsonl", 2], ["a.jsonl", 3]], [["a.jsonl", 4]], [["b.jsonl", 1]] * 2]


@pytest.fixture
def stage(tiny_model: Path, tmp_path: Path) -> ExtractBlocks:
    shards = Shards(tmp_path / "out", parquet=False)
    shards.prepare({"model": "tiny"}, overwrite=False, resume=False)
    return ExtractBlocks(
        model=tiny_model, model_hash=hash_of_model(tiny_model), min_precision=None, actors=None, shards=shards
    )


def test_what_the_stages_write_is_what_a_local_run_finds(
    stage: ExtractBlocks, tiny_model: Path, tmp_path: Path
) -> None:
    records = [
        {"id": "a", "text": STORY * 20, "published": "2016-06-21", "title": "T"},
        {"text": ""},
        {"id": "b", "text": "The \ud800army left."},
    ]
    write_lines(tmp_path / "in.jsonl", *records)
    (block,) = read(tmp_path, ["in.jsonl"])
    columns = stage(block)
    (row,) = ({name: column[i] for name, column in columns.items()} for i in range(len(columns["name"])))
    stub = stub_of(row)
    assert (stub.name, stub.summary.reports, stub.summary.rejects) == ("00000-00000", 2, 1)
    items = read_located([tmp_path / "in.jsonl"])
    local = Extractor.from_pretrained(tiny_model).extract(i.report for i in items if isinstance(i, Located))
    shard = read_extractions(tmp_path / "out" / "part-00000-00000.jsonl")
    assert [as_record(report) for report in shard] == [as_record(report) for report in local]
    reject = json.loads((tmp_path / "out" / "_rejects-00000-00000.jsonl").read_text())
    assert (reject["file"], reject["line"], reject["reason"]) == ("in.jsonl", 2, "text: empty")


def test_a_worker_with_another_model_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="another model on this worker"):
        ExtractBlocks(
            model=tiny_model, model_hash="0", min_precision=None, actors=None, shards=Shards(tmp_path, parquet=False)
        )


def test_one_poisonous_report_takes_no_other_with_it_and_is_told_as_in_a_local_run(
    stage: ExtractBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Extractor.extract

    def extract(self: Extractor, reports: Iterable[Report]) -> Iterator[Report]:
        for report in real(self, reports):
            if "poison" in report.text:
                raise MemoryError("too much")
            yield report

    monkeypatch.setattr(Extractor, "extract", extract)
    write_lines(tmp_path / "in.jsonl", *({"id": text, "text": text} for text in ("good", "poison", "fine")))
    (block,) = read(tmp_path, ["in.jsonl"])
    stage(block)
    shard = read_extractions(tmp_path / "out" / "part-00000-00000.jsonl")
    assert [report.id for report in shard] == ["good", "fine"]
    reject = json.loads((tmp_path / "out" / "_rejects-00000-00000.jsonl").read_text())
    assert (reject["line"], reject["reason"]) == (2, "the model failed on it: MemoryError: too much")


def test_a_block_whose_shard_is_there_is_not_extracted_from_again(
    stage: ExtractBlocks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_lines(tmp_path / "in.jsonl", {"id": "a", "text": STORY}, {"text": ""}, {"id": "b", "text": STORY})
    (block,) = read(tmp_path, ["in.jsonl"])
    first = stage(block)
    monkeypatch.setattr(Extractor, "extract", None)  # it would fail
    assert stage(block) == first
    write_lines(tmp_path / "in.jsonl", {"id": "a", "text": STORY}, {"text": ""}, {"id": "c", "text": STORY})
    (changed,) = read(tmp_path, ["in.jsonl"])
    with pytest.raises(OutputError, match="the inputs are not those that the interrupted run read"):
        stage(changed)
