"""`--fail-on-regression`, and the comparison of this run's benchmarks with the stored ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.history.plugin import get_stored
from benchmarks.history.sessions import Session
from benchmarks.verdicts.answers.stored import adjust_findings
from benchmarks.verdicts.judging import judge_benchmark
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from fixtures.base import option_types
from fixtures.bench.session import has_gate, list_compared, list_names, remove_compared
from fixtures.bench.storage import describe_storage, find_comparison
from fixtures.run.state import get_settings, list_benchmarks

_VERDICTS = pytest.StashKey[dict[str, list[Verdict]]]()
NOTHING_COMPARED = (
    "No stored run has these benchmarks, so nothing was compared (exit code 1). Run others, or store this run."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("gemini").addoption(
        "--fail-on-regression",
        nargs="?",
        const=True,
        type=option_types.read_percent,
        metavar="PERCENT",
        help="fail if --benchmark-compare finds a strategy slower by more than this (default: 5 replayed, 20 live), "
        "or more requests, bytes, image tokens, cost, retries or errors than before, or fewer right answers",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """Raise `pytest.UsageError` if there is nothing to compare with; runs that send requests need no stored run."""
    config = session.config
    if not config.getoption("fail_on_regression"):
        return
    if not find_comparison(config):
        raise pytest.UsageError(
            "--fail-on-regression has nothing to compare with: add --benchmark-compare, or --benchmark-compare=NAME."
        )
    if not get_stored(config) and not get_settings(config).sends:
        raise pytest.UsageError(
            f"--fail-on-regression: {describe_storage(config)} holds no stored run to compare with; "
            "store one with --benchmark-autosave, or name one with --benchmark-compare=NAME."
        )


def judge_run(config: pytest.Config) -> None:
    """Compare the benchmarks of this run with the stored ones.

    Benchmarks of another kind than the stored run are removed from pytest-benchmark's comparison, so this has to be
    called before pytest-benchmark stores the run and prepares its table.
    """
    if find_comparison(config):
        config.stash[_VERDICTS] = _judge_all(config)
    refused = [verdict.benchmark for verdict in _list_verdicts(config) if verdict.finding is Finding.REFUSED]
    remove_compared(config, refused)


def get_verdicts(config: pytest.Config) -> dict[str, list[Verdict]]:
    """Return the verdicts by group, in the order of the benchmarks; empty before `judge_run`."""
    return config.stash.get(_VERDICTS, {})


def _list_verdicts(config: pytest.Config) -> list[Verdict]:
    return [verdict for found in get_verdicts(config).values() for verdict in found]


def get_least(config: pytest.Config) -> float | None:
    """Return the smallest change that counts, as a share; None if the option has no percentage."""
    percent = config.getoption("fail_on_regression")
    # True is the option without a percentage; `in` or `==` would match 1 % too, because 1.0 == True.
    return None if percent is None or percent is True else percent / 100


def _judge_all(config: pytest.Config) -> dict[str, list[Verdict]]:
    stored, least = get_stored(config), get_least(config)
    found: dict[str, list[Verdict]] = {}
    benchmarks = list_benchmarks(config)
    for benchmark in benchmarks:
        found.setdefault(benchmark.record.group, []).append(judge_benchmark(benchmark, stored, least))
    found = _adjust_answers(found)
    for report in _list_failed(config, {benchmark.fullname for benchmark in benchmarks}):
        if (verdict := _judge_failed(report, stored)) is not None:
            group, judged = verdict
            found.setdefault(group, []).append(judged)
    return found


def _adjust_answers(found: Mapping[str, Sequence[Verdict]]) -> dict[str, list[Verdict]]:
    """Return the verdicts of all groups, with the p values of the answers adjusted for multiple comparisons."""
    adjusted = iter(adjust_findings([verdict.answers for verdicts in found.values() for verdict in verdicts]))
    return {group: [replace(each, answers=next(adjusted)) for each in verdicts] for group, verdicts in found.items()}


def _judge_failed(report: pytest.TestReport, stored: Sequence[Session]) -> tuple[str, Verdict] | None:
    """Return the group and the verdict on a failed test; None if no stored run has it."""
    then = [session.benchmarks[report.nodeid] for session in stored if report.nodeid in session.benchmarks]
    if not then:
        return None
    record = then[-1].record
    verdict = Verdict(report.nodeid, record.label, Finding.FAILED, "nothing", notes=(_find_reason(report),))
    return record.group, verdict


def _list_failed(config: pytest.Config, measured: set[str]) -> list[pytest.TestReport]:
    """Return the reports of the failed tests without a measurement, one per test."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    reports = [*reporter.getreports("error"), *reporter.getreports("failed")]
    one_each = {report.nodeid: report for report in reports}  # a test and its teardown may both fail
    return [report for nodeid, report in one_each.items() if nodeid not in measured]


def _find_reason(report: pytest.TestReport) -> str:
    """Return the first line of a test's failure message."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    return text.strip().partition("\n")[0].removeprefix("Failed: ").rstrip(".")


def list_problems(config: pytest.Config) -> list[str]:
    """Return a sentence for each reason, besides failed tests, for which this run fails."""
    verdicts = _list_verdicts(config)
    refused = [verdict.id for verdict in verdicts if verdict.finding is Finding.REFUSED]
    gated = config.getoption("fail_on_regression")
    worse = [verdict.id for verdict in verdicts if verdict.is_regression] if gated else []
    return [
        *([f"Not compared, because the stored run is of another kind: {', '.join(refused)}."] if refused else []),
        *([f"Worse than the stored runs: {', '.join(worse)}."] if worse else []),
        *([NOTHING_COMPARED] if _nothing_was_compared(config, verdicts) else []),
    ]


def _nothing_was_compared(config: pytest.Config, verdicts: Sequence[Verdict]) -> bool:
    is_gated = has_gate(config) or (config.getoption("fail_on_regression") and not get_settings(config).sends)
    failed = {verdict.benchmark for verdict in verdicts if verdict.finding is Finding.FAILED}
    stored = {name for names in list_compared(config).values() for name in names}
    return bool(is_gated) and not config.option.collectonly and not (failed | list_names(config)) & stored
