"""Runs that end at any moment, and go on. The model is a fake one; tests/test_predict_killed.py has a real one."""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conflictspan import blocks, model_folder, parts, predict, run_files
from conflictspan.errors import InputError, OutputError
from conflictspan.extractor import Extractor
from conflictspan.packing import open_unpacked
from conflictspan.predict import predict as run_predict
from conflictspan.progress import Progress
from conflictspan.records import Mention, Report
from conflictspan.run_files import RunFiles, journal_path
from conflictspan.writing import read_extractions, rejects_path

NAMES = ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst"]


class FirstWord:
    """An extractor that finds the first word, and fails on what is poison."""

    def __init__(self) -> None:
        self.pieces_read = 0
        self.backend = SimpleNamespace(name="torch")

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        for report in reports:
            if "poison" in report.text:
                raise MemoryError("out of\n  memory")
            words = report.text.split()
            self.pieces_read += len(words)
            yield replace(report, mentions=(Mention("m0", 0, len(words[0]), "ORG", score=0.5),))


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Small blocks, and a model that costs nothing."""
    state = SimpleNamespace(sha256="ab")
    monkeypatch.setattr(blocks, "BLOCK_CHARACTERS", 250)
    monkeypatch.setattr(Extractor, "from_pretrained", lambda *_, **__: FirstWord())
    monkeypatch.setattr(model_folder, "hash_of_model", lambda _: state.sha256)
    monkeypatch.setattr(predict, "Assembler", lambda **_: None)
    monkeypatch.setattr(predict, "load_actors", lambda _: None)
    monkeypatch.setattr(
        os, "fsync", lambda _: None
    )  # slow, and only a machine that loses power shows whether it is there
    return state


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Five blocks: reports, a reject, an id that is there twice, a report that is poison."""
    texts = ["A b.", "C d e.", "F " * 60, "G.", "poison h.", "I.", "J. " * 90, "K."]
    lines = [json.dumps({"id": f"r{n % 7}", "text": text}) for n, text in enumerate(texts)]
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join([*lines[:2], "no json", *lines[2:]]))
    return path


def go(inputs: Path, out: Path, *, resume: bool = True, **options: object) -> Progress | None:
    return run_predict([str(inputs)], str(out), model="m", resume=resume, **options)  # type: ignore[arg-type]


@dataclass
class Whole:
    """What a run that is not interrupted leaves."""

    name: str
    files: dict[str, bytes]

    def check(self, folder: Path) -> None:
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == self.files


@pytest.fixture(params=NAMES[:2])
def whole(request: pytest.FixtureRequest, tmp_path: Path, inputs: Path) -> Whole:
    name: str = request.param
    folder = tmp_path / "whole"
    folder.mkdir()
    go(inputs, folder / name, resume=False)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert files.keys() == {name, f"{name}.rejects.jsonl"}
    return Whole(name, files)


def test_an_output_in_blocks_is_what_one_block_gives(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = {}
    for name in NAMES:
        (tmp_path / name.replace(".", "-")).mkdir()
        out = tmp_path / name.replace(".", "-") / name
        progress = go(inputs, out)
        with open_unpacked(out) as lines:
            ended[name] = (lines.read(), rejects_path(out).read_bytes())
        assert progress
        assert (progress.summary.reports, progress.summary.rejects, progress.summary.duplicates) == (7, 2, 1)
        assert [report.id for report in read_extractions(out)] == ["r0", "r1", "r2", "r3", "r5", "r6", "r0"]
    monkeypatch.setattr(blocks, "BLOCK_CHARACTERS", 10**6)
    go(inputs, tmp_path / "one.jsonl")
    ended["one"] = ((tmp_path / "one.jsonl").read_bytes(), rejects_path(tmp_path / "one.jsonl").read_bytes())
    assert len(set(ended.values())) == 1


class Killed(BaseException):
    """Ends a run without anything being written any more."""


def killed_at(step: int, run: Callable[[], object]) -> bool:
    """Run until a number of lines of the modules that write have been executed; whether it came to that."""
    files = {module.__file__ for module in (run_files, parts)}
    steps = 0

    def trace(frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal steps
        if frame.f_code.co_filename not in files or "__exit__" in frame.f_code.co_name:
            return None
        if event == "line":
            steps += 1
            if steps == step:
                sys.settrace(None)
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    except Killed:
        return True
    finally:
        sys.settrace(before)
    return False


def test_killed_at_any_line_it_goes_on_to_the_same_bytes(whole: Whole, inputs: Path, tmp_path: Path) -> None:
    step, refused = 1, 0
    while True:
        folder = tmp_path / f"killed-{step}"
        folder.mkdir()
        out = folder / whole.name
        if not killed_at(step, lambda out=out: go(inputs, out, resume=False)):  # type: ignore[misc]
            break
        if journal_path(out).exists():
            with pytest.raises(OutputError, match="a run was interrupted here: --resume goes on"):
                go(inputs, out, resume=False)
            refused += 1
        killed_at(step // 2, lambda out=out: go(inputs, out))  # type: ignore[misc]
        go(inputs, out)
        whole.check(folder)
        step += 2 if out.name == "out.jsonl" else 17
    assert step > 150
    assert refused > 10


def test_killed_at_any_line_of_overwriting_the_old_output_is_there_or_the_new(
    whole: Whole, inputs: Path, tmp_path: Path
) -> None:
    for step in range(1, 10_000, 7):
        folder = tmp_path / f"killed-{step}"
        folder.mkdir()
        out = folder / whole.name
        out.write_text("old")
        rejects_path(out).write_text("old")
        done = not killed_at(step, lambda out=out: go(inputs, out, resume=False, overwrite=True))  # type: ignore[misc]
        if not done:
            replaced = out.read_bytes() != b"old"
            if go(inputs, out) is None and not replaced:
                assert (out.read_text(), rejects_path(out).read_text()) == ("old", "old")
                continue
        whole.check(folder)
        if done:
            assert step > 150
            return


@pytest.mark.parametrize("name", NAMES)
def test_files_cut_off_at_any_byte_are_made_whole(
    tmp_path_factory: pytest.TempPathFactory, inputs: Path, name: str
) -> None:
    folder = tmp_path_factory.mktemp("whole")
    go(inputs, folder / name)
    expected = {path.name: path.read_bytes() for path in folder.iterdir()}
    killed = tmp_path_factory.mktemp("killed")
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_: object) -> None:
            raise Killed

        patch.setattr(Path, "replace", fail)
        with pytest.raises(Killed):
            go(inputs, killed / name)
    left = {path.name: path.read_bytes() for path in killed.iterdir()}
    assert len(left) == 3

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.tuples(*(st.integers(0, len(content)) | st.just(len(content)) for content in left.values())))
    def made_whole(cuts: tuple[int, ...]) -> None:
        folder = tmp_path_factory.mktemp("cut")
        for (file, content), cut in zip(left.items(), cuts, strict=True):
            (folder / file).write_bytes(content[:cut])
        go(inputs, folder / name)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == expected

    made_whole()


def interrupted(inputs: Path, out: Path) -> None:
    """A run that was killed behind its second mark."""
    commits = 0
    commit = RunFiles.commit

    def counted(self: RunFiles, *arguments: object) -> None:
        nonlocal commits
        commit(self, *arguments)  # type: ignore[arg-type]
        commits += 1
        if commits == 2:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunFiles, "commit", counted)
        with pytest.raises(Killed):
            go(inputs, out)


