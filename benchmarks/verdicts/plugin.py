"""`--fail-on-regression`: what the verdicts say about this run, printed, and set as the exit code."""

from collections.abc import Generator, Sequence
from typing import Any

import pytest
from pytest_benchmark.session import PerformanceRegression

from benchmarks.history.stored_runs import COMPARE, SESSION, STORED, as_stored, finished, session_of
from benchmarks.verdicts.judging import judged
from benchmarks.verdicts.ratios import Word
from benchmarks.verdicts.verdict import Verdict
from fixtures.base import option_types
from fixtures.run.options import SETTINGS

VERDICTS = pytest.StashKey[dict[str, list[Verdict]]]()
"""By group, in the order of the benchmarks."""
NOTHING_COMPARED = "The gate compared nothing: no benchmark of this run is in the stored one. Run more, or store anew."


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("gemini").addoption(
        "--fail-on-regression",
        nargs="?",
        const=True,
        type=option_types.percent,
        metavar="PERCENT",
        help="fail where --benchmark-compare finds a strategy slower by more than this (default: 5 replayed, 20 live), "
        "or more requests, bytes, image tokens, cost, retries or errors than before",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin without a verdict."""
    config.stash[VERDICTS] = {}


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say at once that there is nothing to compare with; only live sessions have to begin without a history."""
    config = session.config
    if not config.getoption("fail_on_regression"):
        return
    if not config.stash[COMPARE]:
        raise pytest.UsageError(
            "--fail-on-regression has nothing to compare with: add --benchmark-compare, or --benchmark-compare=NAME."
        )
    if not config.stash[STORED] and not config.stash[SETTINGS].sends:
        raise pytest.UsageError(
            f"--fail-on-regression: {session_of(config).storage} holds no stored run to compare with: "
            "store one with --benchmark-autosave, or name one with --benchmark-compare=NAME."
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Judge before pytest-benchmark stores this run, and keep what is never compared out of its table."""
    config = session.config
    if config.stash[COMPARE]:
        config.stash[VERDICTS] = _verdicts(config)
    verdicts = [verdict for every in config.stash[VERDICTS].values() for verdict in every]
    for stored in (session_of(config).compared_mapping or {}).values():
        for verdict in verdicts:
            if verdict.word is Word.REFUSED:
                stored.pop(verdict.benchmark, None)
    return (yield)


def _verdicts(config: pytest.Config) -> dict[str, list[Verdict]]:
    stored, percent = config.stash[STORED], config.getoption("fail_on_regression")
    least = None if percent in (None, True) else percent / 100
    found: dict[str, list[Verdict]] = {}
    for bench in finished(config):
        found.setdefault(bench.group, []).append(judged(bench.fullname, as_stored(bench), stored, least))
    named = {bench.fullname for bench in finished(config)}
    for report in _failed(config):
        then = [session.benchmarks[report.nodeid] for session in stored if report.nodeid in session.benchmarks]
        if then and report.nodeid not in named:
            info = then[-1]["extra_info"]
            verdict = Verdict(report.nodeid, info["strategy"], Word.FAILED, "nothing", notes=(_reason(report),))
            found.setdefault(f"{info['model']}, {info['image_set']}", []).append(verdict)
    return found


def _failed(config: pytest.Config) -> Sequence[pytest.TestReport]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    reports = [*reporter.getreports("error"), *reporter.getreports("failed")]
    return list({report.nodeid: report for report in reports}.values())  # a test may fail and its teardown too


def _reason(report: pytest.TestReport) -> str:
    """Return the first line of what a test failed with."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    return text.strip().partition("\n")[0].removeprefix("Failed: ").rstrip(".")


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(config: pytest.Config) -> Generator[None, None, None]:
    """Let a failed gate of pytest-benchmark set the exit code without a traceback, which would cut off the summary."""
    try:
        yield
    except PerformanceRegression:  # pytest-benchmark has told which
        config.stash[SESSION].exitstatus = pytest.ExitCode.TESTS_FAILED


def problems(config: pytest.Config) -> list[str]:
    """Return what makes this run fail besides its tests, a sentence each."""
    verdicts = [verdict for every in config.stash[VERDICTS].values() for verdict in every]
    refused = [verdict.id for verdict in verdicts if verdict.word is Word.REFUSED]
    gated = config.getoption("fail_on_regression")
    worse = [verdict.id for verdict in verdicts if verdict.is_regression] if gated else []
    return [
        *([f"Not compared, being of another kind than the stored run: {', '.join(refused)}."] if refused else []),
        *([f"Worse than the stored runs: {', '.join(worse)}."] if worse else []),
        *([NOTHING_COMPARED] if _nothing_was_compared(config, verdicts) else []),
    ]


def _nothing_was_compared(config: pytest.Config, verdicts: Sequence[Verdict]) -> bool:
    benchmarks = session_of(config)
    gate = benchmarks.compare_fail or (config.getoption("fail_on_regression") and not config.stash[SETTINGS].sends)
    failed = {verdict.benchmark for verdict in verdicts if verdict.word is Word.FAILED}
    now = failed | {bench.fullname for bench in benchmarks.benchmarks}
    stored = {name for run in (benchmarks.compared_mapping or {}).values() for name in run}
    return bool(gate) and not config.option.collectonly and not now & stored
