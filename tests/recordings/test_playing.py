"""A cassette plays each recording in its round; misses and unused recordings are described."""

import gc
import json
import re
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from vcr.record_mode import RecordMode

from fixtures.base.errors import RunError
from fixtures.base.secret_scan import SecretScan
from fixtures.exchange.reply import (
    EVENT_STREAM,
    GIVEN_UP,
    NOT_SENT_TWICE,
    PATIENCE,
    Reply,
    make_cancelled_reply,
    rebuild_error,
)
from fixtures.exchange.sent import Sent
from fixtures.recordings.cassette import Cassette
from fixtures.recordings.metadata import RecordedImage
from tests.helpers.metadata import make_metadata

URI = "http://user:word@127.0.0.1:8080/v1/models/m:generateContent?alt=sse&key=1"
OK = Reply(200, (), b"{}", 0.5)


def ask(data: str, prompt: str = "How many?") -> Sent:
    """Return a question about an image with these bytes in base64."""
    parts = [{"inlineData": {"data": data, "mime_type": "image/jpeg"}}, {"text": prompt}]
    return Sent("POST", "models/m:generateContent", json.dumps({"contents": [{"parts": parts}]}).encode())


FIRST, SECOND, NEW = ask("QUJD"), ask("REVG"), ask("R0hJ")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of a cassette of two rounds, each with two questions, about `a.jpg` and `b.jpg`."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    for cassette.round in range(2):
        for sent in (FIRST, SECOND):
            cassette.record(sent, URI, {}, OK, 0.0)
    images = [RecordedImage(name=name, sha256=sent.images[0]) for name, sent in (("a.jpg", FIRST), ("b.jpg", SECOND))]
    cassette.save(make_metadata([1.0, 1.0]).model_copy(update={"images": images}))
    return tmp_path / "c.yaml"


@pytest.mark.parametrize(
    ("mode", "name", "loaded", "recording"),
    [
        ("none", "c", 4, RecordMode.NONE),
        ("once", "c", 4, RecordMode.ONCE),
        ("new_episodes", "c", 4, RecordMode.NEW_EPISODES),
        ("all", "c", 4, RecordMode.ALL),
        ("rewrite", "c", 0, RecordMode.ALL),
        ("once", "new", 0, RecordMode.ALL),
    ],
)
def test_a_cassette_is_opened_for_its_mode(
    path: Path, mode: str, name: str, loaded: int, recording: RecordMode
) -> None:
    """All modes but `rewrite` load an existing file; all redact the simulator's address and refuse secrets."""
    scan = SecretScan({"abcdefgh": "the password"})
    cassette = Cassette.open_for_mode(path.with_stem(name), mode, "simulator", scan)
    assert (cassette.loaded_count, cassette.record_mode) == (loaded, recording)
    cassette.record(ask("QUJD", "Is it abcdefgh?"), URI, {}, OK, 0.0)
    assert cassette.requests[-1].uri == "http://simulator/v1/models/m:generateContent?alt=sse"
    with pytest.raises(RunError, match=f"it would contain the password, in request {loaded + 1}"):
        cassette.save(make_metadata([1.0, 1.0]))


