"""Write the report of stored runs; with `--history`, compare them over time."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.history.groups import read_benchmarks
from benchmarks.history.series import build_histories
from benchmarks.history.sessions import read_sessions
from benchmarks.history.summary import answer_history, list_events, summarize_history
from benchmarks.report.page import write_history, write_page
from fixtures.base.errors import RunError
from fixtures.tasks.question import find_custom_kind

STORED = Path(".benchmarks")
"""The folder in which pytest-benchmark stores runs."""


def main() -> str | None:
    """Write the report; return an error message if it cannot be written, else None."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN.json", help="runs that pytest-benchmark stored")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("report"),
        metavar="DIR",
        help="folder of the report (default: report)",
    )
    parser.add_argument(
        "--history", action="store_true", help="compare runs over time; without RUN.json, all under .benchmarks"
    )
    parser.add_argument(
        "--over", choices=("date", "commit"), help="with --history: the horizontal axis of the figures (default: date)"
    )
    parser.add_argument("--task", metavar="MODULE:NAME", help="the kind of answer, if the runs were made with --task")
    arguments = parser.parse_args()
    if not arguments.history and arguments.over:
        parser.error("--over requires --history")
    if not arguments.history and not arguments.runs:
        parser.error("the following arguments are required: RUN.json")
    try:
        if arguments.task:
            find_custom_kind(arguments.task)
        if arguments.history:
            lines = _write_history(
                arguments.runs or sorted(STORED.rglob("*.json")), arguments.output, arguments.over or "date"
            )
        else:
            lines = [str(write_page(read_benchmarks(arguments.runs), arguments.output, {}))]
    except (RunError, ValueError) as error:
        return f"report: {str(error).rstrip('.')}."
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return None


def _write_history(paths: Sequence[Path], folder: Path, over: str) -> Iterable[str]:
    """Write the page; return the lines to print: its path, the findings over time, and the runs that are left out."""
    sessions, problems = read_sessions(paths)
    if not sessions:
        sys.stderr.writelines(f"{problem}\n" for problem in problems)
        raise RunError("no stored run can be used: store one with --benchmark-autosave, or name a file.")
    found = build_histories(sessions)
    lines = [str(write_history(found, folder, over))]
    for each in found:
        lines += ["", each.group.title, *answer_history(each), summarize_history(each)]
        lines += [f"{when}  {commit:8}  {strategy}: {what}" for when, strategy, what, commit in list_events(each).rows]
    return [*lines, *([""] if problems else []), *problems]


if __name__ == "__main__":
    sys.exit(main())
