"""`python -m benchmarks.costs.adaptive`: `adaptive` under rate limits, compared with `bounded`.

For each limit of requests per minute, the strategies run in virtual time on as many images as the limit allows in ten
minutes; client work takes no time. The right concurrency of `bounded`, found by bisection, is the fastest with under
2 % of requests answered 429. The script prints the makespans, their ratios to that of the right concurrency, the share
of requests answered 429, and the number of images without an answer. It takes about ten minutes on two cores.
"""

from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from multiprocessing import get_context
from statistics import fmean

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from fixtures.clock.clock import Clock
from fixtures.exchange.sent import QUESTIONS
from fixtures.images.made_up import IMAGE_SET, make_images
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.simulator.decisions.limits import MINUTE
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire

TASK = Task(load_question(IMAGE_SET), DEFAULT_MODEL)
LIMITS = (60, 300, 1000, 4000)
"""The limits in requests per minute."""
MINUTES = 10
"""The number of minutes that the images take at the limit."""
MOST_REFUSED = 0.02
"""The share of requests answered 429 at which a concurrency is too large."""
AIM = 1.15
"""The aim for the ratio of the makespan of `adaptive` to that of the right concurrency."""
STEPS = 6
"""The number of concurrencies that the bisection tries."""


@dataclass(frozen=True)
class Run:
    """The result of a run."""

    concurrency: int
    """The number of requests at a time; 0 if the strategy chooses it."""
    seconds: float
    """The makespan in seconds."""
    refused: float
    """The share of requests answered 429."""
    lost: int
    """The number of images without an answer."""
    answer_seconds: float
    """The mean seconds of answered requests."""


Simulate = Callable[[str, int], Run]
"""Runs a strategy with a concurrency under a limit."""


def simulate(strategy: str, rpm: int, concurrency: int) -> Run:
    """Run a strategy once in virtual time under a limit of requests a minute."""
    images = make_images(MINUTES * rpm)
    simulator = start_in_process(TASK.model, make_known_sets(TASK.question, images), rpm=rpm)
    wire = Wire(Clock(real=lambda: 0.0), SimulatorResponder(simulator))
    done = run_round(bind_strategy(TASK, strategy, concurrency=concurrency), images.images, wire)
    asked = [each.reply for each in done.round.exchanges if each.sent.resource.endswith(QUESTIONS)]
    refused = sum(reply.status == HTTPStatus.TOO_MANY_REQUESTS for reply in asked) / len(asked)
    answered = [reply.elapsed for reply in asked if reply.status == HTTPStatus.OK]
    lost = sum(answer.value is None for answer in done.round.answers)
    return Run(concurrency, done.seconds, refused, lost, fmean(answered))


def find_right(run: Simulate, rpm: int) -> Run:
    """Return the run of `bounded` with the fastest concurrency whose share of refused requests is small enough."""
    least = max(1, rpm // MINUTE)
    tried = {least: run("bounded", least)}
    # Little's law: requests in flight = requests per second * seconds per request.
    useful = rpm / MINUTE * tried[least].answer_seconds
    low, high = round(0.5 * useful), round(1.5 * useful)
    for _ in range(STEPS):
        middle = (low + high) // 2
        if middle not in tried:
            tried[middle] = run("bounded", middle)
        low, high = (middle, high) if tried[middle].refused < MOST_REFUSED else (low, middle)
    return min((each for each in tried.values() if each.refused < MOST_REFUSED), key=lambda each: each.seconds)


def compare(pool: Executor, rpm: int) -> list[str]:
    """Return the rows of a limit: `bounded` with three concurrencies (right, too low, too high), and `adaptive`."""

    def run(strategy: str, concurrency: int) -> Run:
        return pool.submit(simulate, strategy, rpm, concurrency).result()

    right = find_right(run, rpm)
    others = {
        "bounded, right": right,
        "bounded, a quarter": run("bounded", max(1, right.concurrency // 4)),
        "bounded, 4 times": run("bounded", 4 * right.concurrency),
        "adaptive": run("adaptive", 0),
    }
    return [
        f"{rpm:8,}  {MINUTES * rpm:6,}  {name:18}  {each.concurrency or '-':>11}  {each.seconds:7.0f}"
        f"  {each.seconds / right.seconds:7.3f}  {each.refused:6.2%}  {each.lost:6,}"
        for name, each in others.items()
    ]


def main() -> None:
    """Print the rows of all limits."""
    take_no_arguments("adaptive", __doc__)
    print(
        f"{TASK.model}, simulated, in virtual time; aims: at most {AIM} times the right one, under {MOST_REFUSED:.0%}"
    )
    print("rpm       images  strategy            concurrency  seconds  / right     429    lost")
    context = get_context("spawn")
    with ProcessPoolExecutor(2, context, max_tasks_per_child=1) as pool, ThreadPoolExecutor(len(LIMITS)) as threads:
        for rows in threads.map(lambda rpm: compare(pool, rpm), LIMITS):
            print("\n".join(rows), flush=True)


if __name__ == "__main__":
    main()
