"""`python -m benchmarks.costs.fidelity`: how exactly a replay reproduces recorded times, and how much faster it is.

The script runs the suite once per model, as a user does. It prints the recorded and the replayed seconds of every round
with their ratio, and the recorded seconds divided by the wall seconds of the whole pytest process, start-up included.
The exit code is 1 if a round differs by more than 0.5 % or 10 ms, whichever is larger.
"""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.costs.replay import time_replay
from fixtures.run.record.benchmark import Benchmark, read_benchmark

RELATIVE = 0.005
"""The largest difference of a round, as a share of its recorded seconds."""
ABSOLUTE = 0.010
"""The largest difference of a round in seconds; the larger of the two bounds holds."""


def replay_model(model: str, folder: Path) -> tuple[list[Benchmark], float]:
    """Replay a model's cassettes; return its benchmarks and the wall seconds of the process."""
    path = folder / f"{model}.json"
    seconds = time_replay(f"--model={model}", f"--benchmark-json={path}")
    return [read_benchmark(each) for each in json.loads(path.read_text())["benchmarks"]], seconds


def main() -> int:
    """Print the figures of each model that has cassettes."""
    take_no_arguments("fidelity", __doc__)
    models = sorted(path.name for path in Path("cassettes").iterdir() if path.is_dir())
    outside = 0
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            benchmarks, wall = replay_model(model, Path(folder))
            recorded_total = 0.0
            print(f"{model}\n{'strategy':14}  round  recorded s  replayed s     ratio")
            for benchmark in benchmarks:
                rounds = zip(benchmark.record.recorded_seconds, benchmark.seconds, strict=True)
                for number, (recorded, replayed) in enumerate(rounds, start=1):
                    if recorded is None:
                        continue  # a cassette of another tool has no times of rounds
                    recorded_total += recorded
                    off = abs(replayed - recorded) > max(ABSOLUTE, RELATIVE * recorded)
                    outside += off
                    line = f"{benchmark.record.strategy:14}  {number:5}  {recorded:10.3f}  {replayed:10.3f}"
                    print(f"{line}  {replayed / recorded:8.5f}{' outside' if off else ''}")
            speed = f"{recorded_total:.1f} s recorded / {wall:.2f} s wall = {recorded_total / wall:.0f}"
            print(f"{speed} times faster than the recording\n")
    print(f"{outside} rounds outside 0.5 % (10 ms where that is more)")
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
