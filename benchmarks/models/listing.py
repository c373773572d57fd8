"""Which models the API lists, and what it says of them."""

from dataclasses import dataclass
from itertools import islice

import httpx2
from google.genai import types

from fixtures.base.errors import RunError
from fixtures.base.printable import make_printable
from fixtures.clock.clock import Clock
from fixtures.transport.client import CHECK_TIMEOUT, open_session
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire

MOST_MODELS = 1000
"""The most models that are read: a server that always names a next page is not followed for ever."""
LONGEST_TEXT = 60
"""The most characters that are shown of what the API says."""


@dataclass(frozen=True)
class ListedModel:
    """What the API says of a model; texts are printable, and empty where it says nothing."""

    name: str
    """The name without `models/`."""
    version: str
    display_name: str
    input_tokens: int | None
    """The most tokens of a prompt; None where it does not say."""
    thinking: bool | None
    """Whether it thinks; None where it does not say."""


def list_models(server: str, api_key: str | None, api_version: str | None) -> list[ListedModel]:
    """Return the models that the server of this base URL lists; raise `RunError` where it does not list any."""
    wire = Wire(Clock(skip=False), NetworkResponder())
    with open_session(wire, server, api_key=api_key, api_version=api_version, timeout=CHECK_TIMEOUT) as session:
        try:
            found = [_read_model(each) for each in islice(session.client.models.list(), MOST_MODELS)]
        except httpx2.HTTPError as error:
            message = f"{server} cannot be reached ({error}); start the server or correct its address."
            raise RunError(message) from None
        except Exception as error:
            if (told := session.explain(error)) is None:
                raise
            raise RunError(f"{told.rstrip('.')}.") from None
    if not found:
        raise RunError(f"{server} lists no models.")
    return found


def _read_model(model: types.Model) -> ListedModel:
    return ListedModel(
        _shorten(model.name).removeprefix("models/"),
        _shorten(model.version),
        _shorten(model.display_name),
        model.input_token_limit,
        model.thinking,
    )


def _shorten(text: str | None) -> str:
    return make_printable((text or "")[:LONGEST_TEXT])
