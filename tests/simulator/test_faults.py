"""Faults occur in the planned share of requests, in the planned requests, and with the format of real ones."""

import json
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from google.genai import errors, types

from fixtures.exchange import retries
from fixtures.simulator.decisions import faults
from fixtures.simulator.decisions.faults import Faults, parse_shares, spoil_reply
from fixtures.simulator.decisions.replies import ApiReply, RawReply
from fixtures.tasks import responses
from fixtures.tasks.kinds.count import Count

MODEL = "gemini-3-pro-preview"
NAMES = ["a", "b", "c"]
HUGE = "1" + "0" * 400
KEPT = {"promptTokenCount": 1100, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1100}]}
USAGE = KEPT | {"candidatesTokenCount": 7, "thoughtsTokenCount": 400, "totalTokenCount": 1507}
SPENT = KEPT | {"thoughtsTokenCount": 400, "totalTokenCount": 1500}
REFUSED = KEPT | {"totalTokenCount": 1100}

ERRORS = {
    "400": (400, "INVALID_ARGUMENT", 0.03),
    "401": (401, "UNAUTHENTICATED", 0.03),
    "403": (403, "PERMISSION_DENIED", 0.1),
    "404": (404, "NOT_FOUND", 0.066),
    "408": (408, "DEADLINE_EXCEEDED", 10.0),
    "429": (429, "RESOURCE_EXHAUSTED", 2.4),
    "429-bare": (429, "RESOURCE_EXHAUSTED", 2.4),
    "500": (500, "INTERNAL", 0.3),
    "503": (503, "UNAVAILABLE", 2.3),
    "503-in-stream": (503, "UNAVAILABLE", 2.3),
    "504": (504, "DEADLINE_EXCEEDED", 60.0),
}
PAGES = {"502": (502, 1.0), "no-json": (200, 3.5)}
UNANSWERED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "safety": ({"candidates": [{"content": {}, "finishReason": "SAFETY"}]}, SPENT),
    "prompt-blocked": ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, REFUSED),
    "no-candidates": ({}, REFUSED),
    "max-tokens": (
        {"candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}]},
        SPENT,
    ),
    "malformed-function-call": (
        {"candidates": [{"content": {"role": "model"}, "finishReason": "MALFORMED_FUNCTION_CALL", "index": 0}]},
        SPENT,
    ),
}
TEXTS = {
    "max-tokens-cut": ("3", "[1, ", "Hel"),
    "empty-text": ("", "", ""),
    "prose": ("The answer is 35.", "The answer is [1, 2, 3].", "The answer is Hello.."),
    "fenced": ("```json\n35\n```", "```json\n[1, 2, 3]\n```", "```json\nHello.\n```"),
    "thoughts": ("35", "[1, 2, 3]", "Hello."),
    "strings": ('"35"', '["1", "2", "3"]', "Hello."),
    "float": ("35.5", "[1.5, 2.5, 3.5]", "Hello."),
    "negative": ("-36", "[-2, -3, -4]", "Hello."),
    "nan": ("NaN", "[NaN, NaN, NaN]", "Hello."),
    "huge": (HUGE, f"[{HUGE}, {HUGE}, {HUGE}]", "Hello."),
    "words": ('"many"', '["many", "many", "many"]', "Hello."),
    "too-short": ("[]", "[1, 2]", "Hello."),
    "too-long": ("[35, 35]", "[1, 2, 3, 3]", "Hello."),
}
"""The texts that replace "35", "[1, 2, 3]" and "Hello."."""
NETWORK = ("reset", "cut", "slow", "silent")
JOBS = ("job-pending", "job-expired", "job-failed", "job-partial", "result-503")
KINDS = [*ERRORS, *PAGES, *UNANSWERED, *TEXTS, *NETWORK, *JOBS]


def make_good_reply(text: str) -> ApiReply:
    """Return a good reply."""
    content = {"parts": [{"text": text}], "role": "model"}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    body = {"candidates": [candidate], "usageMetadata": USAGE, "modelVersion": MODEL, "responseId": "abc"}
    return ApiReply(200, body, 3.5)


