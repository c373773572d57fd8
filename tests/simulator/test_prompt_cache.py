"""The simulated prompt cache works as documented of Gemini: by prefix, from a minimum size, at a lower price."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import httpx2
import pytest

from fixtures.exchange.usage import price_tokens, read_tokens
from fixtures.images.image import Image
from fixtures.simulator.build import build_api
from fixtures.simulator.decisions.api import Api, ApiRequest
from fixtures.simulator.decisions.model import SECONDS_PER_IMAGE
from fixtures.simulator.decisions.questions import ModelRequest, parse_request
from fixtures.simulator.decisions.replies import ApiReply
from fixtures.simulator.decisions.services.prompt_cache import HIT_SHARE, KEPT_SECONDS, PromptCache
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.serving.process import run_simulator
from tests.helpers.exchanges import make_question
from tests.helpers.simulated import image
from tests.helpers.tasks import know_people

MODEL = "gemini-3.8-flash"
"""A model whose smallest cached prompt has 4,096 tokens, which are four images of about 1,100."""
IMAGES = [image(f"{number}.jpg", number) for number in range(6)]
HIT, MISS = "2", "5"
"""Keys of draws: with HIT, a cached prompt is read from the cache; with MISS it is not."""


def ask(images: Sequence[Image], text: str = "How many?", **fields: Any) -> ModelRequest:
    """Return a question about images, with these further fields."""
    model = fields.pop("model", MODEL)
    return parse_request(model, make_question(text, *images) | fields, 1000, {})


def make_reply(request: ModelRequest, image_tokens: int = 1100, text_tokens: int = 20) -> ApiReply:
    """Return a reply after ten seconds, with this number of tokens for each image of the request."""
    images = image_tokens * len(request.images)
    details = [{"modality": "TEXT", "tokenCount": text_tokens}, {"modality": "IMAGE", "tokenCount": images}]
    usage = {"promptTokenCount": text_tokens + images, "candidatesTokenCount": 5, "promptTokensDetails": details}
    return ApiReply(200, {"usageMetadata": usage}, 10.0)


def read(
    cache: PromptCache, request: ModelRequest, now: float, key: str = HIT, **tokens: int
) -> tuple[int | None, float]:
    """Return the cached tokens and the seconds of the answer to a request that arrives at `now`."""
    reply = cache.apply(make_reply(request, **tokens), request, key, now)
    return read_tokens(reply.body).cached, reply.seconds


def test_a_prompt_that_was_sent_before_is_read_from_the_cache() -> None:
    """The second time, all tokens are cached, and the seconds of the images are saved."""
    cache, asked = PromptCache(), ask(IMAGES[:4])
    assert read(cache, asked, 0.0) == (0, 10.0)
    assert read(cache, asked, 20.0) == (4420, 10.0 - 4 * SECONDS_PER_IMAGE)
    reply = cache.apply(make_reply(asked), asked, HIT, 40.0)
    assert reply.body["usageMetadata"]["cacheTokensDetails"] == [
        {"modality": "TEXT", "tokenCount": 20},
        {"modality": "IMAGE", "tokenCount": 4400},
    ]
    assert reply.body["usageMetadata"]["promptTokenCount"] == 4420


def test_cached_tokens_cost_a_tenth() -> None:
    """`genai-prices` has 0.75 and 0.075 US dollars per million input tokens of this model."""
    cache, asked, day = PromptCache(), ask(IMAGES[:4]), datetime(2026, 11, 25, tzinfo=UTC)
    replies = [cache.apply(make_reply(asked), asked, HIT, now) for now in (0.0, 20.0)]
    first, second = (price_tokens(MODEL, [read_tokens(reply.body)], day) for reply in replies)
    output = 5 * 3.75e-6
    assert first == pytest.approx(4420 * 0.75e-6 + output)
    assert second == pytest.approx(4420 * 0.075e-6 + output)


def test_what_counts_is_how_a_prompt_begins() -> None:
    """A common beginning is cached if it is long enough; another first image leaves nothing in common."""
    cache = PromptCache()
    read(cache, ask(IMAGES[:5]), 0.0)
    assert read(cache, ask(IMAGES[:5], "And how many dogs?"), 20.0)[0] == 5500
    assert read(cache, ask([*IMAGES[:4], IMAGES[5]]), 20.0)[0] == 4400
    assert read(cache, ask([*IMAGES[:3], IMAGES[5], IMAGES[4]]), 20.0)[0] == 0, "three images are 3,300 tokens"
    assert read(cache, ask([IMAGES[1], IMAGES[0], *IMAGES[2:5]]), 20.0)[0] == 0
    told = ask(IMAGES[:5], systemInstruction={"parts": [{"text": "Count."}]})
    assert read(cache, told, 20.0)[0] == 0
    assert read(cache, told, 40.0)[0] == 5520, "its tokens are not counted, so that none of them is cached"


def test_the_tokens_are_those_of_this_request() -> None:
    """The cached tokens are counted in the second request, whose image tokens may differ from the first one's."""
    cache, asked = PromptCache(), ask(IMAGES[:4])
    read(cache, asked, 0.0)
    assert read(cache, asked, 20.0, image_tokens=1090, text_tokens=30)[0] == 4 * 1090 + 30


