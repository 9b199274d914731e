"""`predict --ray` on a Ray of two workers."""

from __future__ import annotations

import builtins
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conflictspan import ray_predict
from conflictspan.cli import main
from conflictspan.errors import EngineError, InputError, ModelError, OutputError
from conflictspan.predict import predict
from conflictspan.ray_predict import predict_with_ray
from conflictspan.writing import Summary

WORKER = "ray::MapWorker"  # how Ray names the process of an actor of a dataset
STORY = "Rebels shelled Raqqa on Sunday, killing 12. The army denied it. "


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")  # else the workers wait for everything else on a busy machine
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield ray
        ray.shutdown()


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Sixty reports in JSON lines and Parquet, with what cannot be read and ids that come twice."""
    folder = tmp_path / "in"
    folder.mkdir()
    records = [{"id": f"r{n}", "text": STORY * (n % 9 + 1), "published": "2016-06-21"} for n in range(60)]
    lines = [json.dumps(record) for record in records[:40]]
    lines[5:5] = ["shots", '{"text": ""}', '{"text": "The \\ud800army left."}']
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    pq.write_table(pa.Table.from_pylist([*records[40:], records[0]]), folder / "b.parquet")
    (folder / "notes.doc").write_text("?")
    return folder


def extractions(files: Iterable[Path]) -> list[dict[str, Any]]:
    records = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return sorted(records, key=lambda record: (record["id"], record["text"]))


def bare(record: dict[str, Any]) -> dict[str, Any]:
    """A record without its scores, which depend in their last digits on what a report is batched with."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(item) for key, item in value.items() if key != "score"}
        return [strip(item) for item in value] if isinstance(value, list) else value

    stripped: dict[str, Any] = strip(record)
    return stripped


def scores(record: dict[str, Any]) -> list[float]:
    return [row["score"] for kind in ("mentions", "relations", "events") for row in record[kind]]


def check_same(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    assert [bare(record) for record in found] == [bare(record) for record in expected]
    for record, other in zip(found, expected, strict=True):
        assert scores(record) == pytest.approx(scores(other), abs=1e-3)


def test_two_workers_write_what_a_local_run_writes(
    ray: Any, inputs: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_predict, "BLOCK_CHARACTERS", 2000)
    progress = predict([str(inputs)], str(tmp_path / "local.jsonl"), model=tiny_model)
    assert progress
    local = progress.summary
    summary = predict_with_ray([str(inputs)], tmp_path / "out", model=tiny_model)
    assert summary == local
    assert (summary.reports, summary.rejects, summary.duplicates) == (62, 3, 1)
    shards = sorted((tmp_path / "out").glob("part-*.jsonl"))
    assert len(shards) > 5
    check_same(extractions(shards), extractions([tmp_path / "local.jsonl"]))
    rejects = (tmp_path / "local.jsonl.rejects.jsonl").read_text().splitlines()
    found = [line for path in (tmp_path / "out").glob("_rejects-*.jsonl") for line in path.read_text().splitlines()]
    assert sorted(found) == sorted(rejects)


def test_a_worker_that_is_killed_loses_nothing(
    ray: Any, inputs: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_predict, "BLOCK_CHARACTERS", 500)
    out = tmp_path / "out.parquet"
    done_when_killed = []

    def kill_one() -> None:
        while not list(out.glob("part-*")):
            time.sleep(0.02)
        children = psutil.Process(os.getpid()).children(recursive=True)
        workers = [child for child in children if "".join(child.cmdline()).startswith(WORKER)]
        busy = next((worker for worker in workers if "submit" in "".join(worker.cmdline())), workers[0])
        busy.kill()
        done_when_killed.append(len(list(out.glob("part-*"))))

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    summary = predict_with_ray([str(inputs)], out, model=tiny_model)
    killer.join(timeout=10)
    shards = sorted(out.glob("part-*.parquet"))
    assert done_when_killed and done_when_killed[0] < len(shards)
    progress = predict([str(inputs)], str(tmp_path / "local.jsonl"), model=tiny_model)
    assert progress
    local = progress.summary
    # Parquet cannot hold the lone surrogate.
    assert (summary.reports, summary.rejects) == (local.reports - 1, local.rejects + 1)
    rows = [row for shard in shards for row in pq.read_table(shard).to_pylist()]
    found = [
        {key: value for key, value in {**row, "events": json.loads(row["events"])}.items() if key != "title"}
        for row in sorted(rows, key=lambda row: (row["id"], row["text"]))
    ]
    expected = [record for record in extractions([tmp_path / "local.jsonl"]) if "\ud800" not in record["text"]]
    check_same(found, expected)
    assert not list(out.glob("_scratch-*"))


DRIVER = """
import sys
from conflictspan import ray_predict
ray_predict.BLOCK_CHARACTERS = 500
ray_predict.predict_with_ray([sys.argv[1]], sys.argv[2], model=sys.argv[3], address=sys.argv[4])
"""


def test_a_run_whose_driver_was_killed_is_gone_on_with(
    ray: Any, inputs: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray_predict, "BLOCK_CHARACTERS", 500)
    out = tmp_path / "out"
    address = ray.get_runtime_context().gcs_address
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(inputs), str(out), str(tiny_model), address], env=environment
    )
    while len(done := list(out.glob("_done-*"))) < 3:
        assert driver.poll() is None
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    assert not (out / "_summary.json").exists()
    kept = [out / f"part-{path.name.removeprefix('_done-')}.jsonl" for path in done]
    inodes = {path: path.stat().st_ino for path in kept if path.exists()}
    assert inodes
    with pytest.raises(OutputError, match="has shards already, which --resume goes on with"):
        predict_with_ray([str(inputs)], out, model=tiny_model)
    with pytest.raises(OutputError, match="the run that was interrupted is another one"):
        predict_with_ray([str(inputs / "a.jsonl")], out, model=tiny_model, resume=True)

    summary = predict_with_ray([str(inputs)], out, model=tiny_model, resume=True)

    progress = predict([str(inputs)], str(tmp_path / "local.jsonl"), model=tiny_model)
    assert progress
    assert summary == progress.summary
    check_same(extractions(out.glob("part-*.jsonl")), extractions([tmp_path / "local.jsonl"]))
    assert {path: path.stat().st_ino for path in inodes} == inodes  # not written again
    assert {path.name.partition("-")[0] for path in out.iterdir()} == {"part", "_rejects", "_summary.json"}
    assert predict_with_ray([str(inputs)], out, model=tiny_model, resume=True) == summary