def make_bad_reply(kind: str, text: str = "35") -> ApiReply:
    """Return the good reply after a fault."""
    reply = spoil_reply(kind, make_good_reply(text))
    assert isinstance(reply, ApiReply)
    return reply


def parse_bad_reply(kind: str, text: str) -> types.GenerateContentResponse:
    """Return the spoiled reply as the SDK parses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return types.GenerateContentResponse.model_validate(json.loads(json.dumps(make_bad_reply(kind, text).body)))


def read_spoiled(kind: str, text: str) -> str:
    """Return the text of a good reply after a fault."""
    spoiled: str = make_bad_reply(kind, text).body["candidates"][0]["content"]["parts"][-1]["text"]
    return spoiled


def draw_faults(plan: Faults, count: int = 10_000) -> list[str | None]:
    """Return the faults of `count` requests."""
    return [plan.draw(f"request {number}", 0, ()) for number in range(count)]


def test_all_kinds_are_here_and_said_in_words() -> None:
    """The kinds are those of the tables above, each once, and each has a description."""
    assert sorted(faults.KINDS) == sorted(KINDS)
    assert len(set(faults.KINDS.values())) == len(KINDS) == 40
    assert list(faults.KINDS) == [*faults.HTTP, *faults.CONTENT, *faults.NETWORK, *faults.JOBS]
    assert (tuple(faults.NETWORK), tuple(faults.JOBS)) == (NETWORK, JOBS)
    assert set(faults.HTTP) == {*ERRORS, "502"}


def test_the_document_describes_every_kind() -> None:
    """The table has all kinds, sorted, with their descriptions, and whether the retry policy retries them."""
    text = (Path(faults.__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (.+) \| (yes|no) \|$", text, re.MULTILINE)
    assert rows == [
        (kind, faults.KINDS[kind], "yes" if kind in faults.TRANSIENT else "no") for kind in sorted(faults.KINDS)
    ]


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_is_one_for_the_sdk_too(kind: str) -> None:
    """The SDK raises each error with its status, name and message; its seconds are measured or assumed."""
    status, name, seconds = ERRORS[kind]
    reply = make_bad_reply(kind)
    assert (reply.status, reply.seconds) == (status, seconds)
    assert set(reply.body) == {"error"}
    assert set(reply.body["error"]) - {"details"} == {"code", "message", "status"}
    with pytest.raises(errors.APIError) as raised:
        errors.APIError.raise_error(reply.status, json.loads(json.dumps(reply.body)), None)
    error = raised.value
    assert (error.code, error.status, bool(error.message)) == (status, name, True)
    assert reply.body["error"]["code"] == status


def test_only_429_says_when_to_come_again() -> None:
    """Only "429" has a retry delay, of two seconds."""
    asked = {kind: retries.read_retry_delay(errors.APIError(0, make_bad_reply(kind).body)) for kind in ERRORS}
    assert {kind: delay for kind, delay in asked.items() if delay is not None} == {"429": 2.0}
    assert faults.RETRY_DELAY == 2.0


def test_a_bad_key_and_an_unknown_model_are_named() -> None:
    """The errors have the details of real ones, even if the reply has no model version."""
    info, message = make_bad_reply("400").body["error"]["details"]
    assert info == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    assert message == {
        "@type": "type.googleapis.com/google.rpc.LocalizedMessage",
        "locale": "en-US",
        "message": "API key not valid. Please pass a valid API key.",
    }
    assert (
        make_bad_reply("404").body["error"]["message"].startswith(f"models/{MODEL} is not found for API version v1beta")
    )
    nameless = spoil_reply("404", ApiReply(200, {}, 0.1))
    assert isinstance(nameless, ApiReply)
    assert nameless.body["error"]["message"].startswith("models/unknown is not found")


@pytest.mark.parametrize("kind", PAGES)
def test_a_page_is_not_json(kind: str) -> None:
    """502 is a gateway's page; `no-json` is a page in place of the answer, after the answer's seconds."""
    page = spoil_reply(kind, make_good_reply("35"))
    assert isinstance(page, RawReply)
    assert (page.status, page.seconds) == PAGES[kind]
    assert page.content.startswith(b"<!DOCTYPE html>")
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(page.content)


@pytest.mark.parametrize("kind", UNANSWERED)
def test_without_an_answer_no_tokens_are_answered(kind: str) -> None:
    """There are no output tokens, the total is the sum of the others, and the rest of the reply is kept."""
    shape, usage = UNANSWERED[kind]
    expected = shape | {"usageMetadata": usage, "modelVersion": MODEL, "responseId": "abc"}
    assert make_bad_reply(kind) == ApiReply(200, expected, 3.5)


@pytest.mark.parametrize("kind", UNANSWERED)
def test_tokens_that_were_not_counted_are_not_missed(kind: str) -> None:
    """A reply without thinking tokens can be spoiled."""
    reply = make_good_reply("35")
    reply.body["usageMetadata"] = {"promptTokenCount": 10, "candidatesTokenCount": 2, "totalTokenCount": 12}
    spoilt = spoil_reply(kind, reply)
    assert isinstance(spoilt, ApiReply)
    assert spoilt.body["usageMetadata"] == {"promptTokenCount": 10, "totalTokenCount": 10}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize(("index", "text"), list(enumerate(("35", "[1, 2, 3]", "Hello."))))
def test_a_text_is_spoiled_and_nothing_else(kind: str, index: int, text: str) -> None:
    """Only the text changes, apart from a thought before it and the finish reason of a cut one."""
    expected = make_good_reply(TEXTS[kind][index])
    (candidate,) = expected.body["candidates"]
    if kind == "thoughts":
        candidate["content"]["parts"].insert(0, {"text": "At first sight 12 or 13.", "thought": True})
    if kind == "max-tokens-cut":
        candidate["finishReason"] = "MAX_TOKENS"
    # As text, because NaN is not equal to itself.
    assert json.dumps(make_bad_reply(kind, text).body) == json.dumps(expected.body)
    assert (make_bad_reply(kind, text).status, make_bad_reply(kind, text).seconds) == (200, 3.5)


def test_answers_of_every_kind_are_spoiled() -> None:
    """In fields the numbers are made negative; an answer without a number is unchanged."""
    fields = '{"shop": "Caf\u00e9 7", "total": 12.5, "items": null}'
    assert {
        (kind, text): read_spoiled(kind, text)
        for kind in ("negative", "too-short")
        for text in (fields, "Room 12", '["Room 12", "hall"]')
    } == {
        ("negative", fields): '{"shop": "Caf\u00e9 7", "total": -13.5, "items": null}',
        ("negative", "Room 12"): "Room 12",
        ("negative", '["Room 12", "hall"]'): '["Room 12", "hall"]',
        ("too-short", fields): "[]",
        ("too-short", "Room 12"): "Room 12",
        ("too-short", '["Room 12", "hall"]'): '["Room 12"]',
    }


def test_the_smallest_answers_are_spoiled_too() -> None:
    """0 becomes -1, a single digit is cut to an empty text, and a list of one stays a list."""
    cases = {("negative", "0"): "-1", ("max-tokens-cut", "7"): "", ("too-short", "[4]"): "[]"}
    cases |= {("too-long", "[4]"): "[4, 4]", ("float", "[4]"): "[4.5]"}
    said = {case: read_spoiled(*case) for case in cases}
    assert said == cases


@pytest.mark.parametrize("kind", [*ERRORS, *PAGES, *UNANSWERED, *TEXTS])
def test_spoiling_does_not_change_the_good_reply(kind: str) -> None:
    """`spoil_reply` returns a new reply."""
    reply = make_good_reply("[1, 2, 3]")
    spoil_reply(kind, reply)
    assert reply == make_good_reply("[1, 2, 3]")


@pytest.mark.parametrize("kind", [*UNANSWERED, *TEXTS])
def test_after_a_harmless_fault_the_number_is_right_and_after_others_there_is_none(kind: str) -> None:
    """The suite's reader gets the right number after a harmless fault, and none after any other."""
    one = responses.read(Count(), "a", [parse_bad_reply(kind, "35")]).value
    several = [answer.value for answer in responses.read_all(Count(), NAMES, parse_bad_reply(kind, "[1, 2, 3]"))]
    harmless = kind in faults.HARMLESS
    assert one == (35 if harmless else None)
    assert several == ([1, 2, 3] if harmless else [None] * 3)


