"""The task: how many people are in each image. Its prompts, its patience, and who reads the answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from google.genai import types

from benchmarks import reading
from fixtures.answers import Answer
from fixtures.images import Image
from fixtures.retries import Policy

ONE_IMAGE = "Count the number of people in this image. Return just the integer number."
"""Word for word as published."""

ALL_IMAGES = (
    "I have provided {n} images above labeled Image 1 to Image {n}. "
    "Count the number of people in each image respectively."
)
AS_LIST = (
    " Return the result strictly as a JSON list of integers, e.g., [10, 5, 3, 20]. "
    "Do not include markdown formatting or backticks."
)
"""Together word for word as published, with the number of images."""


@dataclass(frozen=True)
class Counting:
    """Counting people with one model: what to ask, how often, and how to read what comes back."""

    model: str
    policy: Policy = field(default_factory=Policy)

    @property
    def prompt(self) -> str:
        """The question about one image."""
        return ONE_IMAGE

    def prompt_for(self, count: int) -> str:
        """Return the question about `count` labelled images in one prompt."""
        return self.question_for(count) + AS_LIST

    def question_for(self, count: int) -> str:
        """Return the same question without the words that ask for a list, for those who have a schema."""
        return ALL_IMAGES.format(n=count)

    @property
    def schema(self) -> types.GenerateContentConfig:
        """What asks for a list of integers instead of those words."""
        return types.GenerateContentConfig(response_mime_type="application/json", response_schema=list[int])

    def read(self, image: Image, response: types.GenerateContentResponse) -> Answer:
        """Read the answer to a question about one image."""
        return reading.read(image.name, response)

    def read_chunks(self, image: Image, chunks: Sequence[types.GenerateContentResponse]) -> Answer:
        """Read the same answer from a stream's chunks."""
        return reading.read_chunks(image.name, chunks)

    def read_all(self, images: Sequence[Image], response: types.GenerateContentResponse) -> list[Answer]:
        """Read the answer to a question about all images; a list of the wrong length answers none of them."""
        return reading.read_all([image.name for image in images], response)
