"""Single prompt: all images in one request, each after its label, answered by a JSON list."""

from collections.abc import Sequence

from google import genai

from benchmarks.asking import ask_together
from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


async def single_prompt(client: genai.Client, images: Sequence[Image], task: Counting) -> list[Answer]:
    """Ask about all images in one prompt."""
    return await ask_together(client, images, task)
