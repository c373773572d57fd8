"""The simulator serves streams, files and batch jobs to the SDK, over real sockets and in the API's formats."""

import io
import json
import math
from collections.abc import Iterator
from itertools import pairwise

import httpx2
import pytest
from google import genai
from google.genai import errors, types

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
    """Return the SDK, as it comes."""
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


def test_a_stream_has_the_apis_format(url: str) -> None:
    """Server-sent events, each a whole answer so far in tokens, and a finish reason in the last alone."""
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
    """All thinking comes before the first event; what follows comes at the model's pace."""
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
    """A count is one event, as real ones are."""
    chunks = list(client.models.generate_content_stream(model=MODEL, contents=make_question(IMAGES[0].part)))
    assert [chunk.text for chunk in chunks] == ["3"]


def test_an_uploaded_file_is_asked_about_by_its_uri_until_it_is_deleted(client: genai.Client) -> None:
    """The upload is the SDK's own resumable one; afterwards the file is refused as Google refuses it."""
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
    """Nobody invents an address to send bytes to."""
    response = httpx2.post(f"{url}/upload/v1/files?upload_id=made-up", content=b"x")
    assert response.status_code == 404


def test_a_job_answers_inline_requests_in_their_order(client: genai.Client) -> None:
    """Each response stands where its request stood, with its metadata."""
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
    """Pending for a tenth of its time, running until its end, then succeeded for ever; about two minutes in all."""
    batches = Batches(1)
    name = batches.create(MODEL, [{"response": {}}], 1000, 50.0).body["name"]

    def state(now: float) -> str:
        return str(batches.get(name, now).body["metadata"]["state"]).removeprefix("BATCH_STATE_")

    assert [state(50.0 + seconds) for seconds in (0, 5, 40, 70)] == ["PENDING", "PENDING", "RUNNING", "RUNNING"]
    assert state(50.0 + TURNAROUND_SECONDS * 1.5) == state(math.inf) == "SUCCEEDED"
    assert batches.get(name, math.inf).body["done"] is True
    with pytest.raises(Refusal, match="not found"):
        batches.get("batches/nope", 0.0)


@pytest.mark.parametrize("body", [{}, [], {"batch": {"inputConfig": {"fileName": "files/x"}}}, {"batch": None}])
def test_a_batch_without_inline_requests_is_refused(body: object) -> None:
    """Files of requests are not simulated, and that is said."""
    with pytest.raises(Refusal, match="no inline requests"):
        questions.parse_batch(MODEL, body, {})


def test_a_file_spares_the_bytes_of_the_request(client: genai.Client) -> None:
    """The same question about an uploaded image and an inlined one is the same request, and only its size differs."""
    file = upload(client, IMAGES[1])
    digest = {str(file.uri): IMAGES[1].sha256}
    inlined = {"contents": [{"parts": [IMAGES[1].part.model_dump(mode="json", by_alias=True, exclude_none=True)]}]}
    by_uri = {"contents": [{"parts": [{"fileData": {"file_uri": file.uri, "mime_type": "image/jpeg"}}]}]}
    asks = [questions.parse_request(MODEL, body, len(json.dumps(body)), digest) for body in (inlined, by_uri)]
    assert asks[0].digest == asks[1].digest
    assert asks[0].images == asks[1].images == (IMAGES[1].sha256,)
