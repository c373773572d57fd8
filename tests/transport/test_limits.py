"""A request has a time-out as a whole and an answer a maximum size, for both clients and for streams."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from google import genai

from fixtures.clock.clock import Clock
from fixtures.exchange.reply import AnswerTooLarge
from fixtures.recordings.cassette import Cassette
from fixtures.transport import limits
from fixtures.transport.client import open_session
from fixtures.transport.limits import Deadline, bound_connection
from fixtures.transport.responders import NetworkResponder, Player, Recorder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.metadata import make_metadata

TIMEOUT = 0.2
BEGINNINGS = {
    "head": b"HTTP/1.1 200 OK\r\nx-slow: ",
    "body": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n",
    "stream": b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
}


def ask(client: genai.Client) -> None:
    """Ask with the synchronous client."""
    client.models.generate_content(model="m", contents="?")


def stream(client: genai.Client) -> None:
    """Ask for a stream with the synchronous client."""
    list(client.models.generate_content_stream(model="m", contents="?"))


async def ask_async(client: genai.Client) -> None:
    """Ask with the asynchronous client."""
    await client.aio.models.generate_content(model="m", contents="?")


async def stream_async(client: genai.Client) -> None:
    """Ask for a stream with the asynchronous client."""
    [chunk async for chunk in await client.aio.models.generate_content_stream(model="m", contents="?")]


every_way = pytest.mark.parametrize("way", [ask, stream, ask_async, stream_async])
Way = Callable[[genai.Client], Any]


@contextmanager
def serve_slowly(at_once: bytes) -> Iterator[str]:
    """Answer with these bytes, then with a byte every 0.01 s for up to 30 s; yield the base URL."""

    def serve() -> None:
        connection = listener.accept()[0]
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(at_once)
            until = time.monotonic() + 30
            while not over.wait(0.01) and time.monotonic() < until:
                connection.sendall(b"x")

    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join()


@pytest.mark.parametrize("at_once", BEGINNINGS.values(), ids=BEGINNINGS)
@every_way
def test_a_slow_answer_does_not_exceed_the_time_out(tmp_path: Path, way: Way, at_once: bytes) -> None:
    """An answer that sends a byte at a time fails at the request's time-out, and replays as the same failure."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    wire = Wire(Clock(skip=False), Recorder(cassette))
    expected = pytest.raises(httpx2.ReadTimeout, match=r"^there was no whole answer within 0\.2 s$")
    with serve_slowly(at_once) as url, open_session(wire, url, timeout=TIMEOUT) as session:
        wire.start_round(0)
        with expected:
            session.run(way)
        (exchange,) = wire.end_round()
    assert TIMEOUT <= exchange.reply.elapsed < 15
    cassette.save(make_metadata([exchange.end]))
    wire = Wire(virtual_clock(), Player(Cassette.open_to_replay(tmp_path / "c.yaml")))
    with open_session(wire) as session:
        wire.start_round(0)
        with expected:
            session.run(way)
    assert wire.end_round()[0].reply.elapsed == pytest.approx(exchange.reply.elapsed, abs=1e-5)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@every_way
def test_an_answer_that_is_too_large_fails(monkeypatch: pytest.MonkeyPatch, way: Way, encoding: str) -> None:
    """The decoded size counts."""
    monkeypatch.setattr(limits, "MOST_BYTES", 1_000)
    monkeypatch.setattr(limits, "MOST_STREAMED_BYTES", 1_000)
    content_type = "text/event-stream" if "stream" in way.__name__ else "application/json"
    headers = {"content-type": content_type, "content-encoding": encoding}
    body = b" " * 100_000
    wire = Wire(virtual_clock(), NetworkResponder())
    content = gzip.compress(body) if encoding == "gzip" else body
    network = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(content)))
    with open_session(wire, network=(network, network)) as session:
        wire.start_round(0)
        with pytest.raises(AnswerTooLarge, match=r"^it is larger than 1,000 bytes$"):
            session.run(way)
    (exchange,) = wire.end_round()
    assert exchange.reply.error == "AnswerTooLarge: it is larger than 1,000 bytes"


def test_each_read_and_write_has_the_seconds_that_are_left() -> None:
    """With 10 s in all and 4 s for each read or write, the time-outs are 10, 6 and 2 s; the fourth one fails."""
    clock, given = virtual_clock(), []

    class Connection:
        def read(self, size: int, timeout: float | None) -> bytes:
            given.append((size, timeout))
            clock.skip_to(clock.now() + 4)
            return b""

        def write(self, data: bytes, timeout: float | None) -> None:
            self.read(len(data), timeout)

    connection: Any = Connection()
    bound_connection(connection)
    deadline = Deadline.begin(10, clock, clock.now())
    connection.write(b" " * (limits.PIECE + 1), timeout=deadline)
    connection.read(5, timeout=deadline)
    with pytest.raises(httpx2.ReadTimeout, match="no whole answer within 10 s"):
        connection.read(5, timeout=deadline)
    connection.read(5, timeout=3.0)
    assert given == [(limits.PIECE, 10.0), (1, 6.0), (5, 2.0), (5, 3.0)]
