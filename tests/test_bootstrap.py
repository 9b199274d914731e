import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eval.bootstrap import Interval, drawn_f1, percentile_interval, resample
from eval.scores import Counts


def table(counts: list[Counts]) -> NDArray[np.int64]:
    """(reports, 3), as `drawn_f1` takes it."""
    return np.array([(c.tp, c.predicted, c.gold) for c in counts], dtype=np.int64).reshape(-1, 3)


counts_of = st.builds(lambda tp, wrong, missed: Counts(tp, tp + wrong, tp + missed), *[st.integers(0, 5)] * 3)


def test_every_draw_holds_as_many_reports_as_there_are() -> None:
    weights = resample(7, draws=500, seed=3)
    assert weights.shape == (500, 7)
    assert (weights.sum(axis=1) == 7).all()
    assert (weights >= 0).all()
    # Each report is drawn once on average; the mean of 500 draws has a standard error of about 0.04.
    assert weights.mean(axis=0) == pytest.approx(np.ones(7), abs=0.2)
    assert (weights == 0).any()  # with replacement: some reports are left out, others come twice


def test_the_seed_decides_the_draws() -> None:
    assert (resample(9, draws=50, seed=1) == resample(9, draws=50, seed=1)).all()
    assert (resample(9, draws=50, seed=1) != resample(9, draws=50, seed=2)).any()


@pytest.mark.parametrize("counts", [[], [Counts(1, 2, 3)]])
def test_fewer_than_two_reports_give_no_interval(counts: list[Counts]) -> None:
    assert percentile_interval(drawn_f1(resample(len(counts), draws=5, seed=0), table(counts))) is None


@given(st.lists(counts_of, min_size=2, max_size=6), st.integers(0, 100))
def test_the_f1_of_a_draw_is_that_of_its_summed_counts(counts: list[Counts], seed: int) -> None:
    weights = resample(len(counts), draws=20, seed=seed)
    for line, f1 in zip(weights, drawn_f1(weights, table(counts)), strict=True):
        drawn = sum((c for c, times in zip(counts, line, strict=True) for _ in range(times)), Counts())
        if drawn.predicted + drawn.gold:
            assert f1 == pytest.approx(drawn.f1)
        else:
            assert np.isnan(f1)


def test_a_draw_by_hand() -> None:
    # The first report twice, the second once: 2 * 2 / (2 * 2 + 4) = 1/2, where the mean of their F1 would be 2/3.
    counts = table([Counts(1, 1, 1), Counts(0, 1, 3)])
    assert drawn_f1(np.array([[2, 1]], dtype=np.uint16), counts)[0] == 1 / 2


def test_equal_reports_have_an_interval_without_width() -> None:
    # Whatever is drawn, F1 is 2 * 2 n / (3 n + 5 n) = 1/2.
    f1 = drawn_f1(resample(12, draws=300, seed=0), table([Counts(2, 3, 5)] * 12))
    assert percentile_interval(f1) == Interval(0.5, 0.5)


def test_two_reports_by_hand() -> None:
    # One report all right, one all wrong, each with 1 prediction and 1 gold: F1 is 0, 1/2 or 1 with probabilities
    # 1/4, 1/2, 1/4, so the middle 95 % reach from 0 to 1 and the middle 40 % are all 1/2.
    f1 = drawn_f1(resample(2, draws=2000, seed=0), table([Counts(1, 1, 1), Counts(0, 1, 1)]))
    assert set(f1) == {0.0, 0.5, 1.0}
    assert np.mean(f1 == 0.5) == pytest.approx(0.5, abs=0.05)
    assert percentile_interval(f1) == Interval(0.0, 1.0)
    assert percentile_interval(f1, level=0.4) == Interval(0.5, 0.5)


def test_a_percentile_interval_by_hand() -> None:
    # 0, 1, ..., 100: the 2.5th percentile is 2.5 and the 97.5th 97.5; a NaN is left out.
    values = np.array([*range(101), np.nan], dtype=np.float64)
    interval = percentile_interval(values)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((2.5, 97.5))


def test_draws_without_gold_and_predictions_are_left_out() -> None:
    # One report in three has anything, and it is all right: where it is drawn F1 is 1, elsewhere there is none, not 0.
    f1 = drawn_f1(resample(3, draws=300, seed=0), table([Counts(), Counts(2, 2, 2), Counts()]))
    assert np.isnan(f1).any()
    assert percentile_interval(f1) == Interval(1.0, 1.0)


def test_equal_systems_differ_by_nothing_in_every_draw() -> None:
    weights = resample(5, draws=200, seed=0)
    counts = table([Counts(1, 2, 3), Counts(0, 1, 1), Counts(4, 4, 5), Counts(2, 2, 2), Counts(0, 3, 1)])
    assert percentile_interval(drawn_f1(weights, counts) - drawn_f1(weights, counts.copy())) == Interval(0.0, 0.0)


def test_many_scores_are_drawn_as_each_by_itself() -> None:
    weights = resample(6, draws=40, seed=0)
    counts = np.random.default_rng(0).integers(0, 5, size=(6, 2, 3, 3))
    together = drawn_f1(weights, counts)
    assert together.shape == (40, 2, 3)
    for system in range(2):
        for row in range(3):
            np.testing.assert_array_equal(together[:, system, row], drawn_f1(weights, counts[:, system, row]))


def test_counts_too_large_for_single_precision_are_summed_exactly() -> None:
    # 2 tp of the first report is 2 ** 24; single precision would lose the 2 that the second adds.
    counts = table([Counts(2**23, 2**23, 2**23), Counts(1, 1, 2)])
    weights = np.array([[1, 1]], dtype=np.uint16)
    assert drawn_f1(weights, counts)[0] == (2**24 + 2) / (2**24 + 3)
