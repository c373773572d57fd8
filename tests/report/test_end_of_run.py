"""The summary of a run takes at most 25 lines per group, and shows pytest-benchmark's table only on request."""

import re
from pathlib import Path

import pytest

from tests.helpers.forks import run_python
from tests.helpers.suite import environment_of_users, run_suite

STORED = ("--benchmark-storage=.benchmarks", "--benchmark-compare=0001_baseline")
SELECTED = ("-k", "pro and threads")


def test_a_group_takes_at_most_25_lines_of_80_columns(tmp_path: Path) -> None:
    """Each bundled group fits into 25 lines of 80 characters, title included, when compared with the baseline."""
    run = run_suite(tmp_path, *STORED, "--fail-on-regression", COLUMNS="80")
    _, *groups = re.split(r"^=+ gemini-\S+, \w+ =+$", run.output.partition("\n52 benchmarks")[0], flags=re.MULTILINE)
    assert len(groups) == 4
    for text in groups:
        lines = text.strip("\n").splitlines()
        assert 1 + len(lines) <= 25, text
        assert max(map(len, lines)) <= 80, text


@pytest.mark.parametrize(
    "options", [("-v",), ("--benchmark-sort=name",), (*STORED, "--benchmark-compare-fail=mean:5%")], ids=str
)
def test_the_table_of_pytest_benchmark_is_shown_on_request(tmp_path: Path, options: tuple[str, ...]) -> None:
    """The table is shown with `-v`, with an option that shapes it, and with pytest-benchmark's own regression gate."""
    assert "Name (time in s)" in run_suite(tmp_path, *options, *SELECTED).output


def test_the_table_of_pytest_benchmark_is_left_out_by_default(tmp_path: Path) -> None:
    """The table is left out by default, even in a comparison with a stored run."""
    run = run_suite(tmp_path, *STORED, "--fail-on-regression", *SELECTED)
    assert run.code == 0, run.output
    assert "Name (time in s)" not in run.output


def test_benchmarks_of_other_tests_keep_the_table_of_pytest_benchmark(tmp_path: Path) -> None:
    """Benchmarks of other tests are not in the suite's own table, so pytest-benchmark's table is shown."""
    other = tmp_path / "test_other.py"
    other.write_text("def test_other(benchmark):\n    benchmark(sum, [1])\n", encoding="utf-8")
    done = run_python(["-m", "pytest", "-p", "no:cacheprovider", str(other)], env=environment_of_users())
    assert done.returncode == 0, done.stdout
    assert "Name (time in " in done.stdout
