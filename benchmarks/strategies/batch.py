"""Batch: all images in one job of the Batch API, at half the price, inlined in the request that creates the job."""

from collections.abc import Sequence

from google import genai
from google.genai import types

from benchmarks.strategies.jobs import ask_in_job, number_images
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def batch(
    client: genai.Client,
    images: Sequence[Image],
    task: Task,
    *,
    batch_deadline: float | None = None,
    concurrency: int = 8,
) -> list[Answer]:
    """Ask about all images in one job, whose request has at most 20 MB.

    If `batch_deadline` is given, images without an answer after this many seconds are asked about one by one,
    `concurrency` at a time.
    """

    async def create() -> types.BatchJob:
        config = task.make_config()
        requests = [
            types.InlinedRequest(contents=[image.part, task.prompt], config=config, metadata={"key": key})
            for key, image in number_images(images)
        ]
        return await client.aio.batches.create(model=task.model, src=requests)

    return await ask_in_job(client, create, images, task, batch_deadline=batch_deadline, concurrency=concurrency)
