"""Bounded: one request an image with asyncio, a window of k at a time: the next begins as soon as one has ended."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_async
from fixtures.exchange.answer import Answer
from fixtures.images.folder import Image
from fixtures.tasks.counting import Counting


async def bounded(client: genai.Client, images: Sequence[Image], task: Counting, *, window: int = 8) -> list[Answer]:
    """Ask about at most `window` images at a time."""
    places = asyncio.Semaphore(window)

    async def ask(image: Image) -> Answer:
        async with places:
            return await ask_async(client, image, task)

    return await asyncio.gather(*map(ask, images))
