"""The simulated API answers as the published comparison and measured latencies predict, and refuses bad requests."""

import base64
import hashlib
import json
from dataclasses import replace
from statistics import median
from typing import Any

import pytest

from fixtures.simulator import profiles as tables
from fixtures.simulator.decisions import questions
from fixtures.simulator.decisions.model import make_answer
from fixtures.simulator.decisions.questions import ModelRequest
from fixtures.simulator.decisions.replies import ApiReply, Refusal
from fixtures.simulator.known_sets import UNKNOWN_SET, KnownSet
from fixtures.tasks.kinds.count import Count

MODEL = "gemini-3-pro-preview"
PROFILE = tables.read_profiles()[MODEL]
PUBLISHED = {"bus.jpg": 4, "crowd1.jpg": 95, "crowd2.jpg": 110, "classroom.jpg": 9}
PEOPLE = Count("people")
ONE = "Count the number of people in this image. Return just the integer number."
ALL = "Count the number of people in each image respectively. Return the result strictly as a JSON list of integers."


def make_jpeg(name: str, size: int = 300) -> bytes:
    """Return bytes that start as a JPEG file does and differ for each name."""
    return b"\xff\xd8\xff" + hashlib.shake_256(name.encode()).digest(size)


def digest_jpeg(name: str, size: int = 300) -> str:
    """Return the digest of `make_jpeg`."""
    return hashlib.sha256(make_jpeg(name, size)).hexdigest()


def make_image_part(data: bytes) -> dict[str, Any]:
    """Return a part of a request in the API's documented format."""
    return {"inlineData": {"mimeType": "image/jpeg", "data": base64.b64encode(data).decode()}}


def make_body(*parts: dict[str, Any]) -> bytes:
    """Return a request's body."""
    return json.dumps({"contents": [{"role": "user", "parts": parts}]}).encode()


def parse_body(raw: bytes) -> ModelRequest:
    """Read a request's body."""
    return questions.parse_request(MODEL, questions.parse_json(raw), len(raw), {})


def ask_one(name: str, size: int = 300) -> ModelRequest:
    """Return the suite's request about one image."""
    return parse_body(make_body(make_image_part(make_jpeg(name, size)), {"text": ONE}))


def ask_all(*names: str, size: int = 300) -> ModelRequest:
    """Return the suite's request about several images."""
    parts: list[dict[str, Any]] = []
    for number, name in enumerate(names, 1):
        parts += {"text": f"Image {number}:"}, make_image_part(make_jpeg(name, size))
    return parse_body(make_body(*parts, {"text": ALL}))


def make_reply(
    ask: ModelRequest, *, people: dict[str, int] | None = None, seed: int = 1, occurrence: int = 0
) -> ApiReply:
    """Return the reply; `people` has the true numbers by image name."""
    numbers = {digest_jpeg(name): number for name, number in (people or {}).items()}
    return make_answer(PROFILE, ask, KnownSet(PEOPLE, truths=numbers), seed, occurrence)


def read_text(reply: ApiReply) -> str:
    """Return the answer's text."""
    text: str = reply.body["candidates"][0]["content"]["parts"][0]["text"]
    return text


def test_a_reply_depends_on_nothing_but_seed_request_and_occurrence() -> None:
    """Other requests in between change nothing in a reply."""
    first = make_reply(ask_one("crowd"))
    for name in "abc":
        make_reply(ask_all(name, "crowd"))
    assert make_reply(ask_one("crowd")) == first


@pytest.mark.parametrize(("seed", "occurrence"), [(2, 0), (1, 1)])
def test_another_seed_or_occurrence_gives_another_reply(seed: int, occurrence: int) -> None:
    """Rounds of the same request vary, as real ones do."""
    first, second = make_reply(ask_one("crowd")), make_reply(ask_one("crowd"), seed=seed, occurrence=occurrence)
    assert first.seconds != second.seconds
    assert first.body["responseId"] != second.body["responseId"]
    assert first.body["usageMetadata"]["thoughtsTokenCount"] != second.body["usageMetadata"]["thoughtsTokenCount"]


def test_another_prompt_about_the_same_image_is_another_request() -> None:
    """Text and settings are part of a request's digest."""
    asks = [
        parse_body(make_body(make_image_part(make_jpeg("crowd")), {"text": text}))
        for text in (ONE, ONE + " Think twice.")
    ]
    set_up = json.loads(make_body(make_image_part(make_jpeg("crowd")), {"text": ONE})) | {
        "generationConfig": {"seed": 3}
    }
    asks.append(parse_body(json.dumps(set_up).encode()))
    assert len({ask.digest for ask in asks}) == 3


def test_a_known_number_below_a_dozen_is_answered_rightly() -> None:
    """Small numbers are right, about one image or several."""
    people = {"four": 4, "nine": 9, "none": 0}
    assert [read_text(make_reply(ask_one(name), people=people)) for name in people] == ["4", "9", "0"]
    assert json.loads(read_text(make_reply(ask_all(*people), people=people))) == [4, 9, 0]


