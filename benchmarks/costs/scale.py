"""`python -m benchmarks.costs.scale`: the cost of simulating 10,000 images of 2 KB in virtual time.

Each run has its own process. The script prints its wall seconds, its CPU time per image and the share of the SDK, its
memory, and the ratio of the virtual makespan to the ideal one. The last line is that ratio for `bounded` with other
seeds.
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

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.scaling.instant_server import make_response
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from benchmarks.strategies.bounded import bounded
from fixtures.clock.clock import Clock
from fixtures.clock.schedule import find_makespan
from fixtures.images.made_up import IMAGE_SET, make_images
from fixtures.run.options.settings import DEFAULT_MODEL, Simulation
from fixtures.run.record.makespan import bound_makespan
from fixtures.simulator.decisions.model import make_answer
from fixtures.simulator.decisions.questions import ModelRequest
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.makespan import find_lower_bound
from fixtures.simulator.profiles import read_profiles
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire

MODEL = DEFAULT_MODEL
TASK = Task(load_question(IMAGE_SET), MODEL)
FEW, MANY = 1000, 10_000
CONCURRENCY = 64
"""The number of requests at a time."""
SEEDS = 12
AIM = 1.05
"""The aim for the ratio of the makespan of `bounded` to its lower bound; missed if slow requests come late."""
MOST_SECONDS, MOST_MEBIBYTES, MOST_RATIO = 30.0, 256.0, 1.3


@dataclass(frozen=True)
class RunCost:
    """The cost of a run."""

    cpu_ms: float
    """CPU milliseconds per image."""
    mebibytes: float
    """The peak resident memory in MiB."""
    seconds: float
    """The virtual seconds of the run."""
    best: float
    """The ratio of its seconds to the lower bound of the makespan."""
    in_order: float
    """The ratio of its seconds to those of list scheduling in the same order."""


def simulate(strategy: str, images: int) -> RunCost:
    """Run a strategy once in virtual time, and return its cost."""
    image_set, bound = make_images(images), bind_strategy(TASK, strategy, concurrency=CONCURRENCY)
    wire = Wire(Clock(), SimulatorResponder(start_in_process(MODEL, make_known_sets(TASK.question, image_set))))
    timed = run_round(bound, image_set.images, wire)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    ideal = bound_makespan(timed.round, bound.settings, Simulation("virtual"))
    assert ideal is not None  # noqa: S101 - every request was answered
    cpu_ms = 1000 * timed.round.client_cpu_seconds / images
    return RunCost(cpu_ms, memory, timed.seconds, timed.seconds / ideal.seconds, timed.seconds / ideal.in_order)


class _Instant(httpx2.AsyncBaseTransport):
    """A transport that answers immediately, without a network."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer any question with 4."""
        return httpx2.Response(200, content=make_response(4), request=request)


def measure_sdk(images: int) -> float:
    """Return the CPU milliseconds per image of the same strategy and SDK without clock, wire and simulator."""
    image_set = make_images(images)

    async def run() -> float:
        async with httpx2.AsyncClient(transport=_Instant()) as http:
            client = genai.Client(api_key="none", http_options=types.HttpOptions(httpx_async_client=http))
            started = time.process_time()
            await bounded(client, image_set.images, TASK, concurrency=CONCURRENCY)
            return 1000 * (time.process_time() - started) / images

    return asyncio.run(run())


def list_ratios() -> list[float]:
    """Return the ratios of the makespan of `bounded` to its lower bound, one per seed of the simulator, sorted."""
    image_set, profile = make_images(MANY), read_profiles()[MODEL]
    known = make_known_sets(TASK.question, image_set).find([image_set.images[0].sha256], "")
    requests = [
        ModelRequest(MODEL, image.sha256, len(image.data), (image.sha256,), TASK.prompt, as_list=False)
        for image in image_set.images
    ]
    found = []
    for seed in range(1, SEEDS + 1):
        seconds = [make_answer(profile, request, known, seed, 0).seconds for request in requests]
        found.append(find_makespan(seconds, CONCURRENCY) / find_lower_bound(seconds, CONCURRENCY).seconds)
    return sorted(found)


def main() -> None:
    """Print the runs."""
    take_no_arguments("scale", __doc__)
    print(f"{MODEL}, images of 2 KB, concurrency {CONCURRENCY}")
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
        alone = pool.submit(measure_sdk, FEW).result()
        found = pool.submit(list_ratios).result()
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
