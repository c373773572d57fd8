"""The simulated rate limits let through what they promise, and refuse the rest as Gemini does."""

import math
import tempfile
from pathlib import Path
from typing import Any

import pytest
from google.genai import errors
from hypothesis import configuration, given, settings
from hypothesis import strategies as st

from fixtures.exchange.retries import read_retry_delay
from fixtures.simulator.decisions.limits import Limits
from fixtures.simulator.decisions.replies import ApiReply

MODEL = "gemini-3-pro-preview"
REQUESTS = "GenerateContentPaidTierRequestsPerMinute"
TOKENS = "GenerateContentPaidTierInputTokensPerModelPerMinute"

configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "hypothesis")
fuzzed = settings(derandomize=True, deadline=None, database=None, max_examples=200)
steps = st.lists(
    st.tuples(st.floats(0, 30, allow_nan=False), st.integers(0, 3000)),
    min_size=1,
    max_size=150,
)
"""Seconds since the request before, and its tokens."""


def passes(limits: Limits, now: float, tokens: int = 0) -> bool:
    """Tell whether a request gets through."""
    return limits.admit(now, tokens, MODEL) is None


def get_refusal(limits: Limits, now: float, tokens: int = 0) -> ApiReply:
    """Return the 429 that a request gets."""
    reply = limits.admit(now, tokens, MODEL)
    assert reply is not None
    return reply


def read_details(reply: ApiReply) -> dict[str, dict[str, Any]]:
    """Return an error's details by the last word of their type."""
    return {detail["@type"].rpartition(".")[2]: detail for detail in reply.body["error"]["details"]}


def read_delay(reply: ApiReply) -> str:
    """Return what a 429 asks to wait."""
    asked: str = read_details(reply)["RetryInfo"]["retryDelay"]
    return asked


def test_150_requests_a_minute_are_25_at_once_and_then_one_each_0_4_seconds() -> None:
    """150 a minute are 2.5 a second: 25 in ten seconds, and one in 0.4."""
    limits = Limits(150, None)
    assert [passes(limits, 1000.0) for _ in range(26)] == [True] * 25 + [False]
    for number in range(1, 51):
        assert not passes(limits, 1000 + 0.4 * number - 0.001)
        assert passes(limits, 1000 + 0.4 * number)
        assert not passes(limits, 1000 + 0.4 * number)


def test_a_bucket_holds_ten_seconds_however_long_nobody_comes() -> None:
    """After an hour as many as after ten seconds: 60 a minute are 10 at once."""
    limits = Limits(60, None)
    for now in (0.0, 10.0, 3610.0):
        assert [passes(limits, now) for _ in range(11)] == [True] * 10 + [False]


def test_the_smallest_bucket_holds_one_request() -> None:
    """3 a minute are half a request in ten seconds; still one gets through, and the next 20 seconds later."""
    limits = Limits(3, None)
    assert [passes(limits, now) for now in (0, 0, 19.9, 20, 20, 40)] == [True, False, False, True, False, True]


def test_tokens_are_taken_as_many_as_there_are() -> None:
    """6,000 a minute are 100 a second and 1,000 at once: 600 and 400, and 50 after half a second."""
    limits = Limits(None, 6000)
    asked = [(0, 600), (0, 401), (0, 400), (0, 1), (0.5, 51), (0.5, 50)]
    assert [passes(limits, now, tokens) for now, tokens in asked] == [True, False, True, False, False, True]


def test_a_request_larger_than_the_bucket_needs_a_full_one_and_leaves_a_debt() -> None:
    """Of 1,000 tokens at once 2,500 take 1,500 too many: 15 seconds until the next token, 25 until the next 2,500."""
    limits = Limits(None, 6000)
    assert passes(limits, 0, 2500)
    assert not passes(limits, 14.9, 1)
    assert passes(limits, 15.1, 1)
    assert not passes(limits, 25.0, 2500)
    assert passes(limits, 25.1, 2500)


def test_what_is_refused_takes_nothing_from_either_quota() -> None:
    """Requests refused for their tokens leave the requests: 6 a minute, one at once; and the other way round."""
    limits = Limits(6, 6000)
    assert passes(limits, 0, 1500)
    assert not any(passes(limits, 10, 1500) for _ in range(5))  # 500 tokens are there, and one request
    assert passes(limits, 10, 500)
    assert not any(passes(limits, 19, 500) for _ in range(5))  # 900 tokens are there, and 0.9 requests
    assert passes(limits, 20, 1000)


def test_without_limits_everything_gets_through() -> None:
    """None is no limit."""
    limits = Limits(None, None)
    assert all(passes(limits, 0, 10**9) for _ in range(1000))


def test_where_time_is_infinite_nothing_is_refused() -> None:
    """A server that does not wait says infinity; it has no minutes."""
    limits = Limits(1, 1)
    assert all(passes(limits, math.inf, 1000) for _ in range(100))


def test_time_that_goes_back_brings_nothing_and_takes_nothing() -> None:
    """60 a minute, 10 at once: one at second 5 and nine at second 0; by second 6 only one more has come."""
    limits = Limits(60, None)
    assert passes(limits, 5)
    assert all(passes(limits, 0) for _ in range(9))
    assert [passes(limits, now) for now in (0, 5, 6, 6)] == [False, False, True, False]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_from_one_on(limit: int) -> None:
    """Nothing a minute would never let anybody through."""
    with pytest.raises(ValueError, match=f"^{limit} a minute is not a limit"):
        Limits(limit, None)
    with pytest.raises(ValueError, match=f"^{limit} a minute is not a limit"):
        Limits(None, limit)


