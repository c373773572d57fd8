"""What the strategies share that ask in a job of the Batch API: its requests, waiting for its end, and its results."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from google import genai
from google.genai import types
from pydantic import ValidationError

from benchmarks.strategies.asking import ask_patiently
from fixtures.exchange import failures
from fixtures.exchange.answer import Answer, Reason
from fixtures.images.image import Image
from fixtures.tasks.task import Task

FIRST_WAIT = 2.0
"""Seconds before the first question after the state of a job."""
GROWTH = 1.25
"""How many times as long as the one before each further wait is: a job is noticed a quarter of its time late."""
LONGEST_WAIT = 60.0
"""The most seconds between two such questions."""
LONGEST_JOB = 48 * 3600.0
"""Seconds after which a job is given up; Google expires one after 48 hours."""


@dataclass(frozen=True)
class Result:
    """What a job has of one request."""

    key: str | None
    """The key of the request; None where the result does not tell it."""
    response: types.GenerateContentResponse | None
    """The response; None where there is none that can be read."""
    error: types.JobError | None = None
    """Why there is no response; None where that is not told."""


def number_images(images: Sequence[Image]) -> Iterator[tuple[str, Image]]:
    """Yield each image with the key of its request, which is its place: names and bytes need not differ."""
    return ((str(place), image) for place, image in enumerate(images, start=1))


def format_line(key: str, image: Image, task: Task) -> str:
    """Return the line of a file of requests that asks about an image."""
    return json.dumps({"key": key, "request": task.make_request(image)}) + "\n"


async def run_job(
    client: genai.Client, create: Callable[[], Awaitable[types.BatchJob]], images: Sequence[Image], task: Task
) -> list[Answer]:
    """Begin a job with `create()`, wait for its end, and return the answers, in the order of the images.

    The keys of its requests are those of `number_images`.
    """
    jobs: list[types.BatchJob] = []
    results: list[Result] = []

    async def begin() -> list[Answer]:
        jobs.append(await create())
        return []

    async def poll() -> list[Answer]:
        jobs.append(await client.aio.batches.get(name=jobs[-1].name or ""))
        return []

    async def fetch() -> list[Answer]:
        results.extend(await fetch_results(client, jobs[-1]))
        return []

    if failed := await ask_patiently(begin, images, task):
        return failed
    loop = asyncio.get_running_loop()
    end, wait = loop.time() + LONGEST_JOB, FIRST_WAIT
    while not jobs[-1].done:
        if loop.time() + wait > end:
            return [Answer(image.name, None, Reason.TIMED_OUT, "the job was not done in time") for image in images]
        await asyncio.sleep(wait)
        wait = min(wait * GROWTH, LONGEST_WAIT)
        if failed := await ask_patiently(poll, images, task):
            return failed
    if failed := await ask_patiently(fetch, images, task):
        return failed
    if not results:
        state = jobs[-1].state.name if jobs[-1].state else "of no state"
        return [Answer(image.name, None, Reason.UNAVAILABLE, f"the job is {state}") for image in images]
    return read_results(results, images, task)


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
            return Result(key, None, types.JobError.model_validate({**told, "details": None}, extra="ignore"))
        # Of a newer API the fields are passed over that the SDK does not know, as the SDK does it elsewhere.
        return Result(key, types.GenerateContentResponse.model_validate(document["response"], extra="ignore"))
    except (ValidationError, KeyError):
        return Result(key, None)


def read_results(results: Sequence[Result], images: Sequence[Image], task: Task) -> list[Answer]:
    """Return the answer about each image by the key of its request, whatever the order of the results.

    Where no result tells a key, which Google's inlined ones did not always, they are in the order of the requests.
    """
    keyless = all(result.key is None for result in results)
    if keyless and len(results) == len(images):
        found = {key: result for (key, _), result in zip(number_images(images), results, strict=True)}
    else:
        found = {result.key or "": result for result in reversed(results)}
    unreadable = sum(result.key is None for result in results)
    told = f"{len(results)} answers for {len(images)} images" + (f", {unreadable} without a key" if unreadable else "")
    return [
        _read_result(found[key], image, task)
        if key in found
        else Answer(image.name, None, Reason.WRONG_NUMBER, f"the job has no answer about it: {told}")
        for key, image in number_images(images)
    ]


def _read_result(result: Result, image: Image, task: Task) -> Answer:
    if result.error is not None:
        return failures.explain_job_error(image, result.error)
    if result.response is None:
        return Answer(image.name, None, Reason.UNREADABLE, "the job's result is no response of the model")
    return task.read(image, result.response)
