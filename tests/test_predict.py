import json
import logging
import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from conflictspan import blocks, model_folder
from conflictspan.errors import OutputError
from conflictspan.extractor import Extractor
from conflictspan.predict import extract_block, predict
from conflictspan.progress import Progress
from conflictspan.reading import Item, Located, Reject
from conflictspan.records import Report
from conflictspan.writing import line_of, read_extractions


class Fragile(Extractor):
    """An extractor that counts words as pieces, and fails on some reports."""

    def __init__(self, *, lost: str = "nothing") -> None:
        self.pieces_read = 0
        self.backend = SimpleNamespace(name="torch")
        self.calls: list[int] = []
        self.lost = lost

    def extract(self, reports: Iterable[Report]) -> Iterator[Report]:
        reports = list(reports)
        self.calls.append(len(reports))
        for report in reports:
            self.pieces_read += len(report.text.split())
            if report.text == "deep":
                self.extract_deep(report)
            if report.text == "broken":
                raise ValueError
            if report.text != self.lost:
                yield replace(report, sentences=((0, 1),))

    def extract_deep(self, report: Report) -> None:
        self.extract_deep(report)


def located(*texts: str) -> list[Item]:
    return [Located(Report(text, text), "in.jsonl", line) for line, text in enumerate(texts, 1)]


def test_a_block_is_extracted_from_as_one_and_its_rejects_stay_where_they_are() -> None:
    extractor = Fragile()
    reject = Reject("in.jsonl", None, "no")
    block = [reject, *located("a", "b"), reject, *located("c"), reject]
    told: list[int] = []
    done = extract_block(block, extractor, told.append)
    assert [item if isinstance(item, Reject) else item.text for item, _ in done] == [
        reject,
        "a",
        "b",
        reject,
        "c",
        reject,
    ]
    assert [line for _, line in done] == [line_of(item) for item, _ in done]
    assert (extractor.calls, told) == ([3], [1, 2, 3])


def test_poison_takes_no_other_report_down_with_it(caplog: pytest.LogCaptureFixture) -> None:
    extractor = Fragile()
    told: list[int] = []
    done = [item for item, _ in extract_block(located("a", "deep", "b", "broken", "c"), extractor, told.append)]
    assert [item.text for item in done if isinstance(item, Report)] == ["a", "b", "c"]
    assert [item for item in done if isinstance(item, Reject)] == [done[1], done[3]]
    assert done[1].reason.startswith("the model failed on it: RecursionError: maximum recursion depth exceeded")  # type: ignore[union-attr]
    assert done[3] == Reject("in.jsonl", 4, "the model failed on it: ValueError")
    assert extractor.calls == [5, 1, 1, 1, 1, 1]
    assert told == [1, 0, 1, 2, 3, 4, 5]
    assert caplog.messages[0].startswith("a block of 5 reports failed; each is tried alone: RecursionError")
    assert caplog.messages[-1] == "in.jsonl:4: the model failed on it: ValueError"
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


def test_a_report_that_does_not_come_back_is_no_report_lost() -> None:
    done = [item for item, _ in extract_block(located("a", "b", "c"), Fragile(lost="b"))]
    assert done[1] == Reject("in.jsonl", 2, "the model failed on it: RuntimeError: 0 of 1 reports came back")
    assert [item.text for item in done if isinstance(item, Report)] == ["a", "c"]


def test_the_real_extractor_is_tried_alone_too(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["Rebels shelled Raqqa.", "Poison.", "The army left Aleppo."]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps({"id": text, "text": text}) + "\n" for text in texts))
    draft = Extractor._draft

    def fail(self: Extractor, report: Report, *, given: bool) -> object:
        if report.text == "Poison.":
            raise MemoryError
        return draft(self, report, given=given)

    monkeypatch.setattr(Extractor, "_draft", fail)
    out = tmp_path / "out.jsonl"
    progress = predict([str(tmp_path / "in.jsonl")], str(out), model=tiny_model)
    assert progress
    assert (progress.summary.reports, progress.summary.rejects) == (2, 1)
    assert [report.text for report in read_extractions(out)] == [texts[0], texts[2]]
    reject = json.loads((tmp_path / "out.jsonl.rejects.jsonl").read_text())
    assert (reject["line"], reject["reason"]) == (2, "the model failed on it: MemoryError")


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Fragile:
    extractor = Fragile()
    monkeypatch.setattr(Extractor, "from_pretrained", lambda *_, **__: extractor)
    monkeypatch.setattr(model_folder, "hash_of_model", lambda _: "ab")
    monkeypatch.setattr(blocks, "BLOCK_CHARACTERS", 300)
    return extractor


def test_progress_is_shown_after_every_report(fragile: Fragile, tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{n} shots"}) + "\n" for n in range(5)]
    (tmp_path / "in.jsonl").write_text("".join(lines) + "no json\n")
    size = (tmp_path / "in.jsonl").stat().st_size
    shown: list[tuple[int, int, int, int]] = []

    def watch(progress: Progress) -> None:
        reports = progress.summary.reports + progress.under_way
        shown.append((reports, progress.pieces, progress.summary.rejects, progress.bytes_done))
        assert progress.bytes_read == progress.bytes_total == size, "so small a file is read at once"

    predict([str(tmp_path / "in.jsonl")], str(tmp_path / "out.jsonl"), model="m", watch=watch)
    assert shown == [
        (1, 2, 0, size // 3),
        (2, 4, 0, size * 2 // 3),
        (3, 6, 0, size),
        (3, 6, 0, size),
        (4, 8, 0, size),
        (5, 10, 0, size),
        (5, 10, 1, size),
    ]
    assert fragile.calls == [3, 2]


def test_standard_output_has_no_journal(
    fragile: Fragile, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "A."}\nno json\n')
    predict(["in.jsonl"], "-", model="m", summary=Path("run.json"))
    out, err = capfdbinary.readouterr()
    assert json.loads(out)["id"] == "a"
    assert json.loads(err)["line"] == 2
    record = json.loads(Path("run.json").read_text())
    assert (record["model"], record["model_sha256"], record["reports"], record["rejects"]) == ("m", "ab", 1, 1)
    assert (record["tokens"], record["resumed_at"]) == (1, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "run.json"]


def test_a_run_with_nowhere_to_put_its_record_does_not_begin(fragile: Fragile, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "A."}\n')
    with pytest.raises(OutputError, match=r"gone.*make it first"):
        predict([str(tmp_path / "in.jsonl")], "-", model="m", summary=tmp_path / "gone" / "run.json")
    assert fragile.calls == []


def test_memory_does_not_grow_with_the_archive_but_for_the_ids(
    fragile: Fragile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK_CHARACTERS", 50_000)
    peaks = []
    for count in (1_000, 4_000):
        with (tmp_path / "in.jsonl").open("w") as file:
            file.writelines(
                json.dumps({"id": f"report-{n:030}", "text": "Shots were fired. " * 9}) + "\n" for n in range(count)
            )
        fragile.calls.clear()
        tracemalloc.start()
        predict([str(tmp_path / "in.jsonl")], str(tmp_path / "out.jsonl"), model="m", overwrite=True)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    grown = (peaks[1] - peaks[0]) / 3_000
    assert 0 < grown < 250, "bytes a report: an id takes 32, its place in the set 27 to 175; a report takes 500"
