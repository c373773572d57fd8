"""The task: how many people are in each image. Its prompts, and how an answer is read."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from google.genai import types

from fixtures.answers import Answer
from fixtures.images import Image

ONE_IMAGE = "Count the number of people in this image. Return just the integer number."
"""Word for word as published."""

ALL_IMAGES = (
    "I have provided {n} images above labeled Image 1 to Image {n}. "
    "Count the number of people in each image respectively. "
    "Return the result strictly as a JSON list of integers, e.g., [10, 5, 3, 20]. "
    "Do not include markdown formatting or backticks."
)
"""Word for word as published, with the number of images."""

TEXT_KEPT = 500
"""Characters of an answer that are kept."""

_FENCE = re.compile(r"^\s*```\w*\s*(.*?)\s*```\s*$", re.DOTALL)


@dataclass(frozen=True)
class Counting:
    """Counting people with one model: what to ask, and how to read what comes back."""

    model: str

    @property
    def prompt(self) -> str:
        """The question about one image."""
        return ONE_IMAGE

    def prompt_for(self, count: int) -> str:
        """Return the question about `count` labelled images in one prompt."""
        return ALL_IMAGES.format(n=count)

    def read(self, image: Image, response: types.GenerateContentResponse) -> Answer:
        """Read the answer to a question about one image."""
        text = (response.text or "").strip()
        return _answer(image, _integer(text), f"unreadable answer {text[:80]!r}", text)

    def read_all(self, images: Sequence[Image], response: types.GenerateContentResponse) -> list[Answer]:
        """Read the answer to a question about all images; a list of the wrong length answers none of them."""
        text = (response.text or "").strip()
        fenced = _FENCE.match(text)
        try:
            numbers = json.loads(fenced[1] if fenced else text)
        except (ValueError, RecursionError):
            numbers = None
        if not isinstance(numbers, list):
            return [_answer(image, None, f"unreadable answer {text[:80]!r}", text) for image in images]
        if len(numbers) != len(images):
            reason = f"{len(numbers)} answers for {len(images)} images"
            return [_answer(image, None, reason, text) for image in images]
        return [
            _answer(
                image,
                number if type(number) is int and number >= 0 else None,
                f"not a count: {number!r:.80}",
                text,
            )
            for image, number in zip(images, numbers, strict=True)
        ]


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _answer(image: Image, number: int | None, reason: str, text: str) -> Answer:
    return Answer(image.name, number, "" if number is not None else reason, text[:TEXT_KEPT])
