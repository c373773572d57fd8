"""What a request asks is the same whatever its spelling, and never holds image bytes."""

import base64
import json

import pytest

from fixtures.exchange.sent import Sent, find_resource

JPEG = b"\xff\xd8\xff" + bytes(range(256))


def body(data: str, *, snake: bool = False, prompt: str = "How many?") -> bytes:
    """Return a request body as a client would write it."""
    key, mime = ("inline_data", "mime_type") if snake else ("inlineData", "mimeType")
    return json.dumps({"contents": [{"parts": [{key: {mime: "image/jpeg", "data": data}}, {"text": prompt}]}]}).encode()


def test_images_become_digests_and_the_rest_stays_readable() -> None:
    """The body says which image was asked about, in what words, and holds none of its bytes."""
    sent = Sent("POST", "models/m:generateContent", body(base64.b64encode(JPEG).decode()))
    (image, text) = sent.body["contents"][0]["parts"]
    assert image == {"inlineData": {"sha256": sent.images[0], "bytes": len(JPEG), "mime_type": "image/jpeg"}}
    assert text == {"text": "How many?"}
    assert sent.text == "How many?"


@pytest.mark.parametrize(
    "data",
    [
        base64.b64encode(JPEG).decode(),
        base64.urlsafe_b64encode(JPEG).decode(),
        base64.urlsafe_b64encode(JPEG).decode().rstrip("="),
    ],
    ids=["standard", "url-safe", "unpadded"],
)
def test_every_base64_alphabet_gives_the_same_digest(data: str) -> None:
    """The SDK sends the URL-safe alphabet; another client's recording still matches."""
    standard = Sent("POST", "models/m:generateContent", body(base64.b64encode(JPEG).decode()))
    assert Sent("POST", "models/m:generateContent", body(data)).digest == standard.digest


def test_the_digest_tells_images_prompts_and_models_apart() -> None:
    """Requests that ask something else never share a recording."""
    data = base64.b64encode(JPEG).decode()
    other = base64.b64encode(JPEG + b"\0").decode()
    asked = {
        Sent("POST", "models/m:generateContent", body(data)).digest,
        Sent("POST", "models/m:generateContent", body(other)).digest,
        Sent("POST", "models/m:generateContent", body(data, prompt="How few?")).digest,
        Sent("POST", "models/n:generateContent", body(data)).digest,
        Sent("GET", "models/m:generateContent", body(data)).digest,
    }
    assert len(asked) == 5


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/models/m:generateContent", "models/m:generateContent"),
        ("/v1beta/models/m:generateContent", "models/m:generateContent"),
        ("/gateway/models-of-ours/v1/models/m:generateContent", "models/m:generateContent"),
        ("/upload/v1beta/files", "files"),
        ("/v1beta/batches/b-1", "batches/b-1"),
        ("/elsewhere", "/elsewhere"),
    ],
)
def test_prefix_and_api_version_do_not_matter(path: str, expected: str) -> None:
    """A recording from one server is found on another's path."""
    assert find_resource(path) == expected


def test_other_bodies_are_described_too() -> None:
    """No body is None; raw bytes are their digest and size."""
    assert Sent("GET", "models/m", b"").body is None
    assert Sent("POST", "files", JPEG).body["bytes"] == len(JPEG)