def test_what_is_harmless_is_an_answer() -> None:
    """The harmless faults are those after which there is still an answer."""
    assert {"prose", "fenced", "thoughts", "strings", "slow"} == faults.HARMLESS


def test_what_is_transient_is_what_the_policy_retries() -> None:
    """Transient faults are those with a retried status, and failing connections."""
    statuses = {kind for kind in faults.HTTP if int(kind[:3]) in retries.RETRIED}
    assert statuses | {"reset", "cut", "silent"} == faults.TRANSIENT
    assert {int(kind[:3]) for kind in statuses} == retries.RETRIED


@pytest.mark.parametrize("kind", [*NETWORK, *JOBS, "nonsense"])
def test_what_is_not_a_fault_of_the_reply_is_refused(kind: str) -> None:
    """Faults of the network and of jobs cannot be applied to a reply."""
    with pytest.raises(ValueError, match=f"^'{kind}' is not a fault of a reply$"):
        spoil_reply(kind, make_good_reply("35"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_with_share_one_meets_every_request(kind: str) -> None:
    """A fault with a share of 1 occurs in every request."""
    assert set(draw_faults(Faults({kind: 1.0}), 100)) == {kind}


def test_shares_are_those_planned() -> None:
    """The shares among 10,000 requests are the planned ones within 0.015, three standard deviations of the largest."""
    shares = {"429": 0.3, "cut": 0.1, "prose": 0.02}
    counts = Counter(draw_faults(Faults(shares)))
    assert {kind: count / 10_000 for kind, count in counts.items()} == pytest.approx({**shares, None: 0.58}, abs=0.015)


def test_shares_that_add_up_to_one_spoil_every_request() -> None:
    """With 40 equal shares, every request has a fault, and every kind occurs about equally often."""
    counts = Counter(draw_faults(Faults(dict.fromkeys(faults.KINDS, 1 / 40)), 40_000))
    assert set(counts) == set(faults.KINDS)
    assert all(850 < count < 1150 for count in counts.values())


def test_the_same_seed_draws_the_same_and_another_one_does_not() -> None:
    """The order of the shares makes no difference; the default seed is 1."""
    plan = draw_faults(Faults({"503": 0.3, "400": 0.3}, seed=7))
    assert draw_faults(Faults({"400": 0.3, "503": 0.3}, seed=7)) == plan
    assert draw_faults(Faults({"503": 0.3, "400": 0.3}, seed=8)) != plan
    assert draw_faults(Faults({"503": 0.3, "400": 0.3})) == draw_faults(Faults({"503": 0.3, "400": 0.3}, seed=1))


def test_draws_of_one_seed_never_change() -> None:
    """Other versions of the suite must draw the same faults."""
    assert draw_faults(Faults({"503": 0.5}), 12) == [None] * 7 + ["503", None, "503", None, None]


def test_occurrences_of_a_request_are_drawn_apart() -> None:
    """Each repetition of a request is drawn independently with the same share; its images make no difference."""
    plan = Faults({"503": 0.5})
    drawn = [plan.draw("request", occurrence, ()) for occurrence in range(2000)]
    assert 900 < drawn.count("503") < 1100
    assert drawn == [plan.draw("request", occurrence, ("a", "b")) for occurrence in range(2000)]


@pytest.mark.parametrize(("times", "spoilt"), [(0, 0), (1, 1), (3, 3), (None, 6)])
def test_times_spares_a_request_after_so_many_occurrences(times: int | None, spoilt: int) -> None:
    """`times` limits the faults of each request, counted from its first occurrence."""
    plan = Faults({"503": 1.0}, times=times)
    for digest in ("one", "other"):
        drawn = [plan.draw(digest, occurrence, ()) for occurrence in range(6)]
        assert drawn == ["503"] * spoilt + [None] * (6 - spoilt)


@pytest.mark.parametrize(
    ("only", "images", "kind"),
    [
        ((), (), "503"),
        ((), ("a",), "503"),
        (("a",), ("a",), "503"),
        (("a",), ("b", "a"), "503"),
        (("a", "b"), ("b", "c"), "503"),
        (("a",), ("b", "c"), None),
        (("a",), (), None),
    ],
)
def test_only_requests_about_the_images_named_are_spoiled(
    only: tuple[str, ...], images: tuple[str, ...], kind: str | None
) -> None:
    """One named image among others suffices; without names, any request can be spoiled."""
    assert Faults({"503": 1.0}, only=frozenset(only)).draw("request", 0, images) == kind


def test_without_shares_nothing_is_spoiled() -> None:
    """A plan without shares draws no fault."""
    assert set(draw_faults(Faults({}), 100)) == {None}


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("429=0.1,503=0.05,silent=0.01", {"429": 0.1, "503": 0.05, "silent": 0.01}),
        ("503", {"503": 1.0}),
        ("503=1", {"503": 1.0}),
        (" 429 = .5 , cut=5e-1", {"429": 0.5, "cut": 0.5}),
        ("429=0.33,500=0.56,503=0.11", {"429": 0.33, "500": 0.56, "503": 0.11}),
    ],
)
def test_a_plan_is_read(text: str, shares: dict[str, float]) -> None:
    """Shares that add up to 1 on paper are accepted, although 0.33 + 0.56 + 0.11 is more than 1 in floating point."""
    assert parse_shares(text) == shares


