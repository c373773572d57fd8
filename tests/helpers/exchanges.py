"""Made-up exchanges with the API, in the transport's format."""

import base64
import json
from typing import Any

from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import Sent
from fixtures.images.image import Image

QUESTION = "models/m:generateContent"
STREAM = "models/m:streamGenerateContent"


def make_exchange(
    resource: str,
    sent: object,
    start: float,
    elapsed: float,
    *documents: object,
    status: int = 200,
    error: str = "",
    timing: str = "",
) -> Exchange:
    """Return an exchange whose answer is a JSON document, or, given several, a stream with one event per second."""
    headers = (("Server-Timing", timing),) if timing else ()
    texts = [json.dumps(document) for document in documents]
    is_stream = len(texts) > 1
    body = "".join(f"data: {text}\n\n" for text in texts) if is_stream else "".join(texts)
    chunks = tuple(float(second) for second in range(1, len(texts) + 1)) if is_stream else None
    reply = Reply(status, headers, body.encode(), elapsed, chunks, error)
    return Exchange(Sent("POST", resource, json.dumps(sent).encode()), "http://host/", {}, reply, start, 0, played=True)


def make_question(text: str, *images: Image, files: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the body of a request that asks about inlined images and uploaded files."""
    inlined = [
        {"inlineData": {"mimeType": each.mime_type, "data": base64.b64encode(each.data).decode()}} for each in images
    ]
    named = [{"fileData": {"mimeType": "image/jpeg", "fileUri": uri}} for uri in files]
    return {"contents": [{"parts": [*inlined, *named, {"text": text}]}]}


def make_answer(version: str = "", text: str = "", **counts: int) -> dict[str, Any]:
    """Return a response of the model; `counts` are tokens: `prompt`, `images`, `candidates`, `thoughts`, `cached`."""
    names = {"prompt": "promptTokenCount", "candidates": "candidatesTokenCount", "thoughts": "thoughtsTokenCount"}
    usage: dict[str, Any] = {names[kind]: count for kind, count in counts.items() if kind in names}
    usage |= {"cachedContentTokenCount": counts["cached"]} if "cached" in counts else {}
    usage["promptTokensDetails"] = [{"modality": "IMAGE", "tokenCount": counts.get("images", 0)}]
    candidates = [{"content": {"parts": [{"text": text}] if text else []}}]
    return {"candidates": candidates, "usageMetadata": usage} | ({"modelVersion": version} if version else {})
