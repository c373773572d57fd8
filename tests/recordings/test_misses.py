"""A miss explains itself: what differs from the most similar recording, and what is the same."""

import base64
import json
from typing import Any

import pytest

from fixtures.exchange.sent import Sent, make_readable
from fixtures.recordings.misses import RecordedRequest, explain_miss

BYTES = {name: name.encode() * 9 for name in ("a", "b", "c", "new c")}
NAMES = {
    image["sha256"]: name.removeprefix("new ") + ".jpg"
    for name, data in BYTES.items()
    for image in [
        make_readable(json.dumps({"data": base64.b64encode(data).decode(), "mime_type": "image/jpeg"}).encode())
    ]
}


def content(images: str | list[str], prompt: str = "How many people?", **settings: Any) -> bytes:
    """Return the body of a request about these images."""
    parts = [
        {"inlineData": {"data": base64.b64encode(BYTES[name]).decode(), "mime_type": "image/jpeg"}} for name in images
    ]
    return json.dumps({"contents": [{"parts": [*parts, {"text": prompt}]}], **settings}).encode()


def sent(body: bytes, resource: str = "models/m:generateContent") -> Sent:
    """Return a request that is sent."""
    return Sent("POST", resource, body)


def recorded(body: bytes, resource: str = "models/m:generateContent", *, used: bool = False) -> RecordedRequest:
    """Return a request that is recorded."""
    return RecordedRequest("POST", resource, make_readable(body), used)


SINGLE = [recorded(content(name), used=name == "a") for name in "abc"]
ALL = [recorded(content("abc"))]


@pytest.mark.parametrize(
    ("request_", "recordings", "explanation"),
    [
        (
            sent(content(["new c"])),
            SINGLE,
            (
                "c.jpg differs from the recorded one (X instead of X); the same: prompt, model "
                "(1 of the round's 3 recordings were used)."
            ),
        ),
        (
            sent(content(["a", "b", "new c"])),
            ALL,
            (
                "image 3, c.jpg, differs from the recorded one (X instead of X); the same: prompt, model "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        (
            sent(content("acb")),
            ALL,
            (
                "only the order of the images differs (recorded: a.jpg, b.jpg, c.jpg); the same: prompt, model "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        (
            sent(content("ab")),
            ALL,
            (
                "it is about 2 images, the recorded one about 3; the same: prompt, model "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        (
            sent(content("b", "How many dogs?")),
            SINGLE,
            (
                "the prompt differs from character 10 on ('How many dogs?' instead of 'How many people?'); "
                "the same: images, model (1 of the round's 3 recordings were used)."
            ),
        ),
        (
            sent(content("b"), "models/n:generateContent"),
            SINGLE,
            "the model is n instead of m; the same: images, prompt (1 of the round's 3 recordings were used).",
        ),
        (
            sent(content("b"), "models/m:streamGenerateContent"),
            SINGLE,
            (
                "the API method is POST models:streamGenerateContent instead of POST models:generateContent; "
                "the same: images, prompt, model (1 of the round's 3 recordings were used)."
            ),
        ),
        (
            sent(content("b", generationConfig={"temperature": 0})),
            SINGLE,
            (
                "other settings differ (generationConfig); the same: images, prompt, model "
                "(1 of the round's 3 recordings were used)."
            ),
        ),
        (
            sent(content("a")),
            SINGLE,
            (
                "it was sent more often than it was recorded (1 of the round's 3 recordings were used): "
                "POST models/m:generateContent about a.jpg."
            ),
        ),
        (sent(content("a")), [], "of which nothing is recorded, POST models/m:generateContent about a.jpg was sent."),
    ],
    ids=[
        "one-image",
        "image-of-several",
        "order",
        "number",
        "prompt",
        "model",
        "method",
        "settings",
        "too-often",
        "nothing",
    ],
)
def test_what_differs_is_named_and_what_is_the_same(
    request_: Sent, recordings: list[RecordedRequest], explanation: str
) -> None:
    """One sentence that a user can act on, for each way of not fitting."""
    text = explain_miss(request_, recordings, NAMES)
    for digest in NAMES:
        text = text.replace(digest[:12], "X")
    assert text == explanation
