"""The API's data about a batch job: its state, its results, and the answer in each result."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from google import genai
from google.genai import types
from pydantic import ValidationError

from fixtures.exchange import failures
from fixtures.exchange.answer import Answer, Reason
from fixtures.exchange.documents import as_mapping
from fixtures.images.image import Image
from fixtures.tasks.task import Task


@dataclass(frozen=True)
class Result:
    """The result of one request of a job."""

    key: str | None
    """The key of the request; None if the result has none."""
    response: types.GenerateContentResponse | None
    """The response; None if there is none that can be read."""
    error: types.JobError | None = None
    """The reason why there is no response; None if it is not given."""


@dataclass(frozen=True)
class Told:
    """The state and the results of a job, as reported by the API."""

    state: str
    """The name of the state; empty if it is not given."""
    is_over: bool
    """Whether the job has ended, in any final state."""
    file: str
    """The name of the file with the results; empty if there is none."""
    results: Sequence[Result]
    """The inlined results, which jobs without a file have."""
    error: types.JobError | None
    """The reason why the job did not succeed; None if it is not given (the SDK drops it for the Gemini API)."""


async def fetch_job(client: genai.Client, name: str) -> Told:
    """Fetch the state of the job with this name.

    The SDK rejects a job as a whole if it cannot validate a part of it, such as the details of an error, which it
    expects to be strings. In that case the job is fetched again as an operation, and each result is read separately.
    """
    try:
        return read_job(await client.aio.batches.get(name=name))
    except ValidationError:
        told = await fetch_operation(client, name)
        if not told.is_over:
            raise
        return told


async def fetch_operation(client: genai.Client, name: str) -> Told:
    """Fetch the state of the job with this name as an operation of the API.

    The SDK has only a class for operations about videos, which keeps the metadata as it was received.
    """
    operation = await client.aio.operations.get(types.GenerateVideosOperation.model_validate({"name": name}))
    metadata = operation.metadata or {}
    state = str(metadata.get("state", "")).replace("BATCH_", "JOB_", 1)
    output = as_mapping(metadata.get("output"))
    inlined = as_mapping(output.get("inlinedResponses")).get("inlinedResponses")
    error = None
    with suppress(ValidationError):
        error = None if operation.error is None else _read_error(operation.error)
    return Told(
        state=state,
        is_over=types.BatchJob(state=types.JobState(state)).done,
        file=str(output.get("responsesFile", "")),
        results=[_read_inlined(each) for each in inlined] if isinstance(inlined, list) else [],
        error=error,
    )


def read_job(job: types.BatchJob) -> Told:
    """Return the state and the results of a job that the SDK has parsed."""
    dest = job.dest or types.BatchJobDestination()
    return Told(
        state="" if job.state is None else job.state.name,
        is_over=job.done,
        file=dest.file_name or "",
        results=[
            Result((each.metadata or {}).get("key"), each.response, each.error) for each in dest.inlined_responses or []
        ],
        error=job.error,
    )


async def fetch_results(client: genai.Client, job: Told) -> Sequence[Result]:
    """Return the results of a job that has ended, from its file or inlined."""
    return read_lines(await client.aio.files.download(file=job.file)) if job.file else job.results


def read_lines(content: bytes) -> list[Result]:
    """Return the results in a file with one per line; an invalid line gives a result without key and response."""
    return [_read_line(line) for line in content.split(b"\n") if line.strip()]


def _read_line(line: bytes) -> Result:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    return _read_entry(document)


def _read_inlined(entry: object) -> Result:
    entry = as_mapping(entry)
    return _read_entry(entry | {"key": as_mapping(entry.get("metadata")).get("key")})


def _read_entry(entry: object) -> Result:
    """Return a result in the format of a file; an invalid entry gives a result without key and response."""
    if not isinstance(entry, dict):
        return Result(None, None)
    key, told = entry.get("key"), entry.get("error")
    key = key if isinstance(key, str) else None
    try:
        if isinstance(told, dict):
            return Result(key, None, _read_error(told))
        # Fields that the SDK does not know, as from a newer API, are ignored; the SDK ignores them elsewhere too.
        return Result(key, types.GenerateContentResponse.model_validate(entry["response"], extra="ignore"))
    except (ValidationError, KeyError):
        return Result(key, None)


def _read_error(told: dict[str, Any]) -> types.JobError:
    """Return an error without its details, which the SDK does not accept in the API's format."""
    return types.JobError.model_validate({**told, "details": None}, extra="ignore")


def read_result(result: Result | None, image: Image, task: Task, cause: tuple[Reason, str]) -> Answer:
    """Return the answer for an image; `cause` is the reason if the job has no result for it."""
    if result is None:
        return Answer(image.name, None, *cause)
    if result.error is not None:
        return failures.explain_job_error(image, result.error)
    if result.response is None:
        return Answer(image.name, None, Reason.UNREADABLE, "the job's result is not a model response")
    return task.read(image, result.response)
