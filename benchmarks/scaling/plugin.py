"""`-m scaling`: the questions about scale as benchmarks in virtual time, and their tables at the end of the run."""

from collections.abc import Callable, Generator
from dataclasses import asdict, replace
from typing import Any, TextIO

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.history.stored_runs import as_stored, finished
from benchmarks.scaling import machine as one_machine
from benchmarks.scaling import rows
from benchmarks.scaling.cases import Case, cases
from benchmarks.scaling.machine import Client
from benchmarks.strategies import bound
from fixtures.base.errors import RunError
from fixtures.images.made_up import many
from fixtures.recordings import lock as recording
from fixtures.run.contenders import PROBLEM, Contender
from fixtures.run.measure import in_a_sentence
from fixtures.run.options import CLOCKS, DEFAULT_MODEL, SETTINGS
from fixtures.run.race import Race
from fixtures.run.rounds import Round
from fixtures.run.simulation import asks_for_scaling
from fixtures.simulator.serving.in_process import SERVER
from fixtures.text.tables import table
from fixtures.transport.wire import Wire

MANY = 100
"""Images, above which a stored run has neither their names nor the requests: it would be megabytes."""
ERRORS_KEPT = 10
EXPLAINED = (
    "The best: the largest of the longest request, all requests' time / window, and what limits let through.",
    "In this order: what a window without any loss takes, as nobody knows beforehand which request is long.",
)

Scale = Callable[[str, Case], list[Round]]


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "scaling(question): a question about scale; runs with -m scaling only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every case of a question, with every model."""
    marker = metafunc.definition.get_closest_marker("scaling")
    if marker is None:
        return
    config = metafunc.config
    settings = config.stash[SETTINGS]
    models = settings.models or (DEFAULT_MODEL,)
    try:
        for model in models:
            settings.simulation.check(model)
    except RunError as error:
        config.stash[PROBLEM] = error
    (question,) = marker.args
    metafunc.parametrize(
        ("model", "case"),
        [
            pytest.param(
                model,
                case,
                id=f"{model}-{case.strategy}-{case.x}",
                marks=pytest.mark.benchmark(group=f"{model}, by {question}", timer=config.stash[CLOCKS][True].now),
            )
            for model in models
            for case in cases(question, settings.simulation)
        ],
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the questions out unless they are asked for: all of them take minutes."""
    if asks_for_scaling(config):
        return
    left_out = [item for item in items if item.get_closest_marker("scaling")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def client() -> Client:
    """Measure, once, what this machine's client can send."""
    return one_machine.measured()


@pytest.fixture
def scale(benchmark: BenchmarkFixture, pytestconfig: pytest.Config, terminal: TextIO, client: Client) -> Scale:
    """Return what runs a case with a model and stores what was seen of it."""
    settings, clock = pytestconfig.stash[SETTINGS], pytestconfig.stash[CLOCKS][True]

    def run(model: str, case: Case) -> list[Round]:
        images, settings_of_case = many(case.images), replace(settings, simulation=case.simulation)
        strategy = bound(model, case.strategy, **case.settings)
        wire = Wire(clock, None, plays=False, records=False)
        wire.virtual = case.simulation.virtual(model, images.people)
        contender = Contender(model, images.name, case.strategy)
        race = Race(contender, strategy, images, wire, settings_of_case, SERVER)
        with in_a_sentence(benchmark, settings):
            rounds = race.run(benchmark, terminal, case.rounds)
            if wire.problem is not None:
                raise wire.problem
        if benchmark.stats is not None:  # as it is with --benchmark-disable
            benchmark.extra_info.update(_described(race, case, list(benchmark.stats.stats.data)))
            benchmark.extra_info["scaling"]["client"] = asdict(client)
        return rounds

    return run


def _described(race: Race, case: Case, seconds: list[float]) -> dict[str, Any]:
    about = recording.metadata(race.contender, race.images, race.settings.source, race.strategy.settings, seconds)
    info = race.extra_info(seconds, recording.in_virtual_time(about))
    info["scaling"] = {"question": case.question, "x": case.x, "unanswered": len(info["errors"])}
    if case.images > MANY:
        info |= {"spans": [], "people": {}, "answers": {}, "answers_by_round": [{} for _ in seconds]}
    info["errors"] = dict(list(info["errors"].items())[:ERRORS_KEPT])
    return info


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Print a table for each question."""
    yield
    for group, of_group in rows.by_question(map(as_stored, finished(config))).items():
        terminalreporter.write_sep("=", group)
        terminalreporter.write_line("\n".join([rows.origin(of_group), "", *table(rows.table_of(of_group)), *EXPLAINED]))
