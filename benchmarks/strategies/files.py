"""Files: each image is uploaded through the Files API, asked about by its URI, and deleted; all at once."""

import asyncio
import io
from collections.abc import Sequence

from google import genai
from google.genai import types

from benchmarks.strategies.asking import ask_patiently, generate_async
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def files(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Upload, ask and delete, for all images at the same time."""

    async def ask(image: Image) -> Answer:
        uploaded: list[types.File] = []

        async def ask_once() -> list[Answer]:
            if not uploaded:  # a retry of the question uses the same file
                config = types.UploadFileConfig(mime_type=image.mime_type)
                uploaded.append(await client.aio.files.upload(file=io.BytesIO(image.data), config=config))
            return [task.read(image, await generate_async(client, [*uploaded, task.prompt], task))]

        async def delete() -> list[Answer]:
            for file in uploaded:
                await client.aio.files.delete(name=file.name or "")
            return []

        try:
            return (await ask_patiently(ask_once, [image], task))[0]
        finally:
            await ask_patiently(delete, [image], task)  # if that fails, Google deletes it after 48 hours

    # An error is raised only after all files were deleted.
    results = await asyncio.gather(*map(ask, images), return_exceptions=True)
    answers = [each for each in results if isinstance(each, Answer)]
    for error in results:
        if isinstance(error, BaseException):
            raise error
    return answers
