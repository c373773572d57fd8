"""Tokens, cost, server time and service tier are read from the exchanges."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import Sent
from fixtures.exchange.usage import (
    ModelResponse,
    Tokens,
    find_first_token,
    find_uploads,
    price_tokens,
    read_responses,
    read_server_seconds,
    read_tokens,
)

DAY = datetime(2026, 11, 23, tzinfo=UTC)
USAGE = {
    "promptTokenCount": 2326,
    "candidatesTokenCount": 2,
    "thoughtsTokenCount": 34,
    "cachedContentTokenCount": 1024,
    "totalTokenCount": 2362,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 136}, {"modality": "IMAGE", "tokenCount": 2190}],
}


def exchange(status: int = 200, body: bytes = b"{}", timing: str = "") -> Exchange:
    """Return an exchange that asks the model a question."""
    headers = (("server-timing", timing),) if timing else ()
    return exchange_with("models/m:generateContent", Reply(status, headers, body, 1.0))


def exchange_with(resource: str, reply: Reply, method: str = "POST") -> Exchange:
    """Return an exchange with a resource."""
    return Exchange(Sent(method, resource, b""), "http://host/", {}, reply, 0.0, 0, played=True)


def test_tokens_are_read_as_the_api_counts_them() -> None:
    """Thoughts are counted apart from the answer, and image tokens are part of the input."""
    assert read_tokens({"usageMetadata": USAGE}) == Tokens(input=2326, image=2190, output=2, thoughts=34, cached=1024)
    assert read_tokens({}) == Tokens()
    assert Tokens(1, 2, 3, 4, 5) + Tokens(10, 20, 30, 40, 50) == Tokens(11, 22, 33, 44, 55)


@pytest.mark.parametrize(
    ("told", "unknown"),
    [
        ({"cachedContentTokenCount": 2327}, "cached"),
        ({"cachedContentTokenCount": -1}, "cached"),
        ({"promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 2327}]}, "image"),
        ({"promptTokensDetails": [{"modality": "IMAGE", "tokenCount": "258"}]}, "image"),
        ({"candidatesTokenCount": -2}, "output"),
        ({"candidatesTokenCount": 10**400}, "output"),
        ({"thoughtsTokenCount": 0.5}, "thoughts"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else "",
)
def test_an_impossible_count_is_unknown(told: dict[str, Any], unknown: str) -> None:
    """A negative or too large count is None, and so is a sum with it; the other counts are kept."""
    tokens = read_tokens({"usageMetadata": USAGE | told})
    assert asdict(tokens) == asdict(read_tokens({"usageMetadata": USAGE})) | {unknown: None}
    assert asdict(sum([tokens, Tokens(1, 1, 1, 1, 1)], Tokens()))[unknown] is None
    assert (price_tokens("gemini-3.5-flash", [tokens], DAY) is None) == (unknown != "image")


def test_without_the_prompts_tokens_its_parts_are_unknown() -> None:
    """Without the number of input tokens, image and cached tokens cannot be checked."""
    tokens = read_tokens({"usageMetadata": USAGE | {"promptTokenCount": -1}})
    assert tokens == Tokens(input=None, image=None, output=2, thoughts=34, cached=None)
    assert price_tokens("gemini-3.5-flash", [tokens], DAY) is None


def test_thoughts_cost_as_much_as_answers_and_cached_input_less() -> None:
    """Gemini bills thoughts like output, and cached input at a lower price."""
    answer = price_tokens("gemini-3.5-flash", [Tokens(input=1, output=1000)], DAY)
    thoughts = price_tokens("gemini-3.5-flash", [Tokens(input=1, thoughts=1000)], DAY)
    fresh = price_tokens("gemini-3.5-flash", [Tokens(input=5000)], DAY)
    cached = price_tokens("gemini-3.5-flash", [Tokens(input=5000, cached=4096)], DAY)
    assert answer is not None
    assert fresh is not None
    assert cached is not None
    assert thoughts == answer
    assert answer > 0
    assert 0 < cached < fresh
    assert price_tokens("gemini-3.5-flash", [Tokens(input=5000)] * 2, DAY) == pytest.approx(2 * fresh)


def test_an_unknown_price_is_none() -> None:
    """A price that is not known is None, not 0, because 0 would win every comparison."""
    assert price_tokens("somebodys-own-model", [Tokens(input=5000)], DAY) is None
    assert price_tokens("gpt-4o", [Tokens(input=5000)], DAY) is None, "a model of another provider"
    assert price_tokens("gemini-3.5-flash", [Tokens(input=5000), Tokens()], DAY) is None, "what was used is unknown"


@pytest.mark.parametrize(
    ("timing", "seconds"), [("gfet4t7; dur=1876", 1.876), ("", 0.0), ("cache", 0.0), ("a, b;dur=12.5", 0.0125)]
)
def test_the_servers_own_time_is_read(timing: str, seconds: float) -> None:
    """`server-timing` is in milliseconds; without a duration the time is 0 s."""
    assert read_server_seconds(exchange(timing=timing)) == seconds


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (b"<html>", ""),
        (b"[1]", ""),
        (b'{"modelVersion": "m"}', "m"),
        (b'{"modelVersion": ["m"]}', ""),
        (b'{"modelVersion": "m\\n\\ud800"}', "m \\ud800"),
        (b"[" * 100_000, ""),
    ],
    ids=["HTML", "list", "JSON", "version that is no text", "version that no file could hold", "deep"],
)
def test_an_answer_without_usage_has_unknown_tokens(body: bytes, version: str) -> None:
    """A page with status 200 counts as one response with unknown tokens."""
    assert read_responses(exchange(body=body)) == [ModelResponse(Tokens(), version)]


def test_a_failed_request_has_no_response() -> None:
    """A failure used no tokens, so the cost of the other requests stays known."""
    assert read_responses(exchange(status=503, body=b'{"error": {}}')) == []


def test_an_upload_without_a_valid_address_is_ignored() -> None:
    """An upload whose URI is not a string is not listed."""
    reply = Reply(200, (), b'{"file": {"uri": ["http://host/"]}}', 1.0)
    upload = Exchange(Sent("POST", "files", b"image"), "http://host/", {}, reply, 0.0, 0, played=True)
    assert list(find_uploads(upload)) == []


def test_a_streams_last_event_counts_all_tokens() -> None:
    """Each event has the tokens so far, so only the last one counts."""
    events = [json.dumps({"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": n}}) for n in (1, 2)]
    body = "".join(f"data: {event}\n\n" for event in events).encode()
    stream = exchange_with("models/m:streamGenerateContent", Reply(200, (), body, 2.0, chunks=(1.0, 2.0)))
    assert read_responses(stream) == [ModelResponse(Tokens(input=5, output=2), "")]
    empty = exchange_with("models/m:streamGenerateContent", Reply(200, (), b"", 2.0, chunks=()))
    assert read_responses(empty) == [ModelResponse(Tokens(), "")], "a stream may have no event"


def test_the_first_token_is_the_first_event_with_words() -> None:
    """Empty events and thoughts do not count."""
    parts = [[], [{"text": "Let me count.", "thought": True}], [{"text": "3"}], [{"text": "5"}]]
    body = b"".join(
        b"data: " + json.dumps({"candidates": [{"content": {"parts": each}}]}).encode() + b"\n\n" for each in parts
    )
    stream = exchange_with("models/m:streamGenerateContent", Reply(200, (), body, 5.0, chunks=(1.0, 2.0, 3.0, 4.0)))
    assert find_first_token(stream) == 3.0
    assert find_first_token(exchange()) is None


def test_a_jobs_answers_cost_half() -> None:
    """The responses of a finished job, which it has twice, count once."""
    response = {"response": {"usageMetadata": {"promptTokenCount": 1000}, "modelVersion": "m"}}
    inlined = {"inlinedResponses": {"inlinedResponses": [response, {"error": {"code": 13}}, response]}}
    job = {"metadata": {"output": inlined}, "response": inlined, "done": True}
    found = read_responses(exchange_with("batches/1", Reply(200, (), json.dumps(job).encode(), 0.3), method="GET"))
    assert found == [ModelResponse(Tokens(input=1000, batch=True), "m")] * 2
    alone = price_tokens("gemini-3.5-flash", [Tokens(input=1000)], DAY)
    assert alone is not None
    assert price_tokens("gemini-3.5-flash", [each.tokens for each in found], DAY) == pytest.approx(alone)
    assert read_responses(exchange_with("batches/1", Reply(200, (), b'{"metadata": {}}', 0.3), method="GET")) == []


@pytest.mark.parametrize(
    ("header", "told", "asked", "served", "priced"),
    [
        ("", None, None, "", ""),
        ("", None, "flex", "", "flex"),
        ("priority", None, "priority", "priority", "priority"),
        ("", "PRIORITY", "priority", "priority", "priority"),
        ("", "SERVICE_TIER_STANDARD", "priority", "standard", "standard"),
        ("standard", "priority", "priority", "standard", "standard"),
        ("platinum", 7, "flex", "", "flex"),
    ],
)
def test_the_tier_that_served_is_read_from_the_answer(
    header: str, told: object, asked: str | None, served: str, priced: str
) -> None:
    """It is read from the header, else from the usage; if both lack it, the requested tier is priced."""
    body = {"usageMetadata": {"promptTokenCount": 10} | ({} if told is None else {"serviceTier": told})}
    sent = json.dumps({} if asked is None else {"serviceTier": asked}).encode()
    headers = (("X-Gemini-Service-Tier", header),) if header else ()
    reply = Reply(200, headers, json.dumps(body).encode(), 1.0)
    made = Exchange(Sent("POST", "models/m:generateContent", sent), "http://host/", {}, reply, 0.0, 0, played=True)
    (found,) = read_responses(made)
    assert (found.tier, found.tokens.tier) == (served, priced)


def test_a_tier_has_its_price() -> None:
    """The price is a multiple of the standard one, or that of genai-prices; batch jobs have no other tiers."""
    model = "gemini-3.8-flash"

    def price(model: str, tier: str, *, batch: bool = False) -> float:
        return price_tokens(model, [Tokens(input=1_000_000, output=1000, tier=tier, batch=batch)], DAY) or 0.0

    assert price(model, "") == price(model, "standard") == pytest.approx(0.75375)
    assert price(model, "flex") == pytest.approx(0.5 * price(model, ""))
    assert price(model, "priority") == pytest.approx(1.8 * price(model, ""))
    assert price(model, "flex", batch=True) == price(model, "", batch=True) == pytest.approx(0.5 * price(model, ""))
    own = "gemini-3.8-flash-tts"
    assert price(own, "priority") == pytest.approx(1.8 * price(own, "")), "not 1.8 times 1.8"


def test_the_results_of_a_job_in_a_file_are_counted() -> None:
    """They have the price of a job; lines with errors or without JSON used no tokens."""
    response = {"response": {"usageMetadata": USAGE, "modelVersion": "m-1"}}
    lines = [json.dumps(each) for each in ({"key": "2"} | response, {"key": "1", "error": {"code": 3}}, response)]
    file = "\n".join([*lines, "{", "[]"]).encode()
    used = Tokens(input=2326, image=2190, output=2, thoughts=34, cached=1024, batch=True)
    downloaded = exchange_with("files/batch-1:download", Reply(200, (), file, 1.0), method="GET")
    assert read_responses(downloaded) == [ModelResponse(used, "m-1")] * 2
    assert read_responses(exchange_with("files/batch-1", Reply(200, (), file, 1.0), method="GET")) == []
