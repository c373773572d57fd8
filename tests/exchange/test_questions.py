"""The questions in a request are found, also in a batch job and in a file of requests."""

import json
from typing import Any

import pytest

from fixtures.exchange.questions import AskedQuestion, find_questions
from fixtures.exchange.sent import Sent
from fixtures.images.image import Image
from tests.helpers.exchanges import make_question

IMAGES = [Image(name, name.encode(), "image/jpeg", 1, 1) for name in ("a", "b")]
ALONE = [make_question("How many?", image) for image in IMAGES]
INLINED = {"batch": {"inputConfig": {"requests": {"requests": [{"request": each} for each in ALONE]}}}}
LINES = "".join(json.dumps({"key": "k", "request": each}) + "\n" for each in ALONE)


def send(resource: str, body: Any) -> Sent:
    """Return a request with a body."""
    return Sent("POST", resource, (body if isinstance(body, str) else json.dumps(body)).encode())


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (send("models/m:generateContent", make_question("All?", *IMAGES)), [AskedQuestion(2, "All?", batch=False)]),
        (
            send("models/m:streamGenerateContent", make_question("It?", files=("u",))),
            [AskedQuestion(1, "It?", batch=False)],
        ),
        (send("models/m:batchGenerateContent", INLINED), 2 * [AskedQuestion(1, "How many?", batch=True)]),
        (send("files", LINES), 2 * [AskedQuestion(1, "How many?", batch=True)]),
        (send("models/m:batchGenerateContent", {"batch": {"inputConfig": {"fileName": "files/x"}}}), []),
        (send("files", {"file": {"mimeType": "jsonl"}}), []),
        (send("files", "the bytes of an image"), []),
        (Sent("GET", "batches/x", b""), []),
    ],
)
def test_each_question_is_found_once(sent: Sent, expected: list[AskedQuestion]) -> None:
    """For a job with a file of requests, the upload has the questions and the job has none."""
    assert list(find_questions(sent)) == expected
