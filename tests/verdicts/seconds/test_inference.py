"""Tests of the statistics of seconds against published tables, SciPy and formulas."""

import math
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import (
    Finding,
    Ratio,
    adjust_p_values,
    classify_exact,
    classify_sampled,
    explain_no_change,
)

SECONDS = st.lists(st.integers(1, 10**6).map(float), min_size=6, max_size=8, unique=True)
PRIMES = [23.0, 31.0, 41.0, 53.0, 67.0, 79.0, 97.0, 113.0, 29.0, 37.0, 47.0, 61.0, 71.0, 89.0, 103.0, 127.0]
SIX = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0]

SMALL = "the change is larger than chance explains, but below the threshold of 20%"


def test_separate_samples_have_the_exact_p() -> None:
    """If six rounds are all slower than six others, 2 of the 924 ways to divide them are as extreme."""
    ratio, p = inference.compare_samples([2 * each for each in SIX], SIX)
    assert p == pytest.approx(2 / 924)
    assert ratio.value == pytest.approx(2.0, rel=0.02)
    assert 1 < ratio.low < ratio.value < ratio.high


@pytest.mark.parametrize(("count", "critical"), [(4, 0), (5, 2), (6, 5), (7, 8), (8, 13)])
def test_the_interval_cuts_off_the_critical_value_of_the_published_table(count: int, critical: int) -> None:
    """The interval excludes as many pairwise ratios on either side as Mann and Whitney's table has (two-sided, 5 %)."""
    now, then = PRIMES[:count], PRIMES[-count:]
    ratio, _ = inference.compare_samples(now, then)
    pairwise = sorted(after / before for after in now for before in then)
    assert (ratio.low, ratio.high) == pytest.approx((pairwise[critical], pairwise[-1 - critical]))


@given(SECONDS, SECONDS)
def test_p_is_that_of_mann_and_whitneys_exact_test(now: list[float], then: list[float]) -> None:
    """Without ties, p is that of Mann and Whitney's exact test in SciPy."""
    if len({*now, *then}) < len(now) + len(then):
        return
    _, p = inference.compare_samples(now, then)
    assert p == pytest.approx(stats.mannwhitneyu(now, then, method="exact").pvalue)


@given(SECONDS, SECONDS)
def test_the_interval_and_the_test_agree(now: list[float], then: list[float]) -> None:
    """The interval excludes 1 exactly if p is at most 5 %."""
    if len({*now, *then}) < len(now) + len(then):
        return
    ratio, p = inference.compare_samples(now, then)
    assert (p <= 0.05) == (not ratio.low <= 1 <= ratio.high)


def test_equal_samples_have_a_ratio_of_one() -> None:
    """Two samples of equal rounds have the ratio 1 and the p value 1."""
    ratio, p = inference.compare_samples([3.0] * 6, [3.0] * 6)
    assert (ratio, p) == (Ratio(1.0, 1.0, 1.0), 1.0)


def test_one_slow_round_does_not_move_the_ratio_of_samples() -> None:
    """One very slow round hardly changes the ratio, because it is the median of the pairwise ratios."""
    ratio, _ = inference.compare_samples([*SIX[:5], 900.0], SIX)
    assert ratio.value == pytest.approx(1.0, abs=0.1)


def test_a_session_is_compared_by_students_predictive_interval() -> None:
    """The interval is that of the formula: the t quantile times the standard deviation times the root of 1 + 1/n."""
    earlier = [[each] * 5 for each in (10.0, 12.0, 9.0, 11.0, 13.0)]
    logs = [math.log(rounds[0]) for rounds in earlier]
    half = stats.t.ppf(0.96, 4) * stdev(logs) * math.sqrt(6 / 5)
    ratio = inference.compare_session([20.0] * 5, earlier)
    assert ratio.value == pytest.approx(20 / math.exp(sum(logs) / 5))
    assert (ratio.low, ratio.high) == pytest.approx((ratio.value * math.exp(-half), ratio.value * math.exp(half)))
    assert ratio.visible == pytest.approx(math.exp(half) - 1)


