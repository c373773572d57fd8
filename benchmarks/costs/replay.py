"""`python -m benchmarks.costs.replay CHECKOUT`: compare the wall time of `pytest benchmarks` with an earlier checkout.

Both checkouts replay alternately, in separate processes, with the Python of this script. It prints the wall seconds of
each run, start-up included, the medians and their ratio. The exit code is 1 if the ratio is above 1.1.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.costs.command_line import make_parser

PAIRS = 7
"""The number of runs of each checkout, after a warm-up."""
MOST = 1.1
"""The largest ratio of the medians that passes."""


def time_replay(*options: str, checkout: Path | None = None) -> float:
    """Replay the cassettes with these options of pytest; return the wall seconds, or exit if the replay fails.

    Without `checkout`, this project is replayed.
    """
    command = [sys.executable, "-m", "pytest", "benchmarks", "-q", "-p", "no:cacheprovider", *options]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"The replay failed ({' '.join(command)}):\n{done.stdout}{done.stderr}")
    return seconds


def main() -> int:
    """Print the seconds of both checkouts, pair by pair, and the ratio of their medians."""
    parser = make_parser("replay", __doc__)
    parser.add_argument("checkout", type=Path, help="the folder of an earlier checkout of this project")
    checkout = parser.parse_args().checkout
    if not (checkout / "benchmarks" / "test_strategies.py").is_file():
        parser.error(f"{checkout} is not a checkout of this project")
    pairs = [(time_replay(), time_replay(checkout=checkout)) for _ in range(PAIRS + 1)][1:]
    print(f"{'here s':>8}  {'there s':>8}")
    for here, there in pairs:
        print(f"{here:8.2f}  {there:8.2f}")
    here, there = (median(column) for column in zip(*pairs, strict=True))
    print(
        f"{here:8.2f}  {there:8.2f}  medians of {PAIRS}: {here / there:.3f} times the earlier checkout (at most {MOST})"
    )
    return int(here / there > MOST)


if __name__ == "__main__":
    sys.exit(main())