def test_an_unknown_image_has_the_same_people_for_every_seed() -> None:
    """The number comes from the image's bytes; answers vary with the seed only for larger numbers."""
    drawn = {
        name: {read_text(make_reply(ask_one(name), seed=seed)) for seed in range(8)} for name in map(str, range(60))
    }
    few = [counts for counts in drawn.values() if all(int(count) < 12 for count in counts)]
    assert few
    assert all(len(counts) == 1 for counts in few)
    assert len({min(map(int, counts)) for counts in drawn.values()}) > 20
    assert all(0 <= int(count) <= 150 * 1.15 for counts in drawn.values() for count in counts)


def test_a_crowd_alone_is_off_by_5_to_15_percent_either_way() -> None:
    """Alone in its prompt, a crowd of 100 is counted 5 to 15 too high or too low."""
    replies = [make_reply(ask_one("crowd"), people={"crowd": 100}, occurrence=n) for n in range(200)]
    counts = [int(read_text(reply)) for reply in replies]
    assert all(5 <= abs(count - 100) <= 15 for count in counts)
    assert min(counts) < 100 < max(counts)


def test_crowds_are_badly_undercounted_only_where_images_share_a_prompt() -> None:
    """Of four images in a prompt, crowds are counted as about people * 4 ** -0.7, as published."""
    names = list(PUBLISHED)
    replies = [make_reply(ask_all(*names), people=PUBLISHED, occurrence=n) for n in range(200)]
    counts = [json.loads(read_text(reply)) for reply in replies]
    assert {(bus, classroom) for bus, _, _, classroom in counts} == {(4, 9)}
    assert median(crowd1 for _, crowd1, _, _ in counts) == pytest.approx(36, abs=2)
    assert median(crowd2 for _, _, crowd2, _ in counts) == pytest.approx(42, abs=2)


def test_the_shape_of_the_published_comparison_comes_out() -> None:
    """Concurrent requests are about twice as fast as sequential ones; a single prompt is not faster."""
    size = 200_000
    known = KnownSet(PEOPLE, truths={digest_jpeg(name, size): people for name, people in PUBLISHED.items()})
    ones, together = [ask_one(name, size) for name in PUBLISHED], ask_all(*PUBLISHED, size=size)
    to_concurrent, to_single = [], []
    for occurrence in range(200):
        alone = [make_answer(PROFILE, ask, known, 1, occurrence).seconds for ask in ones]
        to_concurrent.append(sum(alone) / max(alone))
        to_single.append(make_answer(PROFILE, together, known, 1, occurrence).seconds / sum(alone))
    assert 1.7 < median(to_concurrent) < 2.7
    assert 0.9 < median(to_single) < 1.5


def test_one_image_gets_a_number_and_several_get_a_list() -> None:
    """The answer is a list also if a list is asked for about one image; without an image it is a greeting."""
    people = {"a": 4, "b": 7}
    assert read_text(make_reply(ask_one("a"), people=people)) == "4"
    assert read_text(make_reply(ask_all("a", "b"), people=people)) == "[4, 7]"
    assert read_text(make_reply(ask_all("a"), people=people)) == "[4]"
    assert read_text(make_reply(parse_body(make_body({"text": "Hi"})))) == "Hello."


def test_a_reply_has_the_keys_of_a_real_one() -> None:
    """The reply has the keys of real answers about images, except for a thought signature."""
    body = make_reply(ask_all("a", "b")).body
    assert set(body) == {"candidates", "modelVersion", "responseId", "usageMetadata"}
    (candidate,) = body["candidates"]
    assert set(candidate) == {"content", "finishReason", "index"}
    assert (candidate["content"]["role"], candidate["finishReason"], candidate["index"]) == ("model", "STOP", 0)
    usage = body["usageMetadata"]
    assert [detail["modality"] for detail in usage.pop("promptTokensDetails")] == ["TEXT", "IMAGE"]
    total = usage.pop("totalTokenCount")
    assert set(usage) == {"promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"}
    assert total == sum(usage.values())


def test_image_tokens_are_those_of_the_model() -> None:
    """An image has 258 tokens on 2.5 models, and 1,081 to 1,120 on later ones."""
    for name, profile in tables.read_profiles().items():
        replies = [make_answer(profile, ask_all("a", "b"), UNKNOWN_SET, 1, n) for n in range(50)]
        counts = {reply.body["usageMetadata"]["promptTokensDetails"][1]["tokenCount"] for reply in replies}
        if "2.5" in name:
            assert counts == {516}
        else:
            assert len(counts) > 10
            assert all(2 * 1081 <= count <= 2 * 1120 for count in counts)


