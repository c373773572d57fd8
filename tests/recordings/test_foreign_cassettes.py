"""Cassettes of stock vcrpy or pydantic-ai replay unchanged, and missing times are reported."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from google import genai
from google.genai import types
from vcr import VCR
from vcr.request import Request

from benchmarks.strategies.sequential import sequential
from fixtures.base.errors import RunError
from fixtures.images import folder as images
from fixtures.recordings.cassette import Cassette
from fixtures.recordings.foreign import (
    adopt_interaction,
    check_kind,
    convert_bodies,
    find_missing_times,
    infer_metadata,
)
from fixtures.simulator.serving.process import run_simulator
from tests.helpers.suite import Run, make_images, run_suite
from tests.helpers.tasks import count_people

MODEL = "gemini-3.5-flash"


class Foreign:
    """A cassette of the sequential strategy, recorded with stock vcrpy and the SDK alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.images = make_images(folder / "two", {"a.jpg": 1, "b.jpg": 2})
        self.path = folder / "cassettes" / MODEL / "two" / "sequential.yaml"
        with run_simulator(time_scale=0.05, folders=[self.images]) as url, VCR().use_cassette(str(self.path)):
            client = genai.Client(api_key="made-up", http_options=types.HttpOptions(base_url=url))
            self.answers = sequential(client, images.load_images(str(self.images)).images, count_people(MODEL))
        self.document: dict[str, Any] = yaml.safe_load(self.path.read_text())

    def replay(self, document: object) -> Run:
        """Run the suite on another form of the cassette."""
        self.path.write_text(yaml.safe_dump(document))
        places = (f"--images={self.images}", f"--cassette-dir={self.folder / 'cassettes'}")
        return run_suite(self.folder, *places, "--strict-cassettes", "-k", "sequential")

    def copy(self) -> dict[str, Any]:
        """Return a copy of the document, to be changed."""
        document: dict[str, Any] = yaml.safe_load(yaml.safe_dump(self.document))
        return document

    def server_seconds(self) -> float:
        """Return the sum of the times that the server reported, in seconds."""
        headers = [interaction["response"]["headers"] for interaction in self.document["interactions"]]
        return sum(float(each["server-timing"][0].rpartition("dur=")[2]) for each in headers) / 1000


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Foreign:
    """Record two images with stock vcrpy."""
    foreign = Foreign(tmp_path_factory.mktemp("foreign"))
    assert "recorded" not in foreign.path.read_text()
    assert "_9j_4AAQ" in foreign.path.read_text(), "the images are inline"
    return foreign


def test_a_stock_cassette_replays_with_the_servers_own_times(foreign: Foreign) -> None:
    """The time in `server-timing` replaces the missing one, and the output mentions it."""
    run = foreign.replay(foreign.document)
    assert run.code == 0, run.output
    assert run.info("sequential")["answers"] == {"a.jpg": 1, "b.jpg": 2}
    assert run.seconds("sequential") == pytest.approx([foreign.server_seconds()], abs=0.1)
    assert "2 of 2 exchanges have the server's own time instead of a measured one." in run.output
    assert "Traceback" not in run.output


def test_pydantic_ais_parsed_bodies_replay(foreign: Foreign) -> None:
    """Bodies stored as YAML in `parsed_body` are matched and replayed like others."""
    document = foreign.copy()
    for interaction in document["interactions"]:
        interaction["request"]["parsed_body"] = json.loads(interaction["request"].pop("body"))
        interaction["response"]["parsed_body"] = json.loads(interaction["response"].pop("body")["string"])
    run = foreign.replay(document)
    assert run.code == 0, run.output
    assert run.info("sequential")["answers"] == {"a.jpg": 1, "b.jpg": 2}


def test_missing_times_are_reported(foreign: Foreign) -> None:
    """An exchange without `server-timing` counts as 0 s, and the output mentions it."""
    document = foreign.copy()
    del document["interactions"][1]["response"]["headers"]["server-timing"]
    run = foreign.replay(document)
    assert run.code == 0, run.output
    assert "1 of 2 exchanges have no time and count as 0 s." in run.output
    assert "1 of 2 exchanges have the server's own time instead of a measured one." in run.output


def test_a_cassette_without_a_date_is_reported_with_an_unknown_date(foreign: Foreign) -> None:
    """Without a `date` header in its responses, the output has "date unknown"."""
    document = foreign.copy()
    for interaction in document["interactions"]:
        interaction["response"]["headers"].pop("date", None)
    run = foreign.replay(document)
    assert run.code == 0, run.output
    assert "(date unknown)" in run.output


def test_an_old_cassette_with_timing_but_no_metadata_replays(foreign: Foreign) -> None:
    """`recorded.elapsed` is used although there are no metadata."""
    document = foreign.copy()
    for seconds, interaction in enumerate(document["interactions"], start=1):
        interaction["response"]["recorded"] = {"round": 0, "start": 0.0, "elapsed": float(seconds)}
    run = foreign.replay(document)
    assert run.code == 0, run.output
    assert run.seconds("sequential") == pytest.approx([3.0], abs=0.1)
    assert "instead of a measured one" not in run.output


