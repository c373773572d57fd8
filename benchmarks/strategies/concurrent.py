"""Concurrent: one request an image, all at once, with asyncio."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.asking import ask_async
from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


async def concurrent(client: genai.Client, images: Sequence[Image], task: Counting) -> list[Answer]:
    """Ask about all images at the same time."""
    return await asyncio.gather(*(ask_async(client, image, task) for image in images))
