"""The events of a stream are recorded and replayed with their times."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice, pairwise
from pathlib import Path

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock, ClockLoop
from fixtures.exchange.reply import EventCollector, split_events
from fixtures.recordings.cassette import Cassette
from fixtures.transport.responders import Player, Recorder
from fixtures.transport.transports import AsyncTransport, SyncTransport
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.metadata import make_metadata

PIECES = [(1.0, b'data: {"a": 1}\r\n'), (2.5, b'\r\ndata: {"b": 2}\r\n\r'), (4.0, b"\n"), (4.5, b'data: {"c": 3}')]
EVENTS = [b'data: {"a": 1}', b'data: {"b": 2}', b'data: {"c": 3}']
TIMES = (2.5, 4.0, 5.0)
"""The seconds at which each event is complete: the second with its last line end, the third at the stream's end."""
END = 5.0


class Stream(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body whose pieces arrive at the times of `PIECES`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.now()

    def __iter__(self) -> Iterator[bytes]:
        for seconds, piece in PIECES:
            self._clock.sleep_until(self._start + seconds)
            yield piece
        self._clock.sleep_until(self._start + END)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for seconds, piece in PIECES:
            await self._clock.wait_until(self._start + seconds)
            yield piece
        await self._clock.wait_until(self._start + END)


class Network(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A network that answers each request with the stream."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def handle_request(self, _: httpx2.Request) -> httpx2.Response:
        """Answer a synchronous request."""
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Stream(self._clock))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer an asynchronous request."""
        return self.handle_request(request)


def read_sync(wire: Wire, network: Network) -> list[tuple[float, bytes]]:
    """Read the stream with the synchronous client; return the pieces and the seconds at which they came."""
    with (
        httpx2.Client(transport=SyncTransport(wire, network), timeout=60) as client,
        client.stream("POST", "http://x/v1/models/m:streamGenerateContent") as response,
    ):
        return [(wire.clock.now(), data) for data in response.iter_bytes()]


def read_async(wire: Wire, network: Network) -> list[tuple[float, bytes]]:
    """Read the stream with the asynchronous client; return the pieces and the seconds at which they came."""

    async def read() -> list[tuple[float, bytes]]:
        async with (
            httpx2.AsyncClient(transport=AsyncTransport(wire, network), timeout=60) as client,
            client.stream("POST", "http://x/v1/models/m:streamGenerateContent") as response,
        ):
            return [(wire.clock.now(), data) async for data in response.aiter_bytes()]

    with asyncio.Runner(loop_factory=lambda: ClockLoop(wire.clock)) as runner:
        return runner.run(read())


@pytest.mark.parametrize("read", [read_sync, read_async])
def test_a_stream_replays_event_by_event_at_its_times(tmp_path: Path, read: object) -> None:
    """Events that were complete after 2.5, 4 and 5 s come after the same seconds on the replay's clock."""
    clock = virtual_clock()
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(clock, Recorder(cassette))
    wire.start_round(0)
    handed_on = read(wire, Network(clock))  # type: ignore[operator]
    assert [(seconds, piece) for seconds, piece in handed_on] == PIECES, "pieces are handed on as they come"
    (exchange,) = wire.end_round()
    assert (exchange.reply.chunks, exchange.reply.elapsed) == (TIMES, END)
    cassette.save(make_metadata([END]))

    clock = virtual_clock()
    wire = Wire(clock, Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
    wire.start_round(0)
    replayed = read(wire, Network(clock))  # type: ignore[operator]
    assert replayed == [(seconds, event + b"\n\n") for seconds, event in zip(TIMES, EVENTS, strict=True)]
    assert clock.now() == END
    assert wire.end_round()[0].reply.elapsed == END


def test_a_stream_that_was_read_in_part_replays_that_part(tmp_path: Path) -> None:
    """The events that were read replay at their times; reading on raises an error that asks to record again."""

    def read(wire: Wire, pieces: int) -> list[bytes]:
        wire.start_round(0)
        with (
            httpx2.Client(transport=SyncTransport(wire, Network(wire.clock))) as client,
            client.stream("POST", "http://x/v1/models/m:streamGenerateContent") as response,
        ):
            return list(islice(response.iter_bytes(), pieces))

    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(virtual_clock(), Recorder(cassette))
    read(wire, 2)
    (exchange,) = wire.end_round()
    assert (exchange.reply.chunks, exchange.reply.elapsed) == (TIMES[:1], 2.5)
    cassette.save(make_metadata([END]))

    clock = virtual_clock()
    wire = Wire(clock, Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
    assert read(wire, 1) == [EVENTS[0] + b"\n\n"]
    assert clock.now() == 2.5
    assert len(wire.end_round()) == 1
    wire = Wire(clock, Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
    with pytest.raises(RunError, match=r"cancelled after 2\.50 s, .* Record it again"):
        read(wire, 2)


@given(st.lists(st.integers(1, 60)), st.sampled_from([b"\r\n", b"\n"]))
def test_events_are_timed_in_any_division_into_pieces(cuts: list[int], line_end: bytes) -> None:
    """An event has the time of the piece that has its last byte."""
    whole = b"".join(event + line_end * 2 for event in EVENTS)
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    events = EventCollector(200, ())
    for start, end in pairwise(edges):
        events.add(whole[start:end], float(end))
    reply = events.finish(1000.0)
    ends = [len(b"".join(event + line_end * 2 for event in EVENTS[: index + 1])) for index in range(3)]
    assert split_events(reply.body) == EVENTS
    assert reply.chunks == tuple(float(min(edge for edge in edges if edge >= end)) for end in ends)
