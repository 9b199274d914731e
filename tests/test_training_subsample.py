import pytest

from conflictspan.records import Report
from training.subsample import subsample

REPORTS = [Report(f"r{index}", "x") for index in range(40)]


def ids(share: float, seed: int = 13) -> list[str]:
    return [report.id for report in subsample(REPORTS, share, seed=seed)]


@pytest.mark.parametrize(("share", "number"), [(0.1, 4), (0.25, 10), (0.5, 20), (1, 40), (0.001, 1)])
def test_a_share_is_rounded_to_whole_reports_in_their_order(share: float, number: int) -> None:
    sample = ids(share)
    assert len(set(sample)) == number
    assert sample == [report.id for report in REPORTS if report.id in sample]


def test_a_larger_share_has_all_of_a_smaller_one() -> None:
    assert set(ids(0.1)) < set(ids(0.25)) < set(ids(0.5)) < set(ids(1))


def test_the_seed_decides_the_sample() -> None:
    assert ids(0.25, seed=1) == ids(0.25, seed=1) != ids(0.25, seed=2)
