"""Reading a cassette's file: what is accepted, what is refused and with which message; and how the file is written."""

import math
from typing import Any

import pytest

from fixtures.recordings.file import ReadableYaml, check_responses

PHASES = {"connecting": 0.0, "sending": 0.0, "waiting": 1.0, "receiving": 0.0}
LACKING = "must have the seconds of connecting, sending, waiting, receiving and nothing else"
BODY = b"data: 1\n\ndata: 2\n\n"


def response(changed: dict[str, Any]) -> dict[str, Any]:
    """Return a response of two events that took 1 s, with values of `recorded` or of its HTTP part changed."""
    http: dict[str, Any] = {"status": {"code": 200}, "headers": {"content-type": ["text/plain"]}, "body": BODY}
    recorded: dict[str, Any] = {"round": 0, "start": 0.0, "elapsed": 1.0}
    for name, value in changed.items():
        (http if name in http else recorded)[name] = value
    return http | {"body": {"string": http["body"]}, "recorded": recorded}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"elapsed": 1.001},
        {"round": 1, "elapsed": 60.0, "assumed": "nothing"},
        {"chunks": [0.1, 1.0]},
        {"chunks": [], "body": b"", "error": "Cancelled: not read to its end"},
        {"error": "ReadError: 127.0.0.1: reset"},
        {"phases": {"connecting": 0, "sending": 0.2, "waiting": 0.7, "receiving": 0.100001}},
        {"elapsed": 0.0, "phases": {"connecting": 0, "sending": 0, "waiting": 0, "receiving": 0}},
        {"status": {"code": 100}},
        {"status": {"code": 599}},
    ],
)
def test_a_response_that_can_be_replayed_is_accepted(changed: dict[str, Any]) -> None:
    """Rounding, rounds without a time, broken streams and all HTTP statuses from 100 to 599 are accepted."""
    check_responses([1.0, None], [response(changed)])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"elapsed": -1}, "recorded.elapsed is not a number of seconds: -1"),
        ({"elapsed": 1.002}, "an exchange took longer than its round"),
        ({"round": 2}, "recorded.round is not in metadata.rounds"),
        ({"round": -1}, "recorded.round is not in metadata.rounds"),
        ({"round": True}, "recorded.round is not in metadata.rounds"),
        ({"assumed": "nothing"}, "an exchange in a timed round has no time"),
        ({"chunks": [0.1]}, "recorded.chunks does not have one time per event of its stream"),
        ({"chunks": "12"}, "recorded.chunks does not have one time per event of its stream"),
        ({"chunks": [0.1, "x"]}, "recorded.chunks is not a number of seconds: 'x'"),
        ({"chunks": [0.2, 0.1]}, "recorded.chunks are not in ascending order, or end after their exchange"),
        ({"chunks": [0.2, 1.1]}, "recorded.chunks are not in ascending order, or end after their exchange"),
        ({"phases": None}, f"recorded.phases {LACKING}"),
        ({"phases": [0, 0, 1.0, 0]}, f"recorded.phases {LACKING}"),
        ({"phases": {"connecting": 0, "sending": 0, "waiting": 1.0}}, f"recorded.phases {LACKING}"),
        ({"phases": PHASES | {"thinking": 0}}, f"recorded.phases {LACKING}"),
        ({"phases": PHASES | {"sending": -0.1}}, "recorded.phases.sending is not a number of seconds: -0.1"),
        ({"phases": PHASES | {"waiting": "1"}}, "recorded.phases.waiting is not a number of seconds: '1'"),
        ({"phases": PHASES | {"connecting": True}}, "recorded.phases.connecting is not a number of seconds: True"),
        ({"phases": PHASES | {"receiving": math.nan}}, "recorded.phases.receiving is not a number of seconds: nan"),
        ({"phases": PHASES | {"receiving": 0.002}}, "recorded.phases do not add up to recorded.elapsed"),
        ({"phases": PHASES | {"waiting": 0.9}}, "recorded.phases do not add up to recorded.elapsed"),
        ({"error": 5}, "recorded.error is not an error of the HTTP client: 5"),
        ({"error": "SystemExit: 1"}, "recorded.error is not an error of the HTTP client: 'SystemExit: 1'"),
        ({"status": {"code": 99}}, "99 is not an HTTP status"),
        ({"status": {"code": 600}}, "600 is not an HTTP status"),
        ({"status": {"code": 200.0}}, "200.0 is not an HTTP status"),
        ({"body": "text"}, "a body is not text"),
        ({"headers": {1: ["text"]}}, "a header is not a name with a list of values"),
        ({"headers": {"a": "text"}}, "a header is not a name with a list of values"),
        ({"headers": {"a": ["text", 1]}}, "a header's value is not text"),
    ],
)
def test_a_response_that_cannot_be_replayed_is_refused_with_the_place(changed: dict[str, Any], reason: str) -> None:
    """The error names the invalid value, also if it is in the last of several responses."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole text is compared
        check_responses([1.0, None], [response({}), response(changed)])
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100 + "]" * 100, None),
        ("[" * 101 + "]" * 101, "it is nested deeper than 100 levels"),
        ("a: &a [x, y]\nb: [*a, *a]", None),
        ("a: &a [x, y]\nb: &b [[*a], [*a]]", "its aliases refer to other aliases"),
        ("- &a [x]\n- &b {y: z}\n- [*a, *b]", None),
    ],
    ids=["deep", "too deep", "alias", "bomb", "anchors"],
)
def test_aliases_are_read_and_bombs_are_refused(text: str, reason: str | None) -> None:
    """Aliases are read; nesting over 100 levels and aliases of aliases, which grow exponentially, are refused."""
    if reason is None:
        assert ReadableYaml.deserialize(text)
        return
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole text is compared
        ReadableYaml.deserialize(text)
    assert str(raised.value) == reason


def test_a_cassette_is_written_for_people() -> None:
    """Metadata come first, keys keep their order, texts their line breaks and umlauts; a long line is not wrapped."""
    text = """\
version: 1
metadata:
  strategy: für alle
  model: m
interactions:
- body: |-
    {
      "a": 1
    }
  words: WORDS
"""
    words = " ".join(["word"] * 22)
    document = {
        "interactions": [{"body": '{\n  "a": 1\n}', "words": words}],
        "version": 1,
        "metadata": {"strategy": "für alle", "model": "m"},
    }
    assert ReadableYaml.serialize(document) == text.replace("WORDS", words)
