"""A poll gets the state that was known at its time, so a job takes as long with another back-off."""

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.base.errors import RunError
from fixtures.exchange.reply import Phases, Reply
from fixtures.exchange.sent import Sent
from fixtures.recordings.cassette import Cassette
from tests.helpers.metadata import make_metadata

CREATE = Sent("POST", "models/m:batchGenerateContent", b"{}")
POLL = Sent("GET", "batches/1", b"")
POLLS = [(5.0, "PENDING"), (12.5, "RUNNING"), (300.0, "RUNNING"), (360.0, "SUCCEEDED")]
"""The start of each poll, in seconds of the round, and the state it got 0.5 s later."""


def state(name: str) -> bytes:
    """Return the JSON of a job's state, as the API sends it."""
    return json.dumps({"name": "batches/1", "metadata": {"state": name}}).encode()


@pytest.fixture
def cassette(tmp_path: Path) -> Cassette:
    """Return the cassette of a job of six minutes."""
    recording = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    recording.record(CREATE, f"http://x/v1/{CREATE.resource}", {}, Reply(200, (), state("CREATED"), 4.0), 0.0)
    for start, name in POLLS:
        recording.record(POLL, "http://x/v1/batches/1", {}, Reply(200, (), state(name), 0.5), start)
    recording.save(make_metadata([361.0]))
    return Cassette.open_to_replay(tmp_path / "c.yaml")


def told(reply: Reply | None) -> Any:
    """Return the state in a reply."""
    assert reply is not None
    return json.loads(reply.body)["metadata"]["state"]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (0.0, "CREATED"),
        (4.7, "CREATED"),
        (4.75, "PENDING"),
        (5.0, "PENDING"),
        (12.2, "PENDING"),
        (12.3, "RUNNING"),
        (352.7, "RUNNING"),
        (353.0, "SUCCEEDED"),
        (5000.0, "SUCCEEDED"),
    ],
)
def test_a_poll_gets_the_last_state_that_is_not_later(cassette: Cassette, since: float, expected: str) -> None:
    """A poll matches one recorded at most 0.25 s later, or 2 % of the time since the round's start if that is more."""
    reply = cassette.play(POLL, since)
    assert told(reply) == expected
    assert reply is not None
    assert reply.elapsed == 0.5


def test_a_poll_has_the_phases_of_the_poll_whose_seconds_it_takes(tmp_path: Path) -> None:
    """A poll before the first recorded one has the job's first state, but the time and phases of a poll."""
    recording = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    began, polled = Phases(1.0, 2.0, 1.0, 0.0), Phases(0.0, 0.1, 0.3, 0.1)
    created = Reply(200, (), state("CREATED"), 4.0, phases=began)
    recording.record(CREATE, f"http://x/v1/{CREATE.resource}", {}, created, 0.0)
    recording.record(POLL, "http://x/v1/batches/1", {}, Reply(200, (), state("SUCCEEDED"), 0.5, phases=polled), 60.0)
    recording.save(make_metadata([61.0]))
    cassette = Cassette.open_to_replay(tmp_path / "c.yaml")
    for sent, since, expected in ((CREATE, 0.0, began), (POLL, 10.0, polled), (POLL, 60.0, polled)):
        reply = cassette.play(sent, since)
        assert reply is not None
        assert reply.phases == expected
        assert sum(expected) == pytest.approx(reply.elapsed)


def test_a_failed_poll_fails_once_and_at_its_time(tmp_path: Path) -> None:
    """A recorded 504, which took 60 s, answers one poll near its time; polls before and after it succeed."""
    recording = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    recording.record(CREATE, f"http://x/v1/{CREATE.resource}", {}, Reply(200, (), state("CREATED"), 0.5), 0.0)
    for start, reply in (
        (3.0, Reply(200, (), state("PENDING"), 0.1)),
        (6.0, Reply(400, (), b"{}", 2.0)),
        (11.0, Reply(504, (), b"{}", 60.0)),
        (71.1, Reply(599, (), b"", 0.05, error="ReadError: reset")),
        (71.3, Reply(200, (), state("SUCCEEDED"), 0.1)),
    ):
        recording.record(POLL, "http://x/v1/batches/1", {}, reply, start)
    recording.save(make_metadata([72.0]))

    def statuses(*times: float) -> list[int]:
        cassette = Cassette.open_to_replay(tmp_path / "c.yaml")
        return [reply.status for since in times if (reply := cassette.play(POLL, since))]

    assert statuses(2.99, 10.98, 71.0, 71.15) == [200, 504, 599, 200]
    assert statuses(3.0, 5.0, 20.0, 40.0, 80.0) == [200] * 5
    assert told(Cassette.open_to_replay(tmp_path / "c.yaml").play(POLL, 40.0)) == "PENDING"


