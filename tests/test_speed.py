from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conflictspan.records import Report
from eval import speed, timing
from eval.speed_report import archive_grid, bench_markdown, other_grid, plot_archive, speed_grid

RECORD: dict[str, Any] = {
    "machine": {"cpu": "Abacus (AVX2)", "cores": 2, "threads": 1, "bf16": False, "torch": "2", "load": 0.26},
    "speed": {
        "reports": 60,
        "pieces": 12_000,
        "rounds": 3,
        "reference": "pipeline, 6 layers",
        "systems": {
            "pipeline, 6 layers": {"seconds": [6.0, 5.0, 60.0], "cpu_seconds": [4.0, 4.0, 4.0]},
            "pipeline, 3 layers": {"seconds": [3.0, 4.0, 3.0], "cpu_seconds": [2.0, 2.0, 2.0]},
            "conflictspan, onnx": {"seconds": [2.0, 1.0, 4.0], "cpu_seconds": [2.0, 2.0, 2.0]},
        },
    },
    "archive": {
        "backend": "onnx",
        "points": [
            {"reports": 1000, "seconds": 10.0, "peak_mib": 400.0},
            {"reports": 50_000, "seconds": 400.0, "peak_mib": 430.0},
        ],
    },
    "start_up": {"conflictspan --help": 0.31},
    "training": {"default": 720.0},
    "view": {"reports": 2000, "milliseconds": 800.0},
}


def test_rates_are_of_medians_and_beside_the_reference() -> None:
    assert speed_grid(RECORD).rows == (
        ("pipeline, 6 layers", "2,000", "3,000", "1.00", "1.00"),
        ("pipeline, 3 layers", "4,000", "6,000", "2.00", "2.00"),
        ("conflictspan, onnx", "6,000", "6,000", "3.00", "2.00"),
    )


def test_memory_is_set_against_the_smallest_archive() -> None:
    assert archive_grid(RECORD).rows == (
        ("1,000", "10.0", "100.0", "400", "+0.0 %"),
        ("50,000", "400.0", "125.0", "430", "+7.5 %"),
    )


def test_what_was_not_measured_has_no_row() -> None:
    assert other_grid(RECORD).rows[1:] == (
        ("training default", "12.0 min"),
        ("opening a view of 2,000 reports in Chromium", "800 ms"),
    )
    assert len(other_grid(RECORD | {"view": None, "training": {}}).rows) == 1


def test_the_text_names_the_conditions_and_the_plot_is_drawn(tmp_path: Path) -> None:
    text = bench_markdown(RECORD)
    assert "Abacus (AVX2), 1 of 2 cores, without bf16" in text and "| conflictspan, onnx | 6,000 |" in text
    plot_archive(RECORD, tmp_path / "bench.png")
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_systems_take_turns() -> None:
    order: list[str] = []
    times = timing.interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=3)
    assert order == ["a", "b"] * 3
    assert all(len(clock) == 3 and min(clock) >= 0 for system in times.values() for clock in system.values())


def test_an_archive_is_the_reports_over_and_over_under_their_own_ids(tmp_path: Path) -> None:
    reports = [Report("a", "One. Two.", published="2020-01-01", sentences=((0, 4), (5, 9))), Report("b", "Three.")]
    timing.write_jsonl(tmp_path / "archive.jsonl", timing.repeated(reports, 3))
    records = [json.loads(line) for line in (tmp_path / "archive.jsonl").read_text().splitlines()]
    assert [record["text"] for record in records] == ["One. Two.", "Three.", "One. Two."]
    assert len({record["id"] for record in records}) == 3
    assert [record.get("published") for record in records] == ["2020-01-01", None, "2020-01-01"]
    assert [report.text for report in timing.sentences_as_reports(reports)] == ["One.", "Two."]


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nowhere"):
        timing.run_command("predict", str(tmp_path / "nowhere.txt"), "-o", str(tmp_path / "out.jsonl"))


def test_all_of_it_runs(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "browser", lambda: None)
    (tiny_model / "run.json").write_text('{"seconds": 90}')
    (tmp_path / "README.md").write_text("# A\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n")
    text = "Rebels shelled Raqqa. They fled."
    monkeypatch.setattr(speed, "load_corpus", lambda *_: [Report("a", text, sentences=((0, 21), (22, 32)))])
    speed.main(
        model=tiny_model,
        rounds=1,
        reports=2,
        archives="2",
        peer_layers=4,
        out=tmp_path / "out",
        readme=tmp_path / "README.md",
    )
    record = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert {"pipeline, 4 layers", "pipeline, 1 layers", "conflictspan, torch"} <= set(record["speed"]["systems"])
    assert record["training"] == {"tiny-model": 90.0}
    assert [point["reports"] for point in record["archive"]["points"]] == [2]
    assert record["archive"]["points"][0]["peak_mib"] > 50
    assert "old" not in (filled := (tmp_path / "README.md").read_text()) and "conflictspan, torch" in filled
    assert (tmp_path / "out" / "bench.png").is_file() and (tmp_path / "out" / "bench.md").is_file()


def test_sizes_that_are_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import typer

    with pytest.raises(typer.Exit):
        speed.main(archives="many", out=tmp_path)
    assert "--archives many" in capsys.readouterr().err
