"""Batch files: like `batch`, with the requests in an uploaded file, for jobs that are too large to be inlined."""

import io
from collections.abc import Sequence

from google import genai
from google.genai import types

from benchmarks.strategies.asking import ask_patiently
from benchmarks.strategies.jobs import ask_in_job, format_line, number_images
from fixtures.base.errors import RunError
from fixtures.exchange.answer import Answer
from fixtures.exchange.sent import MOST_FILE_BYTES
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def batch_files(
    client: genai.Client,
    images: Sequence[Image],
    task: Task,
    *,
    batch_deadline: float | None = None,
    concurrency: int = 8,
) -> list[Answer]:
    """Upload a file with one request per line, ask about all images in one job, and delete the file.

    If `batch_deadline` is given, images without an answer after this many seconds are asked about one by one,
    `concurrency` at a time. The SDK uploads more than 8 MB in pieces; if a piece fails, the upload restarts. Raise
    `RunError` if the file would exceed the limit of the API.
    """
    content = make_file(images, task)
    uploaded: list[types.File] = []

    async def create() -> types.BatchJob:
        if not uploaded:  # a retry of the job uses the same file
            config = types.UploadFileConfig(mime_type="jsonl")
            uploaded.append(await client.aio.files.upload(file=io.BytesIO(content), config=config))
        return await client.aio.batches.create(model=task.model, src=uploaded[0].name or "")

    async def delete() -> list[Answer]:
        for file in uploaded:
            await client.aio.files.delete(name=file.name or "")
        return []

    try:
        return await ask_in_job(client, create, images, task, batch_deadline=batch_deadline, concurrency=concurrency)
    finally:
        await ask_patiently(delete, images, task)  # if that fails, Google deletes it after 48 hours, like the results


def make_file(images: Sequence[Image], task: Task) -> bytes:
    """Return the file with a request about each image; raise `RunError` if it would exceed the limit of the API."""
    file = io.BytesIO()
    for key, image in number_images(images):
        file.write(format_line(key, image, task).encode("ascii"))
        if file.tell() > MOST_FILE_BYTES:
            raise RunError(
                f"The requests about {len(images):,} images make a file of more than {MOST_FILE_BYTES:,} bytes, the "
                "limit of the Files API: ask about fewer images at a time, or write several files with "
                "'python -m benchmarks.plan.requests_file'."
            )
    return file.getvalue()
