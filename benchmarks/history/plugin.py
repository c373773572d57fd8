"""Where runs are stored, and which stored runs a run is compared with: those of its kind, from any machine."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest

from benchmarks.history.sessions import Session, read_sessions
from fixtures.base.errors import RunError
from fixtures.bench.session import has_gate, keep_raw_rounds, list_compared, list_names
from fixtures.bench.storage import (
    describe_storage,
    find_comparison,
    find_stored_paths,
    ignore_machine,
    show_stored,
    take_over_comparison,
    use_folder,
)
from fixtures.run.options.settings import Settings
from fixtures.run.record.provenance import describe_kind
from fixtures.run.record.record import Record
from fixtures.run.state import get_notes, get_settings

NAMES_SHOWN = 3
"""The maximum number of benchmarks that a sentence names."""
_STORED = pytest.StashKey[list[Session]]()


def pytest_configure(config: pytest.Config) -> None:
    """Store raw rounds, and each kind of run in a folder of its own."""
    keep_raw_rounds(config)
    settings = get_settings(config)
    if settings.sends:
        simulated = "simulated" if settings.source == "simulator" else "live"
        use_folder(config, "virtual" if settings.virtual else simulated)
    take_over_comparison(config)


def pytest_benchmark_generate_machine_info() -> dict[str, Any]:
    """Store no information on the machine: a replay's seconds do not depend on it, and its name is private."""
    return {}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Load the stored runs; raise `pytest.UsageError` if `--benchmark-compare-fail` has nothing to compare with."""
    stored = get_stored(session.config)
    if has_gate(session.config) and not stored:
        raise pytest.UsageError(
            "--benchmark-compare-fail has no stored run to compare with: add --benchmark-compare=0001_baseline, "
            "or store a run with --benchmark-autosave."
        )


def get_stored(config: pytest.Config) -> list[Session]:
    """Return the stored runs that this run is compared with, oldest first; empty without `--benchmark-compare`.

    They are loaded at the first call. Raise `pytest.UsageError` if a named one cannot be used.
    """
    if _STORED not in config.stash:
        ignore_machine(config)
        config.stash[_STORED] = _load(config)
    return config.stash[_STORED]


def _load(config: pytest.Config) -> list[Session]:
    name = find_comparison(config)
    if not name:
        return []
    try:
        sessions, problems = read_sessions(find_stored_paths(config))
    except RunError as error:
        raise pytest.UsageError(str(error)) from None
    fitting, others = [], []
    for session in sessions:
        if other := find_other_kind(session, get_settings(config)):
            others.append(f"{session.path} is {other}, which this run is not, so they are not compared.")
        else:
            fitting.append(session)
    if name is not True and not fitting:
        reasons = [*problems, *others] or [f"no stored run in {describe_storage(config)} matches."]
        raise pytest.UsageError(f"--benchmark-compare={name}: {' '.join(reasons)}")
    get_notes(config).extend([*problems, *others])
    _show(config, fitting[-1:] if name is True else fitting)
    return fitting


def _show(config: pytest.Config, sessions: Iterable[Session]) -> None:
    show_stored(
        config,
        {session.path: {name: each.seconds for name, each in session.benchmarks.items()} for session in sessions},
    )


def find_other_kind(stored: Session, settings: Settings) -> str:
    """Return the kind of a stored run that cannot be compared with a run with these settings; empty if it can."""
    records = [benchmark.record for benchmark in stored.benchmarks.values()]
    fits = any(_is_comparable(record, settings) for record in records)
    return "" if fits else describe_kind(records[-1])


def _is_comparable(record: Record, settings: Settings) -> bool:
    if not settings.sends:
        return record.timing == "replayed"  # its source is known only when the cassette is read
    if settings.live or settings.mode in ("all", "rewrite"):
        timing = "virtual" if settings.virtual else "live"
        return record.timing == timing and record.source == settings.source
    return True  # a part of the run is replayed


def list_one_sided(config: pytest.Config) -> list[str]:
    """Return a line for each stored run with the benchmarks that are new, and those that are not in this run."""
    now, skipped = list_names(config), _list_skipped(config)
    return [
        " ".join(told)
        for path, stored in list_compared(config).items()
        if (told := [*_describe_new(now - stored, path), *_describe_missing(stored - now, skipped, path)])
    ]


def _describe_new(names: Collection[str], path: str) -> list[str]:
    return [f"New, not in {path}: {_count(names)} ({_name_few(names)})."] if names else []


def _describe_missing(names: Collection[str], skipped: Collection[str], path: str) -> list[str]:
    left_out = len(set(names) & set(skipped))
    of_them = f", {left_out} of them skipped" if left_out else ""
    return [f"In {path}, not in this run: {_count(names)}{of_them} ({_name_few(names)})."] if names else []


def _list_skipped(config: pytest.Config) -> set[str]:
    """Return the ids of the tests that were skipped."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    return set() if reporter is None else {report.nodeid for report in reporter.getreports("skipped")}


def _count(names: Collection[str]) -> str:
    return f"{len(names)} benchmark{'' if len(names) == 1 else 's'}"


def _name_few(names: Iterable[str]) -> str:
    """Return the first of these benchmarks, by the part of their ids in brackets, and dots if there are more."""
    shown = [name.partition("[")[2].removesuffix("]") or name for name in sorted(names)]
    return ", ".join([*shown[:NAMES_SHOWN], *(["..."] if len(shown) > NAMES_SHOWN else [])])
