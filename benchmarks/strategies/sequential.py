"""Sequential: one request per image, one after another, as in most first scripts."""

from collections.abc import Sequence

from google import genai

from benchmarks.strategies.asking import ask
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


def sequential(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about one image after another."""
    return [ask(client, image, task) for image in images]
