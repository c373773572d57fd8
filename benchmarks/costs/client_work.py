"""`python -m benchmarks.costs.client_work`: client CPU milliseconds per image, of this suite and of other clients.

All send the same questions to a server that answers immediately, in a separate process. The first table compares this
suite with other clients (64 requests, 16 in flight). The second compares the two HTTP clients of the SDK with 1 to 512
requests in flight: httpx2, which this suite passes to the SDK, and aiohttp, the default of the SDK for asynchronous
requests if it is installed. It takes about two minutes, mostly for httpx2 with 512 requests in flight.
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
from benchmarks.costs.command_line import take_no_arguments
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
"""The number of measurements of each client; the clients alternate."""
MOST = 1.15
"""The aim for the ratio of the suite's CPU time to the SDK's."""
TURNS = 7
"""The number of measurements of each HTTP client; the clients alternate."""
AT_A_TIME = (1, 16, 64, 512)
"""The numbers of requests at a time at which the HTTP clients are compared."""
HTTPX2, AIOHTTP = "httpx2", "aiohttp"
WITHOUT_AIOHTTP = (
    "The HTTP clients cannot be compared: aiohttp is not installed. "
    "Install it with pip install --group aiohttp (pip 25.1 or newer)."
)
UNLIMITED = httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
"""No limit of connections, as in this suite and in aiohttp; they stay open during the measurements of the other."""


def make_sdk(server: str, http: httpx2.AsyncClient | None) -> AsyncClient:
    """Return a client of the SDK with this HTTP client, or with its default if None."""
    options = types.HttpOptions(base_url=server, httpx_async_client=http)
    return genai.Client(api_key="none", vertexai=False, http_options=options).aio


async def take_turns(
    ways: Mapping[str, Ask], turns: int, measure: Callable[[Ask], Awaitable[float]]
) -> dict[str, float]:
    """Measure the ways alternately, `turns` times after a warm-up; return the median of each way."""
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
    # Opened from files, as in the notebook: the SDK encodes pictures without a file as PNG, which costs much more.
    pictures = {name: PillowImage.open(find_folder(IMAGE_SET) / name) for name in bodies}
    for picture in pictures.values():
        picture.load()  # as in the notebook, which displays them first

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
    """Return the CPU milliseconds per image of each way."""
    images = load_images(IMAGE_SET).images

    async def measure(ask: Ask) -> float:
        session.wire.start_round(0)  # discards the exchanges of the previous measurement
        return 1000 * await measure_cpu(ask, images, requests=REQUESTS)

    async with open_ways(session) as ways:
        return await take_turns(ways, REPETITIONS, measure)


async def measure_http_clients(server: str, concurrency: int) -> dict[str, float]:
    """Return the CPU milliseconds per image of the SDK with each HTTP client, with `concurrency` requests in flight.

    Without aiohttp, the SDK uses httpx2 for both.
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
    """Print the medians of the ways, their ratios, and whether the suite meets its aim."""
    with open_session(Wire(Clock(skip=False), NetworkResponder()), server) as session:
        costs: dict[str, float] = session.run(measure_ways, session)
    suite, _, plain, _ = costs.values()
    print(f"{REQUESTS} requests, {CONCURRENCY} in flight, median of {REPETITIONS} repetitions", end=" ")
    print(f"(Python {platform.python_version()}, {os.cpu_count()} cores)")
    print(f"{'':35}  CPU ms per image     / (c)")
    for name, cost in costs.items():
        print(f"{name:35}  {cost:16.3f}  {cost / plain:8.2f}")
    print(f"(a) is {'within' if suite <= MOST * plain else 'MORE THAN'} {MOST} times (c)", flush=True)


def print_http_clients(server: str) -> None:
    """Print the medians of both HTTP clients and their ratio, one line per number of requests in flight."""
    print(f"the SDK with each HTTP client, CPU ms per image, median of {TURNS} repetitions")
    names = "  ".join(f"{f'{name} {version(name)}':>15}" for name in (HTTPX2, AIOHTTP))
    print(f"requests at a time  {names}  {AIOHTTP} / {HTTPX2}", flush=True)
    for concurrency in AT_A_TIME:
        costs = asyncio.run(measure_http_clients(server, concurrency))
        shown = "  ".join(f"{cost:15.3f}" for cost in costs.values())
        print(f"{concurrency:18}  {shown}  {costs[AIOHTTP] / costs[HTTPX2]:16.2f}", flush=True)


def main() -> None:
    """Print both comparisons; the second needs aiohttp."""
    take_no_arguments("client_work", __doc__)
    with run_instant_server() as server:
        print_ways(server)
        if find_spec(AIOHTTP) is None:
            sys.exit(WITHOUT_AIOHTTP)
        print_http_clients(server)


if __name__ == "__main__":
    main()
