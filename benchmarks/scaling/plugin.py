"""`-m scaling`: the questions about scale as benchmarks in virtual time."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TextIO

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.scaling.cases import Case, list_cases
from benchmarks.scaling.client import measure_client
from benchmarks.strategies import bind_strategy
from fixtures.base.errors import RunError
from fixtures.bench.fixture import find_seconds
from fixtures.images.made_up import IMAGE_SET, make_images
from fixtures.run.contenders import Contender
from fixtures.run.measure import fail_in_a_sentence, store_record
from fixtures.run.options.reading import selects_scaling
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.run.record.building import build_metadata, build_record
from fixtures.run.record.record import Client, Record, ScalingCase
from fixtures.run.record.round import Round
from fixtures.run.rounds.runner import Rounds
from fixtures.run.state import get_records, get_settings, get_timer, note_problem
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.serving.in_process import SIMULATED_BASE_URL
from fixtures.simulator.start import check_model, start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire

QUESTIONS = Path(__file__).parents[1] / "test_scaling.py"
"""The file of the benchmarks about scale."""
RunCase = Callable[[str, Case], list[Round]]
"""Runs a case with a model, stores its record, and returns its rounds."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "scaling(question): a question about scale; runs with -m scaling only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every case of a question, with every model."""
    marker = metafunc.definition.get_closest_marker("scaling")
    if marker is None:
        return
    config = metafunc.config
    settings, timer = get_settings(config), get_timer(config)
    models = settings.models or (DEFAULT_MODEL,)
    try:
        for model in models if settings.simulation.how else ():
            check_model(model, settings.simulation.latency_from)
    except RunError as error:
        note_problem(config, error)
    (question,) = marker.args
    metafunc.parametrize(
        ("model", "case"),
        [
            pytest.param(
                model,
                case,
                id=f"{model}-{case.strategy}-{case.x}",
                marks=pytest.mark.benchmark(group=f"{model}, by {question}", timer=timer.read),
            )
            for model in models
            for case in list_cases(question, settings.simulation)
        ],
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the questions out unless they are asked for: all of them take minutes.

    Pytest does not ask about a file that the command line names.
    """
    return True if collection_path == QUESTIONS and not selects_scaling(config) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse questions that were named without `-m scaling`, which also chooses virtual time for the run."""
    if not selects_scaling(config) and any(item.get_closest_marker("scaling") for item in items):
        raise pytest.UsageError("The benchmarks about scale run in virtual time, with -m scaling only; add it.")


@pytest.fixture(scope="session")
def measured_client() -> Client:
    """Return what an image costs the client on this machine, measured once."""
    return measure_client()


@pytest.fixture
def run_case(
    benchmark: BenchmarkFixture, pytestconfig: pytest.Config, terminal: TextIO, measured_client: Client
) -> RunCase:
    """Return the function that runs a case with a model and stores its record."""
    timer, records = get_timer(pytestconfig), get_records(pytestconfig)

    def run(model: str, case: Case) -> list[Round]:
        images = make_images(case.images)
        settings = replace(get_settings(pytestconfig), simulation=case.simulation)
        known_sets = make_known_sets(load_question(IMAGE_SET), images)
        simulator = start_in_process(model, known_sets, **case.simulation.api_options)
        runner = Rounds(
            Contender(model, images.name, case.strategy),
            bind_strategy(Task(load_question(IMAGE_SET), model), case.strategy, **case.settings),
            images,
            Wire(timer.start_clock(skips=True), SimulatorResponder(simulator)),
            settings,
            SIMULATED_BASE_URL,
        )
        with fail_in_a_sentence(benchmark):
            rounds = runner.run(benchmark, terminal, case.rounds)
            if runner.wire.problem is not None:
                raise runner.wire.problem
        seconds = find_seconds(benchmark)
        if seconds is not None:  # it is None with --benchmark-disable
            store_record(benchmark, records, _build_record(runner, case, seconds, measured_client))
        return rounds

    return run


def _build_record(runner: Rounds, case: Case, seconds: list[float], client: Client) -> Record:
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
        scaling=ScalingCase(question=case.question, x=case.x, client=client),
    )
