"""Durations are shown in suitable units."""

from datetime import UTC, datetime

import pytest

from fixtures.text.durations import format_age, format_span


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.4, "0 s"),
        (89, "89 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3600, "60 min"),
        (7200, "2 h"),
        (9000, "2 h 30 min"),
        (2e5, "2.3 days"),
    ],
)
def test_seconds_are_shown_in_suitable_units(seconds: float, shown: str) -> None:
    """At most two units are used."""
    assert format_span(seconds) == shown


@pytest.mark.parametrize(
    ("day", "expected"), [(23, "today"), (24, "yesterday"), (30, "7 days ago")], ids=["today", "yesterday", "week"]
)
def test_the_age_is_shown_in_days(day: int, expected: str) -> None:
    """The recording is from the 23rd at 02:47."""
    assert format_age("2026-11-23T02:47:24+00:00", datetime(2026, 11, day, 12, tzinfo=UTC)) == expected
