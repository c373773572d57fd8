"""Concurrent: one request an image, all at once, with asyncio."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


async def concurrent(client: genai.Client, images: Sequence[Image], task: Counting) -> list[Answer]:
    """Ask about all images at the same time."""

    async def ask(image: Image) -> Answer:
        response = await client.aio.models.generate_content(model=task.model, contents=[image.part, task.prompt])
        return task.read(image, response)

    return await asyncio.gather(*(ask(image) for image in images))
