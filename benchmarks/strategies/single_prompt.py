"""Single prompt: all images in one request, each after its label, answered by a JSON list."""

from collections.abc import Sequence

from google import genai
from google.genai import types

from benchmarks.counting import Counting
from fixtures.answers import Answer
from fixtures.images import Image


def single_prompt(client: genai.Client, images: Sequence[Image], task: Counting) -> list[Answer]:
    """Ask about all images in one prompt."""
    contents: list[str | types.Part] = []
    for number, image in enumerate(images, start=1):
        contents += [f"Image {number}:", image.part]
    contents.append(task.prompt_for(len(images)))
    response = client.models.generate_content(model=task.model, contents=contents)
    return task.read_all(images, response)