def test_a_refusal_has_the_shape_of_a_real_one() -> None:
    """Quota, help and delay, key by key; 2.4 seconds later."""
    limits = Limits(None, 1_000_000)
    assert passes(limits, 0, 200_000)
    reply = get_refusal(limits, 0, 1000)
    site = "https://ai.google.dev/gemini-api/docs/rate-limits"
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_paid_tier_input_token_count",
        "quotaId": TOKENS,
        "quotaDimensions": {"location": "global", "model": MODEL},
        "quotaValue": "1000000",
    }
    rpc = "type.googleapis.com/google.rpc."
    error = {
        "code": 429,
        "message": "You exceeded your current quota, please check your plan and billing details. "
        f"For more information on this error, head to: {site}.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": f"{rpc}QuotaFailure", "violations": [violation]},
            {"@type": f"{rpc}Help", "links": [{"description": "Learn more about Gemini API quotas", "url": site}]},
            {"@type": f"{rpc}RetryInfo", "retryDelay": "12s"},
        ],
    }
    assert reply == ApiReply(429, {"error": error}, 2.4)


@pytest.mark.parametrize(
    ("requests", "tokens", "named"),
    [(60, None, {REQUESTS: "60"}), (None, 60, {TOKENS: "60"}), (60, 60, {REQUESTS: "60", TOKENS: "60"})],
)
def test_a_refusal_names_every_quota_that_is_short(
    requests: int | None, tokens: int | None, named: dict[str, str]
) -> None:
    """After ten requests of one token both are, where both are limited."""
    limits = Limits(requests, tokens)
    assert all(passes(limits, 0, 1) for _ in range(10))
    violations = read_details(get_refusal(limits, 0, 1))["QuotaFailure"]["violations"]
    assert {violation["quotaId"]: violation["quotaValue"] for violation in violations} == named
    assert len({violation["quotaMetric"] for violation in violations}) == len(named)


def test_a_refusal_does_not_name_a_quota_that_is_not_short() -> None:
    """A token is left for the eleventh request, but no request."""
    limits = Limits(60, 66)
    assert all(passes(limits, 0, 1) for _ in range(10))
    (violation,) = read_details(get_refusal(limits, 0, 1))["QuotaFailure"]["violations"]
    assert violation["quotaId"] == REQUESTS


@pytest.mark.parametrize(
    ("now", "asked"),
    [(0, "10s"), (0.3, "9.7s"), (0.33, "9.7s"), (0.4, "9.6s"), (0.99, "9.1s"), (9.1, "0.9s")],
)
def test_a_refusal_asks_to_wait_until_the_bucket_is_full_in_tenths_rounded_up(now: float, asked: str) -> None:
    """60 tokens a minute and an empty bucket: full, with ten, ten seconds later."""
    limits = Limits(None, 60)
    assert passes(limits, 0, 10)
    assert read_delay(get_refusal(limits, now, 10)) == asked


def test_a_refusal_asks_for_less_than_a_second_where_that_is_enough() -> None:
    """100 tokens a second, 1,000 at once, of which 960 are left: 40 come in 0.4 seconds."""
    limits = Limits(None, 6000)
    assert passes(limits, 0, 40)
    assert read_delay(get_refusal(limits, 0, 1000)) == "0.4s"


def test_with_two_quotas_short_the_longer_wait_is_asked_for() -> None:
    """One request comes in 10 seconds, 2,000 tokens in 20."""
    limits = Limits(6, 6000)
    assert passes(limits, 0, 2000)
    assert read_delay(get_refusal(limits, 0, 1)) == "20s"


def test_the_suite_and_the_sdk_read_the_refusal() -> None:
    """As an error of the API's, with the delay as a number."""
    limits = Limits(1, None)
    assert passes(limits, 0)
    error = errors.APIError(429, get_refusal(limits, 0.55).body)
    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    assert read_retry_delay(error) == 59.5


@fuzzed
@given(st.integers(1, 300), steps)
def test_in_no_minute_more_than_limit_and_burst_are_let_through(limit: int, steps: list[tuple[float, int]]) -> None:
    """Whoever comes when: any 60 seconds have the bucket, ten seconds' worth or one, and what flows in."""
    limits, now, through = Limits(limit, None), 0.0, list[float]()
    for step, crowd in steps:
        now += step
        through += [now for _ in range(crowd % 60) if passes(limits, now)]
    burst = max(1, limit / 6)
    for first in through:
        assert sum(first <= one <= first + 60 for one in through) <= limit + burst + 1e-3


@fuzzed
@given(st.integers(1, 20_000), steps)
def test_in_no_minute_more_than_limit_and_burst_are_let_through_before_the_last(
    limit: int, steps: list[tuple[float, int]]
) -> None:
    """Of tokens too; only the last request of a minute may be in debt."""
    limits, now, through = Limits(None, limit), 0.0, list[tuple[float, int]]()
    for step, tokens in steps:
        now += step
        if passes(limits, now, tokens):
            through.append((now, tokens))
    for first, _ in through:
        minute = [tokens for one, tokens in through if first <= one <= first + 60]
        assert sum(minute[:-1]) <= limit + max(1, limit / 6) + 1e-3


@fuzzed
@given(st.integers(1, 300), st.integers(1, 20_000), steps)
def test_who_waits_as_asked_gets_through(requests: int, tokens: int, steps: list[tuple[float, int]]) -> None:
    """By then the bucket is full, which is enough for a request of any size, unless others came first."""
    limits, now = Limits(requests, tokens), 0.0
    for step, amount in steps:
        now += step
        reply = limits.admit(now, amount, MODEL)
        if reply is not None:
            now += float(read_delay(reply).removesuffix("s"))
            assert passes(limits, now, amount)
