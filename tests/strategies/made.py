"""Rounds of a strategy on the bundled images in virtual time, answered by the simulator or by another responder."""

from collections.abc import Sequence
from typing import Any

from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import bind_strategy
from fixtures.images.folder import load_images
from fixtures.images.image import Image, ImageSet
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Responder, Wire
from tests.conftest import virtual_clock

MODEL = "gemini-3.5-flash"
FOUR = load_images("four")
IMAGES = FOUR.images


def make_task(settings: ModelSettings = NO_SETTINGS) -> Task:
    """Return the task of the image set `four`, with these settings."""
    return Task(load_question("four"), MODEL, settings=settings)


def simulate(images: ImageSet = FOUR, faults: str = "") -> SimulatorResponder:
    """Return a simulator for these images."""
    return SimulatorResponder(start_in_process(MODEL, make_known_sets(make_task().question, images), faults=faults))


def run(
    strategy: str,
    images: ImageSet = FOUR,
    *,
    faults: str = "",
    settings: ModelSettings = NO_SETTINGS,
    **given: int,
) -> TimedRound:
    """Run a strategy once against the simulator; `given` has settings of the strategy."""
    return run_with(simulate(images, faults), strategy, images.images, settings, **given)


def run_with(
    responder: Responder,
    strategy: str,
    images: Sequence[Image] = IMAGES,
    settings: ModelSettings = NO_SETTINGS,
    **given: Any,
) -> TimedRound:
    """Run a strategy once with this responder."""
    return run_round(bind_strategy(make_task(settings), strategy, **given), images, Wire(virtual_clock(), responder))
