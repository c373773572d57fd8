"""Amounts of US dollars are shown with their significant digits."""

import pytest

from fixtures.text.amounts import format_dollars, format_money


@pytest.mark.parametrize(
    ("cost", "expected"), [(1.5, "$1.5000"), (0.0123, "$0.0123"), (0.000044, "$0.000044"), (0.0, "$0.0000")]
)
def test_small_costs_are_not_shown_as_0(cost: float, expected: str) -> None:
    """A cost below a cent has two significant digits."""
    assert format_dollars(cost) == expected


@pytest.mark.parametrize(
    ("amount", "expected"), [(None, "unknown"), (1234.567, "$1,234.57"), (1.0, "$1.00"), (0.25, "$0.2500")]
)
def test_large_amounts_are_shown_in_cents_and_unknown_ones_as_such(amount: float | None, expected: str) -> None:
    """From one dollar on, two decimals are shown."""
    assert format_money(amount) == expected
