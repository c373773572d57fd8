"""Simulated models follow the thinking and resolution of a request, and have each model's reported seconds."""

import json
from dataclasses import replace
from statistics import fmean, quantiles
from typing import Any

import pytest

from fixtures.images.folder import load_images
from fixtures.images.image import Image, ImageSet
from fixtures.images.shrinking import shrink_images
from fixtures.models.known_models import find_model
from fixtures.simulator.build import build_api
from fixtures.simulator.decisions import questions
from fixtures.simulator.decisions.api import ApiRequest
from fixtures.simulator.decisions.model import find_truth, make_answer
from fixtures.simulator.decisions.questions import ModelRequest
from fixtures.simulator.decisions.replies import ApiReply
from fixtures.simulator.known_sets import UNKNOWN_SET, KnownSets, make_known_sets, read_known_sets
from fixtures.simulator.profiles import read_profiles
from fixtures.tasks.question import load_question
from tests.helpers.exchanges import make_question
from tests.helpers.simulated import image

PROFILES = read_profiles()
FLASH, LITE, OLD = "gemini-3.8-flash", "gemini-3.5-flash-lite", "gemini-2.5-flash"
CROWD = image("crowd.jpg", 60)


def make_config(level: str | None = None, budget: int | None = None, resolution: str | None = None) -> dict[str, Any]:
    """Return the configuration of a request as the SDK sends it."""
    thinking = {"thinkingLevel": level, "thinkingBudget": budget}
    config = {"thinkingConfig": {name: value for name, value in thinking.items() if value is not None}}
    return config | ({"mediaResolution": resolution} if resolution else {})


def ask(model: str, config: dict[str, Any] | None = None, picture: Image = CROWD) -> ModelRequest:
    """Return a question about an image with this configuration."""
    body = make_question("How many?", picture) | ({"generationConfig": config} if config else {})
    return questions.parse_request(model, body, 1000, {})


def list_usages(model: str, config: dict[str, Any] | None = None, count: int = 300) -> list[dict[str, Any]]:
    """Return the usage of `count` answers about an image, with this configuration."""
    asked = ask(model, config)
    replies = (make_answer(PROFILES[model], asked, UNKNOWN_SET, 1, number) for number in range(count))
    return [reply.body["usageMetadata"] for reply in replies]


def list_thoughts(model: str, config: dict[str, Any] | None = None) -> list[int]:
    """Return the thinking tokens of each answer."""
    return [usage.get("thoughtsTokenCount", 0) for usage in list_usages(model, config)]


def list_image_tokens(model: str, config: dict[str, Any] | None = None) -> set[int]:
    """Return the set of an image's tokens over all answers."""
    details = [detail for usage in list_usages(model, config) for detail in usage["promptTokensDetails"]]
    return {detail["tokenCount"] for detail in details if detail["modality"] == "IMAGE"}


def average_thoughts(model: str, level: str | None) -> float:
    """Return the mean thinking tokens about an image."""
    return fmean(list_thoughts(model, make_config(level)))


def send(model: str, config: dict[str, Any], *, in_job: bool = False) -> ApiReply:
    """Return the API's reply to a question with this configuration, or to a job of that question."""
    body: dict[str, Any] = make_question("How many?", CROWD) | {"generationConfig": config}
    if in_job:
        body = {"batch": {"inputConfig": {"requests": {"requests": [{"request": body}]}}}}
    path = f"/v1beta/models/{model}:{'batchGenerateContent' if in_job else 'generateContent'}"
    request = ApiRequest("POST", "http://simulator", path, {}, {}, json.dumps(body).encode())
    reply = build_api(KnownSets([])).read(request)(0.0).reply
    assert isinstance(reply, ApiReply)
    return reply


def draw_seconds(model: str, count: int) -> list[float]:
    """Return the seconds of `count` answers to a short text, without image or thinking."""
    asked = questions.parse_request(model, {"contents": [{"parts": [{"text": "Hi"}]}]}, 100, {})
    return [make_answer(PROFILES[model], asked, UNKNOWN_SET, 1, number).seconds for number in range(count)]


def test_gemini_3_8_flash_takes_the_seconds_that_were_reported_of_text() -> None:
    """At low thinking, the percentiles 50, 95 and 99 are 1.24, 2.46 and about 6.8 s (reported: 5.9 to 7.7)."""
    percentiles = quantiles(draw_seconds(FLASH, 10_000), n=100)
    assert [percentiles[at - 1] for at in (50, 95, 99)] == pytest.approx([1.24, 2.46, 6.8], rel=0.1)


