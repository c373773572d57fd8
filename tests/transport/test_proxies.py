"""Requests go through the proxies that the environment names, over real sockets, with both of the SDK's clients."""

import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from benchmarks.strategies.concurrent import concurrent
from benchmarks.strategies.sequential import sequential
from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock
from fixtures.exchange.answer import Answer
from fixtures.exchange.retries import Policy
from fixtures.transport.client import open_session
from fixtures.transport.network import make_network
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire
from tests.helpers.simulated import image
from tests.helpers.tasks import count_people
from tests.transport.test_bad_servers import ANSWER, Handler, Reply, Server, Servers, servers

__all__ = ["servers"]  # a fixture
HOST = "gemini.example"
"""The name of a server that this machine cannot reach by itself, except in the last test."""
AUTHORITY = trustme.CA()
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Proxy(Server):
    """A proxy that answers in place of every server, and notes which ones it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(Reply(200, ANSWER % b"3"), ProxyHandler)


class ProxyHandler(Handler):
    """Answers a request for any server, or one within a tunnel."""

    server: Any

    def do_POST(self) -> None:  # noqa: N802 - so the library calls it
        """Note the address and answer."""
        self.server.asked.append(self.path)
        super().do_POST()

    def do_CONNECT(self) -> None:  # noqa: N802 - likewise
        """Open a tunnel, in which the server that is asked for speaks TLS."""
        self.server.asked.append(f"CONNECT {self.path}")
        self.send_response(200)
        self.end_headers()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        AUTHORITY.issue_cert(HOST).configure_cert(context)
        with context.wrap_socket(self.connection, server_side=True) as self.request:
            self.setup()
            self.handle_one_request()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Return a proxy, and an environment that names none yet."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with Proxy() as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


def ask(server: str, **options: Any) -> list[int | None]:
    """Ask about an image with the SDK's synchronous client, then with the other; return the numbers."""
    wire, task = Wire(Clock(skip=False), NetworkResponder()), count_people("m", Policy(attempts=1))
    images = [image("a.jpg", 3)]
    network = make_network(**options) if options else None
    with open_session(wire, server, network=network, timeout=30) as session:
        wire.start_round(0)
        answers: list[Answer] = session.run(sequential, images, task)
        more: list[Answer] = session.run(concurrent, images, task)
    return [answer.value for answer in answers + more]


def test_http_goes_through_the_proxy(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy is sent the whole address."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert ask(f"http://{HOST}") == [3, 3]
    assert proxy.asked == [f"http://{HOST}/v1/models/m:generateContent"] * 2


def test_https_goes_through_a_tunnel(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy opens a connection and learns the host; the request is encrypted within."""
    trusted = ssl.create_default_context()
    AUTHORITY.configure_trust(trusted)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert ask(f"https://{HOST}", verify=trusted) == [3, 3]
    assert proxy.asked == [f"CONNECT {HOST}:443", "/v1/models/m:generateContent"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_asked_without_a_proxy(
    proxy: Proxy, servers: Servers, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """The bundled simulator would not be reached else."""
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    url = servers.start(Reply(200, ANSWER % b"4")).url.replace("127.0.0.1", host)
    assert (ask(url), proxy.asked) == ([4, 4], [])


def test_a_host_of_no_proxy_is_asked_directly(proxy: Proxy, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, which here is one of this machine's."""
    find = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *others, **more: find("127.0.0.1", *others, **more))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", f"other.example, {HOST}")
    url = servers.start(Reply(200, ANSWER % b"4")).url.replace("127.0.0.1", HOST)
    assert (ask(url), proxy.asked) == ([4, 4], [])


@pytest.mark.parametrize("url", ["ftp://user:pass-word@proxy.example", "http://user:pass-word@[::1"])
def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """In one sentence, without its password."""
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(RunError, match="HTTPS_PROXY, HTTP_PROXY or ALL_PROXY") as raised:
        make_network()
    assert "pass-word" not in str(raised.value)
