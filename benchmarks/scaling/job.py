"""A case as a job: its rounds on a separate clock, and their results, in this process or in a worker."""

import time
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from benchmarks.scaling.cases import Case
from benchmarks.strategies import bind_strategy
from fixtures.clock.clock import Clock
from fixtures.exchange.answer import Reason
from fixtures.images.made_up import IMAGE_SET, make_images
from fixtures.run.contenders import Contender
from fixtures.run.options.settings import Settings
from fixtures.run.record.building import build_metadata, build_record
from fixtures.run.record.record import Client, Record, ScalingCase
from fixtures.run.record.round import Round
from fixtures.run.rounds.progress import Progress
from fixtures.run.rounds.runner import Rounds
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.serving.in_process import SIMULATED_BASE_URL
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire


class Request(NamedTuple):
    """One request of a round, without its content."""

    start: float
    """The seconds from the beginning of the round."""
    end: float
    """The seconds from the beginning of the round."""
    status: int
    """The HTTP status; `FAILED` if there was no response."""


@dataclass(frozen=True)
class CaseRound:
    """The parts of a round that are kept; the requests and responses of thousands of images would take megabytes."""

    answers: int
    """The number of images with an answer or a reason why there is none."""
    reasons: frozenset[Reason]
    """The reasons why images have no answer."""
    requests: list[Request]
    """The requests in the order in which they began."""


@dataclass(frozen=True)
class Outcome:
    """The result of a case."""

    rounds: list[CaseRound]
    seconds: list[float]
    """The seconds of each round on the clock."""
    record: Record


@dataclass(frozen=True)
class Job:
    """A case to run with a model."""

    model: str
    case: Case
    rounds: int
    """The number of rounds."""
    settings: Settings = field(hash=False)
    client: Client
    """The client's measured CPU time and bytes per image, for the record."""

    def __call__(self) -> Outcome:
        """Run all rounds; raise `RunError` if a request could not be answered.

        The clock counts CPU time for work, not real time; otherwise, waiting for a core on a busy machine would count
        as the strategy's time.
        """
        case, question = self.case, load_question(IMAGE_SET)
        images = make_images(case.images)
        simulator = start_in_process(self.model, make_known_sets(question, images), **case.simulation.api_options)
        runner = Rounds(
            Contender(self.model, images.name, case.strategy),
            bind_strategy(Task(question, self.model), case.strategy, **case.settings),
            images,
            Wire(Clock(time.process_time), SimulatorResponder(simulator)),
            replace(self.settings, simulation=case.simulation),
            SIMULATED_BASE_URL,
        )
        seconds = []
        with runner.open() as session:
            progress = Progress(runner.contender, runner.wire)
            for number in range(self.rounds):
                seconds.append(runner.run_round(session, number, progress))
                if runner.wire.problem is not None:
                    raise runner.wire.problem
        return Outcome([_shorten(each) for each in runner.rounds], seconds, self._build_record(runner, seconds))

    def _build_record(self, runner: Rounds, seconds: list[float]) -> Record:
        contender, images, settings = runner.contender, runner.images, runner.settings
        return build_record(
            contender,
            images,
            runner.rounds,
            seconds,
            timing="virtual",
            metadata=build_metadata(contender, images, settings.source, runner.strategy.settings, seconds),
            strategy_settings=runner.strategy.settings,
            settings=settings,
            question=load_question(IMAGE_SET),
            scaling=ScalingCase(question=self.case.question, x=self.case.x, client=self.client),
        )


def _shorten(done: Round) -> CaseRound:
    return CaseRound(
        len(done.answers),
        frozenset(answer.reason for answer in done.answers if answer.reason is not None),
        [Request(each.start, each.end, each.reply.status) for each in done.exchanges],
    )
