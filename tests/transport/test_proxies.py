"""Requests of both of the SDK's clients use the proxies of the environment, over real sockets."""

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
"""The name of a server that cannot be reached directly, except where a test resolves it to this machine."""
AUTHORITY = trustme.CA()
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Proxy(Server):
    """A proxy that answers instead of the servers, and keeps the addresses that are requested."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(Reply(200, ANSWER % b"3"), ProxyHandler)


class ProxyHandler(Handler):
    """A handler that answers a request for any server, directly or within a tunnel."""

    server: Any

    def do_POST(self) -> None:  # noqa: N802 - the library's name
        """Keep the address and answer."""
        self.server.asked.append(self.path)
        super().do_POST()

    def do_CONNECT(self) -> None:  # noqa: N802 - likewise
        """Open a tunnel, and answer within it as the requested server, with TLS."""
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
    """Return a running proxy, in an environment without proxies."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with Proxy() as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


def ask(server: str, **options: Any) -> list[int | None]:
    """Ask about an image with the synchronous client, then with the asynchronous one; return the answers."""
    wire, task = Wire(Clock(skip=False), NetworkResponder()), count_people("m", Policy(attempts=1))
    images = [image("a.jpg", 3)]
    network = make_network(**options) if options else None
    with open_session(wire, server, network=network, timeout=30) as session:
        wire.start_round(0)
        answers: list[Answer] = session.run(sequential, images, task)
        more: list[Answer] = session.run(concurrent, images, task)
    return [answer.value for answer in answers + more]


def test_http_goes_through_the_proxy(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy gets the whole address."""
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    assert ask(f"http://{HOST}") == [3, 3]
    assert proxy.asked == [f"http://{HOST}/v1/models/m:generateContent"] * 2


def test_https_goes_through_a_tunnel(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy gets the host alone; the request in the tunnel is encrypted."""
    trusted = ssl.create_default_context()
    AUTHORITY.configure_trust(trusted)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert ask(f"https://{HOST}", verify=trusted) == [3, 3]
    assert proxy.asked == [f"CONNECT {HOST}:443", "/v1/models/m:generateContent"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_asked_without_a_proxy(
    proxy: Proxy, servers: Servers, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Requests to 127.0.0.1 or localhost, such as to the bundled simulator, use no proxy."""
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    url = servers.start(Reply(200, ANSWER % b"4")).url.replace("127.0.0.1", host)
    assert (ask(url), proxy.asked) == ([4, 4], [])


def test_a_host_of_no_proxy_is_asked_directly(proxy: Proxy, servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that `NO_PROXY` names is resolved and asked without the proxy."""
    find = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *others, **more: find("127.0.0.1", *others, **more))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", f"other.example, {HOST}")
    url = servers.start(Reply(200, ANSWER % b"4")).url.replace("127.0.0.1", HOST)
    assert (ask(url), proxy.asked) == ([4, 4], [])


@pytest.mark.parametrize("url", ["ftp://user:pass-word@proxy.example", "http://user:pass-word@[::1"])
def test_an_invalid_proxy_is_reported(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The error names the variables and does not have the password."""
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(RunError, match="HTTPS_PROXY, HTTP_PROXY or ALL_PROXY") as raised:
        make_network()
    assert "pass-word" not in str(raised.value)
