"""Whether two levels are the same: shown by two one-sided tests, or how many sessions that would take."""

import math

import pytest
from scipy import stats

from benchmarks.history.levels import compare_levels, count_needed_sessions, find_spread_factor, predict_session

EVEN = [30.0, 31.0, 29.0, 30.5, 29.5]


def test_the_interval_is_that_of_two_one_sided_tests() -> None:
    """Worked out again from SciPy's interval of the difference of two means, at 90 %."""
    medians = [30.0, 36.0, 27.0, 33.0, 29.0, 31.0, 40.0, 28.0, 35.0, 33.0, 30.0]
    logs = [math.log(each) for each in medians]
    expected = stats.ttest_ind(logs[6:], logs[:6]).confidence_interval(0.90)
    found = compare_levels(medians, 0.2)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((math.exp(expected.low), math.exp(expected.high)))
    assert (found.earlier, found.later) == (6, 5)
    assert found.low < found.ratio < found.high


@pytest.mark.parametrize(("factor", "said"), [(1.0, "same"), (1.1, "same"), (1.17, ""), (1 / 1.17, ""), (2.0, "")])
def test_levels_are_the_same_where_the_whole_interval_does_not_count(factor: float, said: str) -> None:
    """An estimate of 17 % more, within 20 %, is not enough."""
    found = compare_levels([*EVEN, *(each * factor for each in EVEN)], 0.2)
    assert found is not None
    assert found.ratio == pytest.approx(factor)
    assert found.is_same is bool(said)


def test_wild_sessions_show_no_level_to_be_the_same() -> None:
    """Whose mean has not changed at all."""
    wild = [30.0, 60.0, 20.0, 45.0, 25.0]
    found = compare_levels(wild * 2, 0.2)
    assert found is not None
    assert found.ratio == pytest.approx(1.0)
    assert not found.is_same


def test_fewer_than_ten_sessions_have_no_two_levels() -> None:
    """Five of either."""
    assert compare_levels(EVEN * 2, 0.2) is not None
    assert compare_levels((EVEN * 2)[1:], 0.2) is None


@pytest.mark.parametrize(("spread", "needed"), [(0.0, 10), (0.05, 10), (0.22, 52), (2.0, None)])
def test_how_many_sessions_it_takes_grows_with_their_spread(spread: float, needed: int | None) -> None:
    """By Student's t at the smallest even number that has the power; beyond a thousand none is named."""
    assert count_needed_sessions(spread, 0.2) == needed


def test_a_thinned_level_is_expected_to_vary_more() -> None:
    """By 15 %, around the same middle."""
    logs = [math.log(each) for each in EVEN]
    middle, half = predict_session(logs)
    assert half == pytest.approx(find_spread_factor(5) * stats.tstd(logs))
    assert predict_session(logs, is_thinned=True) == pytest.approx((middle, half * 1.15))
