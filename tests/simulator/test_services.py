"""The simulator serves streams, files and batch jobs to the SDK, over real sockets and in the API's formats."""

import io
import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import _api_client, errors, types

from fixtures.images.image import Image
from fixtures.simulator import profiles as tables
from fixtures.simulator.decisions import model, questions
from fixtures.simulator.decisions.replies import Refusal
from fixtures.simulator.decisions.services.batches import TURNAROUND_SECONDS, Batches
from fixtures.simulator.known_sets import UNKNOWN_SET
from tests.helpers.simulated import MODEL, image, simulator

IMAGES = [image("few.jpg", 3), image("crowd.jpg", 60), *(image(f"{number}.jpg", number) for number in range(12))]
PROFILE = tables.read_profiles()[MODEL]
COUNT = "Count the number of people in this image. Return just the integer number."
LIST = "Count them all. Return the result strictly as a JSON list of integers."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Run a simulator at a thousandth of the seconds."""
    with simulator(IMAGES) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> genai.Client:
    """Return a client of the unmodified SDK."""
    return genai.Client(api_key="none", http_options=types.HttpOptions(base_url=url))


def make_question(part: types.Part) -> types.Content:
    """Return the question about one image."""
    return types.Content(role="user", parts=[part, types.Part.from_text(text=COUNT)])


def make_file_part(file: types.File) -> types.Part:
    """Return an uploaded file as a part."""
    return types.Part.from_uri(file_uri=file.uri or "", mime_type=file.mime_type)


def upload(client: genai.Client, picture: Image) -> types.File:
    """Upload an image."""
    return client.files.upload(file=io.BytesIO(picture.data), config={"mime_type": picture.mime_type})


def upload_requests(client: genai.Client, *lines: bytes) -> types.File:
    """Upload a file of requests."""
    return client.files.upload(file=io.BytesIO(b"\n".join(lines)), config={"mime_type": "jsonl"})


def make_line(picture: Image, **settings: Any) -> bytes:
    """Return the line of a file of requests that asks about an image."""
    content = make_question(picture.part).model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps({"key": picture.name, "request": {"contents": [content], **settings}}).encode()


def run_file(client: genai.Client, file: types.File) -> list[dict[str, Any]]:
    """Return the results of a job whose requests are in a file."""
    job = client.batches.create(model=MODEL, src=file.name or "")
    while not job.done:
        job = client.batches.get(name=job.name or "")
    assert job.dest is not None
    content = client.files.download(file=job.dest.file_name or "")
    return [json.loads(line) for line in content.splitlines()]


def test_a_stream_has_the_apis_format(url: str) -> None:
    """It consists of server-sent events with growing token counts; only the last one has a finish reason."""
    parts = [part.part.model_dump(mode="json", by_alias=True, exclude_none=True) for part in IMAGES]
    body = {"contents": [{"parts": [*parts, {"text": LIST}]}]}
    with httpx2.stream("POST", f"{url}/v1/models/{MODEL}:streamGenerateContent?alt=sse", json=body) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        text = response.read().decode()
    *events, end = text.split("\r\n\r\n")
    assert end == ""
    documents = [json.loads(event.removeprefix("data: ")) for event in events]
    candidates = [document["candidates"][0] for document in documents]
    assert len(events) > 1
    assert [each.get("finishReason") for each in candidates] == [None] * (len(events) - 1) + ["STOP"]
    counted = [document["usageMetadata"]["candidatesTokenCount"] for document in documents]
    assert counted == sorted(set(counted))
    assert len(json.loads("".join(each["content"]["parts"][0]["text"] for each in candidates))) == len(IMAGES)


def test_a_stream_ends_when_the_whole_answer_would() -> None:
    """All thinking comes before the first event; further events follow at the model's rate of tokens."""
    ask = questions.ModelRequest(MODEL, "digest", 1000, ("a", "b"), "x" * 100, as_list=True)
    reply = model.make_answer(PROFILE, ask, UNKNOWN_SET, 1, 0)
    long = json.dumps(list(range(60)))
    reply.body["candidates"][0]["content"]["parts"][0]["text"] = long
    events = list(model.split_answer(PROFILE, reply))
    assert events[-1][0] == reply.seconds
    gaps = {round(later - earlier, 9) for (earlier, _), (later, _) in pairwise(events)}
    assert gaps == {round(PROFILE.chunk_tokens * PROFILE.b / 1000, 9)}
    assert "".join(body["candidates"][0]["content"]["parts"][0]["text"] for _, body in events) == long


