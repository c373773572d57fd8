"""Simulated service tiers: flex is slow and refuses requests, priority is served as standard above its limit."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from statistics import median
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import errors, types

from fixtures.simulator.build import build_api
from fixtures.simulator.decisions.api import Api, ApiRequest
from fixtures.simulator.decisions.outcomes import Outcome
from fixtures.simulator.decisions.replies import ApiReply
from fixtures.simulator.decisions.tiers import FLEX_SECONDS, FLEX_SHED, HEADER, PRIORITY_AS_STANDARD
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.serving.in_process import InProcessSimulator
from tests.helpers.exchanges import make_question
from tests.helpers.simulated import image, simulator
from tests.helpers.tasks import know_people

MODEL = "gemini-3.8-flash"
FEW = image("few.jpg", 7)
KNOWN = know_people([FEW])
QUESTION = types.Content(role="user", parts=[FEW.part, types.Part.from_text(text="How many?")])
TEN_SECONDS = Latencies([Observation(1, 10.0, 18, 258, 4, 300)])


def make_request(tier: str | None, method: str = "generateContent", text: str = "How many?") -> ApiRequest:
    """Return a request about an image, with this tier."""
    body = make_question(text, FEW) | ({"serviceTier": tier} if tier else {})
    path = f"/v1beta/models/{MODEL}:{method}"
    return ApiRequest("POST", "http://simulator", path, {}, {}, json.dumps(body).encode())


def decide(api: Api, tier: str | None, method: str = "generateContent", text: str = "How many?") -> Outcome:
    """Return the outcome of a request."""
    return api.read(make_request(tier, method, text))(0.0)


def ask(api: Api, tier: str | None, text: str = "How many?") -> ApiReply:
    """Return the reply to a request about an image."""
    reply = decide(api, tier, text=text).reply
    assert isinstance(reply, ApiReply)
    return reply


def ask_often(tier: str | None, count: int = 1000, **options: Any) -> list[ApiReply]:
    """Return the replies of one API to the same request, sent `count` times."""
    api = build_api(KNOWN, **options)
    return [ask(api, tier) for _ in range(count)]


def find_tiers(reply: ApiReply) -> tuple[str | None, str | None]:
    """Return the tier in the header and the one in the usage."""
    return reply.headers.get(HEADER), reply.body["usageMetadata"].get("serviceTier")


@pytest.fixture(scope="module")
def flex() -> list[ApiReply]:
    """Return a thousand replies of the flex tier."""
    return ask_often("flex")


@pytest.fixture
def client() -> Iterator[genai.Client]:
    """Return a client of the unmodified SDK, on a simulator at a ten-thousandth of the seconds."""
    with simulator([FEW], scale=0.0001) as url:
        yield genai.Client(api_key="none", http_options=types.HttpOptions(base_url=url))


def test_a_request_without_a_tier_has_none_in_its_answer() -> None:
    """Neither the header nor the usage has a tier."""
    reply = ask(build_api(KNOWN), None)
    assert find_tiers(reply) == (None, None)
    assert reply.body["candidates"][0]["content"]["parts"] == [{"text": "7"}]


def test_standard_is_named_and_changes_nothing_else() -> None:
    """The answers name the tier; the seconds are those without one, and no request is refused."""
    replies = ask_often("standard", 300)
    assert {find_tiers(reply) for reply in replies} == {("standard", "standard")}
    unset = median(reply.seconds for reply in ask_often(None, 300))
    assert median(reply.seconds for reply in replies) == pytest.approx(unset, rel=0.1)


def test_flex_waits_1_to_15_minutes(flex: list[ApiReply]) -> None:
    """The waits are spread over the documented target; the answer's own seconds are added."""
    served = [reply for reply in flex if reply.status == HTTPStatus.OK]
    assert {find_tiers(reply) for reply in served} == {("flex", "flex")}
    seconds = sorted(reply.seconds for reply in served)
    least, most = FLEX_SECONDS
    assert (least, most) == (60, 900)
    assert least < seconds[0] < 1.3 * least
    assert 0.9 * most < seconds[-1] < most + 120
    assert median(seconds) == pytest.approx(math.sqrt(least * most), rel=0.15)


def test_flex_refuses_a_share_of_the_requests(flex: list[ApiReply]) -> None:
    """Refusals are 503 or 429 after about a second, without a tier, because no model served them."""
    refused = [reply for reply in flex if reply.status != HTTPStatus.OK]
    shares = {status: count / len(flex) for status, count in Counter(reply.status for reply in refused).items()}
    assert shares == {status: pytest.approx(share, abs=0.025) for status, share in FLEX_SHED}
    assert {(reply.body["error"]["code"], reply.body["error"]["status"]) for reply in refused} == {
        (503, "UNAVAILABLE"),
        (429, "RESOURCE_EXHAUSTED"),
    }
    messages = {reply.status: reply.body["error"]["message"] for reply in refused}
    assert messages[503] == (
        "This model is currently experiencing high demand. Spikes in demand are usually temporary. "
        "Please try again later."
    )
    assert all(reply.seconds < 3 and HEADER not in reply.headers for reply in refused)


@pytest.mark.parametrize("tier", ["flex", "priority"])
def test_what_a_tier_does_follows_from_seed_request_and_occurrence(tier: str) -> None:
    """Other requests in between change nothing; another seed or repetition does."""
    alone = ask_often(tier, 100)
    api = build_api(KNOWN)
    among_others = []
    for number in range(100):
        ask(api, tier, text=f"How many, {number}?")
        among_others.append(ask(api, tier))
    assert among_others == alone
    assert len({reply.seconds for reply in alone if reply.status == HTTPStatus.OK}) > 80
    served, other = (
        [(reply.status, reply.headers.get(HEADER)) for reply in replies]
        for replies in (alone, ask_often(tier, 100, seed=2))
    )
    assert served != other


