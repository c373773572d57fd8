"""`--report DIR`: write the report of the run just made. What draws is imported only then."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.history.sessions import Session
from benchmarks.history.stored_runs import SESSION, STORED, as_stored, finished
from benchmarks.verdicts.plugin import VERDICTS
from fixtures.base.errors import RunError
from fixtures.run.options import SETTINGS

LEAST_STORED = 2
"""Runs besides this one that are shown over time: with a baseline alone, the verdict says it all."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("gemini").addoption(
        "--report", type=Path, metavar="DIR", help="write a page with figures, Markdown and CSV into this folder"
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Write the report when everything else has been told, also when a gate has failed."""
    try:
        yield
    finally:
        folder: Path | None = config.getoption("report")
        if folder is not None:
            _write(terminalreporter, config, folder)


def _write(terminalreporter: pytest.TerminalReporter, config: pytest.Config, folder: Path) -> None:
    from benchmarks.report.page import to_step_summary, write  # noqa: PLC0415 - matplotlib takes half a second

    now = {bench.fullname: as_stored(bench) for bench in finished(config)}
    if not now:
        terminalreporter.write_line("--report: no strategy finished, so there is nothing to report.", red=True)
        return
    folders = {Path(name).resolve().name: name for name in config.stash[SETTINGS].image_sets}
    try:
        page = write([*now.values()], folder, folders, _history(config, now), config.stash[VERDICTS])
        to_step_summary(folder)
    except RunError as error:
        terminalreporter.write_line(str(error), red=True)
        config.stash[SESSION].exitstatus = pytest.ExitCode.TESTS_FAILED
        return
    terminalreporter.write_line(f"The report is in {page}.")


def _history(config: pytest.Config, now: dict[str, dict[str, Any]]) -> list[Session]:
    """Return the stored runs and this one; nothing where there are too few to be a history."""
    stored = config.stash[STORED]
    if len(stored) < LEAST_STORED:
        return []
    commit = config.hook.pytest_benchmark_generate_commit_info(config=config).get("id")
    return [*stored, Session(Path("this run"), datetime.now(UTC), str(commit or "")[:8], now)]
