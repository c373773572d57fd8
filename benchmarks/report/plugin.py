"""The end of a run: the verdicts, `--report`, the exit code, and the summary in the terminal."""

import shutil
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.history.plugin import get_stored, list_one_sided
from benchmarks.history.sessions import Session
from benchmarks.report.terminal.details import list_verdicts
from benchmarks.report.terminal.group import describe_group
from benchmarks.report.terminal.line import Line, make_sentences, wrap_lines, write_lines
from benchmarks.scaling.rows import DescribedQuestion, describe_scaling
from benchmarks.verdicts.plugin import get_verdicts, judge_run, list_problems
from benchmarks.verdicts.verdict import Verdict, count_findings
from fixtures.base.errors import RunError
from fixtures.bench.session import has_gate, hide_table, ignore_failed_gate, list_finished, list_regressions
from fixtures.run.contenders import get_folders
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.state import get_notes, list_benchmarks, note_not_stored

LEAST_STORED = 2
"""The least number of stored runs that are shown over time; for a single baseline, the verdict is enough."""
TABLE_OPTIONS = tuple(f"--benchmark-{what}" for what in ("sort", "columns", "group-by", "name", "histogram"))
"""The options of pytest-benchmark that shape its table."""
_WRITTEN = pytest.StashKey[str]()
"""The sentence with the path of the report."""
_NOT_WRITTEN = pytest.StashKey[list[str]]()
"""The sentences that say why there is no report or no stored run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--report`."""
    parser.getgroup("gemini").addoption(
        "--report", type=Path, metavar="DIR", help="write a page with figures, Markdown and CSV into this folder"
    )


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Judge the run, let pytest-benchmark store it, write the report, and set the exit code.

    The hook of pytest's terminal reporter is entered before this one, and prints after this one has finished.
    """
    judge_run(session.config)
    try:
        return (yield)
    except OSError as error:  # with a full disk, the summary is still printed
        sentence = f"The run was not stored: {error.strerror}. Correct this and run again."
        _note_not_written(session.config, sentence)
        note_not_stored(session.config)
        return None
    finally:
        _write_report(session.config)
        if list_failures(session.config):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def list_failures(config: pytest.Config) -> list[str]:
    """Return the reasons, a sentence each, why a run fails although its tests passed."""
    slower = list_regressions(config)
    return [
        *([f"Slower than the stored run by more than allowed: {', '.join(slower)}."] if slower else []),
        *list_problems(config),
        *config.stash.get(_NOT_WRITTEN, []),
    ]


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, None, None]:
    """Print the comparison after pytest-benchmark's table, if that is shown, even if its gate failed."""
    benchmarks, verdicts = list_benchmarks(config), get_verdicts(config)
    if not _shows_statistics(config, benchmarks):
        hide_table(config)
    with ignore_failed_gate():
        yield
    width, is_verbose = shutil.get_terminal_size().columns, config.get_verbosity() > 0
    questions = describe_scaling(benchmarks, None if is_verbose else width)
    scaling = [(each.title, _list_lines(each)) for each in questions]
    for title, lines in [*scaling, *_describe_groups(benchmarks, verdicts, width, is_verbose=is_verbose)]:
        terminalreporter.write_sep("=", title)
        write_lines(terminalreporter, wrap_lines(lines, width))
    judged = [verdict for found in verdicts.values() for verdict in found]
    shown = {each.fullname for each in benchmarks} | {each.benchmark for each in judged}
    for nodeid in sorted(_list_lacking(terminalreporter, shown)):
        terminalreporter.write_line(f"{nodeid} failed and is not in the tables.", red=True)
    one_sided = [] if config.option.collectonly else list_one_sided(config)
    for sentence in (*get_notes(config), *one_sided):
        terminalreporter.write_line(sentence, yellow=True)
    if judged:
        terminalreporter.write_line(count_findings(judged), bold=True)
    for sentence in list_failures(config):
        terminalreporter.write_line(sentence, red=True)
    if _WRITTEN in config.stash:
        terminalreporter.write_line(config.stash[_WRITTEN])


def _list_lines(question: DescribedQuestion) -> list[Line]:
    """Return the lines of a question about scale."""
    return [
        *make_sentences([question.origin]),
        Line(""),
        *map(Line, question.table),
        *make_sentences(question.explanations),
    ]


def _shows_statistics(config: pytest.Config, benchmarks: Sequence[Benchmark]) -> bool:
    """Return whether pytest-benchmark's table is shown, which repeats the suite's own table.

    It is shown with `-v`, with options for that table, with its regression gate, and if other tests have benchmarks.
    """
    is_asked = any(each.startswith(TABLE_OPTIONS) for each in config.invocation_params.args)
    others = list_finished(config) - {each.fullname for each in benchmarks}
    return config.get_verbosity() > 0 or is_asked or has_gate(config) or bool(others)


def _describe_groups(
    benchmarks: Sequence[Benchmark], verdicts: Mapping[str, Sequence[Verdict]], width: int, *, is_verbose: bool
) -> Iterator[tuple[str, list[Line]]]:
    """Yield the title and the lines of each group; a group whose benchmarks all failed has its verdicts only."""
    for group in dict.fromkeys([*(each.record.group for each in benchmarks), *verdicts]):
        members = [each for each in benchmarks if each.record.group == group and each.record.scaling is None]
        judged = verdicts.get(group, ())
        if members:
            yield group, describe_group(members, judged, width=width, is_verbose=is_verbose)
        elif judged:
            yield group, list_verdicts(judged)


def _list_lacking(terminalreporter: pytest.TerminalReporter, measured: Collection[str]) -> set[str]:
    """Return the ids of the benchmarks that failed without a result to show."""
    reports = (*terminalreporter.getreports("failed"), *terminalreporter.getreports("error"))
    return {report.nodeid for report in reports if "::test_strategy[" in report.nodeid} - set(measured)


def _write_report(config: pytest.Config) -> None:
    """Write the report if `--report` is given; keep the sentence with its path, or with the reason for a failure."""
    folder: Path | None = config.getoption("report")
    if folder is None:
        return
    from benchmarks.report.page import add_to_step_summary, write_page  # noqa: PLC0415 - matplotlib takes half a second

    benchmarks = list_benchmarks(config)
    if not benchmarks:
        get_notes(config).append("--report: no report was written, because no strategy finished.")
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
    """Return the stored runs and this one; an empty list if there are fewer than `LEAST_STORED` stored runs."""
    stored = get_stored(config)
    if len(stored) < LEAST_STORED:
        return []
    commit = config.hook.pytest_benchmark_generate_commit_info(config=config).get("id")
    benchmarks = {each.fullname: each for each in now}
    return [*stored, Session(Path("this run"), datetime.now(UTC), str(commit or "")[:8], benchmarks)]
