"""The simulated rate limits allow as many requests as they promise, and refuse the others as Gemini does."""

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
"""The seconds since the previous request, and the tokens of this one."""


def passes(limits: Limits, now: float, tokens: int = 0) -> bool:
    """Return whether a request is admitted."""
    return limits.admit(now, tokens, MODEL) is None


def get_refusal(limits: Limits, now: float, tokens: int = 0) -> ApiReply:
    """Return the 429 reply to a request."""
    reply = limits.admit(now, tokens, MODEL)
    assert reply is not None
    return reply


def read_details(reply: ApiReply) -> dict[str, dict[str, Any]]:
    """Return an error's details by the last word of their type."""
    return {detail["@type"].rpartition(".")[2]: detail for detail in reply.body["error"]["details"]}


def read_delay(reply: ApiReply) -> str:
    """Return the retry delay of a 429 reply."""
    asked: str = read_details(reply)["RetryInfo"]["retryDelay"]
    return asked


def test_150_requests_a_minute_are_25_at_once_and_then_one_each_0_4_seconds() -> None:
    """The bucket holds ten seconds' worth of 2.5 requests a second."""
    limits = Limits(150, None)
    assert [passes(limits, 1000.0) for _ in range(26)] == [True] * 25 + [False]
    for number in range(1, 51):
        assert not passes(limits, 1000 + 0.4 * number - 0.001)
        assert passes(limits, 1000 + 0.4 * number)
        assert not passes(limits, 1000 + 0.4 * number)


def test_a_bucket_holds_ten_seconds_after_any_pause() -> None:
    """At 60 a minute, ten requests at once are admitted after ten seconds and after an hour."""
    limits = Limits(60, None)
    for now in (0.0, 10.0, 3610.0):
        assert [passes(limits, now) for _ in range(11)] == [True] * 10 + [False]


def test_the_smallest_bucket_holds_one_request() -> None:
    """At 3 a minute, ten seconds are half a request; one is admitted at once, and the next after 20 s."""
    limits = Limits(3, None)
    assert [passes(limits, now) for now in (0, 0, 19.9, 20, 20, 40)] == [True, False, False, True, False, True]


def test_a_request_needs_its_tokens_in_the_bucket() -> None:
    """6,000 tokens a minute are 1,000 at once, and 50 more after half a second."""
    limits = Limits(None, 6000)
    asked = [(0, 600), (0, 401), (0, 400), (0, 1), (0.5, 51), (0.5, 50)]
    assert [passes(limits, now, tokens) for now, tokens in asked] == [True, False, True, False, False, True]


def test_a_request_larger_than_the_bucket_needs_a_full_one_and_leaves_a_debt() -> None:
    """A request of 2,500 tokens with a bucket of 1,000 leaves a debt of 1,500, which takes 15 s."""
    limits = Limits(None, 6000)
    assert passes(limits, 0, 2500)
    assert not passes(limits, 14.9, 1)
    assert passes(limits, 15.1, 1)
    assert not passes(limits, 25.0, 2500)
    assert passes(limits, 25.1, 2500)


def test_what_is_refused_takes_nothing_from_either_quota() -> None:
    """A request that one quota refuses takes nothing from the other."""
    limits = Limits(6, 6000)
    assert passes(limits, 0, 1500)
    assert not any(passes(limits, 10, 1500) for _ in range(5))  # 500 tokens and one request are available
    assert passes(limits, 10, 500)
    assert not any(passes(limits, 19, 500) for _ in range(5))  # 900 tokens and 0.9 requests are available
    assert passes(limits, 20, 1000)


def test_without_limits_everything_gets_through() -> None:
    """A limit of None admits every request."""
    limits = Limits(None, None)
    assert all(passes(limits, 0, 10**9) for _ in range(1000))


def test_where_time_is_infinite_nothing_is_refused() -> None:
    """A simulator that does not wait passes infinity as the time, and then limits do not apply."""
    limits = Limits(1, 1)
    assert all(passes(limits, math.inf, 1000) for _ in range(100))


