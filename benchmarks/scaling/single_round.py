"""One timed round of a strategy outside pytest."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from fixtures.images.image import Image
from fixtures.run.record.round import Round
from fixtures.run.rounds.runner import BoundStrategy
from fixtures.simulator.serving.in_process import SIMULATED_BASE_URL
from fixtures.transport.client import open_session
from fixtures.transport.wire import Wire


@dataclass(frozen=True)
class TimedRound:
    """A round and its duration."""

    seconds: float
    """The seconds on the clock of the wire."""
    round: Round


def run_round(
    strategy: BoundStrategy, images: Sequence[Image], wire: Wire, server: str = SIMULATED_BASE_URL
) -> TimedRound:
    """Run a strategy once, without a warm-up, with requests to the server's base URL that the wire answers."""
    with open_session(wire, server) as session:
        wire.start_round(0)
        cpu_start = time.process_time()
        answers = session.run(strategy.run, images)
        seconds = wire.clock.now() - wire.round_start
        cpu_seconds = time.process_time() - cpu_start
    return TimedRound(seconds, Round(answers, wire.end_round(), cpu_seconds))