def test_the_sdk_reads_a_stream(client: genai.Client) -> None:
    """A count is a single event, as in real streams."""
    chunks = list(client.models.generate_content_stream(model=MODEL, contents=make_question(IMAGES[0].part)))
    assert [chunk.text for chunk in chunks] == ["3"]


def test_an_uploaded_file_is_asked_about_by_its_uri_until_it_is_deleted(client: genai.Client) -> None:
    """The SDK's resumable upload works; a deleted file gives the API's 403."""
    file = upload(client, IMAGES[0])
    assert file.size_bytes == len(IMAGES[0].data)
    assert file.mime_type == "image/jpeg"
    assert client.models.generate_content(model=MODEL, contents=make_question(make_file_part(file))).text == "3"
    assert client.files.get(name=file.name or "").uri == file.uri
    client.files.delete(name=file.name or "")
    for ask in (
        lambda: client.models.generate_content(model=MODEL, contents=make_question(make_file_part(file))),
        lambda: client.files.get(name=file.name or ""),
    ):
        with pytest.raises(errors.ClientError) as refused:
            ask()
        assert (refused.value.code, refused.value.status) == (403, "PERMISSION_DENIED")


def test_an_upload_that_was_not_begun_is_refused(url: str) -> None:
    """A made-up upload id gives 404."""
    response = httpx2.post(f"{url}/upload/v1/files?upload_id=made-up", content=b"x")
    assert response.status_code == 404


def test_a_job_answers_inline_requests_in_their_order(client: genai.Client) -> None:
    """Each response is at the position of its request, with its metadata."""
    requests = [
        types.InlinedRequest(contents=make_question(each.part), metadata={"key": each.name}) for each in IMAGES[2:12]
    ]
    job = client.batches.create(model=MODEL, src=requests)
    assert job.state is not None
    while not job.done:
        job = client.batches.get(name=job.name or "")
    assert job.state == types.JobState.JOB_STATE_SUCCEEDED
    assert job.dest is not None
    responses = job.dest.inlined_responses or []
    assert [each.response.text for each in responses if each.response] == [str(number) for number in range(10)]
    assert [each.metadata for each in responses] == [{"key": f"{number}.jpg"} for number in range(10)]


def test_a_job_has_states() -> None:
    """A job is pending for a tenth of its time, then running, then succeeded; it takes about two minutes."""
    batches = Batches(1)
    name = batches.create(MODEL, [{"response": {}}], 1000, 50.0).body["name"]

    def state(now: float) -> str:
        return str(batches.get(name, now).body["metadata"]["state"]).removeprefix("BATCH_STATE_")

    assert [state(50.0 + seconds) for seconds in (0, 5, 40, 70)] == ["PENDING", "PENDING", "RUNNING", "RUNNING"]
    assert state(50.0 + TURNAROUND_SECONDS * 1.5) == state(math.inf) == "SUCCEEDED"
    assert batches.get(name, math.inf).body["done"] is True
    with pytest.raises(Refusal, match="not found"):
        batches.get("batches/nope", 0.0)


def test_a_job_answers_a_file_of_requests_in_another_order_by_their_keys(client: genai.Client) -> None:
    """Results have their request's key; a refused request is an error in its own result only."""
    refused = {"generation_config": {"thinking_config": {"thinking_level": "HIGH"}}}
    lines = [*map(make_line, IMAGES[2:12]), make_line(IMAGES[12], **refused)]
    results = run_file(client, upload_requests(client, *lines))
    errors_found = {each["key"]: each["error"] for each in results if "error" in each}
    texts = {
        each["key"]: each["response"]["candidates"][0]["content"]["parts"][0]["text"]
        for each in results
        if "response" in each
    }
    assert texts == {f"{number}.jpg": str(number) for number in range(10)}
    assert list(errors_found) == ["10.jpg"]
    assert errors_found["10.jpg"]["code"] == 3
    assert [each["key"] for each in results] != [image.name for image in IMAGES[2:13]]


