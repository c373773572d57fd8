"""Rehearses a strategy with generated images: the simulator answers in process, each question after exactly 1 s."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count

from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from fixtures.base.printable import make_printable
from fixtures.clock.clock import Clock
from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import QUESTIONS
from fixtures.images.made_up import make_images
from fixtures.simulator.build import build_api
from fixtures.simulator.known_sets import KnownSet, KnownSets
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.profiles import read_profiles
from fixtures.simulator.serving.in_process import InProcessSimulator
from fixtures.tasks.question import Question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Call, Wire

CONCURRENCY, CHUNK = 5, 3
"""The settings of rehearsals, chosen so that their effect can be recognized."""
MODEL = "rehearsed"
"""The name of the model in rehearsals."""
SLOW_EVERY, SLOW_FACTOR = 8, 10.0
"""In a slow rehearsal, every `SLOW_EVERY`th question takes `SLOW_FACTOR` seconds."""
_SECOND = Observation(1, 1.0, text_tokens=1, image_tokens=1, output_tokens=1, thoughts_tokens=0)
_LONGEST_REASON = 200
"""The maximum number of characters of an error in a reason."""


class NotLearned(Exception):
    """Raised if a strategy cannot be planned; the message is a clause that gives the reason."""


@dataclass(frozen=True)
class Rehearsal:
    """One run of a strategy in which no request was sent."""

    images: int
    """The number of images."""
    seconds: float
    """The seconds that the run took in virtual time."""
    exchanges: list[Exchange]
    """The exchanges in order of their start."""
    settings: Mapping[str, int]
    """The settings that the strategy takes: `concurrency`, `chunk`."""

    @property
    def questions(self) -> list[Exchange]:
        """The exchanges with a question to the model, without cancelled ones."""
        return [each for each in self.asked if not each.is_cancelled]

    @property
    def asked(self) -> list[Exchange]:
        """All exchanges with a question to the model."""
        return [each for each in self.exchanges if each.sent.resource.endswith(QUESTIONS)]


class _SlowResponder(SimulatorResponder):
    """Answers from the simulator; every `SLOW_EVERY`th answer is slow."""

    def __init__(self, simulator: InProcessSimulator) -> None:
        super().__init__(simulator)
        self._numbers = count(1)

    def respond(self, call: Call) -> Reply:
        """Return the reply, with `SLOW_FACTOR` times its seconds for every `SLOW_EVERY`th question."""
        reply = super().respond(call)
        if not call.sent.resource.endswith(QUESTIONS) or next(self._numbers) % SLOW_EVERY:
            return reply
        chunks = reply.chunks and tuple(SLOW_FACTOR * each for each in reply.chunks)
        return replace(reply, elapsed=SLOW_FACTOR * reply.elapsed, chunks=chunks)


def rehearse(
    strategy: str, question: Question, images: int, concurrency: int = CONCURRENCY, *, is_slow: bool = False
) -> Rehearsal:
    """Run a strategy on `images` images; raise `NotLearned` if it fails.

    Requests other than questions take the seconds that the simulator assumes; the answers are made up.
    """
    pictures = make_images(images).images
    known = KnownSet(question.kind, question, digests=frozenset(image.sha256 for image in pictures))
    # Any model's profile will do: its latencies are replaced, and only the shape of its answers matters.
    profiles = {MODEL: next(iter(read_profiles().values()))}
    api = build_api(KnownSets([known]), profiles=profiles, latencies=Latencies([_SECOND]))
    responder = (_SlowResponder if is_slow else SimulatorResponder)(InProcessSimulator(api))
    bound = bind_strategy(Task(question, MODEL), strategy, concurrency=concurrency, chunk=CHUNK)
    wire = Wire(Clock(lambda: 0.0), responder)
    try:
        done = run_round(bound, pictures, wire)
    except Exception as error:
        raise NotLearned(f"it fails in a rehearsal ({_shorten(error)})") from error
    answers = done.round.answers
    if len(answers) != images:
        raise NotLearned(f"it returns {len(answers)} answers about {images} images in a rehearsal")
    if wire.problem is not None or all(answer.value is None for answer in answers):
        raise NotLearned(f"it gets no answer in a rehearsal ({_shorten(wire.problem or Exception(answers[0].error))})")
    return Rehearsal(images, done.seconds, done.round.exchanges, bound.settings)


def _shorten(error: Exception) -> str:
    name = "" if type(error) is Exception else f"{type(error).__name__}: "
    return make_printable(f"{name}{error}")[:_LONGEST_REASON]