@pytest.mark.parametrize("text", [",".join(KINDS[:1]), ",".join(f"{kind}=0.02" for kind in KINDS)])
def test_every_kind_can_be_named(text: str) -> None:
    """A plan can have one kind, or all of them."""
    assert set(parse_shares(text)) <= set(KINDS)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "there is no fault ''"),
        ("429=0.1,", "there is no fault ''"),
        ("418=0.1", "there is no fault '418'"),
        ("SAFETY", "there is no fault 'SAFETY'"),
        ("429=", "the share of 429 is '', which is not a number"),
        ("429=often", "the share of 429 is 'often', which is not a number"),
        ("429=0.1=0.2", "the share of 429 is '0.1=0.2', which is not a number"),
        ("429=0", "the share of 429 is 0.0, which is not above 0 and at most 1"),
        ("429=-0.1", "the share of 429 is -0.1, which is not above 0 and at most 1"),
        ("429=1.1", "the share of 429 is 1.1, which is not above 0 and at most 1"),
        ("429=nan", "the share of 429 is nan, which is not above 0 and at most 1"),
        ("429=inf", "the share of 429 is inf, which is not above 0 and at most 1"),
        ("429=0.1,503=0.1,429=0.2", "429 is named twice"),
        ("429=0.75,503=0.5", "the shares add up to 1.25, which is more than 1"),
        ("429,503", "the shares add up to 2.0, which is more than 1"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said_in_one_sentence(text: str, what: str) -> None:
    """The error names the mistake, the format, and all kinds."""
    sentence = f"{what}; write KIND=SHARE,... with the kinds {', '.join(sorted(faults.KINDS))}"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse_shares(text)


@pytest.mark.parametrize("shares", [{"418": 0.1}, {"429": 0.0}, {"429": 1.5}, {"429": 0.6, "503": 0.6}])
def test_an_invalid_plan_is_refused_however_it_is_made(shares: dict[str, float]) -> None:
    """`Faults` itself checks its shares."""
    with pytest.raises(ValueError, match="with the kinds 400, 401, "):
        Faults(shares)