def test_rounds_of_a_session_count_as_one() -> None:
    """The interval depends on the number of sessions, not on that of their rounds."""
    few = [[each] for each in (10.0, 12.0, 9.0, 11.0, 13.0)]
    many = [rounds * 20 for rounds in few]
    assert inference.compare_session([12.0], few) == inference.compare_session([12.0] * 20, many)


def test_drift_widens_the_interval_of_two_sessions() -> None:
    """Two recordings without any spread may differ by a factor of 1.5, because each has a drift of 0.15."""
    ratio = inference.widen_by_drift(Ratio(1.3, 1.3, 1.3))
    assert ratio.high / ratio.value == pytest.approx(math.exp(1.96 * 0.15 * math.sqrt(2)), rel=1e-3)
    assert classify_sampled(ratio, 0.05) is Finding.NO_CHANGE


def test_drift_adds_to_either_side_as_independent_errors_do() -> None:
    """Either side is the root of the sum of squares of its width and the drift of two sessions."""
    ratio = inference.widen_by_drift(Ratio(1.3, 1.2, 1.5))
    drift = 1.959964 * 0.15 * math.sqrt(2)
    assert math.log(ratio.high / 1.3) == pytest.approx(math.hypot(math.log(1.5 / 1.3), drift), rel=1e-6)
    assert math.log(1.3 / ratio.low) == pytest.approx(math.hypot(math.log(1.3 / 1.2), drift), rel=1e-6)


def test_holm_adjusts_as_in_his_paper() -> None:
    """The smallest of n p values is multiplied by n, the next by n - 1; none is below the one before, or above 1."""
    assert adjust_p_values([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjust_p_values([0.9, 0.8]) == [1.0, 1.0]
    assert adjust_p_values([]) == []


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (Ratio(1.5, 1.2, 1.8), Finding.SLOWER),
        (Ratio(0.5, 0.4, 0.7), Finding.FASTER),
        (Ratio(1.1, 1.05, 1.15), Finding.NO_CHANGE),
        (Ratio(1.0, 0.99, 1.01), Finding.NO_CHANGE),
        (Ratio(1.17, 0.6, 2.27), Finding.NO_CHANGE),
        (Ratio(1.5, 0.9, 2.4), Finding.NO_CHANGE),
        (Ratio(0.6, 0.3, 1.2), Finding.NO_CHANGE),
        (Ratio(1.5, 1.0, 2.4), Finding.NO_CHANGE),
        (Ratio(0.6, 0.3, 1.0), Finding.NO_CHANGE),
    ],
)
def test_a_ratio_of_samples_is_never_called_the_same(ratio: Ratio, expected: Finding) -> None:
    """A change of at least 20 % whose interval excludes 1 is slower or faster; otherwise no change is seen."""
    assert classify_sampled(ratio, 0.2) is expected


@pytest.mark.parametrize(("value", "expected"), [(1.25, Finding.SLOWER), (0.8, Finding.FASTER), (1.24, Finding.SAME)])
def test_a_change_of_exactly_the_threshold_counts(value: float, expected: Finding) -> None:
    """A change of exactly the threshold counts; an exact ratio below it is `same`, a sampled one `no change seen`."""
    assert classify_exact(value, 0.25) is expected
    sampled = Finding.NO_CHANGE if expected is Finding.SAME else expected
    assert classify_sampled(Ratio(value, value, value), 0.25) is sampled


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Ratio(1.17, 0.6, 2.27), "a slow-down of up to 2.27 times is not ruled out"),
        (
            Ratio(1.1, 1.05, 1.15),
            f"{SMALL}; a slow-down of up to 1.15 times is not ruled out",
        ),
        (Ratio(0.9, 0.85, 0.95), SMALL),
    ],
)
def test_no_change_seen_names_the_slow_down_not_ruled_out(ratio: Ratio, said: str) -> None:
    """The clause has the upper end of the interval, unless the interval rules out any slow-down."""
    assert explain_no_change(ratio, 0.2) == said


def test_an_exact_ratio_has_no_interval_in_a_table() -> None:
    """An exact ratio is printed without an interval."""
    assert Ratio(2.1, 2.1, 2.1).text == "2.10"
    assert Ratio(1.17, 0.6, 2.27).text == "1.17 (0.60 to 2.27)"
