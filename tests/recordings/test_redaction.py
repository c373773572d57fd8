"""Which parts of an exchange a cassette stores, and where a secret is found in it."""

import json
from typing import Any

import pytest
from vcr.request import Request

from fixtures.base.secret_scan import SecretScan
from fixtures.exchange.reply import EVENT_STREAM, Reply
from fixtures.recordings.redaction import find_secret, make_readable_body, redact_uri

HIDDEN = "abcdefgh"
PLAIN = {"text": "hello"}


@pytest.mark.parametrize(
    ("kind", "body", "readable"),
    [
        ("application/json", b'{"a":["\\u00fc"]}', '{\n  "a": [\n    "ü"\n  ]\n}'),
        ("application/json; charset=UTF-8", b'{"a":1}', '{\n  "a": 1\n}'),
        ("application/jsonl", b'{"a":1}\n', '{"a": 1}'),
        (EVENT_STREAM, b'data: {"a":\t"\\u00fc"}\n\n: note\n\n', 'data: {"a": "ü"}\n\n: note\n\n'),
        ("", b'{"key":"\\u00fc"}\n{"n":1}\n{"cut', '{"key": "ü"}\n{"n": 1}\n{"cut'),
        ("", b"<p>busy", "<p>busy"),
    ],
)
def test_a_body_is_kept_for_people(kind: str, body: bytes, readable: str) -> None:
    """JSON is indented by two spaces, events and objects stay on one line, escapes are decoded, other text stays."""
    assert make_readable_body(Reply(200, (("content-type", kind),), body, 1.0)).decode() == readable


@pytest.mark.parametrize(
    ("uri", "source", "kept"),
    [
        ("http://127.0.0.1:80/v1/models/m?alt=sse", "simulator", "http://simulator/v1/models/m?alt=sse"),
        ("https://host:8080/v1/models/m", "host:8080", "https://host:8080/v1/models/m"),
        ("https://me@work:word@host/v1?key=1&pageToken=a%2Bb#me", "host", "https://host/v1?pageToken=a%2Bb"),
    ],
)
def test_an_address_keeps_its_host_and_harmless_parameters(uri: str, source: str, kept: str) -> None:
    """The simulator's port, the user, the password, the key and the fragment are removed from the address."""
    assert redact_uri(uri, source) == kept


def make_document(**changed: object) -> dict[str, Any]:
    """Return vcrpy's document of two exchanges, with parts of the second one or the metadata changed."""
    values: dict[str, Any] = {
        "metadata": {},
        "uri": "http://h/",
        "headers": {},
        "body": PLAIN,
        "body_of": "{}",
    } | changed
    responses = [{"headers": {}, "body": {"string": text.encode()}} for text in ("{}", values["body_of"])]
    requests = [
        Request("POST", "http://h/", PLAIN, {}),
        Request("POST", values["uri"], values["body"], values["headers"]),
    ]
    return {"metadata": values["metadata"], "requests": requests, "responses": responses}


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"metadata": {"model": HIDDEN}}, "the metadata"),
        ({"uri": f"http://h/{HIDDEN}"}, "request 2"),
        ({"headers": {"a": HIDDEN}}, "request 2"),
        ({"body": {"text": HIDDEN}}, "request 2"),
        ({"body_of": json.dumps({"text": HIDDEN})}, "the response to request 2"),
        ({"body_of": json.dumps([{"text": HIDDEN[:4]}, {"text": HIDDEN[4:]}])}, "the response to request 2"),
        (
            {"body_of": "".join(f"data:{json.dumps({'text': part})}\n\n" for part in (HIDDEN[:4], HIDDEN[4:]))},
            "the response to request 2",
        ),
        (
            {
                "body_of": "".join(
                    f"{json.dumps([{'text': part}, {'text': HIDDEN[4:]}])}\n" for part in ("a", HIDDEN[:4])
                )
            },
            "the response to request 2",
        ),
        ({"body": [PLAIN, {"text": HIDDEN}]}, "request 2"),
        ({"uri": f"http://h/{HIDDEN}", "body_of": HIDDEN}, "request 2"),
    ],
)
def test_a_secret_is_found_and_its_place_named(changed: dict[str, object], place: str) -> None:
    """A secret is found in the metadata, a request or a response, also in pieces; the first place is named."""
    assert find_secret(make_document(**changed), SecretScan({HIDDEN: "the password"})) == f"the password, in {place}"


def test_a_document_without_a_secret_passes() -> None:
    """In a document without the secret nothing is found."""
    assert find_secret(make_document(), SecretScan({HIDDEN: "the password"})) is None
