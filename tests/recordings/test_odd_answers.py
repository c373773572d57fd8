"""Unusual answers are recorded and read back unchanged, and a recording is kept when its disk is full."""

import errno
import json
import os
import tempfile
from pathlib import Path

import pytest

from fixtures.base.errors import RunError
from fixtures.exchange.reply import EVENT_STREAM, Exchange, Reply
from fixtures.exchange.sent import Sent
from fixtures.exchange.usage import find_uploads
from fixtures.recordings.cassette import Cassette
from tests.helpers.metadata import make_metadata

SENT = Sent("POST", "models/m:generateContent", b"{}")
BODIES = {
    "lone surrogates": rb'{"candidates": [{"finishMessage": "\ud800"}], "\udfff": 1}',
    "a pair of surrogates": rb'{"text": "\ud83c\udf6e"}',
    "controls": rb'{"text": "\u0000\u001b[2J\u0085\u2028\ufeff"}',
    "nested 500 deep": b'{"text": ' + b"[" * 500 + b"]" * 500 + b"}",
    "nested 100,000 deep": b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


def record(path: Path, reply: Reply) -> Cassette:
    """Return a new cassette with one exchange."""
    cassette = Cassette.open_to_record(path, "test")
    cassette.record(SENT, "http://h/v1/models/m:generateContent", {}, reply, 0.0)
    return cassette


def replay(path: Path) -> bytes:
    """Return the body of the recorded exchange."""
    reply = Cassette.open_to_replay(path).play(SENT)
    assert reply is not None
    return reply.body


def parse(body: bytes) -> object:
    """Return the JSON document of a body, or the stripped body itself if it is nested too deeply to parse."""
    try:
        return json.loads(body.removeprefix(b"data: "))
    except RecursionError:
        return body.strip()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_odd_answer_replays_unchanged(tmp_path: Path, body: bytes) -> None:
    """The replayed body is the same JSON, both as a whole answer and as an event of a stream."""
    plain = Reply(200, (("content-type", "application/json"),), body, 1.0)
    stream = Reply(200, (("content-type", EVENT_STREAM),), b"data: " + body + b"\n\n", 1.0, chunks=(1.0,))
    for reply in (plain, stream):
        path = tmp_path / f"{len(reply.body)}.yaml"
        record(path, reply).save(make_metadata([1.0]))
        assert parse(replay(path)) == parse(reply.body)


def test_a_request_with_an_odd_name_of_the_server_is_found_again(tmp_path: Path) -> None:
    """A request with a file address that has a lone surrogate is found, and the upload's address equals it."""
    sent = Sent("POST", "models/m:generateContent", rb'{"parts": [{"file_data": {"file_uri": "http://h/\ud800"}}]}')
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    cassette.record(sent, "http://h/v1/models/m:generateContent", {}, Reply(200, (), b"{}", 1.0), 0.0)
    cassette.save(make_metadata([1.0]))
    assert Cassette.open_to_replay(tmp_path / "c.yaml").play(sent) is not None
    uploaded = Reply(200, (), rb'{"file": {"uri": "http://h/\ud800"}}', 1.0)
    exchange = Exchange(Sent("POST", "files", b"image"), "http://h/", {}, uploaded, 0.0, 1, played=False)
    assert [uri for uri, _ in find_uploads(exchange)] == list(sent.files)


def test_only_long_signatures_are_left_out(tmp_path: Path) -> None:
    """Only base64 texts longer than 64 characters are left out; the SDK may refuse an answer without the others."""
    odd: list[object] = ["A" * 64, "?" * 100, 10**100]
    body = json.dumps([{"thoughtSignature": each} for each in [*odd, "A" * 65]]).encode()
    record(tmp_path / "c.yaml", Reply(200, (), body, 1.0)).save(make_metadata([1.0]))
    kept = [*({"thoughtSignature": each} for each in odd), {}]
    assert parse(replay(tmp_path / "c.yaml")) == kept
    event = b"data: " + body + b"\n\n"
    stream = Reply(200, (("content-type", EVENT_STREAM),), event, 1.0, chunks=(1.0,))
    record(tmp_path / "s.yaml", stream).save(make_metadata([1.0]))
    assert parse(replay(tmp_path / "s.yaml")) == kept


@pytest.mark.parametrize("full", [1, 2], ids=["its disk", "every disk"])
def test_a_full_disk_is_reported_and_no_recording_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, full: int
) -> None:
    """The old file stays, and the new one is saved in the temporary folder if there is room."""
    cassettes, elsewhere = tmp_path / "cassettes", tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = cassettes / "sequential.yaml"
    record(path, Reply(200, (), b'"old"', 1.0)).save(make_metadata([1.0]))
    outcomes = [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))] * full + [None]

    def fsync(_: int) -> None:
        if (error := outcomes.pop(0)) is not None:
            raise error

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    with pytest.raises(
        RunError, match=r"sequential\.yaml cannot be written: No space left on device\. The old file is kept"
    ) as told:
        record(path, Reply(200, (), b'"new"', 1.0)).save(make_metadata([1.0]))
    assert (list(cassettes.iterdir()), replay(path)) == ([path], b'"old"')
    assert all(f"the recording is in {kept}. Fix the cause" in str(told.value) for kept in elsewhere.iterdir())
    assert [replay(kept) for kept in elsewhere.iterdir()] == ([b'"new"'] if full == 1 else [])