def test_a_file_is_uploaded_in_pieces_too(client: genai.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is lost, wherever the pieces are divided."""
    monkeypatch.setattr(_api_client, "CHUNK_SIZE", 100)
    file = upload_requests(client, *map(make_line, IMAGES))
    assert sorted(each["key"] for each in run_file(client, file)) == sorted(image.name for image in IMAGES)


def test_what_is_no_file_of_requests_begins_no_job(client: genai.Client) -> None:
    """An image, a line without a request, and a deleted file are each refused in one sentence."""
    gone = upload_requests(client, make_line(IMAGES[0]))
    client.files.delete(name=gone.name or "")
    for file, message in (
        (upload(client, IMAGES[0]), "no file of requests"),
        (upload_requests(client, make_line(IMAGES[0]), b'{"request": {}}'), "Line 2 of the file is no request"),
        (gone, "it may not exist"),
    ):
        with pytest.raises(errors.ClientError, match=message):
            client.batches.create(model=MODEL, src=file.name or "")


def test_results_are_downloaded_when_the_job_is_done_and_uploads_never() -> None:
    """Results of an unfinished job and uploaded files give "not found"."""
    batches = Batches(1)
    name = batches.create(MODEL, [{"key": "a"}], 0, 50.0, in_file=True).body["name"]
    late = 50.0 + TURNAROUND_SECONDS * 1.5
    file = batches.get(name, late).body["metadata"]["output"]["responsesFile"]
    assert batches.download(file, late).content == b'{"key": "a"}\n'
    for wrong, now in ((file, 60.0), ("files/uploaded", late)):
        with pytest.raises(Refusal, match="not found"):
            batches.download(wrong, now)


RESULTS = [{"key": str(number), "response": {}} for number in range(10)]


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize(
    ("course", "states", "error"),
    [
        ("job-pending", {5: "PENDING", 200: "PENDING", 172_799: "PENDING", 172_800: "EXPIRED"}, 4),
        ("job-expired", {5: "PENDING", 70: "RUNNING", 200: "EXPIRED"}, 4),
        ("job-failed", {5: "PENDING", 70: "RUNNING", 200: "FAILED"}, 13),
    ],
)
def test_a_job_that_goes_wrong_as_a_whole_says_so(
    course: str, states: dict[int, str], error: int, *, in_file: bool
) -> None:
    """A failed job has an error and no results; pending jobs expire after 48 hours, as Google's do."""
    batches = Batches(1)
    name = batches.create(MODEL, RESULTS, 1000, 50.0, in_file=in_file, course=course).body["name"]
    told = {seconds: batches.get(name, 50.0 + seconds).body for seconds in states}
    assert {seconds: body["metadata"]["state"] for seconds, body in told.items()} == {
        seconds: f"BATCH_STATE_{state}" for seconds, state in states.items()
    }
    *before, end = told.values()
    assert (end["done"], end["error"]["code"], bool(end["error"]["message"])) == (True, error, True)
    assert all("error" not in body and "done" not in body for body in before)
    assert "output" not in end["metadata"]


@pytest.mark.parametrize("in_file", [False, True])
def test_a_job_that_succeeds_in_part_counts_what_failed(*, in_file: bool) -> None:
    """Of ten requests three have an error with their key, and three have no result."""
    batches = Batches(1)
    name = batches.create(MODEL, RESULTS, 1000, 50.0, in_file=in_file, course="job-partial").body["name"]
    body = batches.get(name, 300.0).body
    results = read_results(batches, body, 300.0)
    failed = [each for each in results if "error" in each]
    assert [set(each) for each in failed] == [{"error", "key"}] * 3
    assert len(results) == 7
    stats = {"requestCount": "10", "successfulRequestCount": "4", "failedRequestCount": "3"}
    assert body["metadata"]["batchStats"] == stats
    assert body["metadata"]["state"] == "BATCH_STATE_SUCCEEDED"


def read_results(batches: Batches, body: dict[str, Any], now: float) -> list[dict[str, Any]]:
    """Return the results of a job, inline or from its file; an empty list if it has none."""
    output = body["metadata"].get("output", {})
    if "responsesFile" in output:
        return [json.loads(line) for line in batches.download(output["responsesFile"], now).content.splitlines()]
    return output.get("inlinedResponses", {}).get("inlinedResponses", [])  # type: ignore[no-any-return]


@pytest.mark.parametrize("in_file", [False, True])
def test_results_that_cannot_be_fetched_can_be_fetched_later(*, in_file: bool) -> None:
    """Two attempts get a 503 after a minute, as reported; the third one gets the results."""
    batches = Batches(1)
    name = batches.create(MODEL, RESULTS, 1000, 50.0, in_file=in_file, course="result-503").body["name"]
    assert batches.get(name, 100.0).body["metadata"]["state"] == "BATCH_STATE_RUNNING"
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            read_results(batches, batches.get(name, 300.0).body, 300.0)
        assert (refused.value.reply.status, refused.value.reply.seconds) == (503, 60.0)
    assert len(read_results(batches, batches.get(name, 300.0).body, 300.0)) == 10


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize(("after", "count"), [(5, 0), (60, 5), (90, 8)])
def test_a_job_that_is_cancelled_has_the_results_that_it_had_made(after: int, count: int, *, in_file: bool) -> None:
    """A cancelled job has no results while pending, then as many as its time allowed, and the documented error."""
    batches = Batches(1)
    name = batches.create(MODEL, RESULTS, 1000, 0.0, in_file=in_file).body["name"]
    assert batches.cancel(name, float(after)).body == {}
    for now in (after, 1000.0):
        body = batches.get(name, now).body
        assert (body["metadata"]["state"], body["error"]["code"]) == ("BATCH_STATE_CANCELLED", 1)
        assert len(read_results(batches, body, now)) == count


def test_a_job_that_is_over_cannot_be_cancelled() -> None:
    """A finished job stays succeeded, and an unknown job is not found."""
    batches = Batches(1)
    name = batches.create(MODEL, RESULTS, 1000, 0.0).body["name"]
    batches.cancel(name, 300.0)
    assert batches.get(name, 301.0).body["metadata"]["state"] == "BATCH_STATE_SUCCEEDED"
    with pytest.raises(Refusal, match="not found"):
        batches.cancel("batches/nope", 0.0)


def test_the_sdk_cancels_a_job(client: genai.Client) -> None:
    """Cancelling by name works over HTTP."""
    requests = [types.InlinedRequest(contents=make_question(IMAGES[0].part))]
    job = client.batches.create(model=MODEL, src=requests)
    client.batches.cancel(name=job.name or "")
    assert client.batches.get(name=job.name or "").state == types.JobState.JOB_STATE_CANCELLED


@pytest.mark.parametrize(("size", "status"), [(2 * 10**9, 200), (2 * 10**9 + 1, 400)])
def test_a_file_of_more_than_two_gigabytes_is_refused(url: str, size: int, status: int) -> None:
    """The upload is refused when it is started, before any bytes are sent."""
    headers = {"x-goog-upload-command": "start", "x-goog-upload-header-content-length": str(size)}
    assert httpx2.post(f"{url}/upload/v1/files", headers=headers).status_code == status


def test_a_piece_that_does_not_go_on_where_the_last_one_ended_is_refused(url: str) -> None:
    """A gap in an upload is refused; a piece that was received may be sent again."""
    begun = httpx2.post(f"{url}/upload/v1/files", headers={"x-goog-upload-command": "start"})
    place = begun.headers["x-goog-upload-url"]

    def send(offset: int, command: str = "upload") -> httpx2.Response:
        headers = {"x-goog-upload-command": command, "x-goog-upload-offset": str(offset)}
        return httpx2.post(place, headers=headers, content=b"12345")

    assert [send(0).status_code, send(0).status_code, send(6).status_code] == [200, 200, 400]
    assert send(5, "upload, finalize").json()["file"]["sizeBytes"] == "10"


@pytest.mark.parametrize("body", [{}, [], {"batch": {"inputConfig": {}}}, {"batch": None}])
def test_a_batch_without_requests_is_refused(body: object) -> None:
    """A batch needs requests, inline or in a file."""
    with pytest.raises(Refusal, match="no inline requests"):
        questions.parse_batch(MODEL, body, {})


def test_a_question_about_a_file_is_the_same_request_as_about_its_image(client: genai.Client) -> None:
    """An uploaded and an inlined image give the same digest; only the size of the request differs."""
    file = upload(client, IMAGES[1])
    digest = {str(file.uri): IMAGES[1].sha256}
    inlined = {"contents": [{"parts": [IMAGES[1].part.model_dump(mode="json", by_alias=True, exclude_none=True)]}]}
    by_uri = {"contents": [{"parts": [{"fileData": {"file_uri": file.uri, "mime_type": "image/jpeg"}}]}]}
    asks = [questions.parse_request(MODEL, body, len(json.dumps(body)), digest) for body in (inlined, by_uri)]
    assert asks[0].digest == asks[1].digest
    assert asks[0].images == asks[1].images == (IMAGES[1].sha256,)
