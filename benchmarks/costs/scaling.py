"""`python -m benchmarks.costs.scaling`: `pytest benchmarks -m scaling` in one process, and with one worker per core.

Each question runs on one core, without workers, and then on all cores. The script prints the CPU and wall seconds,
start-up included, the ratio of the wall seconds, and the peak memory in MiB of the largest process. It takes about
seven minutes on two cores, and needs Linux.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks.costs.command_line import take_no_arguments

QUESTIONS = ("images", "requests_at_a_time", "images_a_prompt", "rate_limits", "failures")
"""The names of the questions' tests, after `test_`."""


@dataclass(frozen=True)
class RunCost:
    """The cost of a run and of all processes that it starts."""

    cpu: float
    """User and system CPU seconds."""
    wall: float
    """Wall seconds."""
    mebibytes: float
    """The peak resident memory of the largest process in MiB."""


def measure_run(question: str, cores: set[int]) -> RunCost:
    """Run a question on these cores; exit if it fails."""
    # The bracket excludes tests whose names start with this name.
    options = ["-m", "scaling", "-k", f"test_{question}[", "-q", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "benchmarks", *options]
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
    finally:
        os.sched_setaffinity(0, mine)
    if process.returncode:
        sys.exit(f"The run failed: {' '.join(command)}")
    return RunCost(usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / 1024)


def main() -> None:
    """Print the costs of both ways, for each question and in total."""
    take_no_arguments("scaling", __doc__)
    if sys.platform != "linux":
        sys.exit("This script needs Linux: on other systems there are no workers.")
    cores = os.sched_getaffinity(0)
    print(f"{'':18}  {'one process':>24}  {f'{len(cores)} cores':>24}")
    print(f"{'':18}" + "     CPU s    wall s   MiB" * 2 + "  times faster", flush=True)
    total = [RunCost(0.0, 0.0, 0.0)] * 2
    for question in QUESTIONS:
        costs = [measure_run(question, {min(cores)}), measure_run(question, cores)]
        total = [_add(*pair) for pair in zip(total, costs, strict=True)]
        print(_format_row(question, costs), flush=True)
    print(_format_row("all", total))


def _add(one: RunCost, other: RunCost) -> RunCost:
    return RunCost(one.cpu + other.cpu, one.wall + other.wall, max(one.mebibytes, other.mebibytes))


def _format_row(name: str, costs: list[RunCost]) -> str:
    cells = "".join(f"  {each.cpu:8.1f}  {each.wall:8.1f}  {each.mebibytes:4.0f}" for each in costs)
    return f"{name:18}{cells}  {costs[0].wall / costs[1].wall:12.2f}"


if __name__ == "__main__":
    main()
