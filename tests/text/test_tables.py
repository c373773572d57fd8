"""Tables are aligned for a terminal."""

import io

import pytest

from fixtures.text.tables import describe_omitted, find_width, fit_table, format_table


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


ROWS = [["name", "a", "b", "c"], ["1", "22", "333", "4444"]]


def test_a_table_has_the_most_important_columns_that_fit() -> None:
    """Columns are added in the order of their importance, if they fit; those that are not dispensable stay."""
    assert fit_table(ROWS, 19, ["c", "b"]) == ROWS
    assert fit_table(ROWS, 18, ["none", "c", "b"]) == [["name", "a", "b"], ["1", "22", "333"]]
    assert fit_table(ROWS, 14, ["a", "b", "c"]) == [["name", "a", "c"], ["1", "22", "4444"]]
    assert fit_table(ROWS, 1, ["b", "a"]) == [["name", "c"], ["1", "4444"]]
    assert fit_table(ROWS, None, ["b", "a"]) == ROWS


def test_omitted_columns_are_named() -> None:
    """There is no sentence if all columns are shown."""
    (sentence,) = describe_omitted(ROWS, fit_table(ROWS, 1, ["b", "a"]))
    assert sentence == "Columns for which the terminal is too narrow: a, b."
    assert describe_omitted(ROWS, ROWS) == []


def test_the_width_is_known_of_a_terminal_or_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Output to a file or a pipe has no width unless `COLUMNS` is set."""
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert find_width() is None
    monkeypatch.setenv("COLUMNS", "123")
    assert find_width() == 123
