"""A network exchange has its phases, over real sockets and from the cassette, also if it fails or is cancelled."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx2
import pytest
import trustme
from google import genai

from fixtures.clock.clock import Clock
from fixtures.exchange.reply import GIVEN_UP, Exchange, Phases
from fixtures.recordings.cassette import Cassette
from fixtures.transport.client import open_session
from fixtures.transport.phases import PhaseTrace
from fixtures.transport.responders import NetworkResponder, Player, Recorder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.metadata import make_metadata
from tests.transport.test_bad_servers import ANSWER
from tests.transport.test_limits import BEGINNINGS, ask, ask_async, stream, stream_async

DELAY = 0.2
"""The delay of the server in each phase, in seconds."""
LEAST = DELAY / 2
"""The shortest valid phase in seconds; on a busy machine the client may detect its start late."""
BUFFER = 2**16
QUESTION = "?" * 1_000_000
"""A question larger than the buffers of both sockets, so it cannot be sent before the server reads."""
AUTHORITY = trustme.CA()


def ask_long(client: genai.Client) -> None:
    """Ask with the synchronous client."""
    client.models.generate_content(model="m", contents=QUESTION)


def stream_long(client: genai.Client) -> None:
    """Ask for a stream with the synchronous client."""
    list(client.models.generate_content_stream(model="m", contents=QUESTION))


async def ask_long_async(client: genai.Client) -> None:
    """Ask with the asynchronous client."""
    await client.aio.models.generate_content(model="m", contents=QUESTION)


async def stream_long_async(client: genai.Client) -> None:
    """Ask for a stream with the asynchronous client."""
    [chunk async for chunk in await client.aio.models.generate_content_stream(model="m", contents=QUESTION)]


Way = Callable[[genai.Client], Any]


@contextmanager
def serve_with_delays(body: bytes, content_type: str) -> Iterator[str]:
    """Answer one request over TLS, with a delay in each phase; yield the base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(context)
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    )

    def serve() -> None:
        accepted = listener.accept()[0]
        time.sleep(DELAY)  # connecting
        with context.wrap_socket(accepted, server_side=True) as connection:
            time.sleep(DELAY)  # sending
            left = len(QUESTION)
            while left > 0:
                left -= len(connection.recv(2**20))
            time.sleep(DELAY)  # waiting
            connection.sendall(head.encode())
            time.sleep(DELAY)  # receiving
            connection.sendall(body)

    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def record(path: Path, way: Way, url: str, **options: Any) -> Exchange:
    """Record a single request to a server; return its exchange."""
    cassette = Cassette.open_to_record(path, "test")
    wire = Wire(Clock(skip=False), Recorder(cassette))
    with open_session(wire, url, **options) as session:
        wire.start_round(0)
        with suppress(httpx2.RequestError, TimeoutError):
            session.run(way)
        (exchange,) = wire.end_round()
    cassette.save(make_metadata([exchange.end]))
    return exchange


def replay(path: Path, way: Way) -> Exchange:
    """Replay the cassette; return its exchange."""
    wire = Wire(virtual_clock(), Player(Cassette.open_to_replay(path)))
    with open_session(wire) as session:
        wire.start_round(0)
        with suppress(httpx2.RequestError, TimeoutError):
            session.run(way)
    (exchange,) = wire.end_round()
    return exchange


def find_phases(exchange: Exchange) -> Phases:
    """Return the phases of an exchange; check that they add up to its seconds."""
    phases = exchange.reply.phases
    assert phases is not None
    assert sum(phases) == pytest.approx(exchange.reply.elapsed, abs=1e-5)
    assert min(phases) >= 0
    return phases


@pytest.mark.parametrize("way", [ask_long, stream_long, ask_long_async, stream_long_async])
def test_each_phase_has_the_servers_delay(tmp_path: Path, way: Way) -> None:
    """The server delays handshake, reading, headers and body; a replay has the same phases."""
    is_stream = "stream" in way.__name__
    body = b"data: " + ANSWER % b"3" + b"\r\n\r\n" if is_stream else ANSWER % b"3"
    trusted = ssl.create_default_context()
    AUTHORITY.configure_trust(trusted)
    options: Any = {"verify": trusted, "socket_options": [(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)]}
    network = httpx2.HTTPTransport(**options), httpx2.AsyncHTTPTransport(**options)
    with serve_with_delays(body, "text/event-stream" if is_stream else "application/json") as url:
        exchange = record(tmp_path / "c.yaml", way, url, network=network)
    assert exchange.reply.status == 200
    phases = find_phases(exchange)
    assert {name: seconds for name, seconds in phases._asdict().items() if seconds < LEAST} == {}
    played = replay(tmp_path / "c.yaml", way)
    assert find_phases(played) == pytest.approx(phases, abs=1e-6)
    assert played.reply.elapsed == pytest.approx(exchange.reply.elapsed, abs=1e-6)


