"""`python -m benchmarks.costs.client_work`: client CPU milliseconds an image, of this suite and of other ways to send.

All ask the same questions of a server that answers at once, in a process of its own: 64 requests, 16 in flight.
"""

import asyncio
import gc
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import cycle, islice
from multiprocessing.connection import Connection
from statistics import median

import httpx2
from google import genai
from google.genai import types
from google.genai.client import AsyncClient
from PIL import Image as PillowImage

from benchmarks.costs.cassettes import request_body, response_body
from fixtures.clock.clock import Clock
from fixtures.images.folder import Image, folder_of, load
from fixtures.tasks.counting import Counting
from fixtures.transport.client import NO_LIMITS
from fixtures.transport.transports import AsyncTransport
from fixtures.transport.wire import Wire

SUITE = "(a) this suite"
IMAGE_SET = "four"
REQUESTS = 64
IN_FLIGHT = 16
REPETITIONS = 21
"""Of each way, in turns."""
MOST = 1.15
"""Times the work of the SDK alone that the suite may do."""
TASK = Counting("some-model")

Ask = Callable[[Image], Awaitable[object]]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection at once."""
    body = response_body(4)
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        while True:
            headers = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(headers.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
            writer.write(head.encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def serve(port: Connection) -> None:
    """Serve on loopback for good, after sending the port."""

    async def run() -> None:
        # With room for whole requests: a client that waits for its server works more.
        server = await asyncio.start_server(answer, "127.0.0.1", limit=2**20)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def served() -> Iterator[str]:
    """Serve from a process of its own; yield the base URL."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # so that a server that does not start ends our wait
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


async def ask_sdk(client: AsyncClient, image: types.Part | PillowImage.Image) -> object:
    """Ask about an image through the SDK."""
    contents: list[types.PartUnion] = [image, TASK.prompt]
    return await client.models.generate_content(model=TASK.model, contents=contents)


@asynccontextmanager
async def ways(server: str, wire: Wire) -> AsyncIterator[dict[str, Ask]]:
    """Yield the ways to ask about an image, by what they are called."""
    url = f"{server}/v1/models/{TASK.model}:generateContent"
    headers = {"content-type": "application/json", "x-goog-api-key": "none"}
    bodies = {image.name: request_body(image.data) for image in load(IMAGE_SET).images}
    # From files, as the notebook has them: of pictures without a file the SDK makes PNGs, at many times the cost.
    pictures = {name: PillowImage.open(folder_of(IMAGE_SET) / name) for name in bodies}
    for picture in pictures.values():
        picture.load()  # the notebook has shown them before

    def sdk(http: httpx2.AsyncClient | None) -> AsyncClient:
        options = types.HttpOptions(base_url=server, httpx_async_client=http)
        return genai.Client(api_key="none", vertexai=False, http_options=options).aio

    transport = AsyncTransport(wire, httpx2.AsyncHTTPTransport(limits=NO_LIMITS))
    async with (
        httpx2.AsyncClient(transport=transport) as ours,
        httpx2.AsyncClient() as plain,
        httpx2.AsyncClient() as bare,
        sdk(None) as default,
    ):
        suite, ready = sdk(ours), sdk(plain)
        yield {
            SUITE: lambda image: ask_sdk(suite, image.part),
            "(b) SDK, Pillow image on every call": lambda image: ask_sdk(default, pictures[image.name]),
            "(c) SDK, ready part": lambda image: ask_sdk(ready, image.part),
            "(d) bare httpx2, ready body": lambda image: bare.post(url, content=bodies[image.name], headers=headers),
        }


async def run(ask: Ask, images: tuple[Image, ...]) -> float:
    """Ask about all images, a few at a time; return the CPU milliseconds an image."""
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def in_turn(image: Image) -> None:
        async with gate:
            await ask(image)

    gc.collect()  # what was measured before is not ours
    started = time.process_time()
    await asyncio.gather(*(in_turn(image) for image in islice(cycle(images), REQUESTS)))
    return 1000 * (time.process_time() - started) / REQUESTS


async def measure(server: str, repetitions: int = REPETITIONS, only: str | None = None) -> dict[str, float]:
    """Return the CPU milliseconds an image of each way: medians of interleaved repetitions, after one unmeasured."""
    images = load(IMAGE_SET).images
    wire = Wire(Clock(skip=False), None, plays=False, records=False)
    async with ways(server, wire) as asks:
        costs: dict[str, list[float]] = {name: [] for name in ([only] if only else asks)}
        for number in range(repetitions + 1):
            for name, times in costs.items():
                wire.start_round(number)
                cost = await run(asks[name], images)
                if number:
                    times.append(cost)
    return {name: median(runs) for name, runs in costs.items()}


def main() -> int:
    """Print the medians, their ratios and whether the suite is within its bound."""
    with served() as server:
        costs = asyncio.run(measure(server))
    suite, _, plain, _ = costs.values()
    print(f"{REQUESTS} requests, {IN_FLIGHT} in flight, median of {REPETITIONS} repetitions", end=" ")
    print(f"(Python {platform.python_version()}, {os.cpu_count()} cores)")
    print(f"{'':35}  CPU ms an image  against (c)")
    for name, cost in costs.items():
        print(f"{name:35}  {cost:15.3f}  {cost / plain:11.2f}")
    print(f"(a) is {'within' if suite <= MOST * plain else 'MORE THAN'} {MOST} times (c)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