RUBY = """---
http_interactions:
- request: {method: get, uri: "https://example.com/", body: {encoding: UTF-8, string: ""}, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {encoding: UTF-8, string: ""}, http_version: null}
  recorded_at: Tue, 01 Nov 2022 04:58:44 GMT
recorded_with: VCR 6.1.0
"""
WEBSOCKET = """version: 1
interactions:
- kind: message
  direction: sent
  data: {setup: {model: models/gemini-3.8-live}}
- kind: message
  direction: received
  data: {setupComplete: {}}
"""
ELSEWHERE = """version: 1
interactions:
- request: {method: GET, uri: "https://example.com/jpg/00/bus.jpg", body: null, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: ""}}
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (RUBY, "is a cassette of VCR 6.1.0, whose format this suite cannot replay;"),
        (RUBY.replace("recorded_with", "by"), "is a cassette of Ruby's VCR, whose format this suite cannot replay;"),
        (RUBY.replace("http_", "websocket_"), "is a recording of a WebSocket, which this suite cannot replay;"),
        (WEBSOCKET, "is a recording of a WebSocket, which this suite cannot replay;"),
        ("version: 1\ninteractions: []\n", "contains no requests;"),
        ("interactions:\nversion: 1\n", "contains no requests;"),
        ("", "is an empty file;"),
        (ELSEWHERE, "contains no request to a Gemini model;"),
    ],
    ids=["Ruby", "Ruby without a version", "Ruby's WebSocket", "WebSocket", "empty", "null", "no bytes", "elsewhere"],
)
def test_a_file_of_another_kind_is_named_in_the_error(tmp_path: Path, text: str, sentence: str) -> None:
    """The error names the kind of the file and does not call it damaged."""
    path = tmp_path / "sequential.yaml"
    path.write_text(text)
    with pytest.raises(RunError, match=re.escape(f"{path} {sentence}") + " .*record"):
        Cassette.open_to_replay(path)


def test_a_download_before_the_first_question_does_not_name_the_model(tmp_path: Path) -> None:
    """Model and source are those of the first request to a Gemini model, even if it is not the first request."""
    asked = ELSEWHERE.partition("interactions:\n")[2].replace(
        "example.com/jpg/00/bus.jpg", f"generativelanguage.googleapis.com/v1beta/models/{MODEL}:generateContent"
    )
    path = tmp_path / "sequential.yaml"
    path.write_text(ELSEWHERE + asked)
    metadata = Cassette.open_to_replay(path).metadata
    assert metadata is not None
    assert (metadata.model, metadata.source) == (MODEL, "gemini")


@pytest.mark.parametrize("interaction", [{"direction": "sent", "request": {}}, {"response": {}}, 5])
def test_an_interaction_without_kind_and_direction_is_no_message(interaction: object) -> None:
    """Damaged interactions are not taken for WebSocket messages."""
    check_kind({"interactions": [interaction]})


@pytest.mark.parametrize(
    ("document", "converted"),
    [
        (
            {"interactions": [{"request": {"parsed_body": {"a": 1}}, "response": {"parsed_body": [2]}}]},
            {"interactions": [{"request": {"body": {"a": 1}}, "response": {"body": {"string": "[2]"}}}]},
        ),
        *(
            (same, same)
            for same in ({"interactions": [{"request": {"body": "a"}, "response": {"body": "b"}}]}, [1], {})
        ),
        ({"interactions": 5}, {"interactions": 5}),
    ],
    ids=["parsed", "plain", "list", "nothing", "number"],
)
def test_parsed_bodies_become_bodies(document: object, converted: object) -> None:
    """A document without parsed bodies is not changed."""
    assert convert_bodies(copy.deepcopy(document)) == converted


@pytest.mark.parametrize(
    ("headers", "elapsed", "assumed"),
    [
        ({"Server-Timing": ["cache", "gfet4t7; dur=250", "dur=500"]}, 0.25, "server-timing"),
        ({"server-timing": ["dur=0"]}, 0.0, "server-timing"),
        ({"server-timing": ["cache"]}, 0.0, "nothing"),
        ({}, 0.0, "nothing"),
    ],
)
def test_the_first_duration_of_the_server_stands_in(
    headers: dict[str, list[str]], elapsed: float, assumed: str
) -> None:
    """The first `dur` of `server-timing` is the exchange's time; without one it is 0 s. The image becomes a digest."""
    body = b'{"inlineData": {"data": "QUJD", "mime_type": "image/jpeg"}}'
    response = {"status": {"code": 200}, "headers": headers, "body": {"string": b"{}"}}
    request, adopted = adopt_interaction(Request("POST", "http://h/v1/models/m:generateContent", body, {}), response)
    assert request.body["inlineData"].keys() == {"sha256", "bytes", "mime_type"}
    assert adopted["recorded"] == {"round": 0, "start": 0.0, "elapsed": elapsed, "assumed": assumed}


def test_exchanges_without_a_measured_time_are_counted() -> None:
    """Times of the server and missing times are counted separately; measured ones are not counted."""
    kinds = ["server-timing", "server-timing", "nothing", None]
    recorded = [{"recorded": {"assumed": kind} if kind else {}} for kind in kinds]
    assert find_missing_times(recorded) == [
        "2 of 4 exchanges have the server's own time instead of a measured one",
        "1 of 4 exchanges have no time and count as 0 s",
    ]
    assert find_missing_times(recorded[3:]) == []


@pytest.mark.parametrize(
    ("uri", "headers", "source", "recorded_at"),
    [
        (
            "https://host:8080/v1/models/m:generateContent",
            [{"Age": ["1"]}, {"Date": ["Mon, 23 Nov 2026 02:47:24 GMT"]}, {"date": ["Tue, 24 Nov 2026 02:47:24 GMT"]}],
            "host:8080",
            "2026-11-23T02:47:24+00:00",
        ),
        ("/v1/models/m", [{}], "unknown", None),
    ],
    ids=["dated", "nothing known"],
)
def test_model_source_and_date_are_inferred(
    uri: str, headers: list[dict[str, list[str]]], source: str, recorded_at: str | None
) -> None:
    """The date is that of the first response that has one, and the round has no time."""
    inferred = infer_metadata([Request("GET", uri, None, {})], [{"headers": each} for each in headers])
    assert inferred == {"model": "m", "source": source, "recorded_at": recorded_at, "rounds": [None]}
