"""The models that the API lists, with their properties."""

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
"""The maximum number of models read, in case a server always names a next page."""
LONGEST_TEXT = 60
"""The maximum number of characters of a text from the API."""


@dataclass(frozen=True)
class ListedModel:
    """The API's description of a model; texts are printable, and empty if missing."""

    name: str
    """The name without `models/`."""
    version: str
    display_name: str
    input_tokens: int | None
    """The maximum number of tokens of a prompt; None if missing."""
    thinking: bool | None
    """Whether the model thinks; None if missing."""


def list_models(server: str, api_key: str | None, api_version: str | None) -> list[ListedModel]:
    """Return the models that the server at this base URL lists.

    Raise `RunError` if the server cannot be reached, if it answers with an error, or if it lists no models.
    """
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
