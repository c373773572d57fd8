"""`python -m benchmarks.costs.hedging`: the speed and the cost of `hedged`, for twelve seeds of the simulator.

Each run sends 10,000 images in virtual time, 64 requests at a time; client work takes no time. The ideal makespan
without hedging is the lower bound for the requests of `bounded`: the larger of the longest request and all requests'
seconds / 64. For each seed the script prints the ratios of `bounded` and `hedged` to it, the number of hedges and their
cost, and then the medians. The simulator draws the latencies of both requests independently; whether that is true of
Gemini is not known. It takes about ten minutes on two cores.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from statistics import median

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import bind_strategy
from fixtures.clock.clock import Clock
from fixtures.images.made_up import IMAGE_SET, make_images
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.simulator.build import build_api
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.makespan import find_lower_bound
from fixtures.simulator.serving.in_process import InProcessSimulator
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire

TASK = Task(load_question(IMAGE_SET), DEFAULT_MODEL)
IMAGES = 10_000
CONCURRENCY = 64
"""The number of requests at a time."""
SEEDS = 12
AIM = 1.03
"""The aim for the median ratio of `hedged`."""


@dataclass(frozen=True)
class Comparison:
    """The results of both strategies with one seed."""

    bounded: float
    """The ratio of the makespan of `bounded` to the ideal one without hedging."""
    hedged: float
    """The same ratio for `hedged`."""
    hedges: int
    """The number of requests that were sent a second time."""
    cost: float
    """The ratio of the cost of `hedged` to that of `bounded`, with cancelled requests priced in full."""


def run(strategy: str, seed: int) -> TimedRound:
    """Run a strategy once in virtual time."""
    images = make_images(IMAGES)
    simulator = InProcessSimulator(build_api(make_known_sets(TASK.question, images), seed=seed))
    wire = Wire(Clock(real=lambda: 0.0), SimulatorResponder(simulator))
    return run_round(bind_strategy(TASK, strategy, concurrency=CONCURRENCY), images.images, wire)


def compare(seed: int) -> Comparison:
    """Run both strategies with a seed."""
    bounded, hedged, day = run("bounded", seed), run("hedged", seed), datetime.now(UTC)
    ideal = find_lower_bound([each.reply.elapsed for each in bounded.round.exchanges], CONCURRENCY).seconds
    costs = [each.round.cost_usd(TASK.model, day) or 0.0 for each in (bounded, hedged)]
    hedges = len(hedged.round.exchanges) - IMAGES
    return Comparison(bounded.seconds / ideal, hedged.seconds / ideal, hedges, costs[1] / costs[0])


def main() -> None:
    """Print all seeds and the medians."""
    take_no_arguments("hedging", __doc__)
    print(
        f"{TASK.model}, simulated, {IMAGES:,} images, {CONCURRENCY} at a time; "
        "makespan / ideal makespan without hedging"
    )
    print("seed  bounded  hedged  hedges  cost / bounded")
    found = []
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as pool:
        for seed, each in enumerate(pool.map(compare, range(1, SEEDS + 1)), start=1):
            found.append(each)
            print(f"{seed:4}  {each.bounded:7.3f}  {each.hedged:6.3f}  {each.hedges:6}  {each.cost:14.3f}", flush=True)
    bounded, hedged = median(each.bounded for each in found), median(each.hedged for each in found)
    print(f"median {bounded:6.3f}  {hedged:6.3f}   (hedged: {'below' if hedged < AIM else 'NOT below'} {AIM})")
    print("Assumed: the latencies of the two requests are independent.")


if __name__ == "__main__":
    main()
