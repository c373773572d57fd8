"""Tokens, cost, server time and retries are read from what went over the wire."""

import json
from datetime import UTC, datetime

import pytest

from fixtures.bodies import Sent
from fixtures.cassettes import Reply
from fixtures.rounds import Round, median_index
from fixtures.transport import Exchange
from fixtures.usage import Tokens, answer_of, cost_usd, server_seconds, tokens_of

DAY = datetime(2026, 11, 23, tzinfo=UTC)
USAGE = {
    "promptTokenCount": 2326,
    "candidatesTokenCount": 2,
    "thoughtsTokenCount": 34,
    "cachedContentTokenCount": 1024,
    "totalTokenCount": 2362,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 136}, {"modality": "IMAGE", "tokenCount": 2190}],
}


def exchange(
    start: float = 0.0, elapsed: float = 1.0, status: int = 200, body: bytes = b"{}", timing: str = "", text: str = "?"
) -> Exchange:
    """Return an exchange about a text."""
    content = json.dumps({"contents": [{"parts": [{"text": text}]}]}).encode()
    sent = Sent("POST", "models/m:generateContent", content)
    headers = (("server-timing", timing),) if timing else ()
    return Exchange(sent, "http://host/", {}, Reply(status, headers, body, elapsed), start, 0, played=True)


def test_tokens_are_read_as_the_api_counts_them() -> None:
    """Thoughts stand apart from the answer, and images are a part of the input."""
    assert tokens_of({"usageMetadata": USAGE}) == Tokens(input=2326, image=2190, output=2, thoughts=34, cached=1024)
    assert tokens_of({}) == Tokens()
    assert Tokens(1, 2, 3, 4, 5) + Tokens(10, 20, 30, 40, 50) == Tokens(11, 22, 33, 44, 55)


def test_thoughts_cost_as_much_as_answers_and_cached_input_less() -> None:
    """That is how Gemini bills."""
    answer = cost_usd("gemini-3.5-flash", [Tokens(input=1, output=1000)], DAY)
    thoughts = cost_usd("gemini-3.5-flash", [Tokens(input=1, thoughts=1000)], DAY)
    fresh = cost_usd("gemini-3.5-flash", [Tokens(input=5000)], DAY)
    cached = cost_usd("gemini-3.5-flash", [Tokens(input=5000, cached=4096)], DAY)
    assert answer is not None
    assert fresh is not None
    assert cached is not None
    assert thoughts == answer
    assert answer > 0
    assert 0 < cached < fresh
    assert cost_usd("gemini-3.5-flash", [Tokens(input=5000)] * 2, DAY) == pytest.approx(2 * fresh)


def test_an_unknown_price_is_none() -> None:
    """It is never 0, which would win every comparison."""
    assert cost_usd("somebodys-own-model", [Tokens(input=5000)], DAY) is None
    assert cost_usd("gemini-3.5-flash", [Tokens(input=5000), Tokens()], DAY) is None, "what was used is unknown"


@pytest.mark.parametrize(
    ("timing", "seconds"), [("gfet4t7; dur=1876", 1.876), ("", 0.0), ("cache", 0.0), ("a, b;dur=12.5", 0.0125)]
)
def test_the_servers_own_time_is_read(timing: str, seconds: float) -> None:
    """`server-timing` is in milliseconds; a server that does not say worked 0 seconds that we know of."""
    assert server_seconds(exchange(timing=timing)) == seconds


def test_an_answer_that_is_no_json_is_none() -> None:
    """A gateway's error page has no tokens."""
    assert answer_of(exchange(body=b"<html>")) == {}
    assert answer_of(exchange(body=b"[1]")) == {}
    assert answer_of(exchange(body=b'{"modelVersion": "m"}')) == {"modelVersion": "m"}


def test_retries_are_requests_like_one_that_failed() -> None:
    """Only the failed one's successor counts, with the seconds between them."""
    exchanges = [
        exchange(0.0, 1.0, 503, text="a"),
        exchange(0.0, 1.0, 200, text="b"),
        exchange(3.0, 1.0, 429, text="a"),
        exchange(8.0, 1.0, 200, text="a"),
        exchange(9.0, 1.0, 200, text="b"),
    ]
    assert Round([], exchanges, 0.0).waits_for_retry == [2.0, 4.0]


@pytest.mark.parametrize(
    ("seconds", "index"), [([3.0, 1.0, 2.0], 2), ([1.0], 0), ([4.0, 1.0, 3.0, 2.0], 3), ([2.0, 2.0, 2.0], 1)]
)
def test_the_median_round_is_one_that_was_run(seconds: list[float], index: int) -> None:
    """Answers and tokens are those of a real round, not an average of several."""
    assert median_index(seconds) == index
