"""The results of a job of the Batch API: where they are, and what each says about its image."""

import json
from dataclasses import dataclass
from typing import Any

from google import genai
from google.genai import types
from pydantic import ValidationError

from fixtures.exchange import failures
from fixtures.exchange.answer import Answer, Reason
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


async def fetch_results(client: genai.Client, job: types.BatchJob) -> list[Result]:
    """Return the results of a job, wherever they are: Google puts those of a small file into the job itself."""
    if job.dest is None:
        return []
    if job.dest.file_name:
        return read_lines(await client.aio.files.download(file=job.dest.file_name))
    return [
        Result((each.metadata or {}).get("key"), each.response, each.error) for each in job.dest.inlined_responses or []
    ]


def read_lines(content: bytes) -> list[Result]:
    """Return the results in a file that has one a line; a line that is no result has neither key nor response."""
    return [_read_line(line) for line in content.split(b"\n") if line.strip()]


def _read_line(line: bytes) -> Result:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return Result(None, None)
    key, told = document.get("key"), document.get("error")
    key = key if isinstance(key, str) else None
    try:
        if isinstance(told, dict):
            return Result(key, None, read_error(told))
        # Of a newer API the fields are passed over that the SDK does not know, as the SDK does it elsewhere.
        return Result(key, types.GenerateContentResponse.model_validate(document["response"], extra="ignore"))
    except (ValidationError, KeyError):
        return Result(key, None)


def read_error(told: dict[str, Any]) -> types.JobError:
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
