"""Bounded: one request per image with asyncio, a limited number at a time; when one ends, the next one starts."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_async
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def bounded(client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Ask about at most `concurrency` images at a time."""
    limit = asyncio.Semaphore(concurrency)

    async def ask(image: Image) -> Answer:
        async with limit:
            return await ask_async(client, image, task)

    return await asyncio.gather(*map(ask, images))
