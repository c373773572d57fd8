"""The threads strategy replays with exactly the makespan of the list schedule, even on a busy machine."""

import heapq
import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest
from google import genai
from google.genai import types

from benchmarks.strategies.threads import threads
from fixtures.clock.threads import count_threads
from fixtures.exchange.reply import Reply
from fixtures.exchange.sent import Sent
from fixtures.images.image import Image
from fixtures.recordings.cassette import Cassette
from fixtures.transport.responders import Player
from fixtures.transport.transports import SyncTransport
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.metadata import make_metadata
from tests.helpers.tasks import count_people

SECONDS = (7.25, 3.5, 12.0, 0.75, 5.5, 9.25, 1.0, 6.75)
"""Latencies in seconds that are exact in binary, so that their sums are exact."""
CONCURRENCY = 4
REPEATS = int(os.environ.get("POOL_REPEATS", "10"))
IMAGES = [Image(f"{number}.jpg", b"\xff\xd8\xff%d" % number, "image/jpeg", 1, 1) for number in range(len(SECONDS))]
TASK = count_people("some-model")


def list_schedule(seconds: Sequence[float], workers: int) -> float:
    """Return the makespan if each worker that becomes free takes the next request (Graham, 1966)."""
    free = [0.0] * workers
    for each in seconds:
        heapq.heappush(free, heapq.heappop(free) + each)
    return max(free)


def burn(until: float) -> None:
    """Keep a processor busy."""
    while time.monotonic() < until:
        sum(range(10_000))


@pytest.fixture
def _busy_machine() -> Iterator[None]:
    """Run one busy process more than there are processors."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=burn, args=(time.monotonic() + 600,)) for _ in range((os.cpu_count() or 1) + 1)]
    for process in processes:
        process.start()
    yield
    for process in processes:
        process.kill()
        process.join()
        process.close()


class RecordingTransport(httpx2.BaseTransport):
    """A transport that records each request with the next of `SECONDS`."""

    def __init__(self, cassette: Cassette) -> None:
        self._cassette = cassette
        self._turn = iter(enumerate(SECONDS))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Record and answer."""
        number, seconds = next(self._turn)
        body = b'{"candidates": [{"content": {"parts": [{"text": "%d"}]}}]}' % number
        sent = Sent("POST", "models/some-model:generateContent", request.read())
        self._cassette.record(sent, str(request.url), {}, Reply(200, (), body, seconds), 0.0)
        return httpx2.Response(200, content=body)


def client(transport: httpx2.BaseTransport) -> genai.Client:
    """Return the SDK on a transport."""
    return genai.Client(api_key="none", http_options=types.HttpOptions(httpx_client=httpx2.Client(transport=transport)))


@pytest.mark.usefixtures("_busy_machine")
def test_eight_requests_in_a_pool_of_four_take_the_list_schedule(tmp_path: Path) -> None:
    """Eight requests in four threads take exactly 14 seconds in every repetition.

    The first four end at 7.25, 3.5, 12 and 0.75; then 5.5 on the fourth thread ends at 6.25, 9.25 on the second at
    12.75, 1 on the fourth at 7.25, and 6.75 on one that is free at 7.25 ends at 14.
    """
    recording = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    threads(client(RecordingTransport(recording)), IMAGES, TASK, concurrency=1)
    recording.save(make_metadata([sum(SECONDS)]))
    assert list_schedule(SECONDS, CONCURRENCY) == 14.0
    took = []
    for _ in range(REPEATS):
        clock = virtual_clock()
        wire = Wire(clock, Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
        with count_threads(clock):
            wire.start_round(0)
            answers = threads(
                client(SyncTransport(wire, httpx2.BaseTransport())), IMAGES, TASK, concurrency=CONCURRENCY
            )
        assert [answer.value for answer in answers] == list(range(len(SECONDS)))
        took.append(clock.now())
    assert took == [14.0] * REPEATS
