from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conflictspan.columns import EXTRACTION
from conflictspan.errors import OutputError
from conflictspan.reading import Located, Reject
from conflictspan.records import Mention, Report
from conflictspan.shards import Shards, Stub
from conflictspan.writing import Summary, as_record, read_extractions


def found(id_: str, *, text: str = "Rebels left.", line: int = 1) -> tuple[Located, Report]:
    report = Report(id_, text)
    mentions = (Mention("m0", 0, 6, "ARMED_GROUP", None, 0.5),)
    return Located(report, "in.jsonl", line), replace(report, sentences=((0, len(text)),), mentions=mentions)


def rejected(line: int) -> tuple[Reject, Reject]:
    reject = Reject("in.jsonl", line, "text: empty")
    return reject, reject


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    made = Shards(tmp_path / "out", parquet=False)
    made.prepare(overwrite=False)
    return made


def names(shards: Shards) -> list[str]:
    return sorted(path.name for path in shards.folder.iterdir())


def test_a_shard_and_its_rejects_are_written_and_counted(shards: Shards) -> None:
    stub = shards.write("00000-00000", [found("a"), rejected(2), found("b", line=3)])
    assert stub.summary == Summary(reports=2, sentences=2, mentions=2, rejects=1)
    assert json.loads(stub.places) == [["a", "in.jsonl", 1], ["b", "in.jsonl", 3]]
    assert names(shards) == ["_rejects-00000-00000.jsonl", "part-00000-00000.jsonl"]
    assert [report.id for report in read_extractions(shards.folder / "part-00000-00000.jsonl")] == ["a", "b"]
    (reject,) = (shards.folder / "_rejects-00000-00000.jsonl").read_text().splitlines()
    assert json.loads(reject) == {"file": "in.jsonl", "line": 2, "reason": "text: empty", "kind": "rejected"}


def test_a_second_attempt_takes_the_place_of_the_first(shards: Shards) -> None:
    shards.write("0", [found("a"), rejected(2)])
    shards.write("0", [found("a"), found("b")])
    assert names(shards) == ["part-0.jsonl"]
    shards.write("0", [rejected(1)])
    assert names(shards) == ["_rejects-0.jsonl"]


def test_ids_that_come_twice_are_found_in_input_order_whatever_the_order_of_the_stubs(shards: Shards) -> None:
    stubs = [
        shards.write("00001", [found("a", line=4), found("c", line=5), found("b", line=6)]),
        shards.write("00000", [found("a", line=1), found("b", line=2), found("a", line=3)]),
    ]
    (shards.folder / "_scratch-left").mkdir()
    summary = shards.finish(stubs)
    assert summary == Summary(reports=6, sentences=6, mentions=6, duplicates=3)
    assert json.loads((shards.folder / "_summary.json").read_text())["duplicates"] == 3
    assert names(shards) == ["_rejects-duplicates.jsonl", "_summary.json", "part-00000.jsonl", "part-00001.jsonl"]
    lines = map(json.loads, (shards.folder / "_rejects-duplicates.jsonl").read_text().splitlines())
    assert [(line["line"], line["kind"]) for line in lines] == [(n, "duplicate id") for n in (3, 4, 6)]


def test_parquet_has_the_same_records_and_rejects_what_it_cannot_hold(tmp_path: Path) -> None:
    shards = Shards(tmp_path / "out.parquet", parquet=True)
    shards.prepare(overwrite=False)
    read, result = found("a")
    stub = shards.write("0", [(read, result), found("b", text="Rebels\ud800 left.", line=2)])
    assert stub.summary == Summary(reports=1, sentences=1, mentions=1, rejects=1)
    assert [place[0] for place in json.loads(stub.places)] == ["a"]
    table = pq.read_table(shards.folder / "part-0.parquet")
    assert table.schema.equals(EXTRACTION)
    (row,) = table.to_pylist()
    assert row == {**as_record(result), "title": None, "sentences": [[0, 12]], "events": "[]"}
    assert "lone surrogate" in (shards.folder / "_rejects-0.jsonl").read_text()


def test_a_folder_is_replaced_only_when_asked_and_only_if_it_is_one_of_shards(shards: Shards) -> None:
    shards.finish([shards.write("0", [found("a"), rejected(2)])])
    with pytest.raises(OutputError, match=r"has shards already; .* --overwrite"):
        shards.prepare(overwrite=False)
    shards.prepare(overwrite=True)
    assert names(shards) == []
    (shards.folder / "thesis.doc").touch()
    with pytest.raises(OutputError, match=r"thesis.doc is no shard"):
        shards.prepare(overwrite=True)
    assert names(shards) == ["thesis.doc"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="gone/out: cannot be written: No such file"):
        Shards(tmp_path / "gone" / "out", parquet=False).prepare(overwrite=False)


def test_no_stubs_make_an_empty_summary(shards: Shards) -> None:
    empty: Iterable[Stub] = iter(())
    assert shards.finish(empty) == Summary()
