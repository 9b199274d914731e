"""A folder of everything that an archive can do to a reader, driven through all commands with the tiny model."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conflictspan.cli import main
from conflictspan.errors import InputError
from conflictspan.reading import read_reports
from conflictspan.records import Report
from conflictspan.sentences import split_sentences
from conflictspan.writing import read_extractions, write_extractions
from tests.fuzz.happenings import check_exports, check_page
from tests.fuzz.texts import check_offsets

NASTY = Path(__file__).parent / "fixtures" / "nasty"

READ = Counter(
    {
        **dict.fromkeys(("controls", "bom", "line-ends", "direction", "invisible", "emoji", "marks"), 1),
        **{"surrogates": 4, "deep": 1, "numbers": 4, "formulas": 11, "elements": 2, "ids": 30, "quotes": 4},
        **{
            "long-sentence": 1,
            "long-line": 1,
            "odd": 1,
            "=1+1;x": 1,
            "CON": 1,
            "a'b$(touch pwned)": 1,
            "lone-\udcff": 1,
        },
    }
)
"""By the stem of their file: how many reports are read."""

REJECTED = Counter(
    {
        **dict.fromkeys(("utf16", "latin1", "binary", "space", "empty", "no-text", "parquet", "unreadable"), 1),
        **dict.fromkeys(("loop", "up", "gone", "pipe"), 1),
        **{"surrogates": 1, "deep": 4, "numbers": 3, "faults": 14, "quotes": 5, "odd": 1, "types": 2, "twice": 1},
    }
)
"""And how many records are not."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The fixtures, and what git cannot hold or would find too large."""
    folder = tmp_path / "nasty"
    shutil.copytree(NASTY, folder)
    (folder / "long-sentence.txt").write_text("the army shelled a town and " * 1_000)
    (folder / "long-line.jsonl").write_text(json.dumps({"text": "x" * 10_000_000}) + "\n")
    texts = pa.array(["The army left Raqqa."])
    odd = {"text": pa.array(["The army left Raqqa."] * 2), "published": pa.array([0, 2**55], pa.timestamp("ms"))}
    pq.write_table(pa.table(odd), folder / "odd.parquet")
    pq.write_table(pa.table({"text": pa.array([{"a": 1}, None])}), folder / "types.parquet")
    pq.write_table(pa.Table.from_arrays([texts, texts], names=["text", "text"]), folder / "twice.parquet")
    for name in ("=1+1;x.txt", "CON.txt", "a'b$(touch pwned).txt", "lone-\udcff.txt"):
        (folder / name).write_text("The army left Raqqa.")
    (folder / "loop").symlink_to(folder)
    (folder / "deeper").mkdir()
    (folder / "deeper" / "up").symlink_to("..")
    (folder / "gone.txt").symlink_to("nowhere.txt")
    os.mkfifo(folder / "pipe.txt")
    if os.geteuid():
        (folder / "unreadable.txt").write_text("The army left Raqqa.")
        (folder / "unreadable.txt").chmod(0)
    else:  # who may read everything
        (folder / "unreadable.txt").symlink_to("/proc/self/mem")
    return folder


@pytest.fixture
def shut_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell, no other program, no network."""

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a program or the network was asked for")

    for owner, name in ((os, "system"), (os, "popen"), (subprocess, "Popen"), (socket.socket, "connect")):
        monkeypatch.setattr(owner, name, refuse)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    """The command as a shell runs it: its exit code."""
    monkeypatch.setattr(sys, "argv", ["conflictspan", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def _given_texts(folder: Path) -> Iterator[str]:
    """The texts of the files whose form leaves no doubt, read by other means than ours."""
    for stem in ("controls", "bom", "line-ends", "direction", "invisible", "emoji", "marks"):
        yield (folder / f"{stem}.txt").read_bytes().decode("utf-8-sig")
    for stem in ("formulas", "elements", "ids"):
        for line in (folder / f"{stem}.jsonl").read_bytes().split(b"\n"):
            if line:
                yield json.loads(line)["text"]
    yield "x" * 10_000_000


@pytest.mark.usefixtures("shut_in")
def test_everything_comes_out_or_is_listed_with_its_reason(
    folder: Path, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    before = sorted(folder.rglob("*"))
    assert run(monkeypatch, "predict", folder, "-o", "out.jsonl", "--model", tiny_model) == 3

    reports = list(read_extractions("out.jsonl"))
    assert not Counter(_given_texts(folder)) - Counter(report.text for report in reports)
    assert len(reports) == READ.total()
    for report in reports:
        assert report.sentences == split_sentences(report.text)
        check_offsets(report)
    rejects = [json.loads(line) for line in Path("out.jsonl.rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    refused = [reject for reject in rejects if reject["kind"] == "rejected"]
    assert Counter(Path(reject["file"]).stem for reject in refused) == REJECTED
    assert all(0 < len(reject["reason"]) < 500 for reject in rejects)
    lined = {Path(r["file"]).stem for r in refused if r["line"] is None}
    assert not lined & {"faults", "deep", "numbers", "surrogates", "quotes"}

    twice = [reject["reason"] for reject in rejects if reject["kind"] == "duplicate id"]
    assert len([reason for reason in twice if "'case'" in reason]) == 1  # CASE is another
    assert not [reason for reason in twice if "'con'" in reason or "\u00e9" in reason]
    _check_commands(reports, tmp_path / "work", monkeypatch)
    assert sorted(folder.rglob("*")) == before
    error = capfd.readouterr().err
    assert "Traceback" not in error


def _check_commands(reports: list[Report], work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Incidents, exports and the page of a run: sound, and in files that only the caller has named."""
    names = ["out.jsonl", "out.jsonl.rejects.jsonl", "inc.jsonl", "look.html"]
    assert run(monkeypatch, "incidents", "out.jsonl", "-o", "inc.jsonl") == 0
    for source, form in (("out", "csv"), ("inc", "csv"), ("inc", "duckdb"), ("inc", "geojson")):
        assert run(monkeypatch, "export", f"{source}.jsonl", "-o", f"{source}.{form}") == 0
        names.append(f"{source}.{form}")
    assert run(monkeypatch, "view", "out.jsonl", "-o", "look.html") == 0
    check_page(work / "look.html", [report.text for report in reports])
    assert sorted(path.name for path in work.iterdir()) == sorted(names)
    (work / "checked").mkdir()
    short = [report for report in reports if len(report.text) < 20_000]  # the others were read often enough
    write_extractions(short, work / "checked" / "a.jsonl")
    check_exports(work / "checked" / "a.jsonl", work / "checked", short)


def test_a_folder_that_cannot_be_looked_into_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may be listed and not entered: whoever asks what its entries are is refused."""
    (tmp_path / "a.txt").write_text("The army left Raqqa.")
    (tmp_path / "shut").mkdir()
    (tmp_path / "shut" / "b.txt").write_text("The army left Raqqa.")
    is_dir = Path.is_dir

    def refuse(path: Path) -> bool:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied")
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", refuse)
    report, reject = read_reports([tmp_path])
    assert isinstance(report, Report)
    assert (Path(getattr(reject, "file", "")).name, getattr(reject, "reason", "")) == (
        "b.txt",
        "cannot be read: Permission denied",
    )


@pytest.mark.parametrize("name", ["x" * 300 + ".txt", "a/" * 3_000 + "b.txt"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"there is no such file or folder|cannot be read"):
        read_reports([name])
