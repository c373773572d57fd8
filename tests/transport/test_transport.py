"""With the SDK on top, the transports record and replay exact seconds and retries, for both clients."""

import asyncio
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types

from benchmarks.strategies.concurrent import concurrent
from benchmarks.strategies.sequential import sequential
from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock, ClockLoop
from fixtures.clock.threads import count_threads
from fixtures.exchange.answer import Answer, Reason
from fixtures.exchange.reply import Reply
from fixtures.images.image import Image
from fixtures.recordings.cassette import Cassette
from fixtures.run.record.round import Round
from fixtures.transport.client import open_session
from fixtures.transport.responders import CannedResponder, NetworkResponder, Player, Recorder
from fixtures.transport.transports import AsyncTransport, SyncTransport
from fixtures.transport.wire import Call, Wire
from tests.conftest import virtual_clock
from tests.helpers.metadata import make_metadata
from tests.helpers.tasks import count_people

IMAGES = [Image(f"{name}.jpg", b"\xff\xd8\xff" + name.encode(), "image/jpeg", 1, 1) for name in "abc"]
TASK = count_people("some-model")


Outcome = int | httpx2.Response | httpx2.RequestError
"""A status, a whole response or an error."""


class Network(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A server that answers its n-th request after the n-th number of seconds, with the n-th outcome."""

    def __init__(self, clock: Clock, answers: Sequence[tuple[float, Outcome]]) -> None:
        self._clock = clock
        self._answers = enumerate(answers)

    def handle_request(self, _: httpx2.Request) -> httpx2.Response:
        """Answer a synchronous request."""
        number, (seconds, outcome) = next(self._answers)
        self._clock.sleep_until(self._clock.now() + seconds)
        return self._response(number, outcome)

    async def handle_async_request(self, _: httpx2.Request) -> httpx2.Response:
        """Answer an asynchronous request."""
        number, (seconds, outcome) = next(self._answers)
        await self._clock.wait_until(self._clock.now() + seconds)
        return self._response(number, outcome)

    @staticmethod
    def _response(number: int, outcome: Outcome) -> httpx2.Response:
        if isinstance(outcome, httpx2.RequestError):
            raise outcome
        if isinstance(outcome, httpx2.Response):
            return outcome
        body = {"candidates": [{"content": {"parts": [{"text": str(number)}]}}]}
        return httpx2.Response(outcome, json=body if outcome == 200 else {"error": {"code": outcome, "message": "no"}})


def client(wire: Wire, network: Network, retries: types.HttpRetryOptions | None = None) -> genai.Client:
    """Return the SDK's client on the suite's transports."""
    options = types.HttpOptions(
        httpx_client=httpx2.Client(transport=SyncTransport(wire, network)),
        httpx_async_client=httpx2.AsyncClient(transport=AsyncTransport(wire, network)),
        retry_options=retries,
    )
    return genai.Client(api_key="none", http_options=options)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Return a purely virtual clock, which `time.sleep` also uses."""
    clock = virtual_clock()
    with count_threads(clock):
        yield clock


def record(path: Path, clock: Clock, rounds: Sequence[Sequence[float]]) -> None:
    """Record rounds of sequential requests that take these seconds."""
    cassette = Cassette.open_to_record(path, "test")
    wire = Wire(clock, Recorder(cassette))
    for number, seconds in enumerate(rounds):
        wire.start_round(number)
        sequential(client(wire, Network(clock, [(each, 200) for each in seconds])), IMAGES, TASK)
        wire.end_round()
    cassette.save(make_metadata([sum(seconds) for seconds in rounds]))


def replaying(path: Path, clock: Clock, number: int = 0) -> Wire:
    """Return the wire of a replay at the start of a round."""
    wire = Wire(clock, Player(Cassette.open_to_replay(path)))
    wire.start_round(number)
    return wire


def run_round(wire: Wire, network: Network, strategy: Callable[..., Any]) -> tuple[float, list[Answer]]:
    """Run a strategy on one image; return its seconds and its answers."""
    wire.start_round(0)
    with asyncio.Runner(loop_factory=lambda: ClockLoop(wire.clock)) as runner:
        started = wire.clock.now()
        result = strategy(client(wire, network), IMAGES[:1], TASK)
        answers = runner.run(result) if inspect.iscoroutine(result) else result
        return wire.clock.now() - started, answers


def test_a_replay_takes_each_rounds_own_seconds(tmp_path: Path, clock: Clock) -> None:
    """Rounds of 3 + 1 + 2 and 5 + 4 + 0.5 s replay in 6 and 9.5 s, in either order, with their own answers."""
    record(tmp_path / "c.yaml", clock, [(3, 1, 2), (5, 4, 0.5)])
    for number, seconds in ((1, 9.5), (0, 6.0)):
        wire = replaying(tmp_path / "c.yaml", clock, number)
        started = clock.now()
        answers = sequential(client(wire, Network(clock, [])), IMAGES, TASK)
        assert clock.now() - started == seconds
        assert [answer.value for answer in answers] == [0, 1, 2]


def test_concurrent_requests_overlap_and_get_their_own_answers(tmp_path: Path, clock: Clock) -> None:
    """Requests recorded one after another in 3, 1 and 2 s take 3 s at once, each with its own answer."""
    record(tmp_path / "c.yaml", clock, [(3, 1, 2)])
    wire = replaying(tmp_path / "c.yaml", clock)
    started = clock.now()
    with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        answers = runner.run(concurrent(client(wire, Network(clock, [])), IMAGES, TASK))
    assert clock.now() - started == 3.0
    assert [answer.value for answer in answers] == [0, 1, 2]
    assert [(exchange.start, exchange.end) for exchange in wire.end_round()] == [(0, 3), (0, 1), (0, 2)]


def test_concurrent_requests_are_recorded_with_their_overlap(tmp_path: Path, clock: Clock) -> None:
    """Each exchange has its own start and seconds, and they are in the order of their starts."""
    wire = Wire(clock, Recorder(Cassette.open_to_record(tmp_path / "c.yaml", "test")))
    wire.start_round(0)
    with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        runner.run(concurrent(client(wire, Network(clock, [(3, 200), (1, 200), (2, 200)])), IMAGES, TASK))
    assert [(exchange.start, exchange.reply.elapsed) for exchange in wire.end_round()] == [(0, 3), (0, 1), (0, 2)]


def test_equal_requests_get_their_recordings_first_in_first_out(tmp_path: Path, clock: Clock) -> None:
    """Three equal requests have three recordings; a fourth request is a miss."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(clock, Recorder(cassette))
    wire.start_round(0)
    same = [IMAGES[0]] * 3
    sequential(client(wire, Network(clock, [(3, 200), (1, 200), (2, 200)])), same, TASK)
    wire.end_round()
    cassette.save(make_metadata([6]))
    wire = replaying(tmp_path / "c.yaml", clock)
    started = clock.now()
    assert [answer.value for answer in sequential(client(wire, Network(clock, [])), same, TASK)] == [0, 1, 2]
    assert clock.now() - started == 6.0
    with pytest.raises(RunError, match="it was sent more often than it was recorded"):
        sequential(client(wire, Network(clock, [])), same[:1], TASK)


def test_equal_images_at_once_keep_answers_and_latencies_together(tmp_path: Path, clock: Clock) -> None:
    """Four equal requests at once use each recording once, with its own answer and seconds, in both rounds."""
    same = [IMAGES[0]] * 4
    latencies = [[(3.0, 200), (1.0, 200), (4.0, 200), (1.5, 200)], [(9.0, 200), (2.0, 200), (6.0, 200), (5.0, 200)]]
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(clock, Recorder(cassette))
    for number, each in enumerate(latencies):
        wire.start_round(number)
        with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
            runner.run(concurrent(client(wire, Network(clock, each)), same, TASK))
        wire.end_round()
    cassette.save(make_metadata([4.0, 9.0]))
    cassette = Cassette.open_to_replay(tmp_path / "c.yaml")
    wire = Wire(clock, Player(cassette))
    for number, each in enumerate(latencies):
        wire.start_round(number)
        with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
            answers = runner.run(concurrent(client(wire, Network(clock, [])), same, TASK))
        assert [answer.value for answer in answers] == [0, 1, 2, 3]
        assert [exchange.reply.elapsed for exchange in wire.end_round()] == [seconds for seconds, _ in each]
    assert cassette.list_leftovers() == []


def test_recordings_that_were_not_used_are_named(tmp_path: Path, clock: Clock) -> None:
    """A strategy that leaves out an image leaves a recording in every round."""
    record(tmp_path / "c.yaml", clock, [(3, 1, 2), (5, 4, 0.5)])
    cassette = Cassette.open_to_replay(tmp_path / "c.yaml")
    wire = Wire(clock, Player(cassette))
    cassette.names = {image.sha256: image.name for image in IMAGES}
    for number in (0, 1):
        wire.start_round(number)
        sequential(client(wire, Network(clock, [])), IMAGES[:2], TASK)
    assert cassette.list_leftovers() == [
        "round 1: POST models/some-model:generateContent about c.jpg",
        "round 2: POST models/some-model:generateContent about c.jpg",
    ]


def test_a_recording_of_another_round_is_not_used(tmp_path: Path, clock: Clock) -> None:
    """An additional request in the first round is a miss, although the second round has an equal one."""
    record(tmp_path / "c.yaml", clock, [(3, 1, 2), (5, 4, 0.5)])
    wire = replaying(tmp_path / "c.yaml", clock)
    sequential(client(wire, Network(clock, [])), IMAGES, TASK)
    with pytest.raises(RunError, match="in round 1, it was sent more often"):
        sequential(client(wire, Network(clock, [])), IMAGES[:1], TASK)
    assert wire.problem is not None


def test_back_off_of_the_sdks_own_retries_counts_and_is_skipped(clock: Clock) -> None:
    """Three answers of 0.5 s with the SDK's waits of 1 and 2 s between them take 4.5 s."""
    wire = Wire(clock, NetworkResponder())
    wire.start_round(0)
    retries = types.HttpRetryOptions(attempts=3, initial_delay=1, exp_base=2, jitter=0)
    network = Network(clock, [(0.5, 503), (0.5, 503), (0.5, 200)])
    sequential(client(wire, network, retries), IMAGES[:1], TASK)
    assert clock.now() == 4.5
    assert [exchange.reply.status for exchange in wire.exchanges] == [503, 503, 200]


FAILED = [httpx2.ReadTimeout("too slow"), httpx2.ReadError("reset"), httpx2.RemoteProtocolError("cut: off")]


@pytest.mark.parametrize("error", FAILED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("strategy", [sequential, concurrent])
def test_a_failed_exchange_replays_with_its_seconds(
    tmp_path: Path, clock: Clock, strategy: Callable[..., Any], error: httpx2.RequestError
) -> None:
    """A time-out after 60 s replays as the same error after 60 s, with the same back-off."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(clock, Recorder(cassette))
    recorded, answers = run_round(wire, Network(clock, [(60, error), (0.5, 429), (1, 200)]), strategy)
    assert [exchange.reply.status for exchange in wire.end_round()] == [599, 429, 200]
    cassette.save(make_metadata([recorded]))
    wire = Wire(clock, Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
    replayed, answers_again = run_round(wire, Network(clock, []), strategy)
    assert replayed == pytest.approx(recorded, abs=1e-5)
    assert answers_again == answers
    assert recorded > 61.5
    assert wire.exchanges[0].reply.error == f"{type(error).__name__}: {error}"
    done = Round(answers, wire.end_round(), 0.0)
    assert sum(done.waits_for_retry) == pytest.approx(recorded - 61.5, abs=1e-5)
    assert len(done.waits_for_retry) == 2


@pytest.mark.parametrize("strategy", [sequential, concurrent])
def test_a_date_until_which_to_wait_replays_with_the_same_wait(
    tmp_path: Path, clock: Clock, strategy: Callable[..., Any]
) -> None:
    """A date in `retry-after` is recorded as the seconds that were left, so the replay waits as long."""
    until = {"date": "Wed, 25 Nov 2026 12:00:00 GMT", "retry-after": "Wed, 25 Nov 2026 12:01:30 GMT"}
    asked = httpx2.Response(503, headers=until, json={"error": {"code": 503, "message": "no"}})
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(clock, Recorder(cassette))
    recorded, answers = run_round(wire, Network(clock, [(1, asked), (1, 200)]), strategy)
    wire.end_round()
    cassette.save(make_metadata([recorded]))
    assert 92 <= recorded <= 182
    wire = Wire(clock, Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
    replayed, answers_again = run_round(wire, Network(clock, []), strategy)
    assert replayed == pytest.approx(recorded, abs=1e-5)
    assert answers_again == answers


@pytest.mark.parametrize("patience", [5.0, 60.0])
def test_a_cancelled_request_replays_until_it_is_cancelled(tmp_path: Path, clock: Clock, patience: float) -> None:
    """A strategy's time-out of 5 s fires again on replay; with a longer one the replay raises an error."""

    async def impatient(client: genai.Client, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await client.aio.models.generate_content(model="some-model", contents="?")
                return True
        return False

    def run(wire: Wire, network: Network, seconds: float) -> bool:
        wire.start_round(0)
        with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
            return runner.run(impatient(client(wire, network), seconds))

    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(clock, Recorder(cassette))
    assert not run(wire, Network(clock, [(30, 200)]), 5.0)
    (exchange,) = wire.end_round()
    assert (exchange.end, exchange.reply.error.partition(":")[0]) == (5.0, "Cancelled")
    cassette.save(make_metadata([5.0]))
    cassette = Cassette.open_to_replay(tmp_path / "c.yaml")
    wire = Wire(clock, Player(cassette))
    expected = pytest.raises(RunError, match=r"cancelled after 5\.00 s") if patience > 5 else nullcontext()
    started = clock.now()
    with expected:
        assert not run(wire, Network(clock, []), patience)
    assert clock.now() - started == (5.0 if patience == 5 else 6.0)
    assert wire.end_round()[0].end == 5.0
    assert cassette.list_leftovers() == []


def test_a_permanent_failure_is_an_answer_with_a_reason(clock: Clock) -> None:
    """The images before and after it keep their answers."""
    wire = Wire(clock, NetworkResponder())
    wire.start_round(0)
    answers = sequential(client(wire, Network(clock, [(1, 200), (1, 400), (1, 200)])), IMAGES, TASK)
    assert [(answer.value, answer.reason) for answer in answers] == [(0, None), (None, Reason.REFUSED), (2, None)]


@pytest.mark.parametrize("strategy", [sequential, concurrent])
def test_the_connection_has_a_shorter_time_out_than_the_answer(strategy: Callable[..., Any]) -> None:
    """The time-out for connecting is 10 s for both clients."""
    seen = []

    class Noting(CannedResponder):
        def respond(self, call: Call) -> Reply:
            seen.append(call.request.extensions["timeout"]["connect"])
            return super().respond(call)

    with open_session(Wire(virtual_clock(), Noting())) as session:
        session.run(strategy, IMAGES, TASK)
    assert seen == [10.0] * 3
