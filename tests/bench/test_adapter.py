"""The undocumented parts of pytest-benchmark that the suite builds on are where it expects them."""

import inspect
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.session import BenchmarkSession, PerformanceRegression
from pytest_benchmark.stats import Stats
from pytest_benchmark.storage.file import FileStorage

from fixtures.bench.storage import DEFAULT_STORAGE


def test_the_session_is_where_its_hooks_read_it(pytestconfig: pytest.Config) -> None:
    """`fixtures/bench/session.py` reads it from the configuration."""
    session = getattr(pytestconfig, "_benchmarksession", None)
    assert isinstance(session, BenchmarkSession), "pytest-benchmark's session is not config._benchmarksession any more"


@pytest.mark.parametrize(
    "name",
    ["benchmarks", "performance_regressions", "compared_mapping", "compare", "compare_fail", "storage", "logger"],
)
def test_the_session_has_the_attribute(pytestconfig: pytest.Config, name: str) -> None:
    """`fixtures/bench/session.py` and `storage.py` read or set it."""
    session = getattr(pytestconfig, "_benchmarksession", None)
    assert hasattr(session, name), f"pytest-benchmark's session has no {name} any more"


@pytest.mark.parametrize("name", ["benchmark_compare", "benchmark_storage", "benchmark_save_data"])
def test_the_option_has_its_name(pytestconfig: pytest.Config, name: str) -> None:
    """`fixtures/bench/` reads and sets the options that users give."""
    assert hasattr(pytestconfig.option, name), f"pytest-benchmark has no option {name} any more"


def test_the_default_storage_is_known(pytestconfig: pytest.Config) -> None:
    """Where pytest-benchmark's default moves, runs of every kind would be stored in one folder."""
    assert pytestconfig.getoption("benchmark_storage").startswith(DEFAULT_STORAGE)


@pytest.mark.parametrize("name", ["has_error", "_mode", "stats", "extra_info", "disabled", "cprofile", "fullname"])
def test_the_fixture_has_the_attribute(benchmark: BenchmarkFixture, name: str) -> None:
    """`fixtures/bench/fixture.py` and `fixtures/run/` read or set it."""
    benchmark(int)
    assert hasattr(benchmark, name), f"pytest-benchmark's fixture has no {name} any more"


def test_a_storage_can_ignore_the_machine(tmp_path: Path) -> None:
    """`fixtures/bench/storage.py` sets the folder that else is named by machine and Python."""
    storage = FileStorage(str(tmp_path), logger=None)
    storage.default_machine_id = "replayed"
    assert storage.get("x.json") == tmp_path / "replayed" / "x.json"


def test_statistics_are_worked_out_from_rounds() -> None:
    """What is shown of a stored run is worked out from its rounds."""
    stats = Stats()
    for seconds in (1.0, 2.0, 6.0):
        stats.update(seconds)
    assert stats.as_dict()["mean"] == 3.0


def test_a_failed_gate_is_this_exception() -> None:
    """`ignore_failed_gate` swallows it; another one would end in a traceback."""
    assert "raise PerformanceRegression" in inspect.getsource(BenchmarkSession.check_regressions)
    assert issubclass(PerformanceRegression, Exception)
