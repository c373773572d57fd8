"""Single prompt: all images in one request, each after its label, answered by a JSON list."""

from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask_together
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def single_prompt(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about all images in one prompt."""
    return await ask_together(client, images, task)
