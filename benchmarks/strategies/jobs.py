"""Jobs of the Batch API, for the strategies that use them: requests, waiting for the end, and results."""

import asyncio
import json
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from google import genai
from google.genai import types

from benchmarks.strategies.asking import ask_patiently
from benchmarks.strategies.bounded import bounded
from benchmarks.strategies.results import Result, Told, fetch_job, fetch_operation, fetch_results, read_job, read_result
from fixtures.base.printable import make_printable
from fixtures.exchange import failures
from fixtures.exchange.answer import Answer, Reason
from fixtures.images.image import Image
from fixtures.tasks.task import Task

FIRST_WAIT = 2.0
"""The seconds before the first poll of a job's state."""
GROWTH = 1.25
"""The ratio of each wait to the one before; the end of a job is seen late by at most a quarter of its time."""
LONGEST_WAIT = 60.0
"""The largest number of seconds between two polls."""
LONGEST_JOB = 49 * 3600.0
"""The seconds after which a job is given up if the server has not expired it; Google does so after 48 hours."""
LONGEST_OUTAGE = 3600.0
"""The seconds for which requests for a job's state or results may fail before the job is given up."""
LONGEST_CANCELLATION = 30.0
"""The seconds allowed for the last poll at a deadline, and again for cancelling the job."""
PASSING = (Reason.RATE_LIMITED, Reason.UNAVAILABLE, Reason.TIMED_OUT)
"""The reasons for a failed poll after which polling continues."""
ENDS = {
    "JOB_STATE_FAILED": (Reason.UNAVAILABLE, "the job failed"),
    "JOB_STATE_EXPIRED": (Reason.TIMED_OUT, "the job expired"),
    "JOB_STATE_CANCELLED": (Reason.UNAVAILABLE, "the job was cancelled"),
}
"""The final states of jobs that did not succeed, each with the reason for its images and a description."""


def number_images(images: Sequence[Image]) -> Iterator[tuple[str, Image]]:
    """Yield each image with the key of its request, which is its position, because names and bytes may repeat."""
    return ((str(place), image) for place, image in enumerate(images, start=1))


def format_line(key: str, image: Image, task: Task) -> str:
    """Return the line with the request about an image for a batch file."""
    return json.dumps({"key": key, "request": task.make_request(image)}) + "\n"


async def ask_in_job(
    client: genai.Client,
    create: Callable[[], Awaitable[types.BatchJob]],
    images: Sequence[Image],
    task: Task,
    *,
    batch_deadline: float | None,
    concurrency: int,
) -> list[Answer]:
    """Create a job with `create()`, wait for its end, and return the answers, in the order of the images.

    The keys of its requests are those of `number_images`. If a deadline is given, the job is cancelled after this many
    seconds, and the images without a response are asked about one by one, `concurrency` at a time. If the connection
    breaks while a job is created, the job may exist already, and the retry creates another one; the first job is not in
    any figure.
    """
    job, failed = Job(client, create), list[Answer]()
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_JOB if batch_deadline is None else batch_deadline):
            failed = await ask_patiently(job.begin, images, task) or await keep_asking(
                job.proceed, lambda: job.is_complete, images, task
            )
    if batch_deadline is not None and job.has_begun and not job.is_complete:
        await give_up(job, images, task, look=not failed)
    results = match_results(job.results, images)
    if batch_deadline is None:
        cause = await find_cause(job, failed, images, task)
        return [read_result(result, image, task, cause) for image, result in zip(images, results, strict=True)]
    responses = [None if result is None else result.response for result in results]
    left = [image for image, response in zip(images, responses, strict=True) if response is None]
    again = iter(await bounded(client, left, task, concurrency=concurrency))
    return [
        add_trace(next(again), job) if response is None else task.read(image, response)
        for image, response in zip(images, responses, strict=True)
    ]


