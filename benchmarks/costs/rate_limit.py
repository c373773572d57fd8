"""`python -m benchmarks.costs.rate_limit`: 200 images under a limit of 150 requests per minute.

The script runs `concurrent` without and with the retry policy, and `bounded` with it, each against its own simulator in
real time. For each run it prints the number of images without an answer, the number of 429 responses, the seconds
waited for retries, and the total seconds. It takes about 17 minutes.
"""

import tempfile
from http import HTTPStatus
from pathlib import Path

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import STRATEGIES
from fixtures.clock.clock import Clock
from fixtures.exchange.retries import Policy
from fixtures.images.folder import load_images
from fixtures.images.image import ImageSet
from fixtures.images.made_up import make_images
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.run.rounds.runner import BoundStrategy
from fixtures.simulator.serving.process import run_simulator
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import NetworkResponder
from fixtures.transport.wire import Wire

MODEL = DEFAULT_MODEL
IMAGES = 200
RPM = 150
"""The limit of requests a minute."""
ONCE = Policy(attempts=1)
"""A policy without retries."""


def write_images(folder: Path) -> ImageSet:
    """Write small images into a folder and return them; the simulator makes up their numbers of people."""
    images = make_images(IMAGES).images
    for image in images:
        (folder / image.name).write_bytes(image.data)
    return load_images(str(folder))


def run_limited(strategy: str, policy: Policy, folder: Path) -> TimedRound:
    """Run a strategy on the images of a folder once, against a simulator with the limit."""
    images, task, function = write_images(folder), Task(load_question(str(folder)), MODEL, policy), STRATEGIES[strategy]
    bound = BoundStrategy(lambda client, images: function(client, images, task), {})
    with run_simulator(folders=[folder], options=[f"--rpm={RPM}"]) as server:
        return run_round(bound, images.images, Wire(Clock(skip=False), NetworkResponder()), server)


def main() -> None:
    """Print the three runs."""
    take_no_arguments("rate_limit", __doc__)
    print(f"{IMAGES} images, {MODEL}, simulator with a limit of {RPM} requests a minute, real speed")
    print("                        without an answer  answers 429  waited for retries s  seconds")
    with tempfile.TemporaryDirectory() as folder:
        for name, strategy, policy in (
            ("concurrent, no policy", "concurrent", ONCE),
            ("concurrent", "concurrent", Policy()),
            ("bounded", "bounded", Policy()),
        ):
            timed = run_limited(strategy, policy, Path(folder))
            done = timed.round
            lost = sum(answer.value is None for answer in done.answers)
            refused = sum(each.reply.status == HTTPStatus.TOO_MANY_REQUESTS for each in done.exchanges)
            waited = sum(done.waits_for_retry)
            print(f"{name:22}  {lost:17}  {refused:11}  {waited:20.1f}  {timed.seconds:7.1f}", flush=True)


if __name__ == "__main__":
    main()
