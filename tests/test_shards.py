from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conflictspan.columns import EXTRACTION
from conflictspan.errors import OutputError
from conflictspan.journal import Signature
from conflictspan.reading import Item, Located, Reject
from conflictspan.records import Mention, Report
from conflictspan.shards import Shards, Stub
from conflictspan.writing import Summary, as_record, line_of, read_extractions

SIGNATURE: Signature = {"model": "m", "min_precision": None}
Done = tuple[Item, Report | Reject, bytes]


def found(id_: str, *, text: str = "Rebels left.", line: int = 1) -> Done:
    report = Report(id_, text)
    mentions = (Mention("m0", 0, 6, "ARMED_GROUP", None, 0.5),)
    result = replace(report, sentences=((0, len(text)),), mentions=mentions)
    return Located(report, "in.jsonl", line), result, line_of(result)


def rejected(line: int) -> Done:
    reject = Reject("in.jsonl", line, "text: empty")
    return reject, reject, line_of(reject)


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    made = Shards(tmp_path / "out", parquet=False)
    made.prepare(SIGNATURE, overwrite=False, resume=False)
    return made


def names(shards: Shards) -> list[str]:
    """All but what the folder keeps of an unfinished run."""
    return sorted(path.name for path in shards.folder.iterdir() if not path.name.startswith(("_done-", "_run")))


def test_a_shard_and_its_rejects_are_written_and_counted(shards: Shards) -> None:
    stub = shards.write("00000-00000", [found("a"), rejected(2), found("b", line=3)], digest="d")
    assert stub.summary == Summary(reports=2, sentences=2, mentions=2, rejects=1)
    assert json.loads(stub.places) == [["a", "in.jsonl", 1], ["b", "in.jsonl", 3]]
    assert names(shards) == ["_rejects-00000-00000.jsonl", "part-00000-00000.jsonl"]
    assert [report.id for report in read_extractions(shards.folder / "part-00000-00000.jsonl")] == ["a", "b"]
    (reject,) = (shards.folder / "_rejects-00000-00000.jsonl").read_text().splitlines()
    assert json.loads(reject) == {"file": "in.jsonl", "line": 2, "reason": "text: empty", "kind": "rejected"}


def test_a_second_attempt_takes_the_place_of_the_first(shards: Shards) -> None:
    shards.write("0", [found("a"), rejected(2)], digest="d")
    shards.write("0", [found("a"), found("b")], digest="d")
    assert names(shards) == ["part-0.jsonl"]
    shards.write("0", [rejected(1)], digest="d")
    assert names(shards) == ["_rejects-0.jsonl"]


def test_ids_that_come_twice_are_found_in_input_order_whatever_the_order_of_the_stubs(shards: Shards) -> None:
    stubs = [
        shards.write("00001", [found("a", line=4), found("c", line=5), found("b", line=6)], digest="d"),
        shards.write("00000", [found("a", line=1), found("b", line=2), found("a", line=3)], digest="d"),
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
    shards.prepare(SIGNATURE, overwrite=False, resume=False)
    result = found("a")[1]
    assert isinstance(result, Report)
    stub = shards.write("0", [found("a"), found("b", text="Rebels\ud800 left.", line=2)], digest="d")
    assert stub.summary == Summary(reports=1, sentences=1, mentions=1, rejects=1)
    assert [place[0] for place in json.loads(stub.places)] == ["a"]
    table = pq.read_table(shards.folder / "part-0.parquet")
    assert table.schema.equals(EXTRACTION)
    (row,) = table.to_pylist()
    assert row == {**as_record(result), "title": None, "sentences": [[0, 12]], "events": "[]"}
    assert "lone surrogate" in (shards.folder / "_rejects-0.jsonl").read_text()


def test_a_folder_is_replaced_only_when_asked_and_only_if_it_is_one_of_shards(shards: Shards) -> None:
    shards.finish([shards.write("0", [found("a"), rejected(2)], digest="d")])
    with pytest.raises(OutputError, match=r"has shards already, .* --overwrite"):
        shards.prepare(SIGNATURE, overwrite=False, resume=False)
    shards.prepare(SIGNATURE, overwrite=True, resume=False)
    assert names(shards) == []
    (shards.folder / "thesis.doc").touch()
    with pytest.raises(OutputError, match=r"thesis.doc is no shard"):
        shards.prepare(SIGNATURE, overwrite=True, resume=False)
    assert names(shards) == ["thesis.doc"]


def test_a_run_that_was_interrupted_knows_the_shards_that_are_whole(shards: Shards) -> None:
    first = shards.write("0", [found("a"), rejected(2)], digest="of a")
    (shards.folder / "part-1.jsonl").write_text("killed before it was noted")
    (shards.folder / "_scratch-left").mkdir()
    assert shards.prepare(SIGNATURE, overwrite=False, resume=True) is False
    assert shards.done("0", "of a") == first
    assert shards.done("1", "of b") is None
    (shards.folder / "part-0.jsonl").rename(shards.folder / "part-9.jsonl")
    assert shards.done("0", "of a") is None, "it is noted as done and not there"
    (shards.folder / "part-9.jsonl").rename(shards.folder / "part-0.jsonl")
    with pytest.raises(OutputError, match=r"what went into shard 0 has changed; .* --overwrite"):
        shards.done("0", "of something else")
    with pytest.raises(OutputError, match=r"another one: model was m and is n; .* --overwrite"):
        shards.prepare({**SIGNATURE, "model": "n"}, overwrite=False, resume=True)
    summary = shards.finish([first, shards.write("1", [found("b")], digest="of b")])
    assert sorted(path.name for path in shards.folder.iterdir()) == [
        *("_rejects-0.jsonl", "_summary.json", "part-0.jsonl", "part-1.jsonl")
    ]
    assert shards.prepare(SIGNATURE, overwrite=False, resume=True) is True
    assert shards.counts() == summary == Summary(reports=2, sentences=2, mentions=2, rejects=1)


def test_what_a_run_left_that_was_killed_while_it_tidied_goes(shards: Shards) -> None:
    shards.write("0", [found("a")], digest="d")
    left = {path: path.read_bytes() for path in shards.folder.iterdir() if path.name.startswith("_")}
    shards.finish([])
    for path, content in left.items():
        path.write_bytes(content)
    assert shards.prepare(SIGNATURE, overwrite=False, resume=True)
    assert sorted(path.name for path in shards.folder.iterdir()) == ["_summary.json", "part-0.jsonl"]


def test_shards_of_an_unknown_run_are_not_gone_on_with(shards: Shards) -> None:
    (shards.folder / "_run.json").unlink()
    (shards.folder / "_scratch-left").mkdir()
    assert shards.prepare(SIGNATURE, overwrite=False, resume=True) is False  # killed before it had begun
    assert [path.name for path in shards.folder.iterdir()] == ["_run.json"]
    (shards.folder / "_run.json").unlink()
    shards.write("0", [found("a")], digest="d")
    with pytest.raises(OutputError, match=r"no _run.json that tells of what"):
        shards.prepare(SIGNATURE, overwrite=False, resume=True)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="gone/out: cannot be written: No such file"):
        Shards(tmp_path / "gone" / "out", parquet=False).prepare(SIGNATURE, overwrite=False, resume=False)


def test_no_stubs_make_an_empty_summary(shards: Shards) -> None:
    empty: Iterable[Stub] = iter(())
    assert shards.finish(empty) == Summary()
