"""`python -m benchmarks.costs.scale`: what it takes to simulate 10,000 images of 2 KB in virtual time.

Each run has a process of its own. Printed are its seconds, its CPU an image and how much of that the SDK does alone,
its memory, and how near the run in virtual time came to the best possible. Below: that of `bounded` over other seeds.
"""

import asyncio
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import httpx2
from google import genai
from google.genai import types

from benchmarks.costs.cassettes import response_body
from benchmarks.scaling.once import once
from benchmarks.strategies import bound
from benchmarks.strategies.bounded import bounded
from fixtures.clock.clock import Clock
from fixtures.clock.schedule import ideal, makespan
from fixtures.images.made_up import many
from fixtures.run.makespans import described
from fixtures.run.simulation import Simulation
from fixtures.simulator import profiles as tables
from fixtures.simulator.decisions import model
from fixtures.simulator.decisions.model import Ask
from fixtures.tasks.counting import Counting

MODEL = "gemini-3.5-flash"
FEW, MANY = 1000, 10_000
WINDOW = 64
SEEDS = 12
AIM = 1.05
"""Times the best possible that `bounded` aims at; the slowest requests of a run begin when they happen to."""
MOST_SECONDS, MOST_MEBIBYTES, MOST_RATIO = 30.0, 256.0, 1.3


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    cpu_ms: float
    """An image."""
    mebibytes: float
    """Resident at most."""
    seconds: float
    """In virtual time."""
    best: float
    """Times the best possible makespan."""
    in_order: float
    """Times that of a window without any loss, in this order."""


def simulate(strategy: str, images: int) -> Cost:
    """Run a strategy once in virtual time."""
    pictures, simulation = many(images), Simulation("virtual")
    started = time.process_time()
    done = once(bound(MODEL, strategy, window=WINDOW), pictures, simulation.virtual(MODEL, pictures.people), Clock())
    cpu = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    window = {"window": WINDOW} if strategy == "bounded" else {}
    told = described(done.round, MODEL, window, simulation)["ideal"]
    best, in_order = done.seconds / told["seconds"], done.seconds / told["in_order"]
    return Cost(1000 * cpu / images, memory, done.seconds, best, in_order)


class _Instant(httpx2.AsyncBaseTransport):
    """Answers at once."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer any question with 4."""
        return httpx2.Response(200, content=response_body(4), request=request)


def sdk_alone(images: int) -> float:
    """Return the CPU milliseconds an image of the same strategy and SDK without clock, wire and simulator."""
    pictures = many(images)

    async def run() -> float:
        async with httpx2.AsyncClient(transport=_Instant()) as http:
            client = genai.Client(api_key="none", http_options=types.HttpOptions(httpx_async_client=http))
            started = time.process_time()
            await bounded(client, pictures.images, Counting(MODEL), window=WINDOW)
            return 1000 * (time.process_time() - started) / images

    return asyncio.run(run())


def ratios() -> list[float]:
    """Return how far `bounded` is from the best possible with several seeds."""
    pictures, profile = many(MANY), tables.profiles()[MODEL]
    people = pictures.people
    asks = [Ask(MODEL, image.sha256, len(image.data), (image.sha256,), 72, as_list=False) for image in pictures.images]
    found = []
    for seed in range(1, SEEDS + 1):
        seconds = [model.answer(profile, ask, people, seed, 0).seconds for ask in asks]
        found.append(makespan(seconds, WINDOW) / ideal(seconds, WINDOW).seconds)
    return sorted(found)


def main() -> None:
    """Print the runs."""
    print(f"{MODEL}, images of 2 KB, window {WINDOW}")
    print("                      wall s  CPU ms an image  memory MiB  virtual s  / best  / in order")
    costs, walls = {}, {}
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        for name, images in (("bounded", FEW), ("bounded", MANY), ("concurrent", MANY)):
            started = time.perf_counter()
            cost = costs[name, images] = pool.submit(simulate, name, images).result()
            walls[name, images] = wall = time.perf_counter() - started
            print(
                f"{name:10}  {images:8,}  {wall:6.1f}  {cost.cpu_ms:15.2f}  {cost.mebibytes:10.0f}  {cost.seconds:9.1f}"
                f"  {cost.best:6.3f}  {cost.in_order:10.4f}",
                flush=True,
            )
        alone = pool.submit(sdk_alone, FEW).result()
        found = pool.submit(ratios).result()
    many_images = costs["bounded", MANY]
    ratio = many_images.cpu_ms / costs["bounded", FEW].cpu_ms
    print(f"CPU an image, {MANY:,} against {FEW:,}: {ratio:.2f} (at most {MOST_RATIO})")
    print(f"the SDK and the strategy alone: {alone:.2f} ms an image, {alone / many_images.cpu_ms:.0%} of it")
    fits = walls["bounded", MANY] <= MOST_SECONDS and many_images.mebibytes <= MOST_MEBIBYTES and ratio <= MOST_RATIO
    print(f"bounded is {'within' if fits else 'NOT within'} {MOST_SECONDS:.0f} s and {MOST_MEBIBYTES:.0f} MiB")
    below, shown = sum(each < AIM for each in found), ", ".join(f"{each:.3f}" for each in found)
    print(f"bounded / best over {SEEDS} seeds, without client CPU: {shown}; below {AIM} in {below}")


if __name__ == "__main__":
    main()