def record(path: Path, *recordings: tuple[Sent, float, str, float]) -> Cassette:
    """Return a cassette, for replay, of requests with start, state and seconds; an empty state is a failed request."""
    recording = Cassette.open_to_record(path, "test")
    for sent, start, name, seconds in recordings:
        reply = Reply(200 if name else 503, (), state(name), seconds)
        recording.record(sent, f"http://x/v1/{sent.resource}", {}, reply, start)
    recording.save(make_metadata([400.0]))
    return Cassette.open_to_replay(path)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ([304.0], [("SUCCEEDED", 0.75)]),
        ([301.0, 301.0], [("RUNNING", 0.25), ("SUCCEEDED", 0.75)]),
        ([300.0, 305.0, 305.0], [("RUNNING", 0.25), ("SUCCEEDED", 0.75), ("SUCCEEDED", 0.75)]),
        ([1.0, 399.0], [("RUNNING", 0.25), ("SUCCEEDED", 0.75)]),
    ],
    ids=["nearest", "the other", "again", "far away"],
)
def test_of_near_polls_the_nearest_answers_and_takes_its_own_time(
    tmp_path: Path, since: list[float], expected: list[tuple[str, float]]
) -> None:
    """Each near recorded poll answers once; later polls get the last known state, earlier ones the first."""
    polls = [(POLL, 300.0, "RUNNING", 0.25), (POLL, 305.0, "SUCCEEDED", 0.75)]
    cassette = record(tmp_path / "c.yaml", *polls)
    replies = [cassette.play(POLL, each) for each in since]
    assert [(told(reply), reply.elapsed) for reply in replies if reply] == expected


def test_a_state_that_no_poll_returned_takes_no_time(tmp_path: Path) -> None:
    """If the only recorded poll failed, an earlier poll gets the job's first state after 0 s."""
    cassette = record(tmp_path / "c.yaml", (CREATE, 0.0, "CREATED", 4.0), (POLL, 300.0, "", 60.0))
    reply = cassette.play(POLL, 10.0)
    assert reply is not None
    assert (told(reply), reply.elapsed) == ("CREATED", 0.0)


def test_any_number_of_polls_is_answered_and_none_is_left_over(cassette: Cassette) -> None:
    """Another back-off polls more or less often, and that is no mismatch."""
    cassette.play(CREATE)
    for since in range(0, 400, 7):
        cassette.play(POLL, float(since))
    assert cassette.list_leftovers() == []


def test_a_job_that_was_not_recorded_is_a_miss(cassette: Cassette) -> None:
    """A poll of a job that is not in the cassette raises an error."""
    with pytest.raises(RunError, match="has no recording of a request"):
        cassette.play(Sent("GET", "batches/2", b""), 1.0)


def test_other_requests_than_polls_are_left_over(tmp_path: Path) -> None:
    """Unused POST and DELETE requests are listed, unused polls are not."""
    recording = Cassette.open_to_record(tmp_path / "c.yaml", "test")
    for sent in (CREATE, POLL, Sent("DELETE", "files/1", b"")):
        recording.record(sent, f"http://x/v1/{sent.resource}", {}, Reply(200, (), state("CREATED"), 0.5), 0.0)
    recording.save(make_metadata([1.0]))
    assert Cassette.open_to_replay(tmp_path / "c.yaml").list_leftovers() == [
        "round 1: POST models/m:batchGenerateContent",
        "round 1: DELETE files/1",
    ]
