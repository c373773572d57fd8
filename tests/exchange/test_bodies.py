"""Equal requests have equal digests in any spelling, and stored bodies have no image bytes."""

import base64
import json

import httpx2
import pytest

from fixtures.exchange.sent import Sent, find_resource
from fixtures.exchange.uploads import Uploads

JPEG = b"\xff\xd8\xff" + bytes(range(256))


def body(data: str, *, snake: bool = False, prompt: str = "How many?") -> bytes:
    """Return a request body with an image's base64 data and a prompt."""
    key, mime = ("inline_data", "mime_type") if snake else ("inlineData", "mimeType")
    return json.dumps({"contents": [{"parts": [{key: {mime: "image/jpeg", "data": data}}, {"text": prompt}]}]}).encode()


def test_images_become_digests_and_the_rest_stays_readable() -> None:
    """The readable body has the image's digest, size and type, and the prompt as text."""
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
    """The SDK sends the URL-safe alphabet; a recording of a client with another one matches too."""
    standard = Sent("POST", "models/m:generateContent", body(base64.b64encode(JPEG).decode()))
    assert Sent("POST", "models/m:generateContent", body(data)).digest == standard.digest


def test_the_digest_tells_images_prompts_and_models_apart() -> None:
    """Requests with another image, prompt, model or method have different digests."""
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
    """The resource in a path is the same below any prefix and API version."""
    assert find_resource(path) == expected


def test_other_bodies_are_described_too() -> None:
    """No body is None; bytes become their digest and size."""
    assert Sent("GET", "models/m", b"").body is None
    assert Sent("POST", "files", JPEG).body["bytes"] == len(JPEG)


LINES = [
    json.dumps({"key": str(number), "request": json.loads(body(base64.b64encode(JPEG).decode()))}) for number in (1, 2)
]
FILE = "".join(f"{line}\n" for line in LINES).encode()


def test_a_file_of_requests_is_the_list_of_its_lines() -> None:
    """The list has digests instead of images, also for a single line; a file with another line becomes its size."""
    sent, single = Sent("POST", "files", FILE), Sent("POST", "files", f"{LINES[0]}\n".encode())
    assert [line["key"] for line in sent.body] == ["1", "2"]
    assert single.body == sent.body[:1]
    assert (
        sent.images == 2 * single.images == 2 * Sent("POST", "models/m", body(base64.b64encode(JPEG).decode())).images
    )
    assert sent.text == "How many?\nHow many?"
    assert Sent("POST", "files", FILE + b"no JSON\n").body["bytes"] == len(FILE) + len(b"no JSON\n")


def piece(content: bytes, offset: int, *, last: bool, upload: str = "1") -> httpx2.Request:
    """Return a request that uploads a piece of a file, as the SDK sends it."""
    headers = {"x-goog-upload-command": "upload, finalize" if last else "upload", "x-goog-upload-offset": str(offset)}
    return httpx2.Request("POST", f"http://h/upload/v1/files?upload_id={upload}", headers=headers, content=content)


@pytest.mark.parametrize("size", [1, 7, len(LINES[0]), len(LINES[0]) + 1, len(FILE) - 1])
def test_a_line_belongs_to_the_piece_that_ends_it(size: int) -> None:
    """In any division the pieces have each line once, and a piece that is sent again has the same lines."""
    uploads = Uploads()
    starts = range(0, len(FILE), size)
    pieces = [piece(FILE[start : start + size], start, last=start + size >= len(FILE)) for start in starts]
    sent = [uploads.read(each) for each in pieces]
    assert [line for each in sent for line in each.body] == Sent("POST", "files", FILE).body
    assert [uploads.read(each).digest for each in pieces] == [each.digest for each in sent]
    assert sum(each.size for each in sent) == len(FILE)


def test_pieces_of_an_image_and_of_another_upload_are_described() -> None:
    """A piece that is not of a file of requests becomes its digest and size; uploads are kept apart."""
    uploads = Uploads()
    begun, image = uploads.read(piece(FILE[:9], 0, last=False)), uploads.read(piece(JPEG, 0, last=False, upload="2"))
    assert begun.body == []
    assert image.body["bytes"] == uploads.read(piece(JPEG, len(JPEG), last=True, upload="2")).body["bytes"] == len(JPEG)
    assert uploads.read(piece(FILE[9:], 9, last=True, upload="2")).body["bytes"] == len(FILE) - 9
