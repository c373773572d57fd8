"""Tests of growth: counts, and the cost of the requests at their average size and the prices of the earlier day."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from benchmarks.verdicts.growth import find_growth
from fixtures.exchange.usage import Tokens, price_tokens
from fixtures.text.amounts import format_dollars
from tests.helpers.judged import live, with_changes

MODEL = "gemini-3.6-flash"
"""A model whose price doubles on 1 January 2027."""
TIERED = "gemini-2.5-pro"
"""A model with another price for prompts of more than 200,000 tokens."""
THEN = with_changes(
    live().record, model=MODEL, requests=1, input_tokens=10**6, output_tokens=30_000, thoughts_tokens=500_000
)


def price(day: date, tokens: Tokens, requests: int = 1, model: str = MODEL) -> str:
    """Return the cost on a day of this number of requests with these tokens each."""
    cost = price_tokens(model, [tokens], datetime(day.year, day.month, day.day, tzinfo=UTC))
    assert cost is not None
    return format_dollars(cost * requests)


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2027, 1, 1)])
@pytest.mark.parametrize(
    ("changed", "now"),
    [
        ({"input_tokens": 2 * 10**6}, Tokens(input=2 * 10**6, output=530_000)),
        ({"output_tokens": 90_000}, Tokens(input=10**6, output=590_000)),
        ({"thoughts_tokens": 600_000}, Tokens(input=10**6, output=630_000)),
    ],
)
def test_the_cost_of_a_replay_has_input_output_and_thinking(day: date, changed: dict[str, Any], now: Tokens) -> None:
    """The cost of a replay includes input, output and thinking, at the prices of the stored run's day."""
    before = price(day, Tokens(input=10**6, output=530_000))
    then = with_changes(THEN, priced_on=day)
    expected = [f"cost {price(day, now)} instead of {before} (prices of {day})"]
    assert find_growth(with_changes(then, **changed, priced_on=date(2026, 12, 1)), then, paired=True) == expected


@pytest.mark.parametrize("requests", [1, 3])
def test_each_request_is_priced_by_its_own_size(requests: int) -> None:
    """The price of large prompts applies to one prompt of 300,000 tokens, not to three of 100,000."""
    then = with_changes(
        THEN, model=TIERED, requests=requests, input_tokens=300_000, output_tokens=600, thoughts_tokens=0
    )
    (told,) = find_growth(with_changes(then, input_tokens=360_000), then, paired=True)
    after, before = (
        price(then.priced_on, Tokens(input=each // requests, output=600 // requests), requests, TIERED)
        for each in (360_000, 300_000)
    )
    assert told == f"cost {after} instead of {before} (prices of {then.priced_on})"


def test_between_two_samples_only_the_cost_of_the_input_is_compared() -> None:
    """Between two samples only the cost of the input is compared, and the clause says so."""
    day, then = THEN.priced_on, with_changes(THEN, input_tokens=100)
    now = with_changes(then, input_tokens=200, output_tokens=1, thoughts_tokens=0)
    after, before = (price(day, Tokens(input=each)) for each in (200, 100))
    expected = [f"cost of the input {after} instead of {before} (prices of {day})"]
    assert find_growth(now, then, paired=False) == expected


def test_without_a_price_no_cost_has_grown() -> None:
    """The cost of a model that is not in the price list has not grown."""
    then = with_changes(THEN, model="unheard-of")
    assert find_growth(with_changes(then, input_tokens=2 * 10**6), then, paired=True) == []


@pytest.mark.parametrize(
    ("then", "now", "grown"),
    [
        ({"requests": 3, "retries": 1}, {"requests": 3}, ["requests without retries 3 instead of 2"]),
        ({"requests": 3}, {"requests": 5, "retries": 1}, ["requests without retries 4 instead of 3"]),
        ({"requests": 3}, {"requests": 4, "retries": 1}, []),
        ({"requests": 3, "retries": 1}, {"requests": 2}, []),
        ({}, {"errors": {"a.jpg": "blocked"}, "bytes_sent": 10**6, "input_tokens": 10**7}, []),
        ({"errors": {"a.jpg": "blocked"}}, {"bytes_sent": 10**6, "input_tokens": 10**7}, []),
    ],
)
def test_in_samples_with_failures_only_requests_without_retries_count(
    then: dict[str, Any], now: dict[str, Any], grown: list[str]
) -> None:
    """If a sample has retries or errors, only its requests without retries are compared, not bytes or tokens."""
    assert find_growth(with_changes(THEN, **now), with_changes(THEN, **then), paired=False) == grown


def test_failures_of_a_recording_hide_no_cost() -> None:
    """On a replay, the cost is compared also if the recording has retries."""
    then = with_changes(THEN, retries=1)
    (told,) = find_growth(with_changes(then, input_tokens=2 * 10**6), then, paired=True)
    assert told.startswith("cost $")
