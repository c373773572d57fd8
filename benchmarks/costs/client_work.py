"""`python -m benchmarks.costs.client_work`: client CPU milliseconds an image, of this suite and of other ways to send.

All ask the same questions of a server that answers at once, in a process of its own. First come this suite and other
ways, 64 requests, 16 in flight; then the SDK alone on each of its two HTTP clients, 1 to 512 requests at a time:
httpx2, which this suite gives it, and aiohttp, which it takes by itself for asynchronous requests where that is
installed. It takes about two minutes, most of which httpx2 spends on 512 at a time.
"""

import asyncio
import os
import platform
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.util import find_spec
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
TURNS = 7
"""The number of measurements of each HTTP client, in turns."""
AT_A_TIME = (1, 16, 64, 512)
"""The numbers of requests at a time at which the HTTP clients are compared."""
HTTPX2, AIOHTTP = "httpx2", "aiohttp"
WITHOUT_AIOHTTP = (
    "The HTTP clients cannot be compared: aiohttp is not installed. "
    "Install it with pip install --group aiohttp (pip 25.1 or newer)."
)
UNLIMITED = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
"""As many connections as requests at a time, as in this suite and on aiohttp, kept while the other has its turn."""


def make_sdk(server: str, http: httpx2.AsyncClient | None) -> AsyncClient:
    """Return the SDK alone on this HTTP client; on that which it takes by itself where none is given."""
    options = types.HttpOptions(base_url=server, httpx_async_client=http)
    return genai.Client(api_key="none", vertexai=False, http_options=options).aio


async def take_turns(
    ways: Mapping[str, Ask], turns: int, measure: Callable[[Ask], Awaitable[float]]
) -> dict[str, float]:
    """Return the median of what was measured of each way in so many turns, after one that does not count."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns + 1):
        for name, ask in ways.items():
            found[name].append(await measure(ask))
    return {name: median(each[1:]) for name, each in found.items()}


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

    suite = session.client.aio
    async with httpx2.AsyncClient() as plain, httpx2.AsyncClient() as bare:
        sdk = make_sdk(session.server, plain)
        yield {
            "(a) this suite": lambda image: ask_sdk(suite, image.part),
            "(b) SDK, Pillow image on every call": lambda image: ask_sdk(sdk, pictures[image.name]),
            "(c) SDK, ready part": lambda image: ask_sdk(sdk, image.part),
            "(d) bare httpx2, ready body": lambda image: bare.post(url, content=bodies[image.name], headers=headers),
        }


async def measure_ways(_: genai.Client, session: ClientSession) -> dict[str, float]:
    """Return the CPU milliseconds an image of each way."""
    images = load_images(IMAGE_SET).images

    async def measure(ask: Ask) -> float:
        session.wire.start_round(0)  # which forgets the exchanges of the one before
        return 1000 * await measure_cpu(ask, images, requests=REQUESTS)

    async with open_ways(session) as ways:
        return await take_turns(ways, REPETITIONS, measure)


async def measure_http_clients(server: str, concurrency: int) -> dict[str, float]:
    """Return the CPU milliseconds an image of the SDK on each HTTP client, with so many requests at a time.

    Where aiohttp is not installed, the SDK takes httpx2 in its place.
    """
    images, requests = load_images(IMAGE_SET).images, max(REQUESTS, concurrency)

    async def measure(ask: Ask) -> float:
        return 1000 * await measure_cpu(ask, images, requests=requests, concurrency=concurrency)

    async with httpx2.AsyncClient(limits=UNLIMITED) as http, make_sdk(server, None) as default:
        pinned = make_sdk(server, http)
        ways: dict[str, Ask] = {
            HTTPX2: lambda image: ask_sdk(pinned, image.part),
            AIOHTTP: lambda image: ask_sdk(default, image.part),
        }
        return await take_turns(ways, TURNS, measure)


def print_ways(server: str) -> None:
    """Print the medians of the ways, their ratios and whether the suite is within its bound."""
    with open_session(Wire(Clock(skip=False), NetworkResponder()), server) as session:
        costs: dict[str, float] = session.run(measure_ways, session)
    suite, _, plain, _ = costs.values()
    print(f"{REQUESTS} requests, {CONCURRENCY} in flight, median of {REPETITIONS} repetitions", end=" ")
    print(f"(Python {platform.python_version()}, {os.cpu_count()} cores)")
    print(f"{'':35}  CPU ms an image  against (c)")
    for name, cost in costs.items():
        print(f"{name:35}  {cost:15.3f}  {cost / plain:11.2f}")
    print(f"(a) is {'within' if suite <= MOST * plain else 'MORE THAN'} {MOST} times (c)", flush=True)


def print_http_clients(server: str) -> None:
    """Print the medians of both HTTP clients and their ratio, a line for each number of requests at a time."""
    print(f"the SDK alone on its HTTP clients, CPU ms an image, median of {TURNS} repetitions")
    names = "  ".join(f"{f'{name} {version(name)}':>15}" for name in (HTTPX2, AIOHTTP))
    print(f"requests at a time  {names}  {AIOHTTP} / {HTTPX2}", flush=True)
    for concurrency in AT_A_TIME:
        costs = asyncio.run(measure_http_clients(server, concurrency))
        shown = "  ".join(f"{cost:15.3f}" for cost in costs.values())
        print(f"{concurrency:18}  {shown}  {costs[AIOHTTP] / costs[HTTPX2]:16.2f}", flush=True)


def main() -> None:
    """Print both comparisons; the second needs aiohttp."""
    with run_instant_server() as server:
        print_ways(server)
        if find_spec(AIOHTTP) is None:
            sys.exit(WITHOUT_AIOHTTP)
        print_http_clients(server)


if __name__ == "__main__":
    main()
