"""Tables are aligned for a terminal."""

import pytest

from fixtures.text.tables import format_table


def test_the_first_column_is_aligned_to_the_left_and_numbers_to_the_right() -> None:
    """A rule as long as the head stands below it."""
    assert format_table([["strategy", "s"], ["sequential", "100.5"], ["all", "7"]]) == [
        "strategy        s",
        "-----------------",
        "sequential  100.5",
        "all             7",
    ]


def test_rows_of_another_length_are_refused() -> None:
    """A cell that is missing would else shift the others."""
    with pytest.raises(ValueError, match="zip"):
        format_table([["strategy", "seconds"], ["sequential"]])
