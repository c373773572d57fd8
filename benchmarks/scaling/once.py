"""One round of a strategy in virtual time, outside pytest."""

import asyncio
import time
from dataclasses import dataclass

from fixtures.clock.clock import Clock, ClockLoop
from fixtures.clock.threads import counted
from fixtures.images.folder import ImageSet
from fixtures.run.race import Bound
from fixtures.run.rounds import Round
from fixtures.simulator.serving.in_process import SERVER, Virtual
from fixtures.transport import client as gemini
from fixtures.transport.wire import Wire


@dataclass(frozen=True)
class Once:
    """What a round came to."""

    seconds: float
    """On the clock."""
    round: Round


def once(strategy: Bound, images: ImageSet, virtual: Virtual, clock: Clock) -> Once:
    """Run a strategy once against a simulator in process, on a clock that skips; warm up nothing."""
    wire = Wire(clock, None, plays=False, records=False, virtual=virtual)
    with (
        counted(clock),
        asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner,
        gemini.client(wire, SERVER, runner) as client,
    ):
        wire.start_round(0)
        cpu = time.process_time()
        answers = strategy.answers(client, images.images, runner)
        seconds = clock.now() - wire.round_start
        cpu = time.process_time() - cpu
    return Once(seconds, Round(answers, wire.end_round(), cpu))