def test_a_replay_needs_its_cassette(path: Path) -> None:
    """In mode `none` a missing file is an error."""
    with pytest.raises(RunError, match=r"new\.yaml"):
        Cassette.open_for_mode(path.with_stem("new"), "none", "test")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, (("content-type", "application/json"), ("server-timing", "dur=1")), b'{\n  "a": 1\n}', 0.25),
        Reply(200, (("content-type", EVENT_STREAM),), b'data: {"a": 1}\n\ndata: {"a": 2}\n\n', 0.75, (0.25, 0.5)),
        Reply(503, (("retry-after", "3"),), b"busy", 0.125),
        Reply(599, (), b"", 60.0, error="ReadTimeout: too late"),
    ],
    ids=["whole", "stream", "refused", "failed"],
)
def test_a_recorded_reply_is_played_unchanged(tmp_path: Path, reply: Reply) -> None:
    """Status, headers, body, seconds, chunk times and error are the same after saving and loading."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    cassette.record(FIRST, URI, {}, reply, 0.0)
    cassette.save(make_metadata([100.0]))
    assert Cassette.open_to_replay(tmp_path / "c.yaml").play(FIRST) == reply


def test_a_miss_is_explained_by_its_own_round(path: Path) -> None:
    """Only the round's recordings are compared and counted; images have their names of the recording or of this run."""
    cassette = Cassette.open_to_replay(path)
    cassette.names = {NEW.images[0]: "new.jpg"}
    for sent in (FIRST, SECOND):
        cassette.play(sent)
    cassette.round = 1
    cassette.play(FIRST)
    used = "(1 of the round's 2 recordings were used)"
    with pytest.raises(RunError, match=re.escape("in round 2, the prompt differs from character 10 on")) as prompt:
        cassette.play(ask("REVG", "How many? Tell."))
    assert str(prompt.value).endswith(f"; the same: images, model {used}.")
    with pytest.raises(RunError, match=re.escape("round 2, new.jpg was added after the recording")) as image:
        cassette.play(NEW)
    assert str(image.value).endswith(f"; the same: prompt, model {used}.")
    with pytest.raises(RunError, match=re.escape(f"more often than it was recorded {used}")) as often:
        cassette.play(FIRST, 1.0)
    assert str(often.value).endswith(": POST models/m:generateContent about a.jpg.")
    assert cassette.play(NEW, missing_ok=True) is None


