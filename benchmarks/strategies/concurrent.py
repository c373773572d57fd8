"""Concurrent: one request per image, all at once, with asyncio."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_async
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def concurrent(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about all images at the same time."""
    return await asyncio.gather(*(ask_async(client, image, task) for image in images))
