"""Batch jobs: both strategies send the same questions, and read answers from results in every format."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from google.genai import _api_client, types

from benchmarks.scaling.single_round import TimedRound
from benchmarks.strategies import jobs
from benchmarks.strategies.batch_files import make_file
from benchmarks.strategies.jobs import match_results
from benchmarks.strategies.results import Result, fetch_results, read_lines, read_result
from fixtures.base.errors import RunError
from fixtures.exchange.answer import Answer, Reason
from fixtures.exchange.questions import find_questions, list_job_requests
from fixtures.images import made_up
from fixtures.images.image import ImageSet
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.recordings.cassette import Cassette
from fixtures.transport.responders import CannedResponder, Player
from tests.helpers.metadata import make_metadata
from tests.strategies.made import IMAGES, MODEL, make_task, run, run_with

SETTINGS = (
    NO_SETTINGS,
    ModelSettings(thinking_level="low", media_resolution="low", service_tier="flex"),
    ModelSettings(thinking_budget=128),
    ModelSettings(service_tier="priority"),
)
CAUSE = (Reason.WRONG_NUMBER, "3 answers")
"""The reason of an image without a result."""


def list_requests(timed: TimedRound) -> list[dict[str, Any]]:
    """Return the requests of a round's job, inlined or in a file."""
    return [each for exchange in timed.round.exchanges for each in list_job_requests(exchange.sent.body)]


