"""Rates with intervals."""

from __future__ import annotations

import pytest

from orchestrator.simulate.figures import Rate, f1, mean, pass_all


def test_the_interval_is_wilsons() -> None:
    low, high = Rate(8, 10).interval  # 0.4902 to 0.9433, as in Brown, Cai and DasGupta (2001)
    assert (low, high) == (pytest.approx(0.4902, abs=1e-3), pytest.approx(0.9433, abs=1e-3))


def test_nothing_counted_is_no_rate_and_rates_add_up() -> None:
    assert Rate(0, 0).share is None
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert Rate(1, 2) + Rate(2, 2) == Rate(3, 4)


def test_pass_all_is_the_share_of_groups_that_succeed_as_a_whole() -> None:
    assert pass_all(20, 20) == 1.0
    assert pass_all(4, 20) == 0.0
    assert pass_all(5, 6) == pytest.approx(1 / 6)
    assert pass_all(4, 4) is None


def test_a_mean_lies_within_its_interval() -> None:
    middle, low, high = mean([1.0, 2.0, 3.0, 10.0])
    assert middle == 4.0
    assert low < 4.0 < high


def test_f1_of_all_found_is_one() -> None:
    assert f1(3, 0, 0) == 1.0
    assert f1(1, 1, 1) == 0.5
    assert f1(0, 0, 0) is None
