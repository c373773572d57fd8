"""No schedule beats the lower bound of the makespan, and list schedules take at most twice as long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.clock.schedule import find_makespan
from fixtures.simulator.makespan import find_lower_bound, find_quota_seconds, resample_makespan, resample_runs

SECONDS = st.lists(st.floats(0.1, 100.0), min_size=1, max_size=40)


@given(SECONDS, st.integers(1, 50))
def test_no_schedule_beats_the_best_possible_and_none_takes_twice_as_long(
    seconds: list[float], concurrency: int
) -> None:
    """By Graham's bound, any order takes at most twice the lower bound."""
    best = find_lower_bound(seconds, concurrency).seconds
    assert best * (1 - 1e-9) <= find_makespan(seconds, concurrency) <= 2 * best


@pytest.mark.parametrize(
    ("limits", "concurrency", "expected", "bound"),
    [
        ({}, 2, 50.0, "all work / concurrency"),
        ({}, 100, 10.0, "longest request"),
        ({"rpm": 6}, 100, 100.0, "requests a minute"),  # 1 at once, 9 more at 0.1 a second, and 10 s for the last one
        ({"rpm": 60}, 2, 50.0, "all work / concurrency"),
        ({"tokens": 10_000, "tpm": 3000}, 100, 200.0, "tokens a minute"),  # 200 s of refill - 10 s at once + 10 s
    ],
)
def test_the_best_possible_is_set_by_what_is_scarcest(
    limits: dict[str, int], concurrency: int, expected: float, bound: str
) -> None:
    """For ten requests of ten seconds, the bound is the largest of longest request, work and limits."""
    best = find_lower_bound([10.0] * 10, concurrency, **limits)
    assert (best.seconds, best.bound) == (expected, bound)
    assert find_quota_seconds(10, 0, 60, None) == {"requests a minute": 0.0}, "a full bucket holds them"


def test_equal_requests_give_an_interval_of_no_width() -> None:
    """The interval of equal seconds has no width, also if most requests are not scheduled one by one."""
    assert resample_makespan([([10.0] * 2, 100)], 10) == (100.0, (100.0, 100.0))
    median, interval = resample_makespan([([10.0] * 2, 25_000), ([30.0] * 2, 25_000)], 10)
    assert median == pytest.approx(100_000.0, rel=1e-3)
    assert interval == pytest.approx((100_000.0, 100_000.0), rel=1e-3)


def test_one_request_of_a_kind_gives_no_interval() -> None:
    """Resampling a single request always gives the same value, so there is no interval."""
    assert resample_makespan([([10.0], 4)], 4) == (10.0, None)
    assert resample_makespan([([10.0, 20.0], 4), ([10.0], 1)], 4)[1] is None


def test_an_interval_holds_what_was_known_in_its_shares() -> None:
    """Requests are drawn from each pool in its share; 100 in turn, half of 10 and half of 30 s, take 2,000 s."""
    middle, interval = resample_makespan([([10.0] * 20, 50), ([30.0] * 20, 50)], 1)
    assert middle == pytest.approx(2000.0)
    assert interval == pytest.approx((2000.0, 2000.0))
    middle, interval = resample_makespan([([10.0, 30.0] * 20, 100)], 1)
    assert interval is not None
    assert interval[0] < 1950
    assert interval[1] > 2050
    assert middle == pytest.approx(2000.0, rel=0.1)


def test_an_interval_holds_95_of_100_runs() -> None:
    """For one request of 1, 2, ... or 1,000 s, the ends of the interval are about 25 and 975 s."""
    _, interval = resample_makespan([([float(each) for each in range(1, 1001)], 1)], 1)
    assert interval is not None
    assert 10 < interval[0] < 50
    assert 950 < interval[1] < 990


def test_runs_are_drawn_once_for_every_concurrency() -> None:
    """The same pools give the same runs, so concurrencies are compared with the same requests."""
    pools = [([float(each) for each in range(1, 51)], 200)]
    runs = resample_runs(pools)
    assert runs == resample_runs(pools)
    one, two, few = runs.list_makespans(1), runs.list_makespans(2), runs.list_makespans(1, runs=3)
    assert one[:3] == few
    assert all(half < whole < 2.1 * half for half, whole in zip(two, one, strict=True))
    assert runs.list_makespans(2, (0.0, 100.0))[0] == pytest.approx(two[0] + 50.0, abs=25.0)
