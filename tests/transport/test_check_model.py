"""Before a run the server is asked for the model; only some of its errors stop the run."""

from typing import Any

import httpx2
import pytest

from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock
from fixtures.transport.client import open_session
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire

SERVER = "http://gateway"
INVALID = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
"""The detail in Gemini's answer to an invalid key."""
LOCATION = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "FAILED_PRECONDITION"}


class Network(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A network that answers every request with the same status and body."""

    def __init__(self, status: int, body: Any) -> None:
        self._status = status
        self._body = body

    def handle_request(self, _: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        return httpx2.Response(self._status, json=self._body)


def check(status: int, body: Any) -> None:
    """Check the model with a server that gives this answer."""
    network = Network(status, body)
    wire = Wire(Clock(skip=False), NetworkResponder())
    with open_session(wire, SERVER, network=(network, network)) as session:
        session.check_model("m")
    assert wire.exchanges == [], "it is no request of the run"


def describe_error(status: int, *details: Any) -> dict[str, Any]:
    """Return an error in the API's format."""
    return {"error": {"code": status, "message": "models/m: no", "status": "NO", "details": list(details)}}


@pytest.mark.parametrize(
    ("status", "details"), [(400, [INVALID]), (400, [LOCATION, INVALID]), (401, []), (403, [])], ids=str
)
def test_a_refused_key_is_reported(status: int, details: list[Any]) -> None:
    """A 401, a 403, and a 400 with the reason `API_KEY_INVALID` mean a refused key."""
    with pytest.raises(RunError, match=f"{SERVER} refuses the key: models/m: no"):
        check(status, describe_error(status, *details))


@pytest.mark.parametrize("details", [[], [LOCATION], [5], ["API_KEY_INVALID"], [{"reason": 5}]], ids=str)
def test_any_other_400_is_not_about_the_key(details: list[Any]) -> None:
    """A 400 with another reason does not stop the run, because a server may not support the request."""
    check(400, describe_error(400, *details))
    check(400, {"error": {"code": 400, "message": "no", "details": 5}})
    check(400, ["no"])


def test_an_unknown_model_is_reported() -> None:
    """A 404 that names the model means an unknown model; any other may come from a server without this method."""
    with pytest.raises(RunError, match=f"{SERVER} does not have the model: models/m: no"):
        check(404, describe_error(404))
    check(404, {"error": {"code": 404, "message": "not found"}})
