"""`python -m benchmarks.costs.fidelity`: how well a replay keeps the recorded time, and how much faster it is.

It runs the suite as a user does, once a model, and prints every round's recorded and replayed seconds with their
ratio, and the recorded seconds divided by the wall seconds of the whole pytest process, start-up included. It exits
with 1 where a round is off by more than 0.5 % (10 ms where that is more).
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RELATIVE = 0.005
ABSOLUTE = 0.010
"""Seconds; the larger of the two bounds holds."""


def replay(model: str, folder: Path) -> tuple[list[dict[str, Any]], float]:
    """Replay a model's cassettes; return its benchmarks and the wall seconds of the process."""
    stored = folder / f"{model}.json"
    command = [sys.executable, "-m", "pytest", "benchmarks", f"--model={model}", f"--benchmark-json={stored}", "-q"]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own suite
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"The replay of {model} failed:\n{done.stdout}{done.stderr}")
    benchmarks: list[dict[str, Any]] = json.loads(stored.read_text())["benchmarks"]
    return benchmarks, seconds


def main() -> int:
    """Print the figures of each model that has cassettes."""
    models = sorted(path.name for path in Path("cassettes").iterdir() if path.is_dir())
    outside = 0
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            benchmarks, wall = replay(model, Path(folder))
            recorded_total = 0.0
            print(f"{model}\n{'strategy':14}  round  recorded s  replayed s     ratio")
            for benchmark in benchmarks:
                info = benchmark["extra_info"]
                pairs = zip(info["recorded_seconds"], benchmark["stats"]["data"], strict=True)
                for number, (recorded, replayed) in enumerate(pairs, start=1):
                    recorded_total += recorded
                    off = abs(replayed - recorded) > max(ABSOLUTE, RELATIVE * recorded)
                    outside += off
                    line = f"{info['strategy']:14}  {number:5}  {recorded:10.3f}  {replayed:10.3f}"
                    print(f"{line}  {replayed / recorded:8.5f}{' outside' if off else ''}")
            speed = f"{recorded_total:.1f} s recorded / {wall:.2f} s wall = {recorded_total / wall:.0f}"
            print(f"{speed} times faster than the recording\n")
    print(f"{outside} rounds outside 0.5 % (10 ms where that is more)")
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
