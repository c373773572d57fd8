"""The client's CPU time per image, measured over sockets with a server that answers immediately."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle, islice
from statistics import fmean, median

from google import genai
from google.genai import types
from google.genai.client import AsyncClient

from benchmarks.scaling.instant_server import run_instant_server
from fixtures.clock.clock import Clock
from fixtures.images.folder import load_images
from fixtures.images.image import Image
from fixtures.run.record.record import Client
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.client import open_session
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire

IMAGE_SET = "four"
"""The image set whose images are sent."""
REQUESTS = 64
"""The number of requests per repetition."""
CONCURRENCY = 16
"""The number of requests at a time."""
REPETITIONS = 5
"""The number of repetitions for the median, after one as a warm-up."""
TASK = Task(load_question(IMAGE_SET), "some-model")

Ask = Callable[[Image], Awaitable[object]]
"""Asks about one image."""


async def ask_sdk(client: AsyncClient, image: types.PartUnion) -> object:
    """Ask about an image through the SDK, as the strategies do."""
    contents: list[types.PartUnion] = [image, TASK.prompt]
    return await client.models.generate_content(model=TASK.model, contents=contents)


async def measure_cpu(
    ask: Ask, images: Sequence[Image], *, requests: int = REQUESTS, concurrency: int = CONCURRENCY
) -> float:
    """Ask about the images in turn, `concurrency` at a time; return this process' CPU seconds per image."""
    semaphore = asyncio.Semaphore(concurrency)

    async def ask_in_turn(image: Image) -> None:
        async with semaphore:
            await ask(image)

    gc.collect()  # so that garbage of an earlier measurement is not collected during this one
    started = time.process_time()
    await asyncio.gather(*(ask_in_turn(image) for image in islice(cycle(images), requests)))
    return (time.process_time() - started) / requests


def measure_client() -> Client:
    """Measure the CPU seconds and bytes per image of the set `four` on this machine; it takes about a second."""
    images = load_images(IMAGE_SET).images
    wire = Wire(Clock(skip=False), NetworkResponder())

    async def measure_repetitions(client: genai.Client) -> list[float]:
        found = []
        for number in range(REPETITIONS + 1):
            wire.start_round(number)
            found.append(await measure_cpu(lambda image: ask_sdk(client.aio, image.part), images))
        return found

    with run_instant_server() as server, open_session(wire, server) as session:
        cpu_seconds: list[float] = session.run(measure_repetitions)
    return Client(cpu_seconds=median(cpu_seconds[1:]), image_bytes=fmean(len(image.data) for image in images))
