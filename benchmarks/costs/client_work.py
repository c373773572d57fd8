"""`python -m benchmarks.costs.client_work`: client CPU milliseconds an image, of this suite and of other ways to send.

All ask the same questions of a server that answers at once, in a process of its own: 64 requests, 16 in flight.
"""

import os
import platform
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

import httpx2
from google import genai
from google.genai import types
from google.genai.client import AsyncClient
from PIL import Image as PillowImage

from benchmarks.costs.cassettes import make_request
from benchmarks.scaling.client import (
    CONCURRENCY,
    IMAGE_SET,
    REQUESTS,
    TASK,
    Ask,
    ask_sdk,
    measure_cpu,
)
from benchmarks.scaling.instant_server import run_instant_server
from fixtures.clock.clock import Clock
from fixtures.images.folder import load_images
from fixtures.images.task_file import find_folder
from fixtures.transport.client import ClientSession, open_session
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire

REPETITIONS = 21
"""The number of measurements of each way, in turns."""
MOST = 1.15
"""The aim for the ratio of the suite's CPU time to that of the SDK alone."""


@asynccontextmanager
async def open_ways(session: ClientSession) -> AsyncIterator[dict[str, Ask]]:
    """Yield the ways to ask about an image, by their names."""
    url = f"{session.server}/v1/models/{TASK.model}:generateContent"
    headers = {"content-type": "application/json", "x-goog-api-key": "none"}
    bodies = {image.name: make_request(image.data) for image in load_images(IMAGE_SET).images}
    # From files, as the notebook has them: of pictures without a file the SDK makes PNGs, at many times the cost.
    pictures = {name: PillowImage.open(find_folder(IMAGE_SET) / name) for name in bodies}
    for picture in pictures.values():
        picture.load()  # the notebook has shown them before

    def make_bare_sdk(http: httpx2.AsyncClient | None) -> AsyncClient:
        options = types.HttpOptions(base_url=session.server, httpx_async_client=http)
        return genai.Client(api_key="none", vertexai=False, http_options=options).aio

    suite = session.client.aio
    async with httpx2.AsyncClient() as plain, httpx2.AsyncClient() as bare, make_bare_sdk(None) as default:
        ready = make_bare_sdk(plain)
        yield {
            "(a) this suite": lambda image: ask_sdk(suite, image.part),
            "(b) SDK, Pillow image on every call": lambda image: ask_sdk(default, pictures[image.name]),
            "(c) SDK, ready part": lambda image: ask_sdk(ready, image.part),
            "(d) bare httpx2, ready body": lambda image: bare.post(url, content=bodies[image.name], headers=headers),
        }


async def measure_ways(_: genai.Client, session: ClientSession) -> dict[str, float]:
    """Return the CPU milliseconds an image of each way: medians of interleaved repetitions, after one unmeasured."""
    images = load_images(IMAGE_SET).images
    async with open_ways(session) as ways:
        costs: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(REPETITIONS + 1):
            for name, found in costs.items():
                session.wire.start_round(number)
                found.append(1000 * await measure_cpu(ways[name], images))
    return {name: median(found[1:]) for name, found in costs.items()}


def main() -> int:
    """Print the medians, their ratios and whether the suite is within its bound."""
    wire = Wire(Clock(skip=False), NetworkResponder())
    with run_instant_server() as server, open_session(wire, server) as session:
        costs: dict[str, float] = session.run(measure_ways, session)
    suite, _, plain, _ = costs.values()
    print(f"{REQUESTS} requests, {CONCURRENCY} in flight, median of {REPETITIONS} repetitions", end=" ")
    print(f"(Python {platform.python_version()}, {os.cpu_count()} cores)")
    print(f"{'':35}  CPU ms an image  against (c)")
    for name, cost in costs.items():
        print(f"{name:35}  {cost:15.3f}  {cost / plain:11.2f}")
    print(f"(a) is {'within' if suite <= MOST * plain else 'MORE THAN'} {MOST} times (c)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