def test_gemini_3_5_flash_lite_takes_the_seconds_that_were_reported_of_text() -> None:
    """Answers take 0.6 to 1.3 s, and 1 % of them 13 to 24 s."""
    drawn = sorted(draw_seconds(LITE, 5_000))
    spikes = [seconds for seconds in drawn if seconds > 5]
    usual = drawn[: -len(spikes)]
    assert [usual[len(usual) // 40], usual[-len(usual) // 40]] == pytest.approx([0.6, 1.3], rel=0.1)
    assert len(spikes) / len(drawn) == pytest.approx(0.01, rel=0.5)
    assert [min(spikes), max(spikes)] == pytest.approx([13, 24], rel=0.2)


def test_thinking_follows_the_level() -> None:
    """Thinking is as measured on text: none at low, 235 tokens at medium (the default), and 277 at high."""
    low, unset, medium, high = (average_thoughts(FLASH, level) for level in ("low", None, "medium", "high"))
    assert low == 0
    assert unset == pytest.approx(medium, rel=0.03)
    assert high / medium == pytest.approx(277 / 235, rel=0.03)


def test_lite_thinks_only_where_it_is_told_to() -> None:
    """Its default is no thinking; at medium and high it has 192 and 231 tokens per 235 of gemini-3.8-flash."""
    assert [average_thoughts(LITE, level) for level in (None, "minimal", "low")] == [0, 0, 0]
    usual = average_thoughts(FLASH, "medium")
    assert average_thoughts(LITE, "medium") / usual == pytest.approx(192 / 235, rel=0.03)
    assert average_thoughts(LITE, "high") / usual == pytest.approx(231 / 235, rel=0.03)


@pytest.mark.parametrize("budget", [0, 100])
def test_a_budget_is_the_most_that_is_thought(budget: int) -> None:
    """A budget below the usual thinking is used in full; a budget of 0 gives no thinking."""
    assert min(list_thoughts(OLD)) > 100
    assert set(list_thoughts(OLD, make_config(budget=budget))) == {budget}


def test_a_budget_that_is_not_reached_or_below_0_limits_nothing() -> None:
    """A budget of 100,000 or -1 gives the usual thinking."""
    usual = fmean(list_thoughts(OLD))
    for budget in (100_000, -1):
        assert fmean(list_thoughts(OLD, make_config(budget=budget))) == pytest.approx(usual, rel=0.05)


@pytest.mark.parametrize("model", PROFILES)
def test_a_simulated_model_takes_the_levels_that_are_known_of_it(model: str) -> None:
    """The levels and the default of the simulator's profile are those in models.toml."""
    profile, known = PROFILES[model], find_model(model)
    assert known is not None
    assert list(profile.thinking_levels) == (known.levels.value if known.levels else [])
    assert profile.default_level == (known.default_level.value if known.default_level else "")


@pytest.mark.parametrize("in_job", [False, True], ids=["question", "job"])
@pytest.mark.parametrize(
    ("model", "config", "message"),
    [
        (FLASH, make_config("MINIMAL"), "Thinking level MINIMAL is not supported for this model."),
        (OLD, make_config("HIGH"), "Thinking level HIGH is not supported for this model."),
        (FLASH, make_config("LOW", 100), "You can only set only one of thinking budget and thinking level."),
        (FLASH, make_config("ENORMOUS"), "Invalid value at 'ENORMOUS' (TYPE_ENUM)"),
        (FLASH, make_config(resolution="MEDIA_RESOLUTION_TINY"), "Invalid value at 'TINY' (TYPE_ENUM)"),
    ],
    ids=["minimal", "no levels", "level and budget", "no level", "no resolution"],
)
def test_a_setting_that_a_model_does_not_take_is_refused(
    model: str, config: dict[str, Any], message: str, *, in_job: bool
) -> None:
    """The refusal is an immediate 400, with the API's message as far as it is known."""
    reply = send(model, config, in_job=in_job)
    assert (reply.status, reply.body["error"]["status"], reply.body["error"]["message"]) == (
        400,
        "INVALID_ARGUMENT",
        message,
    )
    assert reply.seconds < 0.1


def test_no_model_is_known_to_take_the_highest_level() -> None:
    """The SDK has the level `xhigh`, which every simulated model refuses."""
    assert {send(model, make_config("XHIGH")).status for model in PROFILES} == {400}


def test_what_is_left_unspecified_is_left_to_the_model() -> None:
    """The SDK's `UNSPECIFIED` values count as no setting."""
    config = make_config("THINKING_LEVEL_UNSPECIFIED", resolution="MEDIA_RESOLUTION_UNSPECIFIED")
    body = make_question("How many?", CROWD) | {"generationConfig": config, "serviceTier": "unspecified"}
    assert not questions.parse_request(FLASH, body, 1000, {}).settings.given


@pytest.mark.parametrize(
    ("resolution", "least", "most"),
    [("LOW", 256, 270), ("MEDIUM", 529, 560), ("HIGH", 1081, 1120), ("", 1081, 1120)],
)
def test_an_image_has_the_tokens_of_its_resolution(resolution: str, least: int, most: int) -> None:
    """Low and medium resolution have a quarter and half of the tokens of high, which is also the default."""
    config = make_config(resolution=resolution and f"MEDIA_RESOLUTION_{resolution}")
    counted = list_image_tokens(FLASH, config)
    assert least <= min(counted) < max(counted) <= most


def judge(image_set: str, model: str, config: dict[str, Any] | None = None) -> float:
    """Return a model's mean score about a set, over 40 rounds."""
    images = load_images(image_set).images
    known = read_known_sets().find([images[0].sha256], "")
    scores = []
    for picture in images:
        asked, truth = ask(model, config, picture), known.truths[picture.sha256]
        for number in range(40):
            body = make_answer(PROFILES[model], asked, known, 1, number).body
            found = known.kind.read_text(body["candidates"][0]["content"]["parts"][0]["text"])
            scores.append(known.kind.score(found, truth))
    return fmean(scores)


@pytest.mark.parametrize("image_set", ["receipts", "four"])
def test_less_thinking_and_a_lower_resolution_err_more(image_set: str) -> None:
    """Less of either lowers the score, and less of both lowers it further; the amounts are made up."""
    low, medium, high = (f"MEDIA_RESOLUTION_{name}" for name in ("LOW", "MEDIUM", "HIGH"))
    usual = judge(image_set, FLASH)
    seen = [judge(image_set, FLASH, make_config(resolution=each)) for each in (low, medium, high)]
    thought = [judge(image_set, FLASH, make_config(level)) for level in ("LOW", "MEDIUM", "HIGH")]
    both = judge(image_set, FLASH, make_config("LOW", resolution=low))
    assert both < seen[0] - 0.03
    assert both < thought[0] - 0.03
    assert seen[0] < seen[1] - 0.01 < seen[2]
    assert seen[1] < usual
    assert thought[0] < usual - 0.02
    assert [*thought[1:], seen[2]] == pytest.approx([usual] * 3, abs=0.015)


def test_a_small_budget_errs_more_than_a_larger_one() -> None:
    """Half of the usual thinking scores higher than none, and lower than all of it."""
    none, half, usual = (judge("four", OLD, make_config(budget=budget)) for budget in (0, 1000, 100_000))
    assert none < half - 0.02
    assert half < usual - 0.02


def test_a_resolution_changes_nothing_where_its_tokens_are_not_known() -> None:
    """On Gemini 2.5, a resolution changes neither the tokens nor the scores."""
    config = make_config(resolution="MEDIA_RESOLUTION_LOW")
    assert judge("four", OLD, config) == pytest.approx(judge("four", OLD), abs=0.01)
    assert list_image_tokens(OLD, config) == list_image_tokens(OLD) == {258}


def test_requests_that_differ_in_settings_alone_are_drawn_alike() -> None:
    """Settings do not change the draws, so differences between settings are not due to chance."""
    plain = ask(FLASH)
    for config in (make_config("medium"), make_config(resolution="MEDIA_RESOLUTION_HIGH")):
        same = ask(FLASH, config)
        assert same.digest == plain.digest
        replies = [make_answer(PROFILES[FLASH], each, UNKNOWN_SET, 1, 0) for each in (plain, same)]
        assert replies[0] == replies[1]
    body = make_question("How many?", CROWD)
    assert questions.parse_request(FLASH, body | {"serviceTier": "flex"}, 1000, {}).digest == plain.digest
    schema = body | {"generationConfig": {"responseSchema": {"type": "ARRAY"}}}
    assert questions.parse_request(FLASH, schema, 1000, {}).digest != plain.digest
    assert ask("gemini-4-argon").digest != plain.digest


def test_a_smaller_image_has_the_made_up_truth_of_its_original() -> None:
    """An image without a known truth keeps its made-up truth when it is shrunk."""
    question = load_question("four")
    images = ImageSet("own", tuple(replace(each, truth=None) for each in load_images("four").images))
    smaller = shrink_images(images, 100)
    one, other = (make_known_sets(question, each) for each in (images, smaller))
    for before, after in zip(images.images, smaller.images, strict=True):
        assert before.sha256 != after.sha256
        truths = [
            find_truth(sets.find([each.sha256], ""), each.sha256) for sets, each in ((one, before), (other, after))
        ]
        assert truths[0] == truths[1]