def test_a_request_that_was_turned_away_is_served_when_it_is_sent_again(flex: list[ApiReply]) -> None:
    """At most six refusals in a row occur before a request is served."""
    statuses = [reply.status == HTTPStatus.OK for reply in flex]
    runs = "".join("." if served else "x" for served in statuses).split(".")
    assert max(map(len, runs)) <= 6


def test_priority_is_served_as_standard_above_its_limit() -> None:
    """A share of the answers has status 200, the usual seconds, and the tier `standard`."""
    replies = ask_often("priority")
    assert {find_tiers(reply) for reply in replies} == {("priority", "priority"), ("standard", "standard")}
    share = sum(find_tiers(reply)[0] == "standard" for reply in replies) / len(replies)
    assert share == pytest.approx(PRIORITY_AS_STANDARD, abs=0.03)
    unset = median(reply.seconds for reply in ask_often(None))
    assert median(reply.seconds for reply in replies) == pytest.approx(unset, rel=0.1)


def test_a_stream_waits_before_its_first_event() -> None:
    """Each event names the tier; a refused request has no events."""
    api = build_api(KNOWN)
    outcomes = [decide(api, "flex", "streamGenerateContent") for _ in range(100)]
    streams = [outcome for outcome in outcomes if outcome.events]
    assert 70 < len(streams) < 100
    for outcome in streams:
        assert outcome.events[0][0] > FLEX_SECONDS[0]
        assert {body["usageMetadata"]["serviceTier"] for _, body in outcome.events} == {"flex"}
    assert {outcome.reply.status for outcome in outcomes if not outcome.events} == {503, 429}


def test_in_a_job_a_tier_is_ignored() -> None:
    """All requests of the job are answered, and no answer names a tier."""
    single = json.loads(make_request("flex").body)
    body = {"batch": {"inputConfig": {"requests": {"requests": [{"request": single}] * 60}}}}
    path = f"/v1beta/models/{MODEL}:batchGenerateContent"
    api = build_api(KNOWN)
    created = api.read(ApiRequest("POST", "http://simulator", path, {}, {}, json.dumps(body).encode()))(0.0).reply
    assert isinstance(created, ApiReply)
    get = ApiRequest("GET", "http://simulator", f"/v1beta/{created.body['name']}", {}, {}, b"")
    done = api.read(get)(1000.0).reply
    assert isinstance(done, ApiReply)
    responses = done.body["metadata"]["output"]["inlinedResponses"]["inlinedResponses"]
    assert len(responses) == 60
    assert all("serviceTier" not in each["response"]["usageMetadata"] for each in responses)


def test_recorded_seconds_are_unchanged() -> None:
    """With recorded latencies, flex adds no wait and refuses nothing, and the answers name the tier."""
    replies = ask_often("flex", 100, latencies=TEN_SECONDS)
    assert {(reply.status, reply.seconds, *find_tiers(reply)) for reply in replies} == {(200, 10.0, "flex", "flex")}


def test_what_is_served_may_still_meet_a_fault(flex: list[ApiReply]) -> None:
    """Faults apply to served requests, and not to refused ones."""
    replies = ask_often("flex", 200, faults="empty-text")
    assert [reply.status for reply in replies] == [reply.status for reply in flex[:200]]
    texts = {
        reply.body["candidates"][0]["content"]["parts"][0]["text"] for reply in replies if reply.status == HTTPStatus.OK
    }
    assert texts == {""}


def test_in_virtual_time_flex_takes_its_minutes() -> None:
    """The tier is in the reply's headers, and a client's time-out of two minutes ends many requests."""
    server = InProcessSimulator(build_api(KNOWN))
    asked = make_request("flex")
    request = httpx2.Request("POST", f"http://simulator{asked.path}", content=asked.body)
    replies = [server.reply(request, 0.0) for _ in range(20)]
    served = [reply for reply in replies if reply.status == HTTPStatus.OK]
    assert all(reply.elapsed > FLEX_SECONDS[0] and (HEADER, "flex") in reply.headers for reply in served)
    request.extensions["timeout"] = {"read": 120.0}
    hurried = [server.reply(request, 0.0) for _ in range(20)]
    assert any(reply.error.startswith("ReadTimeout") and reply.elapsed == 120.0 for reply in hurried)


def test_the_sdk_reads_the_tier_over_http(client: genai.Client) -> None:
    """The SDK has it in the headers of answers and streams; version 3.4 omits the field of the usage."""
    config = types.GenerateContentConfig(service_tier=types.ServiceTier.PRIORITY)
    whole = client.models.generate_content(model=MODEL, contents=QUESTION, config=config)
    events = list(client.models.generate_content_stream(model=MODEL, contents=QUESTION, config=config))
    for response in (whole, *events):
        assert response.sdk_http_response is not None
        assert (response.sdk_http_response.headers or {})[HEADER] in ("priority", "standard")


def test_the_sdk_raises_what_flex_sheds(client: genai.Client) -> None:
    """Refused requests are raised as API errors with status 503 or 429."""
    config = types.GenerateContentConfig(service_tier=types.ServiceTier.FLEX)
    statuses = set()
    for _ in range(25):
        try:
            response = client.models.generate_content(model=MODEL, contents=QUESTION, config=config)
        except errors.APIError as error:
            statuses.add(error.code)
        else:
            assert response.text == "7"
    assert statuses
    assert statuses <= {503, 429}