class Job:
    """A job of the Batch API.

    Its methods return an empty list, so that `ask_patiently` can await them.
    """

    def __init__(self, client: genai.Client, create: Callable[[], Awaitable[types.BatchJob]]) -> None:
        self._client = client
        self._create = create
        self._name = ""
        self._told: Told | None = None
        self.is_cancelled = False
        """Whether the API has accepted the request to cancel the job."""
        self.results: Sequence[Result] = []
        """The results; empty until the job is complete."""
        self.is_complete = False
        """Whether the job has ended and its results have been fetched."""

    async def begin(self) -> list[Answer]:
        """Create the job."""
        created = await self._create()
        self._name, self._told = created.name or "", read_job(created)
        return []

    async def look(self) -> list[Answer]:
        """Fetch the state of the job, unless it has ended."""
        if not self.is_over:
            self._told = await fetch_job(self._client, self._name)
        return []

    async def proceed(self) -> list[Answer]:
        """Fetch the state of the job, and its results if it has ended."""
        await self.look()
        if self._told is not None and self._told.is_over:
            self.results = await fetch_results(self._client, self._told)
            self.is_complete = True
        return []

    async def cancel(self) -> list[Answer]:
        """Ask the server to cancel the job, which may take some time."""
        await self._client.aio.batches.cancel(name=self._name)
        self.is_cancelled = True
        return []

    @property
    def name(self) -> str:
        """The name of the job, printable; empty if it was not created."""
        return make_printable(self._name)

    @property
    def trace(self) -> str:
        """The clause that names a job that was given up and may be charged; empty for any other job."""
        if not self.has_begun or self.is_complete:
            return ""
        went_on = "" if self.is_over or self.is_cancelled else " (not cancelled)"
        return f"the job is {self.name}{went_on}"

    @property
    def has_begun(self) -> bool:
        """Whether the API has confirmed that the job was created."""
        return self._told is not None

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self._told is not None and self._told.is_over

    @property
    def state(self) -> str:
        """The name of the last known state; empty if none is known."""
        return "" if self._told is None else self._told.state

    async def fetch_error(self) -> types.JobError | None:
        """Return the error of a job that did not succeed; None if the API does not give one."""
        if self._told is not None and self._told.error is not None:
            return self._told.error
        return (await fetch_operation(self._client, self._name)).error


async def keep_asking(
    step: Callable[[], Awaitable[list[Answer]]], is_done: Callable[[], bool], images: Sequence[Image], task: Task
) -> list[Answer]:
    """Await `step()` after waits that grow, until `is_done()`; return an empty list.

    If the steps fail for longer than `LONGEST_OUTAGE`, or for a reason that does not pass, return an answer with that
    reason for each image. A short outage of the API does not end the polling, because a job that was created may be
    charged.
    """
    loop = asyncio.get_running_loop()
    wait, known = FIRST_WAIT, loop.time()
    while not is_done():
        await asyncio.sleep(wait)
        wait = min(wait * GROWTH, LONGEST_WAIT)
        failed = await ask_patiently(step, images, task)
        if not failed:
            known = loop.time()
        elif failed[0].reason not in PASSING or loop.time() > known + LONGEST_OUTAGE:
            return failed
    return []


async def give_up(job: Job, images: Sequence[Image], task: Task, *, look: bool) -> None:
    """Cancel a job at its deadline, and fetch the results that it has so far.

    With `look`, first check once more whether the job has ended. This check and the cancelling take at most
    `LONGEST_CANCELLATION` seconds each. Results of a job that has ended are fetched with the usual retries. If the job
    cannot be cancelled, give a warning.
    """
    if look:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_CANCELLATION):
                await ask_patiently(job.look, images, task)
    if not job.is_over:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_CANCELLATION):
                await ask_patiently(job.cancel, images, task)
                await keep_asking(job.look, lambda: job.is_over, images, task)
    if job.is_over:
        await ask_patiently(job.proceed, images, task)
    elif not job.is_cancelled:
        warnings.warn(f"The batch job {job.name} could not be cancelled; it may continue and cost money.", stacklevel=2)


def add_trace(answer: Answer, job: Job) -> Answer:
    """Return the answer; if it has no value, add the name of a job that was given up to its reason."""
    return replace(answer, detail=f"{answer.detail}; {job.trace}") if answer.reason and job.trace else answer


async def find_cause(job: Job, failed: Sequence[Answer], images: Sequence[Image], task: Task) -> tuple[Reason, str]:
    """Return the reason, with details, for images that have no result in the job.

    `failed` are the answers with the reason why the job could not be created or polled; empty if it could.
    """
    if failed and failed[0].reason:
        return failed[0].reason, "; ".join(filter(None, (failed[0].detail, job.trace)))
    if not job.is_complete:
        return Reason.TIMED_OUT, f"the job was not finished in time; {job.trace}"
    reason, told = ENDS.get(job.state, (Reason.WRONG_NUMBER, "the job has no result for this image"))
    if job.results or job.state not in ENDS:
        keyless = sum(result.key is None for result in job.results)
        without = f", {keyless} without a key" if keyless else ""
        return reason, f"{told}: {len(job.results)} results for {len(images)} requests{without}"
    errors: list[types.JobError] = []

    async def fetch() -> list[Answer]:
        errors.extend(filter(None, [await job.fetch_error()]))
        return []

    await ask_patiently(fetch, images, task)
    if not errors:
        return reason, told
    of_error, answered = failures.classify_job_error(errors[0])
    return of_error if job.state == "JOB_STATE_FAILED" else reason, f"{told}: the API {answered}"


def match_results(results: Sequence[Result], images: Sequence[Image]) -> list[Result | None]:
    """Return the result for each image by the key of its request; None for images without a result.

    If no result has a key, as happened with Google's inlined results, they are in the order of the requests.
    """
    if len(results) == len(images) and all(result.key is None for result in results):
        return list(results)
    found = {result.key: result for result in reversed(results)}
    return [found.get(key) for key, _ in number_images(images)]
