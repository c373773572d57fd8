"""A miss is explained: what differs from the most similar recording, and what is the same."""

import base64
import json
import re
from typing import Any

import pytest

from fixtures.exchange.sent import Sent, make_readable
from fixtures.recordings.misses import Images, RecordedRequest, explain_miss

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
LONG = "".join(map(str, range(100, 140)))


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
        (
            sent(content("ab")),
            [],
            "which has no recordings, POST models/m:generateContent about a.jpg, b.jpg was sent.",
        ),
        (
            sent(content("b", "How many people? And dogs?")),
            SINGLE,
            (
                "the prompt differs from character 17 on ('How many people? And dogs?' instead of 'How many people?'); "
                "the same: images, model (1 of the round's 3 recordings were used)."
            ),
        ),
        (
            sent(content("", LONG[:50] + "?" + LONG[51:])),
            [recorded(content("", LONG))],
            (
                f"the prompt differs from character 51 on ('{LONG[30:50]}?{LONG[51:90]}' instead of '{LONG[30:90]}'); "
                "the same: images, model (0 of the round's 1 recordings were used)."
            ),
        ),
        (
            sent(content("b", tools=1, same=1)),
            [recorded(content("b", labels=1, same=1))],
            (
                "other settings differ (labels, tools); the same: images, prompt, model "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        (
            sent(content(["a", "new c"])),
            [recorded(content("bc"))],
            (
                "image 1, a.jpg, differs from the recorded one (X instead of X); "
                "image 2, c.jpg, differs from the recorded one (X instead of X); the same: prompt, model "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        (
            Sent("GET", "batches/1", b""),
            [recorded(b"", "models/m:batchGenerateContent")],
            (
                "the model is batches/1 instead of m; "
                "the API method is GET batches: instead of POST models:batchGenerateContent; the same: images, prompt "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        (
            Sent("POST", "files", b""),
            [recorded(b"", "models/m:generateContent")],
            (
                "the model is files instead of m; "
                "the API method is POST files: instead of POST models:generateContent; the same: images, prompt "
                "(0 of the round's 1 recordings were used)."
            ),
        ),
        *(
            (
                sent(json.dumps(body).encode()),
                [recorded(json.dumps({"contents": [{"text": "a"}, {"json": 1}]}).encode())],
                (
                    "the rest of the body differs, such as the order of its parts; the same: images, prompt, model "
                    "(0 of the round's 1 recordings were used)."
                ),
            )
            for body in (
                {"contents": [{"json": 1}, {"text": "a"}]},
                {"contents": [{"text": "a"}, {"json": 1.0}]},
                {"contents": [{"text": "a"}, {"json": 1}], "tools": None},
            )
        ),
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
        "longer-prompt",
        "long-prompt",
        "several-settings",
        "several-images",
        "kind",
        "upload",
        "order-of-parts",
        "kind-of-number",
        "null",
    ],
)
def test_differences_and_equal_parts_are_named(
    request_: Sent, recordings: list[RecordedRequest], explanation: str
) -> None:
    """Each kind of difference is named in a sentence, together with the parts that are the same."""
    text = explain_miss(request_, recordings, Images(NAMES))
    for digest in NAMES:
        text = text.replace(digest[:12], "X")
    assert text == explanation


@pytest.mark.parametrize(
    ("image", "recordings", "then"),
    [
        ("new c", SINGLE, "c"),
        ("c", [recorded(content("a"), used=True), recorded(content("b"))], "b"),
    ],
    ids=["of the same name", "not used yet"],
)
def test_the_most_similar_recording_is_compared(image: str, recordings: list[RecordedRequest], then: str) -> None:
    """Of equally similar recordings, one about an image of the same name comes first, then one that was not used."""
    request, (digest,) = sent(content([image])), sent(content(then)).images
    assert f"({request.images[0][:12]} instead of {digest[:12]})" in explain_miss(request, recordings, Images(NAMES))


def test_an_image_without_a_name_is_called_by_its_digest() -> None:
    """An image whose name is unknown, as in a cassette of another project, is named by its digest."""
    request = sent(content("a"))
    assert f"about an image of digest {request.images[0][:12]} was sent." in explain_miss(request, [], Images({}))


def find_digest(name: str) -> str:
    """Return the digest of one of the images."""
    return sent(content([name])).images[0]


@pytest.mark.parametrize(
    ("now", "then", "request_", "recordings", "explanation"),
    [
        ("abc", "ab", ["c"], ["a", "b"], "c.jpg was added after the recording; the same: prompt, model"),
        ("abc", "a", ["c"], ["a"], "c.jpg was added after the recording; the same: prompt, model"),
        ("abc", "ab", "abc", ["ab"], "c.jpg was added after the recording; the same: model"),
        ("abc", "c", "abc", ["c"], "a.jpg, b.jpg were added after the recording; the same: model"),
        ("ab", "abc", "ab", ["abc"], "c.jpg was removed after the recording; the same: model"),
        ("ac", "ab", "ac", ["ab"], "c.jpg was added after the recording; b.jpg was removed after the recording; "),
        ("bc", "abc", "bc", ["ab", "c"], "a.jpg was removed after the recording; the same: "),
        ("ab", "", ["b"], ["a"], "b.jpg differs from the recorded one (X instead of X); the same: prompt, model"),
    ],
    ids=["one", "two", "in a prompt", "two in a prompt", "removed", "replaced", "in another prompt", "not known"],
)
def test_an_added_or_removed_image_is_named(
    now: str, then: str, request_: str | list[str], recordings: list[str], explanation: str
) -> None:
    """The image is named, not the prompt with another number of images; unknown recorded names name no change."""
    names = {name: find_digest(name) for name in "abc"}
    images = Images(*({names[name]: f"{name}.jpg" for name in each} for each in (now, then)))
    body = content(request_, f"{len(request_)} images")
    requests = [recorded(content(each, f"{len(each)} images")) for each in recordings]
    text = explain_miss(sent(body), requests, images)
    for digest in names.values():
        text = text.replace(digest[:12], "X")
    assert text.startswith(explanation), text
    assert "prompt differs" not in text


def test_a_changed_image_is_named_beside_an_added_one() -> None:
    """A request about a changed image alone does not mention images that were added."""
    digests = {name: find_digest(name) for name in BYTES}
    now = {digests["a"]: "a.jpg", digests["b"]: "b.jpg", digests["new c"]: "c.jpg"}
    images = Images(now, {digests["a"]: "a.jpg", digests["c"]: "c.jpg"})
    together = explain_miss(sent(content(["a", "b", "new c"])), [recorded(content("ac"))], images)
    assert together.startswith("b.jpg was added after the recording; c.jpg was changed after the recording; ")
    alone = explain_miss(sent(content(["new c"])), [recorded(content("a"))], images)
    assert alone.startswith("c.jpg differs from the recorded one (")


def upload(*lines: dict[str, Any]) -> bytes:
    """Return the content of a file of requests, one per line."""
    return "".join(f"{json.dumps(each)}\n" for each in lines).encode()


def line(name: str, prompt: str = "How many people?", **settings: Any) -> dict[str, Any]:
    """Return the request about an image for a file of requests."""
    return {"key": name, "request": json.loads(content([name], prompt, **settings))}


def inline(*lines: dict[str, Any]) -> bytes:
    """Return the body that starts a job of these requests."""
    return json.dumps({"batch": {"inputConfig": {"requests": {"requests": lines}}}}).encode()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([line("a"), line("new c")], "image 2, c.jpg, differs from the recorded one (X instead of X); the same: p"),
        ([line("a"), line("c", "How many?")], "the prompt differs from character 26 on"),
        (
            [line(name, generationConfig={"a": 1}) for name in "ac"],
            "other settings differ (generationConfig); the same: images, prompt, model",
        ),
    ],
)
def test_a_missed_job_is_explained_by_its_differing_requests(asked: list[dict[str, Any]], told: str) -> None:
    """Image, prompt and settings are compared, whether the requests are inlined or in a file."""
    for write, resource in ((inline, "models/m:batchGenerateContent"), (upload, "files")):
        known = [recorded(write(line("a"), line("c")), resource)]
        explained = explain_miss(sent(write(*asked), resource), known, Images(NAMES))
        assert re.sub(r"\b[0-9a-f]{12}\b", "X", explained).startswith(told)


def test_a_missed_upload_is_explained_by_size_and_changed_images() -> None:
    """The request that starts an upload has only the file's size; changed images are named if there are any."""
    begun = [json.dumps({"file": {"mime_type": "jsonl", "size_bytes": size}}).encode() for size in (7, 9)]
    images = Images({"1": "a.jpg", "3": "b.jpg", "4": "d.jpg"}, {"1": "a.jpg", "2": "b.jpg", "5": "c.jpg"})
    told = "the uploaded file has 9 bytes instead of 7"
    for known, more in (
        (images, ": d.jpg was added after the recording; c.jpg was removed after the recording; b.jpg was changed"),
        (Images({"1": "a.jpg"}, {"1": "a.jpg"}), "; the same: images, prompt"),
    ):
        assert explain_miss(sent(begun[1], "files"), [recorded(begun[0], "files")], known).startswith(told + more)
