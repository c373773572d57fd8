"""Dates follow the clock: `time.time`, `datetime.now` and similar functions include the skipped seconds."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from fixtures.clock.clock import Clock
from fixtures.transport.wall_time import follow_clock
from tests.conftest import virtual_clock

DAY = 86400.0
SHOWN: dict[str, Callable[[], float]] = {
    "time.time": time.time,
    "time.time_ns": lambda: time.time_ns() / 1e9,
    "time.clock_gettime": lambda: time.clock_gettime(time.CLOCK_REALTIME),
    "time.gmtime": lambda: datetime(*time.gmtime()[:6], tzinfo=UTC).timestamp(),
    "datetime.now": lambda: datetime.now().timestamp(),  # noqa: DTZ005 - as strategies may write it
    "datetime.now(UTC)": lambda: datetime.now(UTC).timestamp(),
    "date.today": lambda: (date.today() - date(1970, 1, 1)) / timedelta(seconds=1),  # noqa: DTZ011 - likewise
}


@pytest.mark.parametrize("shown", SHOWN)
def test_a_date_skips_what_the_clock_skips(shown: str) -> None:
    """After a skipped wait of two days the date is two days later, and it is real again after the session."""
    clock, show = virtual_clock(), SHOWN[shown]
    before = show()
    with follow_clock(clock):
        clock.sleep_until(2 * DAY)
        after = show()
    # Some functions return whole seconds or days, and the test may run at midnight.
    assert 2 * DAY - 1 <= after - before <= 3 * DAY
    assert show() < before + 1.5 * DAY
    assert clock.on_skip == []


def test_a_clock_that_does_not_skip_moves_no_date() -> None:
    """In live runs and with `--timing=real`, dates are the real ones."""
    clock = Clock(skip=False)
    with follow_clock(clock):
        assert clock.on_skip == []
