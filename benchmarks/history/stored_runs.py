"""Where runs are stored, and which of them a run is compared with: those of its own kind, whole, on every machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.session import BenchmarkSession
from pytest_benchmark.stats import Stats
from pytest_benchmark.storage.file import FileStorage

from benchmarks.history.sessions import Session, kind, read_all
from fixtures.run.options import NOTES, SETTINGS, Settings

DEFAULT_STORAGE = "file://./.benchmarks"
SESSION = pytest.StashKey[pytest.Session]()
STORED = pytest.StashKey[Sequence[Session]]()
"""The stored runs that this run is compared with, oldest first; none without `--benchmark-compare`."""
COMPARE = pytest.StashKey[Any]()
"""`--benchmark-compare` as it was given: a name, True without one, or nothing."""


def session_of(config: pytest.Config) -> BenchmarkSession:
    """Return pytest-benchmark's session."""
    return config._benchmarksession  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 - as its own hooks do


def finished(config: pytest.Config) -> list[Any]:
    """Return the benchmarks of this run of which there is something to show."""
    return [bench for bench in session_of(config).benchmarks if not bench.has_error and bench.extra_info]


def as_stored(benchmark: Any) -> dict[str, Any]:
    """Return what is read again of a benchmark, as a stored run has it."""
    return {"extra_info": benchmark.extra_info, "stats": {"data": list(benchmark.stats.data)}}


def pytest_configure(config: pytest.Config) -> None:
    """Store raw rounds, without which nothing can be said about a difference, and each kind of run apart."""
    config.option.benchmark_save_data = True
    config.stash[STORED] = []
    settings = config.stash[SETTINGS]
    if config.option.benchmark_storage == DEFAULT_STORAGE and settings.sends:
        folder = "virtual" if settings.virtual else "simulated" if settings.source == "simulator" else "live"
        config.option.benchmark_storage = f"{DEFAULT_STORAGE}/{folder}"
    # pytest-benchmark would load what is there before it is known what may be compared.
    config.stash[COMPARE], config.option.benchmark_compare = config.option.benchmark_compare, None


def pytest_benchmark_generate_machine_info() -> dict[str, Any]:
    """Store nothing of the machine: a replay's seconds do not depend on it, and its name is nobody's business."""
    return {}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Load what is compared with; say at once, and not in a traceback at the end, that there is nothing."""
    config = session.config
    config.stash[SESSION] = session
    benchmarks, given = session_of(config), config.stash[COMPARE]
    if isinstance(benchmarks.storage, FileStorage):
        # Not by machine and Python, so that an upgrade hides nothing. The baseline at the root is a replay's.
        replays_by_default = config.option.benchmark_storage == DEFAULT_STORAGE
        benchmarks.storage.default_machine_id = "replayed" if replays_by_default else None
    if given:
        benchmarks.compare = given
        stored = config.stash[STORED] = _stored(benchmarks, config)
        _show(benchmarks, stored[-1:] if given is True else stored)
    if benchmarks.compare_fail and not benchmarks.compared_mapping:
        raise pytest.UsageError(
            "--benchmark-compare-fail has no stored run to compare with: add --benchmark-compare=0001_baseline, "
            "or store a run with --benchmark-autosave."
        )


def _stored(benchmarks: BenchmarkSession, config: pytest.Config) -> list[Session]:
    """Return the stored runs that are asked for and of this run's kind; what is left out is told."""
    storage, name = benchmarks.storage, config.stash[COMPARE]
    if not isinstance(storage, FileStorage):
        raise pytest.UsageError("--benchmark-compare reads stored runs from files; give --benchmark-storage a folder.")
    try:
        paths = storage.query("[0-9][0-9][0-9][0-9]_" if name is True else name)
    except ValueError as error:
        raise pytest.UsageError(f"--benchmark-compare={name}: {error}") from None
    sessions, problems = read_all(map(_shortest, paths))
    fitting, others = [], []
    for session in sessions:
        other = other_kind(session, config.stash[SETTINGS])
        if other:
            others.append(f"{session.path} is {other}, which this run is not, so they are not compared.")
        else:
            fitting.append(session)
    if name is not True and not fitting:
        told = [*problems, *others] or [f"no stored run in {storage} fits."]
        raise pytest.UsageError(f"--benchmark-compare={name}: {' '.join(told)}")
    config.stash[NOTES] += [*problems, *others]
    return fitting


def _shortest(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def other_kind(stored: Session, settings: Settings) -> str:
    """Name the kind of a stored run where it cannot be this one's; nothing where it can."""
    infos = [benchmark["extra_info"] for benchmark in stored.benchmarks.values()]
    fits = any(_may_be(info, settings) for info in infos)
    return "" if fits else kind(infos[-1])


def _may_be(info: Mapping[str, Any], settings: Settings) -> bool:
    if not settings.sends:
        return bool(info["timing"] == "replayed")  # from where, its cassette will tell
    if settings.live or settings.mode in ("all", "rewrite"):
        timing = "virtual" if settings.virtual else "live"
        return bool(info["timing"] == timing and info["source"] == settings.source)
    return True  # some of it is replayed


def _show(benchmarks: BenchmarkSession, stored: Sequence[Session]) -> None:
    """Put stored runs beside this one in pytest-benchmark's table."""
    benchmarks.compared_mapping = {}
    for session in stored:
        absolute, storage = session.path.resolve(), benchmarks.storage.path
        path = absolute.relative_to(storage) if absolute.is_relative_to(storage) else session.path
        shown = {name: benchmark | {"stats": _stats(benchmark)} for name, benchmark in session.benchmarks.items()}
        benchmarks.compared_mapping[path] = shown
        told = f"Comparing against benchmarks from: {path}"
        benchmarks.logger.info(told, newline=False)


def _stats(benchmark: dict[str, Any]) -> dict[str, Any]:
    """Work out the statistics from the rounds, for those in the file may be anything."""
    stats = Stats()
    for seconds in benchmark["stats"]["data"]:
        stats.update(seconds)
    return {**stats.as_dict(), "iterations": 1}


def without_counterpart(benchmarks: BenchmarkSession) -> list[str]:
    """Name the benchmarks that only one side of a comparison has, in a sentence a stored run and side."""
    now = {bench.fullname for bench in benchmarks.benchmarks}
    sentences = []
    for path, stored in (benchmarks.compared_mapping or {}).items():
        for names, where in (
            (set(stored) - now, f"in {path}, not in this run"),
            (now - set(stored), f"not in {path}"),
        ):
            if names:
                sentences.append(f"Only one side has these, {where}: {', '.join(sorted(names))}.")
    return sentences
