"""Sequential: one request an image, one after another, as most scripts begin."""

from collections.abc import Sequence

from google import genai

from benchmarks.asking import ask
from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


def sequential(client: genai.Client, images: Sequence[Image], task: Counting) -> list[Answer]:
    """Ask about each image when the one before is answered."""
    return [ask(client, image, task) for image in images]
