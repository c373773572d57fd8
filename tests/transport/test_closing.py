"""Closing the synchronous client ends the requests of threads that wait for an answer, with TLS and without."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import trustme

from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.transports import SyncTransport
from fixtures.transport.wire import Wire

AUTHORITY = trustme.CA()
URLS = {
    "plain": "http://localhost:{}/v1/models/m:generateContent",
    "TLS": "https://localhost:{}/v1/models/m:generateContent",
    "TLS through a proxy": "https://localhost/v1/models/m:generateContent",
}


@contextmanager
def silent(*, tls: bool, tunnel: bool) -> Iterator[tuple[int, threading.Event]]:
    """Serve on loopback without ever answering; yield the port, and an event that is set when a request has come.

    With `tunnel` it is both a proxy and the server behind it.
    """
    asked = threading.Event()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("localhost").configure_cert(context)

    def serve() -> None:
        connection = listener.accept()[0]
        if tunnel:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) if tls else connection as request:
            request.recv(65536)
            time.sleep(0.5)  # until the client reads: any kind of closing ends a request before that
            asked.set()
            closed.wait()

    closed = threading.Event()
    with socket.create_server(("localhost", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            closed.set()
            thread.join()


@pytest.mark.parametrize("kind", URLS)
def test_closing_ends_a_thread_that_waits_for_its_answer(kind: str) -> None:
    """Its request ends with an error, instead of after the time-out of ten minutes."""
    trusted = ssl.create_default_context()
    AUTHORITY.configure_trust(trusted)
    wire = Wire(Clock(skip=False), NetworkResponder())
    ended: list[BaseException] = []

    def ask() -> None:
        try:
            client.post(URLS[kind].format(port), json={})
        except RunError as error:
            ended.append(error)

    with silent(tls=kind != "plain", tunnel="proxy" in kind) as (port, asked):
        proxy = f"http://localhost:{port}" if "proxy" in kind else None
        client = httpx2.Client(
            transport=SyncTransport(wire, httpx2.HTTPTransport(verify=trusted, proxy=proxy)), timeout=600
        )
        thread = threading.Thread(target=ask)
        thread.start()
        assert asked.wait(30)
        client.close()
        thread.join(30)
        assert [str(error) for error in ended] == ["The client was closed during a request."]
    thread.join()
