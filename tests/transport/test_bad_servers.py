"""A server with invalid answers is reported in one sentence, without a traceback or a secret."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.helpers.suite import make_images, run_suite

KEY = "made-up-key-that-nobody-may-see"
ANSWER = b'{"candidates":[{"content":{"parts":[{"text":"%s"}],"role":"model"},"finishReason":"STOP"}]}'


@dataclass(frozen=True)
class Reply:
    """The answer of a server to every question."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Server(ThreadingHTTPServer):
    """A server that gives the same reply to each POST, and keeps the keys it is sent."""

    daemon_threads = True

    def __init__(self, reply: Reply, handler: "type[Handler] | None" = None) -> None:
        self.reply = reply
        self.keys: list[str | None] = []
        super().__init__(("127.0.0.1", 0), handler or Handler)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """A handler that reads a request and sends the server's reply."""

    server: Server

    def do_GET(self) -> None:
        """Answer that the model exists."""
        self._send(Reply(200, b'{"name": "models/m"}'))

    def do_POST(self) -> None:
        """Send the server's reply."""
        self.rfile.read(int(self.headers["content-length"]))
        self.server.keys.append(self.headers["x-goog-api-key"])
        self._send(self.server.reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class Servers:
    """Servers that are stopped together."""

    def __init__(self) -> None:
        self._running: list[Server] = []

    def start(self, reply: Reply) -> Server:
        """Start a server."""
        server = Server(reply)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._running.append(server)
        return server

    def stop(self) -> None:
        """Stop all servers."""
        for server in self._running:
            server.shutdown()
            server.server_close()


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Return an object that starts servers, and stop them at the end."""
    servers = Servers()
    yield servers
    servers.stop()


def record(folder: Path, url: str, strategy: str = "concurrent") -> tuple[int, str]:
    """Record from a server into an empty folder; check that no cassette is left, and return exit code and output."""
    images = make_images(folder / "two", {"a.jpg": 1, "b.jpg": 2})
    places = (f"--images={images}", f"--cassette-dir={folder / 'cassettes'}", f"--base-url={url}")
    run = run_suite(folder, *places, "--record-mode=rewrite", "--rounds=1", "-k", strategy, GEMINI_API_KEY=KEY)
    assert "Traceback" not in run.output
    assert "\x1b" not in run.output
    assert not re.search(r"^\s*::", run.output, re.MULTILINE), "it would be a command of a CI job"
    assert KEY not in run.output
    assert list(folder.rglob("*.yaml")) == []
    return run.code, run.output


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (Reply(200, b"<html>welcome</html>"), "answered something that is not the Gemini API's"),
        (
            Reply(200, b'{"usageMetadata": {"promptTokenCount": "x"}}'),
            "answered something that is not the Gemini API's",
        ),
        (Reply(200, b"no gzip", {"content-encoding": "gzip"}), "failed while answering (DecodingError"),
        (Reply(200, ANSWER % b"many"), "unreadable answer: no number: 'many'"),
        (Reply(501, b'{"error": {"code": 501, "status": "INTERNAL", "message": "oh"}}'), "answered 501 (INTERNAL): oh"),
        (Reply(505, b"<html>bad gateway</html>"), "answered 505"),
        (
            Reply(200, ANSWER.replace(b"STOP", rb"X\n::error::\u001b[31m") % b"1"),
            r"unreadable answer: finish reason X ::error::\x1b[31m",
        ),
        (Reply(400, b'{"error": {"code": 400, "message": "bad key ' + KEY.encode() + b'"}}'), "answered 400"),
    ],
    ids=["HTML", "wrong types", "broken gzip", "no number", "501", "an HTML error", "controls", "a key sent back"],
)
@pytest.mark.parametrize("strategy", ["sequential", "concurrent"])
def test_an_invalid_answer_is_reported(
    tmp_path: Path, servers: Servers, strategy: str, reply: Reply, sentence: str
) -> None:
    """The output has the server's error, for both of the SDK's clients."""
    code, output = record(tmp_path, servers.start(reply).url, strategy)
    assert sentence in output
    assert "no image has an answer; nothing was recorded" in output
    assert code == 1


def test_a_redirect_does_not_take_the_key_elsewhere(tmp_path: Path, servers: Servers) -> None:
    """Redirects are not followed."""
    elsewhere = servers.start(Reply(200, ANSWER % b"1"))
    there = f"http://localhost:{elsewhere.server_port}/v1/models/m:generateContent"
    code, output = record(tmp_path, servers.start(Reply(307, b"", {"location": there})).url)
    assert code == 1
    assert "answered 307" in output
    assert elsewhere.keys == []


def test_the_base_urls_password_is_not_shown(tmp_path: Path, servers: Servers) -> None:
    """An error names the server without the user and password of its address."""
    server = servers.start(Reply(501, b"{}"))
    code, output = record(tmp_path, server.url.replace("http://", "http://user:pass-word@"))
    assert code == 1
    assert "answered 501" in output
    assert "pass-word" not in output
