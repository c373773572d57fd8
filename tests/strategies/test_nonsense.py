"""With any response of a server, every strategy returns an answer per image, without an error or a hang."""

import json
from collections.abc import Callable

import httpx2
import pytest

from benchmarks.strategies import STRATEGIES
from fixtures.clock.clock import Clock
from fixtures.exchange.answer import Answer, Reason
from fixtures.run.record.round import Round
from fixtures.transport.client import open_session
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.simulated import image
from tests.helpers.tasks import count_people

IMAGES = [image(f"{name}.jpg", 1) for name in "abcd"]
BODIES = [
    *("5", "true", "null", '"x"', "[]", "{}", "[5]", "nonsense", ""),
    *('{"candidates": 5}', '{"candidates": [5]}', '{"candidates": [{"finishReason": 5}]}'),
    *('{"error": null}', '{"error": {}}', '{"error": "x"}', '{"error": [5]}'),
    *('{"error": {"code": "abc"}}', '{"error": {"code": []}}', '{"error": {"code": 200}}', '{"error": {"code": -1}}'),
    *('{"name": 5}', '{"name": "batches/x", "metadata": 5}', '{"name": "batches/x", "metadata": {"state": 5}}'),
    *('{"file": 5}', '{"file": {"uri": 5}}', '{"file": {"name": "files/\\u001b", "uri": "x"}}'),
    pytest.param('{"candidates": ' + "[" * 100_000 + "]" * 100_000 + "}", id="nested 100,000 deep"),
]


class Network(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A transport that answers every request with the given function after a second."""

    def __init__(self, clock: Clock, answer: Callable[[httpx2.Request], httpx2.Response]) -> None:
        self._clock = clock
        self._answer = answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a synchronous request."""
        self._clock.sleep_until(self._clock.now() + 1)
        return self._answer(request)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer an asynchronous request."""
        await self._clock.wait_until(self._clock.now() + 1)
        return self._answer(request)


@pytest.fixture
def clock() -> Clock:
    """Return a purely virtual clock."""
    return virtual_clock()


def ask(clock: Clock, strategy: str, answer: Callable[[httpx2.Request], httpx2.Response]) -> tuple[list[Answer], Wire]:
    """Run a strategy against a server with this answer function; return its answers and the wire."""
    wire = Wire(clock, NetworkResponder())
    wire.start_round(0)
    network = Network(clock, answer)
    with open_session(wire, network=(network, network)) as session:
        answers = session.run(STRATEGIES[strategy], IMAGES, count_people("m"))
    wire.end_round()
    return answers, wire


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_an_invalid_response_is_an_answer_with_a_reason(clock: Clock, strategy: str, body: str) -> None:
    """After an invalid body with status 200, in a response or a stream, each image has a reason."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        streams = "stream" in request.url.path
        headers = {"content-type": "text/event-stream" if streams else "application/json"}
        if request.headers.get("x-goog-upload-command") == "start":
            headers["x-goog-upload-url"] = "http://localhost/upload/v1/files?upload_id=1"
        elif "/upload/" in request.url.path:
            headers["x-goog-upload-status"] = "final"
        return httpx2.Response(200, headers=headers, content=f"data: {body}\n\n" if streams else body)

    answers, wire = ask(clock, strategy, answer)
    assert [(answer.image, answer.value) for answer in answers] == [(image.name, None) for image in IMAGES]
    assert all(answer.reason and answer.detail for answer in answers)
    assert wire.begun == len(wire.exchanges)


@pytest.mark.parametrize(("status", "sent"), [(400, 1), (403, 1), (429, 8), (503, 8)])
def test_an_upload_is_sent_as_often_as_the_policy_says(clock: Clock, status: int, sent: int) -> None:
    """An upload is retried by the suite's policy only, and not by the SDK as well."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.headers.get("x-goog-upload-command") == "start":
            return httpx2.Response(200, headers={"x-goog-upload-url": "http://localhost/upload/v1/files?upload_id=1"})
        return httpx2.Response(status, json={"error": {"code": status, "message": "no", "status": "NO"}})

    _, wire = ask(clock, "files", answer)
    assert [exchange.reply.status for exchange in wire.exchanges].count(status) == sent * len(IMAGES)


def test_a_job_is_given_up_after_49_hours(clock: Clock) -> None:
    """A job that the server does not expire is given up after 49 hours, and each image has a reason."""
    answers, _ = ask(clock, "batch", lambda _: httpx2.Response(200, json={"name": "batches/x", "metadata": {}}))
    assert {answer.reason for answer in answers} == {Reason.TIMED_OUT}
    assert clock.now() == pytest.approx(49 * 3600)


def test_after_a_second_wrong_list_images_are_asked_about_one_by_one(clock: Clock) -> None:
    """If the second answer is not a list either, the images are asked about one by one."""
    texts = iter(["[1, 2, 3]", "1, 2, 3", "5", "6", "7", "8"])

    def answer(_: httpx2.Request) -> httpx2.Response:
        part = {"text": next(texts)}
        return httpx2.Response(200, text=json.dumps({"candidates": [{"content": {"parts": [part]}}]}))

    answers, _ = ask(clock, "single_prompt", answer)
    assert {answer.value for answer in answers} == {5, 6, 7, 8}


def test_a_stream_that_fails_is_recorded_and_retried(clock: Clock) -> None:
    """An error in a stream is recorded with its time as a failed attempt, and the request is retried."""
    failed: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        key = request.content.decode()
        body = {"candidates": [{"content": {"parts": [{"text": "4"}]}, "finishReason": "STOP"}]}
        if key not in failed:
            failed.append(key)
            body = {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}  # type: ignore[dict-item]
        headers = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=headers, content=f"data: {json.dumps(body)}\n\n")

    answers, wire = ask(clock, "streamed", answer)
    assert [answer.value for answer in answers] == [4] * len(IMAGES)
    assert len(wire.exchanges) == 2 * len(IMAGES)
    assert [exchange.reply.elapsed for exchange in wire.exchanges] == [pytest.approx(1.0)] * len(wire.exchanges)
    assert len(Round(answers, wire.exchanges, 0.0).waits_for_retry) == len(IMAGES)
