"""The terminal's lines about a group of strategies, as text."""

from collections.abc import Sequence

from benchmarks.report.terminal.group import describe_group
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark


def show_group(
    benchmarks: Sequence[Benchmark], verdicts: Sequence[Verdict] = (), *, width: int = 80, is_verbose: bool = True
) -> list[str]:
    """Return the lines as text, with unwrapped sentences, and by default with all that `-v` adds."""
    return [line.text for line in describe_group(benchmarks, verdicts, width=width, is_verbose=is_verbose)]