def test_the_command_passes_all_on_and_ends_with_3_after_rejects(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[object] = []

    def fake(*arguments: object, **options: object) -> Summary:
        asked.extend((*arguments, options))
        return Summary(reports=7, rejects=2)

    monkeypatch.setattr(ray_predict, "predict_with_ray", fake)
    given = ["predict", "a", "b", "--ray", "auto", "-o", "out", "--model", "m", "--min-precision", "0.9", "--overwrite"]
    monkeypatch.setattr("sys.argv", ["conflictspan", *given, "--actors", "mine.toml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    options = {"min_precision": 0.9, "actors": Path("mine.toml"), "overwrite": True, "resume": False}
    assert asked == [["a", "b"], "out", {"model": "m", "address": "auto", **options}]
    assert "7 reports" in capsys.readouterr().err


def test_what_stops_a_worker_is_told_in_a_line(
    ray: Any,
    inputs: Path,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ray_predict, "hash_of_model", lambda _: "another's")
    with pytest.raises(EngineError) as raised:
        predict_with_ray([str(inputs)], tmp_path / "out", model=tiny_model)
    assert "is another model on this worker" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_ray_the_extra_is_named(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_ray(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "ray":
            raise ModuleNotFoundError("No module named 'ray'")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    (tmp_path / "a.txt").write_text(STORY)
    with pytest.raises(EngineError, match=r"pip install 'conflictspan\[ray\]'"):
        predict_with_ray([str(tmp_path / "a.txt")], tmp_path / "out", model=tiny_model)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_done_is_told_before_a_cluster_is_asked(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "in").mkdir()
    given = [str(tmp_path / "in")]
    with pytest.raises(EngineError, match="cannot read standard input"):
        predict_with_ray(["-"], tmp_path / "out", model=tiny_model)
    with pytest.raises(EngineError, match="write standard output"):
        predict_with_ray(given, "-", model=tiny_model)
    with pytest.raises(OutputError, match="give one of them"):
        predict_with_ray(given, tmp_path / "out", model=tiny_model, overwrite=True, resume=True)
    with pytest.raises(InputError, match="there is no such file"):
        predict_with_ray([str(tmp_path / "none.jsonl")], tmp_path / "out", model=tiny_model)
    with pytest.raises(OutputError, match="is inside the input"):
        predict_with_ray(given, tmp_path / "in" / "out", model=tiny_model)
    with pytest.raises(ModelError, match="no model folder"):
        predict_with_ray(given, tmp_path / "out", model=tmp_path / "none")
    with pytest.raises(ModelError, match="cannot promise a precision"):
        predict_with_ray(given, tmp_path / "out", model=tiny_model, min_precision=0.9)
    assert not (tmp_path / "out").exists()
