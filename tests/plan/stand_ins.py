"""Strategies that the suite does not have, each with another pattern of requests."""

import asyncio
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from google import genai
from google.genai import types

from benchmarks.strategies.asking import ask, ask_async, ask_together, generate_async
from benchmarks.strategies.batch import batch
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task


async def in_pairs(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about two images at a time, one request after another."""
    answers: list[Answer] = []
    for first in range(0, len(images), 2):
        answers += await ask_together(client, images[first : first + 2], task)
    return answers


async def in_fives(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about five images per request, three requests at a time; the last request may have fewer."""
    limit = asyncio.Semaphore(3)

    async def ask_some(some: Sequence[Image]) -> list[Answer]:
        async with limit:
            return await ask_together(client, some, task)

    parts = [images[first : first + 5] for first in range(0, len(images), 5)]
    return [answer for found in await asyncio.gather(*map(ask_some, parts)) for answer in found]


async def growing(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Start with four images at a time, and a quarter more after each round trip."""
    window, answers = 4.0, list[Answer]()
    while len(answers) < len(images):
        some = images[len(answers) : len(answers) + int(window)]
        answers += await asyncio.gather(*(ask_async(client, image, task) for image in some))
        window *= 1.25
    return answers


async def capped(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Start with four images at a time, then eight, then always sixteen."""
    window, answers = 4, list[Answer]()
    while len(answers) < len(images):
        some = images[len(answers) : len(answers) + window]
        answers += await asyncio.gather(*(ask_async(client, image, task) for image in some))
        window = min(16, 2 * window)
    return answers


async def upload_first(
    client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8
) -> list[Answer]:
    """Upload all images one after another, then ask about `concurrency` images at a time."""
    limit = asyncio.Semaphore(concurrency)
    files = [await _upload(client, image.data, image.mime_type) for image in images]

    async def ask_uploaded(image: Image, file: types.File) -> Answer:
        async with limit:
            return task.read(image, await generate_async(client, [file, task.prompt], task))

    return await asyncio.gather(*map(ask_uploaded, images, files))


async def twice(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about all images at once, and then again."""
    await asyncio.gather(*(ask_async(client, image, task) for image in images))
    return await asyncio.gather(*(ask_async(client, image, task) for image in images))


async def hedging(client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Ask about `concurrency` images at a time, and a second time about the slowest 5 %; the first answer counts."""
    limit, loop = asyncio.Semaphore(concurrency), asyncio.get_running_loop()
    taken: list[float] = []
    left = max(1, len(images) // 20)

    async def ask_soon(image: Image) -> Answer:
        nonlocal left
        async with limit:
            began = loop.time()
            tasks = [asyncio.create_task(ask_async(client, image, task))]
            done, _ = await asyncio.wait(tasks, timeout=1.5 * max(taken, default=100.0))
            if not done and left:
                left -= 1
                tasks.append(asyncio.create_task(ask_async(client, image, task)))
            done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in late:
                each.cancel()
            if len(tasks) == 1:
                taken.append(min(loop.time() - began, 1.5 * min(taken, default=100.0)))
            return next(iter(done)).result()

    return await asyncio.gather(*map(ask_soon, images))


async def hasty(client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Ask about `concurrency` images at a time, and a second time after 0.999 s; the first answer counts."""
    limit = asyncio.Semaphore(concurrency)

    async def ask_soon(image: Image) -> Answer:
        async with limit:
            tasks = [asyncio.create_task(ask_async(client, image, task))]
            await asyncio.sleep(0.999)
            tasks.append(asyncio.create_task(ask_async(client, image, task)))
            done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for each in late:
                each.cancel()
            return next(iter(done)).result()

    return await asyncio.gather(*map(ask_soon, images))


async def filed_job(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Upload all requests as a JSON Lines file, and create a job on it."""
    lines = [{"key": image.name, "request": _make_request(image, task)} for image in images]
    data = "\n".join(map(json.dumps, lines)).encode()
    file = await _upload(client, data, "jsonl")
    await client.aio.batches.create(model=task.model, src=file.name or "")
    return [Answer(image.name, 1) for image in images]


def mixed(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about every image alone, and then about all of them together."""
    answers = [ask(client, image, task) for image in images]
    contents: list[Any] = [*(image.part for image in images), task.make_prompt(2)]
    client.models.generate_content(model=task.model, contents=contents)
    return answers


def failing(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Raise `ZeroDivisionError`."""
    return [ask(client, images[0], task)] * (len(images) // 0)


def forgetful(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Leave out the last image."""
    return [ask(client, image, task) for image in images[:-1]]


def silent(_: genai.Client, images: Sequence[Image], __: Task) -> list[Answer]:
    """Send no request."""
    return [Answer(image.name, 0) for image in images]


async def _upload(client: genai.Client, data: bytes, mime_type: str) -> types.File:
    config = types.UploadFileConfig(mime_type=mime_type)
    return await client.aio.files.upload(file=io.BytesIO(data), config=config)


def _make_request(image: Image, task: Task) -> dict[str, object]:
    inlined = {"data": image.sha256, "mime_type": image.mime_type}
    return {"contents": [{"parts": [{"inline_data": inlined}, {"text": task.prompt}], "role": "user"}]}


def refused(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask a model that does not exist."""
    return [ask(client, image, replace(task, model="nobody")) for image in images]


async def all_but_two(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about all images but two in one request, and about the last two in another."""
    return [*await ask_together(client, images[:-2], task), *await ask_together(client, images[-2:], task)]


async def beside_a_job(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about one image, and about all images in a job."""
    await ask_async(client, images[0], task)
    return await batch(client, images, task)


def without_images(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask a question without an image first."""
    client.models.generate_content(model=task.model, contents="What are you going to be asked?")
    return [ask(client, image, task) for image in images]
