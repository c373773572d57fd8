"""The undocumented parts of uvicorn that the simulator uses are where it expects them."""

import inspect
import re
import signal

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http import h11_impl

from fixtures.simulator.serving.uvicorn import reset_connection, serve_in_thread
from tests.helpers.forks import ROOT

HOME = "fixtures/simulator/serving/uvicorn.py must be checked"


async def _answer(_: Request) -> Response:
    return Response("here")


async def _reset(request: Request) -> Response:
    reset_connection(request.scope)
    return Response("too late")


class _Unfinished(StreamingResponse):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})


async def _leave_unfinished(_: Request) -> Response:
    return _Unfinished(iter(()))


APP = Starlette(routes=[Route("/here", _answer), Route("/reset", _reset), Route("/unfinished", _leave_unfinished)])


def test_uvicorn_is_imported_in_one_place() -> None:
    """Only one module of the suite imports uvicorn, and no test helper does."""
    files = [file for folder in ("fixtures", "benchmarks", "tests/helpers") for file in (ROOT / folder).rglob("*.py")]
    found = [file for file in files if re.search(r"^(import|from) uvicorn\b", file.read_text(), re.MULTILINE)]
    assert found == [ROOT / "fixtures/simulator/serving/uvicorn.py"]


@pytest.mark.parametrize(("name", "parameter"), [("connection_made", "transport"), ("connection_lost", "exc")])
def test_uvicorn_has_the_protocol_that_notes_connections(name: str, parameter: str) -> None:
    """The simulator overrides these methods of the HTTP protocol to keep track of connections."""
    protocol = getattr(h11_impl, "H11Protocol", None)
    assert protocol is not None, f"uvicorn has no h11_impl.H11Protocol any more; {HOME}"
    method = getattr(protocol, name, None)
    assert method is not None, f"uvicorn's H11Protocol has no {name} any more; {HOME}"
    parameters = list(inspect.signature(method).parameters)
    assert parameters == ["self", parameter], f"uvicorn's H11Protocol.{name} takes {parameters} now; {HOME}"


def test_uvicorn_has_the_handler_of_signals() -> None:
    """The simulator overrides the handler to end at once, without waiting for open requests."""
    method = getattr(uvicorn.Server, "handle_exit", None)
    assert method is not None, f"uvicorn's Server has no handle_exit any more; {HOME}"
    parameters = list(inspect.signature(method).parameters)
    assert parameters == ["self", "sig", "frame"], f"uvicorn's Server.handle_exit takes {parameters} now; {HOME}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_uvicorn_calls_the_handler_of_signals(number: signal.Signals) -> None:
    """Uvicorn installs the method of the instance, so that an override is called."""
    capture = getattr(uvicorn.Server, "capture_signals", None)
    assert capture is not None, f"uvicorn's Server has no capture_signals any more; {HOME}"

    class Noting(uvicorn.Server):
        def handle_exit(self, sig: int, frame: object) -> None:
            """Do nothing."""

    server = Noting(uvicorn.Config(APP))
    with server.capture_signals():
        handler = signal.getsignal(number)
    assert handler == server.handle_exit, f"uvicorn no longer hands {number.name} to Server.handle_exit; {HOME}"


@pytest.mark.parametrize("name", ["started", "should_exit", "force_exit"])
def test_uvicorn_has_the_flag(name: str) -> None:
    """The server in a thread is awaited and ended by these attributes."""
    value = getattr(uvicorn.Server(uvicorn.Config(APP)), name, None)
    assert value is False, f"uvicorn's Server.{name} is {value!r} now, where it was False; {HOME}"


def _get(url: str) -> str:
    try:
        return httpx2.get(url, timeout=5).text
    except httpx2.TransportError as error:
        return type(error).__name__


def test_a_connection_is_reset() -> None:
    """The connection of a request is found by the protocol's attribute `client`, the client's address."""
    with serve_in_thread(APP) as url:
        answers = [_get(f"{url}/here"), _get(f"{url}/reset")]
    moved = f"uvicorn's H11Protocol.client is not the client of the ASGI scope any more; {HOME}"
    assert answers in (["here", "ReadError"], ["here", "RemoteProtocolError"]), moved


def test_an_unfinished_response_closes_the_connection() -> None:
    """The simulator cuts an answer off by leaving its response unfinished."""
    with serve_in_thread(APP) as url:
        answer = _get(f"{url}/unfinished")
    assert answer == "RemoteProtocolError", f"uvicorn does not close the connection of an unfinished response; {HOME}"
