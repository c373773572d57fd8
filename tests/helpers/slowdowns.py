"""A pytest plugin that makes each strategy slower or more expensive in its own way, as a mistaken change might."""

import asyncio
import io
import time
from collections.abc import Sequence
from dataclasses import replace

from google import genai
from google.genai import types
from PIL import Image as PillowImage

from benchmarks.strategies import STRATEGIES
from benchmarks.strategies.asking import ask, ask_async, ask_together
from benchmarks.strategies.batch import batch
from benchmarks.strategies.bounded import bounded
from benchmarks.strategies.streamed import streamed
from benchmarks.strategies.threads import threads
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task

Images = Sequence[Image]


class Twice(Task):
    """A task that asks every question twice in its prompt."""

    def make_prompt(self, count: int) -> str:
        """Return the prompt with its question repeated."""
        return self.make_question(count) + super().make_prompt(count)


def encoded(image: Image, scale: int = 1) -> Image:
    """Return an image encoded again, at `scale` times its width and height."""
    picture = PillowImage.open(io.BytesIO(image.data)).convert("RGB")
    buffer = io.BytesIO()
    picture.resize((picture.width * scale, picture.height * scale)).save(buffer, "JPEG")
    return replace(image, data=buffer.getvalue(), mime_type="image/jpeg")


def with_a_sleep(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Wait a second before each request."""
    answers = []
    for image in images:
        time.sleep(1)
        answers.append(ask(client, image, task))
    return answers


async def without_concurrency(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Wait for each answer before the next question."""
    return [await ask_async(client, image, task) for image in images]


async def with_half_the_concurrency(
    client: genai.Client, images: Images, task: Task, *, concurrency: int = 8
) -> list[Answer]:
    """Use half of the given concurrency."""
    return await bounded(client, images, task, concurrency=concurrency // 2)


async def with_an_extra_request(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Ask about the first image twice."""
    await streamed(client, images[:1], task)
    return await streamed(client, images, task)


async def with_an_image_twice(client: genai.Client, images: Images, task: Task, *, chunk: int = 4) -> list[Answer]:
    """Send the first image of each prompt twice."""
    chunks = [images[first : first + chunk] for first in range(0, len(images), chunk)]
    answers = await asyncio.gather(*(ask_together(client, [*each, each[0]], task) for each in chunks))
    return [answer for each in answers for answer in each[:-1]]


def with_images_encoded_anew(client: genai.Client, images: Images, task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Encode every image again before it is sent."""
    return threads(client, [*map(encoded, images)], task, concurrency=concurrency)


async def with_a_needless_retry(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Ask again although there was an answer."""
    await ask_together(client, images, task, structured=True)
    return await ask_together(client, images, task, structured=True)


async def with_its_prompt_doubled(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Send each question twice in the prompt."""
    return await ask_together(client, images, Twice(task.question, task.model))


async def with_larger_images(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Send every image at twice its width and height."""
    return await batch(client, [encoded(image, 2) for image in images], task)


async def with_uploads_one_by_one(client: genai.Client, images: Images, task: Task) -> list[Answer]:
    """Upload one image after another, then ask about all at once."""
    uploaded = []
    for image in images:
        config = types.UploadFileConfig(mime_type=image.mime_type)
        uploaded.append(await client.aio.files.upload(file=io.BytesIO(image.data), config=config))

    async def question(image: Image, file: types.File) -> Answer:
        contents = [file, task.prompt]
        response = await client.aio.models.generate_content(model=task.model, contents=contents)  # type: ignore[arg-type]
        await client.aio.files.delete(name=file.name or "")
        return task.read(image, response)

    return await asyncio.gather(*map(question, images, uploaded))


STRATEGIES.update(
    sequential=with_a_sleep,
    concurrent=without_concurrency,
    single_prompt=with_its_prompt_doubled,
    bounded=with_half_the_concurrency,
    threads=with_images_encoded_anew,
    chunked=with_an_image_twice,
    structured=with_a_needless_retry,
    streamed=with_an_extra_request,
    files=with_uploads_one_by_one,
    batch=with_larger_images,
)
