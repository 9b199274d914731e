from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.significance import holm, paired_bootstrap_p


def test_holm_by_hand() -> None:
    # Sorted: 0.005 * 4 = 0.02; 0.01 * 3 = 0.03; 0.03 * 2 = 0.06; 0.04 * 1 = 0.04, but not below 0.06.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_on_the_example_of_its_textbooks() -> None:
    # Five hypotheses: 0.01 * 5, 0.013 * 4, 0.014 * 3 < 0.052, 0.19 * 2, 0.35 * 1 < 0.38.
    assert holm([0.01, 0.013, 0.014, 0.19, 0.35]) == pytest.approx([0.05, 0.052, 0.052, 0.38, 0.38])


def test_holm_of_one_changes_nothing_and_of_none_is_none() -> None:
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_no_corrected_p_is_above_one() -> None:
    assert holm([0.9, 0.6]) == [1.0, 1.0]


def test_equal_p_values_stay_equal() -> None:
    assert holm([0.02, 0.02, 0.5]) == pytest.approx([0.06, 0.06, 0.5])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_lies_between_the_p_value_and_bonferroni_and_keeps_the_order(p_values: list[float]) -> None:
    corrected = holm(p_values)
    for p, after in zip(p_values, corrected, strict=True):
        assert p <= after <= min(1, len(p_values) * p) + 1e-12
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [corrected[i] for i in order] == sorted(corrected)
    assert min(corrected) == min(1, len(p_values) * min(p_values))


def test_a_p_value_by_hand() -> None:
    # Observed 0.2; off by 0.2 or more: -0.1 and 0.0 and 0.4 (a tie) of five draws. (1 + 3) / (1 + 5)
    drawn = np.array([-0.1, 0.0, 0.1, 0.3, 0.4])
    assert paired_bootstrap_p(0.2, drawn) == pytest.approx(4 / 6)
    # Two-sided: the other system's view has the same p.
    assert paired_bootstrap_p(-0.2, -drawn) == pytest.approx(4 / 6)


def test_no_difference_has_a_p_of_one() -> None:
    assert paired_bootstrap_p(0.0, np.array([0.1, -0.2, 0.0])) == 1


def test_no_number_of_draws_shows_a_p_of_zero() -> None:
    assert paired_bootstrap_p(0.5, np.full(99, 0.5)) == 0.01


def test_draws_that_say_nothing_are_left_out() -> None:
    assert paired_bootstrap_p(0.5, np.array([np.nan, 0.5, np.nan])) == 0.5
    assert paired_bootstrap_p(0.5, np.array([np.nan])) is None


def test_the_p_value_is_near_that_of_the_normal_distribution() -> None:
    # Differences scatter by 1 around 1.96: a two-sided p of 0.05.
    drawn = np.random.default_rng(0).normal(1.96, 1, size=20_000)
    assert paired_bootstrap_p(1.96, drawn) == pytest.approx(0.05, abs=0.005)
