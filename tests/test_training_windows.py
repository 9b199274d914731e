from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from conflictspan.records import Report
from training.examples import Example, Losses
from training.windows import TrainingWindows

REPORTS = [Report(str(i), "word " * (i % 3 + 1)) for i in range(40)]


def build(reports: Sequence[Report]) -> tuple[list[Example], Losses]:
    """A window for each word; every report loses one mention."""
    examples: list[Any] = [SimpleNamespace(text=r.text, id=r.id) for r in reports for _ in r.text.split()]
    return examples, Losses(misaligned_mentions=len(reports))


class Shouting:
    """Renames by capitals; report 0 gets a word more."""

    def rename(self, report: Report, rng: object) -> Report:
        return replace(report, text=report.text.upper() + ("MORE" if report.id == "0" else ""))


def windows(share: float) -> TrainingWindows:
    return TrainingWindows(REPORTS, build, renamer=Shouting(), share=share, seed=1)  # type: ignore[arg-type]


def texts(drawn: TrainingWindows) -> list[Any]:
    return [(window.id, window.text) for window in drawn]  # type: ignore[attr-defined]


def test_without_a_share_every_epoch_has_the_reports_as_they_are() -> None:
    drawn = windows(0.0)
    drawn.begin(0)
    assert texts(drawn) == [(r.id, r.text) for r in REPORTS for _ in r.text.split()]
    assert drawn.losses == Losses(misaligned_mentions=40)


def test_a_report_that_would_fall_into_other_windows_is_left() -> None:
    drawn = windows(1.0)
    drawn.begin(0)
    assert texts(drawn) == [(r.id, r.text if r.id == "0" else r.text.upper()) for r in REPORTS for _ in r.text.split()]


def test_a_share_is_drawn_anew_in_every_epoch_and_again_when_a_run_is_resumed() -> None:
    drawn, resumed = windows(0.5), windows(0.5)
    drawn.begin(0)
    first = texts(drawn)
    drawn.begin(1)
    second = texts(drawn)
    resumed.begin(1)
    assert texts(resumed) == second != first
    renamed = {id_ for id_, text in second if text.isupper()}
    assert 10 <= len(renamed) <= 30
    assert [id_ for id_, _ in first] == [id_ for id_, _ in second], "their order stays"
