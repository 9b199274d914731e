import json
from pathlib import Path

import pytest

from conflictspan.errors import OutputError
from conflictspan.predict_cli import describe_progress
from conflictspan.progress import Progress, write_record
from conflictspan.writing import Summary

HALF = Progress(
    Summary(reports=1_900, rejects=3), under_way=100, pieces=500_000, seconds=50.0, bytes_done=25, bytes_total=100
)


def test_rates_and_time_left() -> None:
    assert (HALF.reports_per_second, HALF.tokens_per_second, HALF.seconds_left) == (40.0, 10_000.0, 150.0)
    assert describe_progress(HALF) == "2,000 reports, 40.0 reports/s, 10,000 tokens/s, 3 rejected, 0:02:30 left"


def test_nothing_is_divided_by_nothing_and_what_is_not_known_is_not_shown() -> None:
    assert Progress(bytes_total=5).seconds_left is None
    assert describe_progress(Progress(bytes_done=7)) == "0 reports, 0.0 reports/s, 0 tokens/s, 0 rejected", (
        "of standard input the end is not known"
    )
    assert Progress(bytes_done=7, bytes_total=5, seconds=1).seconds_left == 0, "a file may grow"


def test_the_record_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    done = Progress(Summary(2, 5, 7, 1, 1, 0, 0), pieces=60, seconds=1.5, resumed_at=1)
    write_record(path, {"version": "1"} | done.to_dict())
    assert json.loads(path.read_text()) == {
        "version": "1",
        "reports": 2,
        "sentences": 5,
        "mentions": 7,
        "relations": 1,
        "events": 1,
        "rejects": 0,
        "duplicates": 0,
        "tokens": 60,
        "seconds": 1.5,
        "reports_per_second": 1.333,
        "tokens_per_second": 40.0,
        "resumed_at": 1,
    }
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]
    with pytest.raises(OutputError, match="gone"):
        write_record(tmp_path / "gone" / "run.json", {})
