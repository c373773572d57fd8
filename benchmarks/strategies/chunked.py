"""Chunked: a few images per prompt, a limited number of prompts at a time."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_together
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def chunked(
    client: genai.Client, images: Sequence[Image], task: Task, *, chunk: int = 4, concurrency: int = 8
) -> list[Answer]:
    """Ask about `chunk` images per prompt, at most `concurrency` prompts at a time; the last prompt may have fewer."""
    limit = asyncio.Semaphore(concurrency)

    async def ask(images: Sequence[Image]) -> list[Answer]:
        async with limit:
            return await ask_together(client, images, task)

    chunks = [images[first : first + chunk] for first in range(0, len(images), chunk)]
    answers = await asyncio.gather(*map(ask, chunks))
    return [answer for each in answers for answer in each]