def test_a_finished_output_is_not_touched(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    go(inputs, out)
    before = out.stat()
    assert go(inputs, out) is None
    assert out.stat() == before


def test_what_was_done_is_counted_and_not_done_again(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    straight = go(inputs, tmp_path / "straight.jsonl")
    interrupted(inputs, out)
    seen: list[int] = []
    progress = go(
        inputs, out, watch=lambda p: seen.append(p.summary.reports + p.under_way), summary=tmp_path / "s.json"
    )
    assert progress
    assert straight
    assert (progress.summary, progress.pieces) == (straight.summary, straight.pieces)
    assert progress.resumed_at
    assert min(seen) == progress.resumed_at - 1, "one of them is a reject"
    record = json.loads((tmp_path / "s.json").read_text())
    assert (record["model_sha256"], record["resumed_at"], record["reports"]) == ("ab", progress.resumed_at, 7)


def test_another_model_or_precision_does_not_go_on(inputs: Path, tmp_path: Path, fake: SimpleNamespace) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(inputs, out)
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(OutputError, match=r"min_precision was not given and is 0\.9"):
        go(inputs, out, min_precision=0.9)
    fake.sha256 = "cd"
    with pytest.raises(OutputError, match="model was ab and is cd"):
        go(inputs, out)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == left
    assert go(inputs, out, resume=False, overwrite=True)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("A b.", "A c."),
        lambda text: text.replace('"r1"', '"r9"'),
        lambda text: text.replace("no json", '{"text": "no"}'),
        lambda text: "\n" + text,
        lambda text: text[:30],
    ],
)
def test_changed_inputs_do_not_go_on(inputs: Path, tmp_path: Path, change: Callable[[str], str]) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(inputs, out)
    inputs.write_text(change(inputs.read_text()))
    with pytest.raises(InputError, match="not those that the interrupted run read"):
        go(inputs, out)
    assert journal_path(out).exists()


def test_what_changed_behind_what_was_done_is_read_as_it_is(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    interrupted(inputs, out)
    inputs.write_text(inputs.read_text().replace("K.", "Kay."))
    assert go(inputs, out)
    assert list(read_extractions(out))[-1].text == "Kay."


def test_a_full_disk_is_told_and_gone_on_from(whole: Whole, inputs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "full"
    folder.mkdir()
    out = folder / whole.name
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    told = set()
    for limit in (0, 100, 200, 300, 500, 700, 900):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            go(inputs, out)
        except OutputError as error:
            assert "cannot be written: File too large; what was done before is safe, and --resume goes on" in str(error)
            told.add(str(error).partition(":")[0])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert told
    assert {Path(name).parent for name in told} == {folder}
    go(inputs, out)
    whole.check(folder)


def test_two_runs_do_not_write_one_output(inputs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with RunFiles(out, {}, resume=False):
        for options in ({"resume": True}, {"resume": False, "overwrite": True}):
            with pytest.raises(OutputError, match="another run is writing it"):
                go(inputs, out, **options)
    assert go(inputs, out, resume=False, overwrite=True)


def test_no_reports_are_an_output_too(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").touch()
    for name in NAMES:
        assert go(tmp_path / "in.jsonl", tmp_path / name)
        assert list(read_extractions(tmp_path / name)) == []
    assert (tmp_path / "out.jsonl.gz").stat().st_size
    assert len(list(tmp_path.iterdir())) == 4
