"""What the strategies share that ask in a job of the Batch API: its requests, waiting for its end, and its results."""

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
"""Seconds before the first question after the state of a job."""
GROWTH = 1.25
"""How many times as long as the one before each further wait is: a job is noticed late by a quarter of its time."""
LONGEST_WAIT = 60.0
"""The most seconds between two such questions."""
LONGEST_JOB = 49 * 3600.0
"""Seconds after which a job is given up where the server has not expired it: Google does so after 48 hours."""
LONGEST_OUTAGE = 3600.0
"""Seconds for which the API may fail to tell the state of a job, or its results, until the job is given up."""
LONGEST_CANCELLATION = 30.0
"""Seconds for which a job is asked for its state at its deadline, and for which one that is cancelled is waited for."""
PASSING = (Reason.RATE_LIMITED, Reason.UNAVAILABLE, Reason.TIMED_OUT)
"""The reasons why the state of a job may not be told now and be told later."""
ENDS = {
    "JOB_STATE_FAILED": (Reason.UNAVAILABLE, "the job failed"),
    "JOB_STATE_EXPIRED": (Reason.TIMED_OUT, "the job expired"),
    "JOB_STATE_CANCELLED": (Reason.UNAVAILABLE, "the job was cancelled"),
}
"""The ends of a job that did not succeed, as the reason that its images have and in words."""


def number_images(images: Sequence[Image]) -> Iterator[tuple[str, Image]]:
    """Yield each image with the key of its request, which is its place: names and bytes need not differ."""
    return ((str(place), image) for place, image in enumerate(images, start=1))


def format_line(key: str, image: Image, task: Task) -> str:
    """Return the line of a file of requests that asks about an image."""
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
    """Begin a job with `create()`, wait for its end, and return the answers, in the order of the images.

    The keys of its requests are those of `number_images`. Where a deadline is given, the job is cancelled after so many
    seconds, and what it has no response to is asked one by one, `concurrency` at a time. A request to begin a job that
    is cut may have begun one, and begins another one where it is sent again: no figure has the first.
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
    """A job of the Batch API while it is under way.

    What it does returns nothing, so that `ask_patiently` can await it.
    """

    def __init__(self, client: genai.Client, create: Callable[[], Awaitable[types.BatchJob]]) -> None:
        self._client = client
        self._create = create
        self._name = ""
        self._told: Told | None = None
        self.is_cancelled = False
        """Whether the API has taken it that the job is to be cancelled."""
        self.results: Sequence[Result] = []
        """Its results; none until it is complete."""
        self.is_complete = False
        """Whether it has ended, and its results have been fetched."""

    async def begin(self) -> list[Answer]:
        """Begin the job."""
        created = await self._create()
        self._name, self._told = created.name or "", read_job(created)
        return []

    async def look(self) -> list[Answer]:
        """Ask for the state of the job, unless it has ended."""
        if not self.is_over:
            self._told = await fetch_job(self._client, self._name)
        return []

    async def proceed(self) -> list[Answer]:
        """Ask for the state of the job, and fetch its results where it has ended."""
        await self.look()
        if self._told is not None and self._told.is_over:
            self.results = await fetch_results(self._client, self._told)
            self.is_complete = True
        return []

    async def cancel(self) -> list[Answer]:
        """Cancel the job; the server does so when it can."""
        await self._client.aio.batches.cancel(name=self._name)
        self.is_cancelled = True
        return []

    @property
    def name(self) -> str:
        """Its name, printable; empty where it has not begun."""
        return make_printable(self._name)

    @property
    def trace(self) -> str:
        """What is to be said of a job that may be paid for and has been given up; empty for any other."""
        if not self.has_begun or self.is_complete:
            return ""
        went_on = "" if self.is_over or self.is_cancelled else ", and was not cancelled"
        return f"the job is {self.name}{went_on}"

    @property
    def has_begun(self) -> bool:
        """Whether the API has said that it has begun."""
        return self._told is not None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._told is not None and self._told.is_over

    @property
    def state(self) -> str:
        """The name of the state that it was last told to be in; empty where none is known."""
        return "" if self._told is None else self._told.state

    async def fetch_error(self) -> types.JobError | None:
        """Return what the API says of a job that did not succeed; None where it says nothing."""
        if self._told is not None and self._told.error is not None:
            return self._told.error
        return (await fetch_operation(self._client, self._name)).error


async def keep_asking(
    step: Callable[[], Awaitable[list[Answer]]], is_done: Callable[[], bool], images: Sequence[Image], task: Task
) -> list[Answer]:
    """Await `step()` after waits that grow, until `is_done()`.

    Return an answer for each image that says why the job cannot be asked about any more; nothing where it can. One that
    has been begun may be paid for, so that an API that is down for a while is asked again.
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
    """Cancel a job whose deadline has come, and fetch the results that it has made.

    If it is to `look`, it first asks once more whether the job has ended. That and the cancelling end after
    `LONGEST_CANCELLATION` seconds each. Results that are known to be there are fetched as patiently as anything is. Of
    a job that was not cancelled a warning is given.
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
        warnings.warn(f"The batch job {job.name} could not be cancelled; it may go on and be paid for.", stacklevel=2)


def add_trace(answer: Answer, job: Job) -> Answer:
    """Return an answer that names a job that was given up, where there is none."""
    return replace(answer, detail=f"{answer.detail}; {job.trace}") if answer.reason and job.trace else answer


async def find_cause(job: Job, failed: Sequence[Answer], images: Sequence[Image], task: Task) -> tuple[Reason, str]:
    """Return why an image has no answer of which the results of the job have none.

    `failed` are the answers that say why the job cannot be asked about; none where it can.
    """
    if failed and failed[0].reason:
        return failed[0].reason, "; ".join(filter(None, (failed[0].detail, job.trace)))
    if not job.is_complete:
        return Reason.TIMED_OUT, f"the job was not done in time; {job.trace}"
    reason, told = ENDS.get(job.state, (Reason.WRONG_NUMBER, "the job has no result for it"))
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
    """Return the result about each image by the key of its request, whatever their order; None where there is none.

    Where no result tells a key, which Google's inlined ones did not always, they are in the order of the requests.
    """
    if len(results) == len(images) and all(result.key is None for result in results):
        return list(results)
    found = {result.key: result for result in reversed(results)}
    return [found.get(key) for key, _ in number_images(images)]
