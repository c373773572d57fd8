"""Batch: all images in one job of the Batch API, at half the price; it is asked for its state until it is done."""

import asyncio
from collections.abc import Sequence

from google import genai
from google.genai import types

from benchmarks.strategies.asking import ask_patiently
from fixtures.exchange import failures
from fixtures.exchange.answer import Answer, Reason
from fixtures.images.image import Image
from fixtures.tasks.task import Task

FIRST_WAIT = 2.0
"""Seconds before the first question after the state."""
LONGEST_WAIT = 60.0
"""Seconds between two such questions; until then each wait is half as long again as the one before."""


async def batch(
    client: genai.Client, images: Sequence[Image], task: Task, *, deadline: float = 48 * 3600.0
) -> list[Answer]:
    """Ask about all images in one job, given up after `deadline` seconds; Google expires one after 48 hours."""
    jobs: list[types.BatchJob] = []

    async def ask_once() -> list[Answer]:
        if not jobs:  # a question that failed needs no second job
            config = task.make_config()
            requests = [types.InlinedRequest(contents=[image.part, task.prompt], config=config) for image in images]
            jobs.append(await client.aio.batches.create(model=task.model, src=requests))
        else:
            jobs.append(await client.aio.batches.get(name=jobs[-1].name or ""))
        return []

    loop = asyncio.get_running_loop()
    start = loop.time()
    wait = FIRST_WAIT
    while True:
        if failed := await ask_patiently(ask_once, images, task):
            return failed
        if jobs[-1].done:
            return _read(jobs[-1], images, task)
        if loop.time() + wait > start + deadline:
            break
        await asyncio.sleep(wait)
        wait = min(wait * 1.5, LONGEST_WAIT)
    return [Answer(image.name, None, Reason.TIMED_OUT, "the job was not done in time") for image in images]


def _read(job: types.BatchJob, images: Sequence[Image], task: Task) -> list[Answer]:
    responses = job.dest.inlined_responses if job.dest else None
    if not responses:
        state = job.state.name if job.state else "of no state"
        return [Answer(image.name, None, Reason.UNAVAILABLE, f"the job is {state}") for image in images]
    if len(responses) != len(images):
        detail = f"{len(responses)} answers for {len(images)} images"
        return [Answer(image.name, None, Reason.WRONG_NUMBER, detail) for image in images]
    return [
        failures.explain_job_error(image, each.error)
        if each.error
        else task.read(image, each.response or types.GenerateContentResponse())
        for image, each in zip(images, responses, strict=True)
    ]
