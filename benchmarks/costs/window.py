"""`python -m benchmarks.costs.window`: 1,000 images recorded and replayed, in a window of 64 and all at once.

It records from the simulator, and prints the recorded and the replayed seconds with their ratio, and the client's CPU
seconds of both: all at once, the connection pool's own work grows with the square of the requests in flight, and a
replay has no connections.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2
from google import genai
from google.genai import types

from fixtures.clock.clock import Clock, ClockLoop
from fixtures.clock.threads import counted
from fixtures.drawing import scenes
from fixtures.images.folder import Image
from fixtures.recordings.cassette import Cassette
from fixtures.simulator.serving.process import running
from fixtures.tasks.counting import Counting
from fixtures.transport.client import NO_LIMITS
from fixtures.transport.transports import AsyncTransport, SyncTransport
from fixtures.transport.wire import Wire

MODEL = "gemini-2.5-flash"
IMAGES = 1000
TIME_SCALE = 0.2
"""Times the seconds of the simulator's profile, so that the script takes a minute and not five."""


def images() -> list[Image]:
    """Draw distinct images of some 5 KB."""
    size = (96, 72)
    drawn = (scenes.scene(seed, seed % 30, size) for seed in range(IMAGES))
    return [Image(each.name, scenes.jpeg(each.image), "image/jpeg", *size, each.people) for each in drawn]


async def ask_all(client: genai.Client, pictures: Sequence[Image], window: int) -> None:
    """Ask about all images, at most `window` at a time."""
    semaphore, task = asyncio.Semaphore(window), Counting(MODEL)

    async def ask(image: Image) -> None:
        async with semaphore:
            contents: list[str | types.Part] = [image.part, task.prompt]
            await client.aio.models.generate_content(model=MODEL, contents=contents)  # type: ignore[arg-type]

    await asyncio.gather(*map(ask, pictures))


def run(wire: Wire, server: str, pictures: Sequence[Image], window: int) -> tuple[float, float]:
    """Run one round; return its seconds on the clock and the CPU seconds of this process."""
    with counted(wire.clock), asyncio.Runner(loop_factory=lambda: ClockLoop(wire.clock)) as runner:
        network = httpx2.AsyncHTTPTransport(limits=NO_LIMITS)
        http = httpx2.AsyncClient(transport=AsyncTransport(wire, network), timeout=600)
        options = types.HttpOptions(
            base_url=server,
            httpx_async_client=http,
            httpx_client=httpx2.Client(transport=SyncTransport(wire, httpx2.BaseTransport())),
        )
        client = genai.Client(api_key="none", http_options=options)
        wire.warming, wire.logging = True, False
        runner.run(ask_all(client, pictures[:4], window))
        wire.warming, wire.logging = False, True
        wire.start_round(0)
        started, cpu = wire.clock.now(), time.process_time()
        runner.run(ask_all(client, pictures, window))
        seconds, cpu = wire.clock.now() - started, time.process_time() - cpu
        runner.run(http.aclose())
    wire.end_round()
    return seconds, cpu


def main() -> None:
    """Print both windows."""
    pictures = images()
    with tempfile.TemporaryDirectory() as folder, running(time_scale=TIME_SCALE) as server:
        print(f"{IMAGES} images, {MODEL}, simulator at {TIME_SCALE:g} times its seconds")
        print("  window  recorded s  replayed s     ratio  CPU recorded s  CPU replayed s")
        for window in (64, IMAGES):
            path = Path(folder) / f"{window}.yaml"
            cassette = Cassette.to_record(path, "simulator")
            wire = Wire(Clock(skip=False), cassette, plays=False, records=True)
            recorded, recorded_cpu = run(wire, server, pictures, window)
            about = {"model": MODEL, "source": "simulator", "recorded_at": "2026-01-01T00:00:00+00:00"}
            cassette.save({**about, "rounds": [recorded]})
            wire = Wire(Clock(), Cassette.to_replay(path), plays=True, records=False)
            replayed, replayed_cpu = run(wire, server, pictures, window)
            ratio = f"{replayed / recorded:8.5f}"
            print(
                f"{window:8}  {recorded:10.3f}  {replayed:10.3f}  {ratio}  {recorded_cpu:14.3f}  {replayed_cpu:14.3f}"
            )


if __name__ == "__main__":
    main()