@pytest.mark.parametrize(
    ("model", "image_tokens", "cached"),
    [
        (MODEL, 1018, 0),  # 4,092 tokens
        (MODEL, 1019, 4096),
        ("gemini-2.5-flash", 506, 0),  # 2,044
        ("gemini-2.5-flash", 507, 2048),
        ("gemini-3-flash-preview", 250, 0),  # 1,020
        ("gemini-3-flash-preview", 251, 1024),
        ("gemini-of-ones-own", 5000, 0),
    ],
)
def test_the_smallest_prompt_is_the_models(model: str, image_tokens: int, cached: int) -> None:
    """The minimum is that of models.toml; a model without one never reads from the cache."""
    cache, asked = PromptCache(), ask(IMAGES[:4], model=model)
    read(cache, asked, 0.0, image_tokens=image_tokens)
    assert read(cache, asked, 20.0, image_tokens=image_tokens)[0] == cached


def test_models_and_resolutions_share_nothing() -> None:
    """Prompts of another model or resolution are cached separately, because their tokens differ."""
    cache = PromptCache()
    read(cache, ask(IMAGES[:4]), 0.0)
    low: dict[str, Any] = {"generationConfig": {"mediaResolution": "MEDIA_RESOLUTION_LOW"}}
    assert read(cache, ask(IMAGES[:4], **low), 20.0)[0] == 0
    assert read(cache, ask(IMAGES[:4], model="gemini-3.6-flash"), 20.0)[0] == 0
    assert read(cache, ask(IMAGES[:4], generationConfig={"thinkingConfig": {"thinkingLevel": "LOW"}}), 20.0)[0] == 4420


def test_a_prompt_is_kept_for_minutes_since_it_was_last_sent() -> None:
    """A prompt is cached from its first answer on, so simultaneous requests share nothing."""
    cache, asked = PromptCache(), ask(IMAGES[:4])
    assert read(cache, asked, 0.0)[0] == 0
    assert read(cache, asked, 9.9)[0] == 0, "the first takes ten seconds"
    assert read(cache, asked, 10.0)[0] == 4420, "the second does not put it off"
    assert read(cache, asked, 10.0 + KEPT_SECONDS)[0] == 4420
    assert read(cache, asked, 10.0 + 2 * KEPT_SECONDS, MISS)[0] == 0, "it could have been"
    assert read(cache, asked, 10.0 + 3 * KEPT_SECONDS)[0] == 4420
    assert read(cache, asked, 10.1 + 4 * KEPT_SECONDS)[0] == 0


def test_without_minutes_there_is_no_cache() -> None:
    """A simulator that does not wait passes infinity as the time, and has no cache."""
    cache, asked = PromptCache(), ask(IMAGES[:4])
    assert [read(cache, asked, float("inf"))[0] for _ in range(2)] == [0, 0]


def test_how_often_it_is_used_is_drawn() -> None:
    """A made-up share of the possible hits occurs; the same key draws the same."""
    cache, asked = PromptCache(), ask(IMAGES[:4])
    read(cache, asked, 0.0)
    drawn = [read(cache, asked, 20.0, str(number))[0] for number in range(1000)]
    assert sum(count != 0 for count in drawn) / len(drawn) == pytest.approx(HIT_SHARE, abs=0.04)
    assert drawn == [read(cache, asked, 20.0, str(number))[0] for number in range(1000)]


def list_cached(api: Api, *, streamed: bool = False) -> list[int | None]:
    """Return the cached tokens of five answers about the same four images, sent 30 s apart."""
    body = make_question("How many?", *IMAGES[:4])
    verb = "streamGenerateContent" if streamed else "generateContent"
    path = f"/v1beta/models/{MODEL}:{verb}"
    request = ApiRequest("POST", "http://simulator", path, {}, {}, json.dumps(body).encode())
    outcomes = [api.read(request)(30.0 * number) for number in range(5)]
    documents = [each.events[-1][1] if streamed else cast(ApiReply, each.reply).body for each in outcomes]
    return [read_tokens(dict(document)).cached for document in documents]


@pytest.mark.parametrize("streamed", [False, True])
def test_the_api_has_a_cache_where_it_is_asked_for(*, streamed: bool) -> None:
    """The cache is off by default, as scaling runs need it, because their prompts repeat."""
    with_cache = list_cached(build_api(know_people(IMAGES), caches=True), streamed=streamed)
    assert with_cache[0] == 0
    assert max(filter(None, with_cache)) > 4096
    assert list_cached(build_api(know_people(IMAGES)), streamed=streamed) == [0] * 5


def test_the_server_has_a_cache() -> None:
    """Some of four equal requests in turn to a server at a thousandth of the seconds are read from the cache."""
    body = make_question("How many?", *IMAGES[:4])
    with run_simulator(time_scale=0.001) as url:
        replies = [httpx2.post(f"{url}/v1beta/models/{MODEL}:generateContent", json=body) for _ in range(4)]
    cached = [read_tokens(reply.json()).cached or 0 for reply in replies]
    assert cached[0] == 0
    assert max(cached) > 4096


def test_with_recorded_latencies_there_is_no_cache() -> None:
    """An API with recorded latencies has no cache, although it is asked for."""
    latencies = Latencies([Observation(4, 10.0, 20, 4400, 5, 100)])
    assert list_cached(build_api(know_people(IMAGES), latencies=latencies, caches=True)) == [0] * 5


def test_a_request_that_meets_a_fault_fills_no_cache() -> None:
    """A request with a fault neither fills the cache nor is read from it, even if it is answered late."""
    assert list_cached(build_api(know_people(IMAGES), faults="slow", caches=True)) == [0] * 5