@pytest.mark.parametrize("ask", [ask_one("a"), ask_one("a", 2_000_000), ask_all("a", "b", "c")])
def test_seconds_are_those_of_tokens_images_and_megabytes(ask: ModelRequest) -> None:
    """Without noise, the seconds are (a + b * tokens) / 1000, 0.32 s per image and 0.75 s per megabyte of the body."""
    reply = make_answer(replace(PROFILE, epsilon=((1.0, 0.0, 0.0),)), ask, UNKNOWN_SET, 1, 0)
    usage = reply.body["usageMetadata"]
    tokens = usage["thoughtsTokenCount"] + usage["candidatesTokenCount"]
    assert reply.seconds == pytest.approx(
        (1951 + 11.2 * tokens) / 1000 + 0.32 * len(ask.images) + 0.75 * ask.size / 1e6
    )


def test_noise_multiplies_the_seconds_of_tokens_only() -> None:
    """The noise has the median and the slow tail of the measured mixture, and does not affect images and megabytes."""
    ask = ask_one("a")
    nothing = replace(PROFILE, a=0.0, b=0.0)
    fixed = make_answer(nothing, ask, UNKNOWN_SET, 1, 0).seconds
    assert fixed == pytest.approx(0.32 + 0.75 * ask.size / 1e6)
    unit = replace(PROFILE, a=1000.0, b=0.0)
    draws = [make_answer(unit, ask, UNKNOWN_SET, 1, occurrence).seconds - fixed for occurrence in range(1000)]
    assert median(draws) == pytest.approx(0.99, abs=0.05)
    assert sum(draw > 2 for draw in draws) / len(draws) == pytest.approx(0.1, abs=0.04), "its slow tail"


def spell_body(key: str, mime_key: str, encoded: str) -> bytes:
    """Return a body about one image with these spellings of its keys and its base64."""
    return make_body({key: {mime_key: "image/jpeg", "data": encoded}}, {"text": ONE})


def test_every_spelling_of_an_image_is_the_same_request() -> None:
    """Spellings of keys and base64, and a single content in place of a list, make no difference."""
    data = b"\xff\xd8\xff" + b"\xfb\xef\xbe\xff\xff" * 20
    standard, url_safe = base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()
    assert standard != url_safe
    assert standard.endswith("=")
    bodies = [
        spell_body(key, mime_key, encoded)
        for key in ("inlineData", "inline_data")
        for mime_key in ("mimeType", "mime_type")
        for encoded in (standard, url_safe, url_safe.rstrip("="))
    ]
    single = json.loads(bodies[0])
    bodies.append(json.dumps({"contents": single["contents"][0]}).encode())
    asks = [parse_body(body) for body in bodies]
    assert {ask.images for ask in asks} == {(hashlib.sha256(data).hexdigest(),)}
    assert len({ask.digest for ask in asks}) == 1
    assert len({read_text(make_reply(ask)) for ask in asks}) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0rest",
        b"\x89PNG\r\n\x1a\nrest",
        b"GIF89arest",
        b"RIFF\x0a\x00\x00\x00WEBPrest",
        b"\x00\x00\x00\x18ftypheicrest",
    ],
)
def test_images_are_known_by_how_they_begin(data: bytes) -> None:
    """JPEG, PNG, GIF, WebP and HEIC files are accepted."""
    assert len(parse_body(make_body(make_image_part(data))).images) == 1


@pytest.mark.parametrize(
    "data", [b"", b"no image", b"%PDF-1.7", b"RIFF\x0a\x00\x00\x00WAVErest", b"\x00\x00\x00\x18ftypisomrest"]
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    """The refusal has the API's message, and takes more than a second."""
    with pytest.raises(Refusal) as refused:
        parse_body(make_body(make_image_part(data)))
    assert refused.value.reply.body == {
        "error": {"code": 400, "message": "Provided image is not valid.", "status": "INVALID_ARGUMENT"}
    }
    assert refused.value.reply.seconds > 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"7",
        b"{}",
        b'{"contents": []}',
        b'{"contents": null}',
        b'{"contents": "text"}',
        b'{"contents": [{"parts": []}]}',
        b'{"contents": [{"parts": [{"inlineData": {"data": "not*base64"}}]}]}',
        b'{"contents": [{"parts": [{"inlineData": {"data": "A"}}]}]}',
        '{"contents": [{"parts": [{"inlineData": {"data": "é"}}]}]}'.encode(),
        b'{"contents": [{"parts": [{"inlineData": "text"}]}]}',
        b'{"contents": [{"parts": [{"inlineData": {"data": 7}}]}]}',
    ],
)
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    """A malformed body gives INVALID_ARGUMENT, and no other exception."""
    with pytest.raises(Refusal) as refused:
        parse_body(body)
    reply = refused.value.reply
    assert (reply.status, reply.body["error"]["code"], reply.body["error"]["status"]) == (400, 400, "INVALID_ARGUMENT")
