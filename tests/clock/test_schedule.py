"""Makespans and their bounds: nothing beats the best possible, and a window without loss is near it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.clock.schedule import Overlap, ideal, makespan, overlap, resampled

SECONDS = st.lists(st.floats(0.1, 100.0), min_size=1, max_size=40)


def test_a_window_begins_the_next_request_as_soon_as_one_has_ended() -> None:
    """Two places: 4 and 1 begin at 0, 2 at 1, 3 at 3; the last ends at 6. One place adds up, many take the longest."""
    assert makespan([4.0, 1.0, 2.0, 3.0], 2) == 6.0
    assert makespan([4.0, 1.0, 2.0, 3.0], 1) == 10.0
    assert makespan([4.0, 1.0, 2.0, 3.0], 9) == 4.0


@given(SECONDS, st.integers(1, 50))
def test_no_window_beats_the_best_possible_and_none_takes_twice_as_long(seconds: list[float], window: int) -> None:
    """Graham's bound: less than two times the best possible, whatever the order."""
    best = ideal(seconds, window).seconds
    assert best * (1 - 1e-9) <= makespan(seconds, window) <= 2 * best


@pytest.mark.parametrize(
    ("limits", "window", "expected", "bound"),
    [
        ({}, 2, 50.0, "work / window"),
        ({}, 100, 10.0, "longest request"),
        ({"rpm": 6}, 100, 100.0, "requests a minute"),  # 10 at 0.1 a second, 1 of them at once, and the last one's 10 s
        ({"rpm": 60}, 2, 50.0, "work / window"),
        ({"tokens": 10_000, "tpm": 3000}, 100, 200.0, "tokens a minute"),  # 200 s of inflow, 10 of them at once, 10 s
    ],
)
def test_the_best_possible_is_set_by_what_is_scarcest(
    limits: dict[str, int], window: int, expected: float, bound: str
) -> None:
    """Ten requests of ten seconds."""
    best = ideal([10.0] * 10, window, **limits)
    assert (best.seconds, best.bound) == (expected, bound)


def test_requests_that_are_all_alike_leave_nothing_to_chance() -> None:
    """The interval of a bootstrap of equal seconds is one number, also where most are not scheduled one by one."""
    assert resampled([([10.0], 100)], 10) == (100.0, 100.0, 100.0)
    assert resampled([([10.0], 50_000)], 10) == pytest.approx((50_000.0,) * 3)


def test_an_interval_holds_what_was_known_in_its_shares() -> None:
    """Half of the requests 10 s, half 30 s, a hundred of them one after another: about 2,000 s."""
    middle, low, high = resampled([([10.0] * 20, 50), ([30.0] * 20, 50)], 1)
    assert low == middle == high == pytest.approx(2000.0)
    middle, low, high = resampled([([10.0, 30.0] * 20, 100)], 1)
    assert low < 1950
    assert high > 2050
    assert middle == pytest.approx(2000.0, rel=0.1)


def test_spans_overlap_as_they_are_drawn() -> None:
    """Two overlap for a second; nobody is under way for one."""
    assert overlap([(0.0, 2.0), (1.0, 3.0), (4.0, 5.0)]) == Overlap(busy=4.0, most=2)
    assert overlap([]) == Overlap(busy=0.0, most=0)
