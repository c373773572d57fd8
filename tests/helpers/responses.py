"""Responses of a model as the SDK returns them."""

import warnings
from typing import Any

from google.genai import types

USAGE = {"promptTokenCount": 663, "totalTokenCount": 663}
SIGNATURE = "Cu8BAb4+9vtxm0V1cisll85rwnRYGQAq"


def response(body: dict[str, Any]) -> types.GenerateContentResponse:
    """Return a response body as the SDK parses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK warns about finish reasons that it does not know
        return types.GenerateContentResponse.model_validate(body)


def body(*parts: dict[str, Any], finish: str | None = "STOP") -> dict[str, Any]:
    """Return a body with one candidate."""
    candidate = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": USAGE}


def said(text: str, finish: str | None = "STOP") -> types.GenerateContentResponse:
    """Return an answer with one text."""
    return response(body({"text": text}, finish=finish))
