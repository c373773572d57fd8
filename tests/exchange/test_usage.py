"""Tokens, cost, server time and retries are read from what went over the wire."""

import json
from datetime import UTC, datetime

import pytest

from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import Sent
from fixtures.exchange.usage import (
    Answered,
    Tokens,
    answers_of,
    cost_usd,
    first_token_seconds,
    server_seconds,
    tokens_of,
)
from fixtures.run.rounds import Round, median_index

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


def of(resource: str, reply: Reply, method: str = "POST") -> Exchange:
    """Return an exchange with a resource."""
    return Exchange(Sent(method, resource, b""), "http://host/", {}, reply, 0.0, 0, played=True)


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


@pytest.mark.parametrize(
    ("body", "version"),
    [(b"<html>", ""), (b"[1]", ""), (b'{"modelVersion": "m"}', "m")],
    ids=["HTML", "list", "JSON"],
)
def test_an_answer_that_tells_nothing_has_no_tokens(body: bytes, version: str) -> None:
    """A page that came with status 200 was paid for, but nobody knows how much."""
    assert answers_of(exchange(body=body)) == [Answered(Tokens(), version)]


def test_a_failure_answers_nothing() -> None:
    """What was refused used no tokens, so that the cost of the rest stays known."""
    assert answers_of(exchange(status=503, body=b'{"error": {}}')) == []


def test_a_streams_last_event_counts_all_tokens() -> None:
    """Each event counts what was used so far; adding them up would count it again and again."""
    events = [json.dumps({"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": n}}) for n in (1, 2)]
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    stream = of("models/m:streamGenerateContent", Reply(200, (), body, 2.0, chunks=(1.0, 2.0)))
    assert answers_of(stream) == [Answered(Tokens(input=5, output=2), "")]


def test_the_first_token_is_the_first_event_with_words() -> None:
    """Neither an empty event nor a thought is what somebody waits for."""
    parts = [[], [{"text": "Let me count.", "thought": True}], [{"text": "3"}], [{"text": "5"}]]
    body = b"".join(
        b"data: " + json.dumps({"candidates": [{"content": {"parts": each}}]}).encode() + b"\n\n" for each in parts
    )
    stream = of("models/m:streamGenerateContent", Reply(200, (), body, 5.0, chunks=(1.0, 2.0, 3.0, 4.0)))
    assert first_token_seconds(stream) == 3.0
    assert first_token_seconds(exchange()) is None


def test_a_jobs_answers_cost_half() -> None:
    """A finished job shows its responses twice, as real ones do, and they count once."""
    response = {"response": {"usageMetadata": {"promptTokenCount": 1000}, "modelVersion": "m"}}
    inlined = {"inlinedResponses": {"inlinedResponses": [response, {"error": {"code": 13}}, response]}}
    job = {"metadata": {"output": inlined}, "response": inlined, "done": True}
    found = answers_of(of("batches/1", Reply(200, (), json.dumps(job).encode(), 0.3), method="GET"))
    assert found == [Answered(Tokens(input=1000, batch=True), "m")] * 2
    alone = cost_usd("gemini-3.5-flash", [Tokens(input=1000)], DAY)
    assert alone is not None
    assert cost_usd("gemini-3.5-flash", [each.tokens for each in found], DAY) == pytest.approx(alone)
    assert answers_of(of("batches/1", Reply(200, (), b'{"metadata": {}}', 0.3), method="GET")) == []


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
