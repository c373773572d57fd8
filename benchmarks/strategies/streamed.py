"""Streamed: one request per image, all at once, with streamed answers, which shows the time to the first token."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_patiently
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def streamed(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about all images at the same time, and read the answers as streams."""

    async def ask(image: Image) -> Answer:
        async def ask_once() -> list[Answer]:
            contents = [image.part, task.prompt]
            chunks = await client.aio.models.generate_content_stream(
                model=task.model, contents=contents, config=task.make_config()
            )
            return [task.read_chunks(image, [chunk async for chunk in chunks])]

        return (await ask_patiently(ask_once, [image], task))[0]

    return await asyncio.gather(*map(ask, images))
