"""What the API tells of a batch job: its state, where its results are, and what each says about its image."""

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
    """What a job has of one request."""

    key: str | None
    """The key of the request; None where the result does not tell it."""
    response: types.GenerateContentResponse | None
    """The response; None where there is none that can be read."""
    error: types.JobError | None = None
    """Why there is no response; None where that is not told."""


@dataclass(frozen=True)
class Told:
    """What the API tells of a job."""

    state: str
    """The name of its state; empty where none is told."""
    is_over: bool
    """Whether it has ended, with whatever state."""
    file: str
    """The name of the file that has its results; empty where there is none."""
    results: Sequence[Result]
    """The results that the job has itself: Google puts those of a small job there."""
    error: types.JobError | None
    """Why it did not succeed; None where that is not told, which the SDK leaves out of the jobs of the Gemini API."""


async def fetch_job(client: genai.Client, name: str) -> Told:
    """Ask for the state of the job of this name.

    The SDK takes none of a job where it cannot take a part of it, such as the details of a request's error, which it
    says are texts. Then the job is asked for once more as an operation, and each result is read for itself.
    """
    try:
        return read_job(await client.aio.batches.get(name=name))
    except ValidationError:
        told = await fetch_operation(client, name)
        if not told.is_over:
            raise
        return told


async def fetch_operation(client: genai.Client, name: str) -> Told:
    """Ask for the state of the job of this name as an operation of the API, which it is, too.

    The SDK has no other kind of operations than those for videos; what it does not read of them stays as it came.
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
    """Return what the SDK has read of a job."""
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
    """Return the results of a job that is over, wherever they are."""
    return read_lines(await client.aio.files.download(file=job.file)) if job.file else job.results


def read_lines(content: bytes) -> list[Result]:
    """Return the results in a file that has one a line; a line that is no result has neither key nor response."""
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
    """Return a result as the API has it in a file; what is none has neither key nor response."""
    if not isinstance(entry, dict):
        return Result(None, None)
    key, told = entry.get("key"), entry.get("error")
    key = key if isinstance(key, str) else None
    try:
        if isinstance(told, dict):
            return Result(key, None, _read_error(told))
        # Of a newer API the fields are passed over that the SDK does not know, as the SDK does it elsewhere.
        return Result(key, types.GenerateContentResponse.model_validate(entry["response"], extra="ignore"))
    except (ValidationError, KeyError):
        return Result(key, None)


def _read_error(told: dict[str, Any]) -> types.JobError:
    """Return an error without its details, which the SDK does not take as they are."""
    return types.JobError.model_validate({**told, "details": None}, extra="ignore")


def read_result(result: Result | None, image: Image, task: Task, cause: tuple[Reason, str]) -> Answer:
    """Return the answer about an image; `cause` is why there is none where there is no result."""
    if result is None:
        return Answer(image.name, None, *cause)
    if result.error is not None:
        return failures.explain_job_error(image, result.error)
    if result.response is None:
        return Answer(image.name, None, Reason.UNREADABLE, "the job's result is no response of the model")
    return task.read(image, result.response)