def test_time_that_goes_back_changes_nothing() -> None:
    """At 60 a minute, one request at 5 s and nine at 0 s empty the bucket; at 6 s one more is admitted."""
    limits = Limits(60, None)
    assert passes(limits, 5)
    assert all(passes(limits, 0) for _ in range(9))
    assert [passes(limits, now) for now in (0, 5, 6, 6)] == [False, False, True, False]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_one(limit: int) -> None:
    """A limit below 1 raises an error."""
    with pytest.raises(ValueError, match=f"^{limit} a minute is not a limit"):
        Limits(limit, None)
    with pytest.raises(ValueError, match=f"^{limit} a minute is not a limit"):
        Limits(None, limit)


def test_a_refusal_has_the_shape_of_a_real_one() -> None:
    """A refusal has the keys of a real one (quota, help and delay), and takes 2.4 seconds."""
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
    """After ten requests of one token, each limited quota is exhausted and named."""
    limits = Limits(requests, tokens)
    assert all(passes(limits, 0, 1) for _ in range(10))
    violations = read_details(get_refusal(limits, 0, 1))["QuotaFailure"]["violations"]
    assert {violation["quotaId"]: violation["quotaValue"] for violation in violations} == named
    assert len({violation["quotaMetric"] for violation in violations}) == len(named)


def test_a_refusal_does_not_name_a_quota_that_is_not_short() -> None:
    """With a token left and no request, only the quota of requests is named."""
    limits = Limits(60, 66)
    assert all(passes(limits, 0, 1) for _ in range(10))
    (violation,) = read_details(get_refusal(limits, 0, 1))["QuotaFailure"]["violations"]
    assert violation["quotaId"] == REQUESTS


@pytest.mark.parametrize(
    ("now", "asked"),
    [(0, "10s"), (0.3, "9.7s"), (0.33, "9.7s"), (0.4, "9.6s"), (0.99, "9.1s"), (9.1, "0.9s")],
)
def test_a_refusal_asks_to_wait_until_the_bucket_is_full_in_tenths_rounded_up(now: float, asked: str) -> None:
    """At 60 tokens a minute an empty bucket is full after ten seconds; the delay is rounded up to tenths."""
    limits = Limits(None, 60)
    assert passes(limits, 0, 10)
    assert read_delay(get_refusal(limits, now, 10)) == asked


def test_a_refusal_asks_for_less_than_a_second_where_that_is_enough() -> None:
    """At 100 tokens a second, 40 missing tokens take 0.4 seconds."""
    limits = Limits(None, 6000)
    assert passes(limits, 0, 40)
    assert read_delay(get_refusal(limits, 0, 1000)) == "0.4s"


def test_with_two_quotas_short_the_longer_wait_is_asked_for() -> None:
    """The missing request takes 10 s and the missing tokens 20 s, so the delay is 20 s."""
    limits = Limits(6, 6000)
    assert passes(limits, 0, 2000)
    assert read_delay(get_refusal(limits, 0, 1)) == "20s"


def test_the_suite_and_the_sdk_read_the_refusal() -> None:
    """The SDK reads the error's code and status, and the suite reads its delay in seconds."""
    limits = Limits(1, None)
    assert passes(limits, 0)
    error = errors.APIError(429, get_refusal(limits, 0.55).body)
    assert (error.code, error.status) == (429, "RESOURCE_EXHAUSTED")
    assert read_retry_delay(error) == 59.5


@fuzzed
@given(st.integers(1, 300), steps)
def test_in_no_minute_more_than_limit_and_burst_are_let_through(limit: int, steps: list[tuple[float, int]]) -> None:
    """In any 60 seconds, at most the limit and one full bucket (ten seconds' worth, or one request) are admitted."""
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
    """The same holds for tokens, except for the last request of the minute, which may leave a debt."""
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
def test_a_request_that_waits_as_asked_gets_through(requests: int, tokens: int, steps: list[tuple[float, int]]) -> None:
    """After the delay the bucket is full, which suffices for a request of any size if no others came first."""
    limits, now = Limits(requests, tokens), 0.0
    for step, amount in steps:
        now += step
        reply = limits.admit(now, amount, MODEL)
        if reply is not None:
            now += float(read_delay(reply).removesuffix("s"))
            assert passes(limits, now, amount)
