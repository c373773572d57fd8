"""Structured: all images in one request, with a response schema for the list of answers."""

from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_together
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def structured(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about all images in one prompt, with the SDK's `response_schema`."""
    return await ask_together(client, images, task, structured=True)
