"""Chunked: a few images a prompt, all prompts at once; between one request an image and one for all."""

import asyncio
from collections.abc import Sequence

from google import genai

from benchmarks.asking import ask_together
from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


async def chunked(client: genai.Client, images: Sequence[Image], task: Counting, *, chunk: int = 4) -> list[Answer]:
    """Ask about `chunk` images a prompt; the last prompt may have fewer."""
    chunks = [images[first : first + chunk] for first in range(0, len(images), chunk)]
    answers = await asyncio.gather(*(ask_together(client, each, task) for each in chunks))
    return [answer for each in answers for answer in each]
