"""`python -m benchmarks.costs.report`: what a report costs, and what a run pays that writes none.

It replays all cassettes as a user does, in turns: without the report's plugin, with the plugin but no `--report`, and
with it. It prints the wall seconds of each whole process, the best of three, and their differences.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

TURNS = 3


def replay(*options: str) -> float:
    """Run the suite; return the wall seconds of the process."""
    command = [sys.executable, "-m", "pytest", "benchmarks", "-q", "-p", "no:cacheprovider", *options]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own suite
    if done.returncode:
        sys.exit(f"The replay failed:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - started


def main() -> None:
    """Print the seconds of each kind of run."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = {
            "without the plugin": ("-p", "no:benchmarks.report.plugin"),
            "without --report": (),
            "with --report": (f"--report={folder}",),
        }
        best = dict.fromkeys(kinds, float("inf"))
        for _ in range(TURNS):
            for kind, options in kinds.items():
                best[kind] = min(best[kind], replay(*options))
        figures = len(list(Path(folder).glob("*.svg")))
    for kind, seconds in best.items():
        print(f"{kind:20} {seconds:6.2f} s")
    bare, none, written = best.values()
    print(f"a run that writes no report takes {none / bare:.3f} times as long as one without the plugin")
    print(f"writing {figures} figures and the page takes {written - none:.2f} s")


if __name__ == "__main__":
    main()
