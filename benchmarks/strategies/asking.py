"""The requests that strategies share, retried after failures according to the task's retry policy.

A request that finally fails becomes an `Answer` with a reason, and does not affect the others.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from google import genai
from google.genai import types

from fixtures.exchange import failures
from fixtures.exchange.answer import Answer, Reason
from fixtures.images.image import Image
from fixtures.tasks.task import Task


def ask(client: genai.Client, image: Image, task: Task, stopped: threading.Event | None = None) -> Answer:
    """Ask about one image, and return the answer; after the event is set, there are no more retries."""
    generate = task.policy.retrying(image.sha256, stopped).wraps(client.models.generate_content)
    try:
        contents = [image.part, task.prompt]
        return task.read(image, generate(model=task.model, contents=contents, config=task.make_config()))
    except Exception as error:  # noqa: BLE001 - errors that are not the API's are raised again
        return failures.explain_failure([image], error)[0]


async def ask_async(
    client: genai.Client,
    image: Image,
    task: Task,
    watch: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Answer:
    """Ask about one image, and return the answer; each attempt runs within the context manager `watch()`."""

    async def ask_once() -> list[Answer]:
        with watch():
            response = await generate_async(client, [image.part, task.prompt], task)
        return [task.read(image, response)]

    return (await ask_patiently(ask_once, [image], task))[0]


async def ask_together(
    client: genai.Client, images: Sequence[Image], task: Task, *, structured: bool = False
) -> list[Answer]:
    """Ask about several images in one prompt, each after its label, and return their answers.

    If the number of answers is wrong, they cannot be assigned to the images: the prompt is sent once more, then each
    image is asked about alone.
    """
    prompt = task.make_question(len(images)) if structured else task.make_prompt(len(images))
    contents: list[str | types.Part] = []
    for number, image in enumerate(images, start=1):
        contents += [f"Image {number}:", image.part]

    async def ask_once() -> list[Answer]:
        response = await generate_async(client, [*contents, prompt], task, structured=structured)
        return task.read_all(images, response)

    answers = await ask_patiently(ask_once, images, task)
    if answers[0].reason is not Reason.WRONG_NUMBER:
        return answers
    answers = await ask_patiently(ask_once, images, task)
    if all(answer.reason is None for answer in answers):
        return answers
    return await asyncio.gather(*(ask_async(client, image, task) for image in images))


async def generate_async(
    client: genai.Client, contents: Sequence[str | types.Part | types.File], task: Task, *, structured: bool = False
) -> types.GenerateContentResponse:
    """Send one request with the configuration of the task, and return the response."""
    config = task.make_config(structured=structured)
    return await client.aio.models.generate_content(model=task.model, contents=list(contents), config=config)


async def ask_patiently(
    ask_once: Callable[[], Awaitable[list[Answer]]], images: Sequence[Image], task: Task
) -> list[Answer]:
    """Await `ask_once()` with the task's retry policy; if it finally fails, each image's answer has the reason."""
    key = "".join(image.sha256 for image in images)
    try:
        return await task.policy.retrying_async(key)(ask_once)
    except Exception as error:  # noqa: BLE001 - errors that are not the API's are raised again
        return failures.explain_failure(images, error)
