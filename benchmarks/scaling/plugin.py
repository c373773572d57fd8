"""`-m scaling`: the questions about scale as benchmarks in virtual time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.scaling.cases import Case, list_cases
from benchmarks.scaling.client import measure_client
from benchmarks.scaling.job import CaseRound, Job, Outcome
from benchmarks.scaling.pool import Pool, count_workers
from fixtures.base.errors import RunError
from fixtures.bench.fixture import find_seconds
from fixtures.exchange.usage import Tokens, price_tokens
from fixtures.images.made_up import make_images
from fixtures.run.measure import check_not_profiled, fail_in_a_sentence, show_seconds, store_record
from fixtures.run.options.reading import selects_scaling
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.run.record.record import Client
from fixtures.run.state import get_records, get_settings, get_timer, note_problem
from fixtures.simulator.start import check_model

QUESTIONS = Path(__file__).parents[1] / "test_scaling.py"
"""The file of the benchmarks about scale."""
RunCase = Callable[[str, Case], list[CaseRound]]
"""Runs a case with a model, stores its record, and returns its rounds."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark `scaling`."""
    config.addinivalue_line("markers", "scaling(question): a question about scale; runs with -m scaling only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each case of a question and each model."""
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
    """Leave out the questions about scale without `-m scaling`, because they take minutes.

    Pytest does not call this hook for a file that the command line names.
    """
    return True if collection_path == QUESTIONS and not selects_scaling(config) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Raise a usage error for questions that are named without `-m scaling`, which also selects virtual time."""
    if not selects_scaling(config) and any(item.get_closest_marker("scaling") for item in items):
        raise pytest.UsageError("The benchmarks about scale run only in virtual time; add -m scaling.")


@pytest.fixture(scope="session")
def measured_client() -> Client:
    """Return the client's CPU time and bytes per image on this machine, measured once."""
    return measure_client()


@pytest.fixture(scope="session")
def pool(request: pytest.FixtureRequest, measured_client: Client) -> Iterator[Pool[Outcome]]:
    """Return the workers, which run the cases of the session's tests before the tests need them.

    The client is measured before any worker starts. Everything runs in one process with the debugger, and in the
    worker processes of pytest-xdist.
    """
    config = request.config
    scaling = [item for item in request.session.items if item.get_closest_marker("scaling")]
    jobs = [
        _make_job(config, **item.callspec.params, client=measured_client)  # type: ignore[attr-defined]
        for item in scaling
    ]
    # The largest come first, so that the workers finish at about the same time.
    jobs.sort(key=lambda job: job.case.images, reverse=True)
    for largest in jobs[:1]:  # loads images and prices once, before the fork, and not in every worker
        make_images(largest.case.images)
        price_tokens(largest.model, [Tokens(input=1)], datetime.now(UTC))
    alone = config.getoption("usepdb", default=False) or hasattr(config, "workerinput")
    made = Pool(jobs, 1 if alone else count_workers())
    yield made
    made.close()


@pytest.fixture
def run_case(
    benchmark: BenchmarkFixture, pytestconfig: pytest.Config, measured_client: Client, pool: Pool[Outcome]
) -> RunCase:
    """Return the function that runs a case with a model and stores its record."""
    timer, records = get_timer(pytestconfig), get_records(pytestconfig)

    def run(model: str, case: Case) -> list[CaseRound]:
        with fail_in_a_sentence(benchmark):
            check_not_profiled(benchmark)
            outcome = pool.run(_make_job(pytestconfig, model, case, measured_client))
        show_seconds(benchmark, timer, outcome.seconds)
        if find_seconds(benchmark) is not None:  # it is None with --benchmark-disable
            store_record(benchmark, records, outcome.record)
        return outcome.rounds

    return run


def _make_job(config: pytest.Config, model: str, case: Case, client: Client) -> Job:
    rounds = 1 if config.getoption("benchmark_disable") else case.rounds
    return Job(model, case, rounds, get_settings(config), client)
