"""Tables are aligned for a terminal."""

import pytest

from fixtures.text.tables import fit_table, format_table


def test_the_first_column_is_aligned_to_the_left_and_numbers_to_the_right() -> None:
    """A rule as long as the head is below it."""
    assert format_table([["strategy", "s"], ["sequential", "100.5"], ["all", "7"]]) == [
        "strategy        s",
        "-----------------",
        "sequential  100.5",
        "all             7",
    ]


def test_a_head_with_line_breaks_is_aligned_to_the_rule() -> None:
    """Its last lines stand above the rule, so that columns are no wider than their figures."""
    assert format_table([["strategy", "times\nthe ideal"], ["sequential", "1.00"]]) == [
        "                times",
        "strategy    the ideal",
        "---------------------",
        "sequential       1.00",
    ]


def test_rows_of_another_length_are_refused() -> None:
    """A missing cell would shift the others."""
    with pytest.raises(ValueError, match="zip"):
        format_table([["strategy", "seconds"], ["sequential"]])


def test_a_table_that_is_too_wide_loses_the_least_important_columns_first() -> None:
    """Columns that the table does not have are skipped, and one that is not dispensable stays."""
    rows = [["name", "a", "b", "c"], ["1", "22", "333", "4444"]]
    assert fit_table(rows, 19, ["c", "b"]) == rows
    assert fit_table(rows, 18, ["none", "c", "b"]) == [["name", "a", "b"], ["1", "22", "333"]]
    assert fit_table(rows, 1, ["b", "a"]) == [["name", "c"], ["1", "4444"]]
