"""The end of a run: who is fastest, what it costs, what each strategy counted, and where the figures come from."""

from collections.abc import Collection, Generator, Sequence
from typing import Any

import pytest

from benchmarks.history.stored_runs import SESSION, finished, session_of, without_counterpart
from benchmarks.report.comparison import (
    IMAGES_SHOWN,
    consistency_check,
    final_comparison,
    kept_time,
    provenance,
    remarks,
    verdict,
    virtual_remarks,
)
from benchmarks.verdicts import contest
from benchmarks.verdicts.plugin import VERDICTS, problems
from benchmarks.verdicts.verdict import lines
from fixtures.run.options import NOTES
from fixtures.text.tables import table


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Print the comparison after pytest-benchmark's table, also when a gate has failed."""
    try:
        yield
    finally:
        benchmarks = session_of(config)
        benches = finished(config)
        verdicts = config.stash[VERDICTS]
        for group in dict.fromkeys([*(bench.group for bench in benches), *verdicts]):
            of_group = [bench for bench in benches if bench.group == group]
            about_scale = any("scaling" in bench.extra_info for bench in of_group)  # has tables of its own
            if group in verdicts or not about_scale:
                terminalreporter.write_sep("=", group)
            if of_group and not about_scale:
                terminalreporter.write_line("\n".join(comparison(of_group)))
            if group in verdicts:
                terminalreporter.write_line("\n".join(["", *lines(verdicts[group])]))
        told = {verdict.benchmark for every in verdicts.values() for verdict in every}
        for nodeid in sorted(lacking(terminalreporter, {bench.fullname for bench in benches}) - told):
            terminalreporter.write_line(f"{nodeid} failed, so the tables lack it.", red=True)
        if benchmarks.performance_regressions:
            slower = ", ".join(name for name, _ in benchmarks.performance_regressions)
            terminalreporter.write_line(f"Slower than the stored run by more than is allowed: {slower}.", red=True)
        absent = [] if config.option.collectonly else without_counterpart(benchmarks)
        for sentence in (*config.stash[NOTES], *absent):
            terminalreporter.write_line(sentence, yellow=True)
        for problem in problems(config):
            terminalreporter.write_line(problem, red=True)
            config.stash[SESSION].exitstatus = pytest.ExitCode.TESTS_FAILED


def lacking(terminalreporter: pytest.TerminalReporter, finished: Collection[str]) -> set[str]:
    """Return the ids of the benchmarks that failed before there was anything to show."""
    reports = (*terminalreporter.getreports("failed"), *terminalreporter.getreports("error"))
    return {report.nodeid for report in reports if "::test_strategy[" in report.nodeid} - set(finished)


def comparison(benchmarks: Sequence[Any]) -> list[str]:
    """Return the lines about strategies that ran on the same images and model, with their true numbers."""
    infos = {bench.extra_info["strategy"]: bench.extra_info for bench in benchmarks}
    seconds = {bench.extra_info["strategy"]: bench.stats.data for bench in benchmarks}
    images = len(next(iter(infos.values()))["answers"])
    left_out = f"({IMAGES_SHOWN} of {images} images shown, those with the largest errors)"
    return [
        provenance(infos),
        "",
        *table(final_comparison(infos, seconds)),
        "",
        *table(consistency_check(infos)),
        *([left_out] if images > IMAGES_SHOWN else []),
        *remarks(infos),
        "",
        verdict(infos, seconds),
        *contest.lines(infos, seconds),
        *kept_time(infos, seconds),
        *virtual_remarks(infos, seconds),
    ]