@pytest.mark.parametrize("way", [ask, stream, ask_async, stream_async])
def test_a_refused_connection_has_the_connecting_phase_only(tmp_path: Path, way: Way) -> None:
    """The other phases are 0 s, when recorded and on the replay."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    exchange = record(tmp_path / "c.yaml", way, url)
    assert exchange.reply.error.startswith("ConnectError")
    for each in (exchange, replay(tmp_path / "c.yaml", way)):
        assert find_phases(each)[1:] == (0, 0, 0)


@contextmanager
def serve_partly(answer: bytes) -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """Read one request, answer it with these bytes and close the connection; yield the base URL and two events.

    The first event is set when the request has been read; the answer is sent when the test sets the second one.
    """

    def serve() -> None:
        with listener.accept()[0] as connection:
            received = b""
            while not received.endswith(b"}"):
                received += connection.recv(65536)
            was_read.set()
            is_over.wait(60)
            connection.sendall(answer)

    was_read, is_over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", was_read, is_over
        is_over.set()
        thread.join()


@pytest.mark.parametrize("at_once", ["head", "body"])
@pytest.mark.parametrize("way", [ask, stream, ask_async, stream_async])
def test_a_failed_exchange_has_the_phases_that_it_reached(tmp_path: Path, way: Way, at_once: str) -> None:
    """Cut off within its headers it was waiting; after them it was also receiving."""
    with serve_partly(BEGINNINGS[at_once]) as (url, _, is_over):
        is_over.set()
        exchange = record(tmp_path / "c.yaml", way, url)
    assert exchange.reply.error.startswith("RemoteProtocolError")
    for each in (exchange, replay(tmp_path / "c.yaml", way)):
        phases = find_phases(each)
        assert phases.waiting > 0
        assert (phases.receiving > 0) == (at_once == "body")


def test_a_cancelled_request_ends_in_the_waiting_phase(tmp_path: Path) -> None:
    """A recorded request and a replay that is cancelled at another time have no receiving phase."""

    async def ask_and_cancel(client: genai.Client) -> None:
        asking = asyncio.ensure_future(ask_async(client))
        await asyncio.to_thread(was_read.wait, 60)
        await asyncio.sleep(0.1)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    with serve_partly(b"") as (url, was_read, _):
        exchange = record(tmp_path / "c.yaml", ask_and_cancel, url)
    recorded = find_phases(exchange)
    assert exchange.reply.error == GIVEN_UP
    assert recorded.waiting > 0

    for seconds in (exchange.reply.elapsed / 2, exchange.reply.elapsed + 0.5):

        async def ask_and_give_up(client: genai.Client, seconds: float = seconds) -> None:
            async with asyncio.timeout(seconds):
                await ask_async(client)

        played = replay(tmp_path / "c.yaml", ask_and_give_up)
        assert played.reply.error == GIVEN_UP
        assert played.reply.elapsed == pytest.approx(seconds, abs=1e-5)
        phases = find_phases(played)
        assert phases.receiving == 0
        assert phases.waiting == pytest.approx(max(0.0, seconds - recorded.connecting - recorded.sending), abs=1e-5)


CONNECT, POST = ({"request": SimpleNamespace(method=method)} for method in (b"CONNECT", b"POST"))
SENDING: list[tuple[float, str, dict[str, Any]]] = [
    (1.0, "http11.send_request_headers.started", POST),
    (1.5, "http11.send_request_headers.complete", {"return_value": None}),
    (1.5, "http11.send_request_body.started", POST),
]
RECEIVING: list[tuple[float, str, dict[str, Any]]] = [
    (3.0, "http11.receive_response_headers.started", POST),
    (7.0, "http11.receive_response_headers.complete", {"return_value": ()}),
    (7.0, "http11.receive_response_body.started", POST),
    (15.0, "http11.response_closed.started", {}),
]
TUNNEL = [
    (0.1, "connection.connect_tcp.started", {"host": "proxy"}),
    (0.2, "http11.send_request_headers.started", CONNECT),
    (0.3, "http11.receive_response_headers.started", CONNECT),
    (0.4, "http11.receive_response_headers.complete", {"return_value": ()}),
    (0.5, "http_proxy.start_tls.started", {}),
]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([*SENDING, (3.0, "http11.send_request_body.complete", {}), *RECEIVING], (1.0, 2.0, 4.0, 9.0)),
        ([*TUNNEL, *SENDING, *RECEIVING], (1.0, 2.0, 4.0, 9.0)),
        ([*SENDING, (3.0, "http11.send_request_body.failed", {}), *RECEIVING], (1.0, 2.0, 4.0, 9.0)),
        (TUNNEL, (16.0, 0.0, 0.0, 0.0)),
        (SENDING, (1.0, 15.0, 0.0, 0.0)),
        ([*SENDING, *RECEIVING[:1]], (1.0, 2.0, 13.0, 0.0)),
        ([], None),
    ],
    ids=["whole", "tunnel", "refused while sending", "no tunnel", "cut while sending", "no answer", "not traced"],
)
def test_phases_begin_with_the_events_of_the_request_itself(
    events: list[tuple[float, str, dict[str, Any]]], expected: tuple[float, ...] | None
) -> None:
    """A proxy's tunnel is part of connecting; without trace events there are no phases."""
    clock = virtual_clock()
    trace = PhaseTrace(clock, clock.now())
    for seconds, event, details in events:
        clock.skip_to(seconds)
        trace.note(event, details)
    assert trace.divide(16.0) == expected


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [(0.5, (0.5, 0, 0, 0)), (2.0, (1, 1, 0, 0)), (7.0, (1, 2, 4, 0)), (7.5, (1, 2, 4.5, 0))],
)
def test_phases_end_with_their_exchange(elapsed: float, expected: tuple[float, ...]) -> None:
    """An exchange cut within its phases ends in the current one; a later end extends the waiting."""
    assert Phases(1.0, 2.0, 4.0, 0.0).end_at(elapsed) == expected


def test_a_network_without_trace_events_gives_no_phases() -> None:
    """The phases are None for both clients."""
    wire, ways = Wire(virtual_clock(), NetworkResponder()), cast(list[Way], [ask, ask_async])
    answer = httpx2.MockTransport(lambda _: httpx2.Response(200, content=ANSWER % b"3"))
    with open_session(wire, network=(answer, answer)) as session:
        wire.start_round(0)
        for way in ways:
            session.run(way)
        assert [exchange.reply.phases for exchange in wire.end_round()] == [None, None]
