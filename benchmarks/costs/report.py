"""`python -m benchmarks.costs.report`: the cost of the report, and of its plugin in a run without a report.

The script replays all cassettes without the report's plugin, with the plugin but without `--report`, and with
`--report`, alternately. It prints the wall seconds of each whole process (best of three) and their differences.
"""

import tempfile
from pathlib import Path

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.costs.replay import time_replay

TURNS = 3
"""The number of runs of each kind, of which the fastest counts."""


def main() -> None:
    """Print the seconds of each kind of run."""
    take_no_arguments("report", __doc__)
    with tempfile.TemporaryDirectory() as folder:
        kinds = {
            "without the plugin": ("-p", "no:benchmarks.report.plugin"),
            "without --report": (),
            "with --report": (f"--report={folder}",),
        }
        best = dict.fromkeys(kinds, float("inf"))
        for _ in range(TURNS):
            for kind, options in kinds.items():
                best[kind] = min(best[kind], time_replay(*options))
        figures = len(list(Path(folder).glob("*.svg")))
    for kind, seconds in best.items():
        print(f"{kind:20} {seconds:6.2f} s")
    bare, none, written = best.values()
    print(f"a run without --report takes {none / bare:.3f} times as long as one without the plugin")
    print(f"writing {figures} figures and the page takes {written - none:.2f} s")


if __name__ == "__main__":
    main()