def spell(value: Any) -> Any:
    """Return a request without the differences in spelling between inlined requests and files.

    These are the spelling of names, and an empty configuration that the SDK sends.
    """
    if isinstance(value, dict):
        return {name.replace("_", "").lower(): spell(item) for name, item in value.items() if item != {}}
    return [spell(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.name or "none")
def test_a_file_has_the_requests_that_the_sdk_sends_inlined(settings: ModelSettings) -> None:
    """Both strategies send the same prompts, images and configurations, and get the same answers at the same cost."""
    inlined, in_file = run("batch", settings=settings), run("batch_files", settings=settings)
    assert len(list_requests(inlined)) == len(IMAGES)
    assert spell(list_requests(in_file)) == spell(list_requests(inlined))
    assert in_file.round.values == inlined.round.values
    costs = [timed.round.cost_usd(MODEL, datetime.now(UTC)) for timed in (inlined, in_file)]
    assert costs[0] == pytest.approx(costs[1])


def test_a_job_in_a_file_uploads_begins_polls_downloads_and_deletes() -> None:
    """A job in a file has these requests in order; the first wait is 2 s, each further one 1.25 times as long."""
    timed = run("batch_files")
    exchanges = timed.round.exchanges
    assert [answer.image for answer in timed.round.answers] == [image.name for image in IMAGES]
    assert all(answer.reason is None for answer in timed.round.answers)
    kinds = [(each.sent.method, each.sent.resource.partition("/")[0]) for each in exchanges]
    polls = [each for each in exchanges if each.sent.resource.startswith("batches/")]
    assert kinds == [
        *(("POST", "files"), ("POST", "files"), ("POST", "models")),
        *[("GET", "batches")] * len(polls),
        *(("GET", "files"), ("DELETE", "files")),
    ]
    began = exchanges[2]
    waits = [now.start - before.end for before, now in pairwise([began, *polls])]
    assert waits == [pytest.approx(2 * 1.25**number) for number in range(len(polls))]


def test_no_wait_is_longer_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between polls grow to at most 60 s."""
    monkeypatch.setattr("fixtures.simulator.decisions.services.batches.TURNAROUND_SECONDS", 3600.0)
    polls = [each for each in run("batch").round.exchanges if each.sent.resource.startswith("batches/")]
    waits = [now.start - before.end for before, now in pairwise(polls)]
    assert waits[-1] == pytest.approx(60.0)
    assert max(waits) == pytest.approx(60.0)


def test_images_with_the_same_name_or_bytes_have_their_own_answers() -> None:
    """Images with the same name or bytes have their own answers, because a request's key is its position."""
    images = (*IMAGES, IMAGES[0], replace(IMAGES[1], name=IMAGES[0].name))
    for strategy in ("batch", "batch_files"):
        answers = run(strategy, ImageSet("six", images)).round.answers
        assert [answer.image for answer in answers] == [image.name for image in images]
        assert all(answer.reason is None for answer in answers)
        assert answers[5].value != answers[0].value, "the bytes differ"


@pytest.mark.parametrize("strategy", ["batch", "batch_files"])
def test_a_job_about_a_thousand_images_answers_them_all(strategy: str) -> None:
    """A job answers 1,000 images, all at the price of a job."""
    images = made_up.make_images(1000)
    timed = run(strategy, images)
    assert sum(answer.reason is None for answer in timed.round.answers) == 1000
    assert timed.round.served_tiers == {"batch": 1000}


def test_a_file_that_is_uploaded_in_pieces_has_every_image_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an upload that the SDK sends in pieces, each image is found once."""
    whole = run("batch_files")
    monkeypatch.setattr(_api_client, "CHUNK_SIZE", 50_000)
    for timed in (run("batch_files"), run_with(CannedResponder(), "batch_files")):
        uploads = [each.sent for each in timed.round.exchanges if each.sent.resource == "files"]
        assert len(uploads) > 5
        assert sum(len(each.images) for each in uploads) == len(IMAGES)
        assert len([found for each in uploads for found in find_questions(each)]) == len(IMAGES)
        assert list_requests(timed) == list_requests(whole)
        assert all(answer.reason is None for answer in timed.round.answers)


@pytest.mark.parametrize("count", [1, 2])
def test_a_job_about_few_images_replays_as_it_was_recorded(tmp_path: Path, count: int) -> None:
    """A file of results with a single line, which is also a JSON document, is replayed unchanged."""
    timed = run("batch_files", ImageSet("few", IMAGES[:count]))
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "simulator")
    for each in timed.round.exchanges:
        cassette.record(each.sent, each.uri, each.request_headers, each.reply, each.start)
    cassette.save(make_metadata([timed.seconds]))
    replayed = run_with(Player(Cassette.open_to_replay(tmp_path / "c.yaml")), "batch_files", IMAGES[:count])
    assert all(answer.reason is None for answer in timed.round.answers)
    assert replayed.round.answers == timed.round.answers
    assert replayed.seconds == pytest.approx(timed.seconds, abs=1e-5)


def test_a_file_that_is_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file above the limit raises an error before anything is sent."""
    size = len(make_file(IMAGES, make_task()))
    module = sys.modules["benchmarks.strategies.batch_files"]
    monkeypatch.setattr(module, "MOST_FILE_BYTES", size)
    assert len(make_file(IMAGES, make_task())) == size
    monkeypatch.setattr(module, "MOST_FILE_BYTES", size - 1)
    with pytest.raises(RunError, match=r"about 4 images .* ask about fewer images at a time, or write several files"):
        run("batch_files")


def respond(text: str) -> dict[str, Any]:
    """Return a response with this text, and with a field that is unknown to the SDK."""
    return {"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}], "newerField": {"a": 1}}


def read(*lines: object) -> list[Answer]:
    """Return the answers in a file of results; a line that is given as bytes is not encoded."""
    content = b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines)
    return read_answers(read_lines(content))


def read_answers(results: Sequence[Result]) -> list[Answer]:
    """Return the answers in the results of a job."""
    matched = match_results(results, IMAGES)
    return [read_result(result, image, make_task(), CAUSE) for image, result in zip(IMAGES, matched, strict=True)]


ALL = [{"key": str(place), "response": respond(str(place))} for place in range(1, 5)]


@pytest.mark.parametrize("order", [ALL, ALL[::-1], [*ALL, {"key": "1", "response": respond("9")}]])
def test_results_are_read_by_their_keys(order: list[dict[str, Any]]) -> None:
    """Results are assigned by their keys in any order; of several with the same key, the first counts."""
    answers = read(*order)
    assert [(answer.image, answer.value) for answer in answers] == [
        (image.name, place) for place, image in enumerate(IMAGES, start=1)
    ]


@pytest.mark.parametrize(
    ("lines", "reason", "told"),
    [
        (ALL[1:], Reason.WRONG_NUMBER, "3 answers"),
        ([{"key": "x", "response": respond("1")}, *ALL[1:]], Reason.WRONG_NUMBER, "3 answers"),
        ([b'{"key": "1", "resp', *ALL[1:]], Reason.WRONG_NUMBER, "3 answers"),
        ([b"[" * 10_000, *ALL[1:]], Reason.WRONG_NUMBER, "3 answers"),
        ([{"key": "1"}, *ALL[1:]], Reason.UNREADABLE, "not a model response"),
        ([{"key": "1", "response": []}, *ALL[1:]], Reason.UNREADABLE, "not a model response"),
        ([{"key": "1", "response": {}}, *ALL[1:]], Reason.UNREADABLE, "no candidates"),
        (
            [{"key": "1", "error": {"code": 8, "message": "Quota."}}, *ALL[1:]],
            Reason.RATE_LIMITED,
            "answered 8: Quota.",
        ),
        (
            [{"key": "1", "error": {"code": 3, "message": "No.", "details": [{"@type": "x"}]}}, *ALL[1:]],
            Reason.REFUSED,
            "answered 3: No.",
        ),
        ([{"key": "1", "error": {"code": "x"}}, *ALL[1:]], Reason.UNREADABLE, "not a model response"),
    ],
)
def test_a_missing_or_invalid_result_costs_only_its_own_image(lines: list[object], reason: Reason, told: str) -> None:
    """An image with a missing or invalid result has the reason, and the others have their answers."""
    answers = read(*lines)
    assert [answer.value for answer in answers] == [None, 2, 3, 4]
    assert answers[0].reason is reason
    assert told in answers[0].detail


def test_inlined_results_without_keys_are_in_the_order_of_the_requests() -> None:
    """Results without keys are in the order of the requests; if their number is wrong, no image has an answer."""
    responses = [types.GenerateContentResponse.model_validate(each["response"], extra="ignore") for each in ALL]
    results = [Result(None, each) for each in responses]
    assert [answer.value for answer in read_answers(results)] == [1, 2, 3, 4]
    lacking = read_answers(results[:3])
    assert {(answer.value, answer.reason) for answer in lacking} == {(None, Reason.WRONG_NUMBER)}


def test_inlined_results_in_another_order_are_read_by_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inlined results in reverse order are assigned by their keys."""
    usual = run("batch").round.values

    async def fetch_reversed(*given: Any) -> Sequence[Result]:
        return (await fetch_results(*given))[::-1]

    monkeypatch.setattr(jobs, "fetch_results", fetch_reversed)
    assert run("batch").round.values == usual
