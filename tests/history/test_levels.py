"""Tests of levels: whether two are the same by two one-sided tests, and the number of sessions needed to show it."""

import math

import pytest
from scipy import stats

from benchmarks.history.levels import compare_levels, count_needed_sessions, find_spread_factor, predict_session

EVEN = [30.0, 31.0, 29.0, 30.5, 29.5]


def test_the_interval_is_that_of_two_one_sided_tests() -> None:
    """The interval is SciPy's 90 % interval of the difference of two means."""
    medians = [30.0, 36.0, 27.0, 33.0, 29.0, 31.0, 40.0, 28.0, 35.0, 33.0, 30.0]
    logs = [math.log(each) for each in medians]
    expected = stats.ttest_ind(logs[6:], logs[:6]).confidence_interval(0.90)
    found = compare_levels(medians, 0.2)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((math.exp(expected.low), math.exp(expected.high)))
    assert (found.earlier, found.later) == (6, 5)
    assert found.low < found.ratio < found.high


@pytest.mark.parametrize(("factor", "said"), [(1.0, "same"), (1.1, "same"), (1.17, ""), (1 / 1.17, ""), (2.0, "")])
def test_levels_are_the_same_if_the_whole_interval_is_within_the_threshold(factor: float, said: str) -> None:
    """Levels are the same if their whole interval is within 20 %; an estimate of 17 % is not enough."""
    found = compare_levels([*EVEN, *(each * factor for each in EVEN)], 0.2)
    assert found is not None
    assert found.ratio == pytest.approx(factor)
    assert found.is_same is bool(said)


def test_levels_of_varying_sessions_are_not_shown_to_be_the_same() -> None:
    """If sessions vary too much, equal levels are not shown to be the same."""
    wild = [30.0, 60.0, 20.0, 45.0, 25.0]
    found = compare_levels(wild * 2, 0.2)
    assert found is not None
    assert found.ratio == pytest.approx(1.0)
    assert not found.is_same


def test_fewer_than_ten_sessions_have_no_two_levels() -> None:
    """Levels are compared from ten sessions on; for nine the result is None."""
    assert compare_levels(EVEN * 2, 0.2) is not None
    assert compare_levels((EVEN * 2)[1:], 0.2) is None


@pytest.mark.parametrize(("spread", "needed"), [(0.0, 10), (0.05, 10), (0.22, 52), (2.0, None)])
def test_the_number_of_needed_sessions_grows_with_their_spread(spread: float, needed: int | None) -> None:
    """The result is the smallest even number with the power, at least 10; None above 1,000."""
    assert count_needed_sessions(spread, 0.2) == needed


def test_a_thinned_level_has_a_wider_interval() -> None:
    """The interval of a thinned level is 15 % wider, around the same middle."""
    logs = [math.log(each) for each in EVEN]
    middle, half = predict_session(logs)
    assert half == pytest.approx(find_spread_factor(5) * stats.tstd(logs))
    assert predict_session(logs, is_thinned=True) == pytest.approx((middle, half * 1.15))