def test_a_miss_in_a_first_recording_has_the_names_of_this_run(tmp_path: Path) -> None:
    """A cassette without metadata uses this run's names of the images."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    cassette.names = {NEW.images[0]: "new.jpg"}
    with pytest.raises(
        RunError, match=r"which has no recordings, POST models/m:generateContent about new\.jpg was sent"
    ):
        cassette.play(NEW)


def test_leftovers_are_loaded_recordings_with_round_and_image(path: Path) -> None:
    """A recording made in this run is not left over."""
    cassette = Cassette.open_for_mode(path, "new_episodes", "test")
    cassette.play(FIRST)
    cassette.record(NEW, URI, {}, OK, 0.0)
    asked = "POST models/m:generateContent about"
    left = [f"round 1: {asked} b.jpg", f"round 2: {asked} a.jpg", f"round 2: {asked} b.jpg"]
    assert cassette.list_leftovers() == left


def test_a_new_recording_replaces_the_one_of_the_same_round(path: Path) -> None:
    """In mode `all`, other questions and other rounds are kept."""
    cassette = Cassette.open_for_mode(path, "all", "test")
    cassette.round = 1
    cassette.record(FIRST, URI, {}, Reply(200, (), b"[]", 0.5), 0.0)
    cassette.save(make_metadata([1.0, 1.0]))
    again = Cassette.open_to_replay(path)
    places = [(sent, number) for sent in (FIRST, SECOND) for number in range(2)]
    bodies = []
    for sent, again.round in places:
        reply = again.play(sent)
        bodies.append(reply.body if reply else None)
    assert bodies == [b"{}", b"[]", b"{}", b"{}"]
    assert again.list_leftovers() == []


@pytest.mark.parametrize(("status", "message"), [(200, "OK"), (599, "")])
def test_only_needed_and_harmless_parts_are_recorded(tmp_path: Path, status: int, message: str) -> None:
    """Other headers, keys and an upload's session id are left out, and times are rounded to microseconds."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "simulator")
    session = "http://127.0.0.1:8080/upload/v1/files?uploadType=resumable&upload_id=1"
    headers = (("x-goog-upload-url", session), ("x-request-id", "1"), ("x-goog-upload-status", "active"))
    reply = Reply(status, headers, b"", 1.00000044, (0.50000044, 0.75000044))
    cassette.record(FIRST, URI, {"content-type": "application/json", "x-goog-api-key": "1"}, reply, 0.25000044)
    ((request, response),) = cassette.data
    assert (request.method, request.headers) == ("POST", {"content-type": "application/json"})
    assert response["status"] == {"code": status, "message": message}
    assert response["headers"] == {
        "x-goog-upload-url": ["http://simulator/upload/v1/files?uploadType=resumable"],
        "x-goog-upload-status": ["active"],
    }
    assert response["recorded"] == {"round": 0, "start": 0.25, "elapsed": 1.0, "chunks": [0.5, 0.75]}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  source: test\n", "", r"it lacks 'source'"),
        ("  source: test\n", "  source: [\n", r"while parsing a [^\n]* line [^\n]*"),
    ],
    ids=["lacking", "no YAML"],
)
def test_damage_is_reported_in_a_line_and_garbage_collection_is_restored(
    path: Path, old: str, new: str, reason: str
) -> None:
    """After a cassette could not be loaded, garbage collection is on only if it was on before."""
    path.write_text(path.read_text().replace(old, new))
    collecting = []
    for switch in (gc.disable, gc.enable):
        switch()
        with pytest.raises(RunError, match=rf"c\.yaml is damaged \({reason}\); restore it or record it again\.$"):
            Cassette.open_to_replay(path)
        collecting.append(gc.isenabled())
    gc.enable()
    assert collecting == [False, True]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no mapping", "its YAML does not have the structure of a cassette"),
        (b"text \xff", "byte 5 is not UTF-8 text"),
    ],
    ids=["another structure", "not UTF-8"],
)
def test_other_files_are_called_damaged_in_plain_words(
    path: Path, content: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The error has no text of Python's exceptions, and vcrpy logs no traceback."""
    path.write_bytes(content)
    with pytest.raises(RunError, match=re.escape(f"c.yaml is damaged ({reason}); restore it or record it again.")):
        Cassette.open_to_replay(path)
    assert not caplog.records


def test_a_request_that_is_under_way_and_was_not_recorded_twice_is_expected_to_be_cancelled(path: Path) -> None:
    """Sent again after 0.2 of its 0.5 s, it has 0.3 s left to be cancelled; 0.25 s after its end it is a miss."""
    cassette = Cassette.open_to_replay(path)
    cassette.play(FIRST, 1.0)
    again = cassette.play(FIRST, 1.2)
    assert again is not None
    assert again.error.startswith(NOT_SENT_TWICE)
    assert again.waited == pytest.approx(0.3 + PATIENCE)
    with pytest.raises(RunError, match=r"more often than it was recorded .* about a.jpg"):
        cassette.play(FIRST, 1.75)
    with pytest.raises(RunError, match=r"more often than it was recorded .* about a.jpg"):
        raise rebuild_error(again, httpx2.Request("POST", URI))


def test_a_request_that_is_under_way_is_not_sent_again_to_be_recorded(path: Path) -> None:
    """Mode `new_episodes` expects it to be cancelled, and sends an equal one only after the first one has ended."""
    cassette = Cassette.open_to_replay(path)
    cassette.play(FIRST, 1.0, missing_ok=True)
    again = cassette.play(FIRST, 1.2, missing_ok=True)
    assert again is not None
    assert cassette.play(FIRST, 1.75, missing_ok=True) is None


@pytest.mark.parametrize(("start", "is_twin"), [(0.1, True), (3.0, False)])
def test_a_cancelled_request_that_is_waited_for_has_the_answer_of_its_twin(
    tmp_path: Path, start: float, *, is_twin: bool
) -> None:
    """It gets the answer 1 s after its cancellation; an equal request sent after the cancellation is not its twin."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    cassette.record(FIRST, URI, {}, make_cancelled_reply(2.0), 0.0)
    cassette.record(FIRST, URI, {}, replace(OK, elapsed=1.9), start)
    cassette.save(make_metadata([5.0]))
    reply = Cassette.open_to_replay(tmp_path / "c.yaml").play(FIRST)
    assert reply is not None
    assert reply.waited == 3.0
    assert (reply.body, reply.error) == ((b"{}", "") if is_twin else (b"", GIVEN_UP))


@pytest.mark.parametrize("is_played", [True, False])
def test_a_cancelled_recording_is_left_over_where_no_other_of_its_request_was_played(
    tmp_path: Path, *, is_played: bool
) -> None:
    """A cancelled hedge is not left over if its request was played; a cancelled request without an equal one is."""
    cassette = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    cassette.record(FIRST, URI, {}, OK, 0.0)
    cassette.record(FIRST, URI, {}, make_cancelled_reply(0.1), 0.4)
    cassette.record(SECOND, URI, {}, make_cancelled_reply(0.1), 0.4)
    cassette.save(make_metadata([1.0]))
    cassette = Cassette.open_to_replay(tmp_path / "c.yaml")
    if is_played:
        cassette.play(FIRST)
    assert len(cassette.list_leftovers()) == (1 if is_played else 3)
