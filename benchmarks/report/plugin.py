"""The end of a run: verdicts, `--report` and the exit code when the tests are over, then all that is printed."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.history.plugin import get_stored, list_one_sided
from benchmarks.history.sessions import Session
from benchmarks.report.terminal import describe_group
from benchmarks.scaling.rows import describe_scaling
from benchmarks.verdicts.plugin import get_verdicts, judge_run, list_problems
from benchmarks.verdicts.verdict import Verdict, describe_verdicts
from fixtures.base.errors import RunError
from fixtures.bench.session import ignore_failed_gate, list_regressions
from fixtures.run.contenders import get_folders
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.state import get_notes, list_benchmarks, note_not_stored

LEAST_STORED = 2
"""The least stored runs that are shown over time: with a baseline alone, the verdict says it all."""
_WRITTEN = pytest.StashKey[str]()
"""The sentence that says where the report is."""
_NOT_WRITTEN = pytest.StashKey[list[str]]()
"""The sentences that say why there is no report, or no stored run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("gemini").addoption(
        "--report", type=Path, metavar="DIR", help="write a page with figures, Markdown and CSV into this folder"
    )


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Judge the run, let pytest-benchmark store it, write the report, and decide the exit code.

    The terminal's own hook is called first and prints when this one is through.
    """
    judge_run(session.config)
    try:
        return (yield)
    except OSError as error:  # a full disk is not to cost what is printed
        sentence = f"The run was not stored: {error.strerror}. Mend that, and run it again."
        _note_not_written(session.config, sentence)
        note_not_stored(session.config)
        return None
    finally:
        _write_report(session.config)
        if list_failures(session.config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def list_failures(config: pytest.Config) -> list[str]:
    """Return every sentence for which a run fails although its tests passed."""
    slower = list_regressions(config)
    return [
        *([f"Slower than the stored run by more than is allowed: {', '.join(slower)}."] if slower else []),
        *list_problems(config),
        *config.stash.get(_NOT_WRITTEN, []),
    ]


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Print the comparison after pytest-benchmark's table, also where its gate has failed."""
    with ignore_failed_gate():
        yield
    benchmarks, verdicts = list_benchmarks(config), get_verdicts(config)
    for title, lines in [*describe_scaling(benchmarks), *_describe_groups(benchmarks, verdicts)]:
        terminalreporter.write_sep("=", title)
        terminalreporter.write_line("\n".join(lines))
    judged = {verdict.benchmark for found in verdicts.values() for verdict in found}
    for nodeid in sorted(_list_lacking(terminalreporter, {each.fullname for each in benchmarks}) - judged):
        terminalreporter.write_line(f"{nodeid} failed; not in the tables.", red=True)
    one_sided = [] if config.option.collectonly else list_one_sided(config)
    for sentence in (*get_notes(config), *one_sided):
        terminalreporter.write_line(sentence, yellow=True)
    for sentence in list_failures(config):
        terminalreporter.write_line(sentence, red=True)
    if _WRITTEN in config.stash:
        terminalreporter.write_line(config.stash[_WRITTEN])


def _describe_groups(
    benchmarks: Sequence[Benchmark], verdicts: Mapping[str, Sequence[Verdict]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the lines of each group: the comparison of strategies, then the verdicts."""
    for group in dict.fromkeys([*(each.record.group for each in benchmarks), *verdicts]):
        members = [each for each in benchmarks if each.record.group == group and each.record.scaling is None]
        lines = describe_group(members) if members else []
        if group in verdicts:
            lines += ["", *describe_verdicts(verdicts[group])]
        if lines:
            yield group, lines


def _list_lacking(terminalreporter: pytest.TerminalReporter, measured: Collection[str]) -> set[str]:
    """Return the ids of the benchmarks that failed before there was anything to show."""
    reports = (*terminalreporter.getreports("failed"), *terminalreporter.getreports("error"))
    return {report.nodeid for report in reports if "::test_strategy[" in report.nodeid} - set(measured)


def _write_report(config: pytest.Config) -> None:
    """Write the report where it is asked for, and keep the sentence that says where it is, or why there is none."""
    folder: Path | None = config.getoption("report")
    if folder is None:
        return
    from benchmarks.report.page import add_to_step_summary, write_page  # noqa: PLC0415 - matplotlib takes half a second

    benchmarks = list_benchmarks(config)
    if not benchmarks:
        get_notes(config).append("--report: no strategy finished, so there is nothing to report.")
        return
    try:
        history, verdicts = _list_history(config, benchmarks), get_verdicts(config)
        page = write_page(benchmarks, folder, get_folders(config), history, verdicts)
        add_to_step_summary(folder)
        config.stash[_WRITTEN] = f"The report is in {page}."
    except RunError as error:
        _note_not_written(config, str(error))


def _note_not_written(config: pytest.Config, sentence: str) -> None:
    config.stash.setdefault(_NOT_WRITTEN, []).append(sentence)


def _list_history(config: pytest.Config, now: Sequence[Benchmark]) -> list[Session]:
    """Return the stored runs and this one; nothing where there are too few to be a history."""
    stored = get_stored(config)
    if len(stored) < LEAST_STORED:
        return []
    commit = config.hook.pytest_benchmark_generate_commit_info(config=config).get("id")
    benchmarks = {each.fullname: each for each in now}
    return [*stored, Session(Path("this run"), datetime.now(UTC), str(commit or "")[:8], benchmarks)]
