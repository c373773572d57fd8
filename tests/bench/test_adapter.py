"""Tests that the undocumented parts of pytest-benchmark that the suite uses still exist."""

import inspect
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.session import BenchmarkSession, PerformanceRegression
from pytest_benchmark.stats import Stats
from pytest_benchmark.storage.file import FileStorage

from fixtures.bench.storage import DEFAULT_STORAGE


def test_the_session_is_where_its_hooks_read_it(pytestconfig: pytest.Config) -> None:
    """pytest-benchmark's session is an attribute of the configuration, where `fixtures/bench/session.py` reads it."""
    session = getattr(pytestconfig, "_benchmarksession", None)
    assert isinstance(session, BenchmarkSession), "pytest-benchmark's session is no longer config._benchmarksession"


@pytest.mark.parametrize(
    "name",
    ["benchmarks", "performance_regressions", "compared_mapping", "compare", "compare_fail", "storage", "logger"],
)
def test_the_session_has_the_attribute(pytestconfig: pytest.Config, name: str) -> None:
    """The session has the attributes that `fixtures/bench/session.py` and `storage.py` read or set."""
    session = getattr(pytestconfig, "_benchmarksession", None)
    assert hasattr(session, name), f"pytest-benchmark's session no longer has {name}"


@pytest.mark.parametrize("name", ["benchmark_compare", "benchmark_storage", "benchmark_save_data"])
def test_the_option_has_its_name(pytestconfig: pytest.Config, name: str) -> None:
    """The options that `fixtures/bench/` reads and sets have these names."""
    assert hasattr(pytestconfig.option, name), f"pytest-benchmark no longer has the option {name}"


def test_the_default_storage_is_known(pytestconfig: pytest.Config) -> None:
    """pytest-benchmark's default storage is the expected one; otherwise all kinds of runs would share a folder."""
    assert pytestconfig.getoption("benchmark_storage").startswith(DEFAULT_STORAGE)


@pytest.mark.parametrize("name", ["has_error", "_mode", "stats", "extra_info", "disabled", "cprofile", "fullname"])
def test_the_fixture_has_the_attribute(benchmark: BenchmarkFixture, name: str) -> None:
    """The `benchmark` fixture has the attributes that `fixtures/bench/fixture.py` and `fixtures/run/` use."""
    benchmark(int)
    assert hasattr(benchmark, name), f"pytest-benchmark's fixture no longer has {name}"


def test_a_storage_can_ignore_the_machine(tmp_path: Path) -> None:
    """`fixtures/bench/storage.py` can set the folder that is otherwise named by machine and Python."""
    storage = FileStorage(str(tmp_path), logger=None)
    storage.default_machine_id = "replayed"
    assert storage.get("x.json") == tmp_path / "replayed" / "x.json"


def test_statistics_are_computed_from_rounds() -> None:
    """pytest-benchmark's `Stats` can be computed from the rounds of a stored run."""
    stats = Stats()
    for seconds in (1.0, 2.0, 6.0):
        stats.update(seconds)
    assert stats.as_dict()["mean"] == 3.0


def test_a_failed_gate_raises_performance_regression() -> None:
    """A failed gate raises `PerformanceRegression`, which `ignore_failed_gate` catches."""
    assert "raise PerformanceRegression" in inspect.getsource(BenchmarkSession.check_regressions)
    assert issubclass(PerformanceRegression, Exception)
