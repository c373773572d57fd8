"""Runs the suite as a user does, in a process of its own; and small image sets for it to run on."""

import hashlib
import io
import json
import os
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image as PillowImage

from tests.helpers.forks import run_python
from tests.helpers.prepared import PLUGINS
from tests.helpers.tasks import write_task

ID = "test_strategy[{model}-{images}-{strategy}]"
PUBLISHED = ("-k", "sequential or concurrent or single_prompt")
OWN = ("--cassette-dir", "--record-mode", "--live")
"""Options of runs that use other cassettes than the project's."""


@dataclass(frozen=True)
class Run:
    """The result of a run of the suite."""

    code: int
    output: str
    """Standard output and error."""
    benchmarks: dict[str, dict[str, Any]]
    """The stored benchmarks by strategy."""

    def seconds(self, strategy: str) -> list[float]:
        """Return the seconds of each round."""
        data: list[float] = self.benchmarks[strategy]["stats"]["data"]
        return data

    def info(self, strategy: str) -> dict[str, Any]:
        """Return a benchmark's `extra_info`."""
        info: dict[str, Any] = self.benchmarks[strategy]["extra_info"]
        return info


def run_suite(folder: Path, *options: str | Path, **environment: str) -> Run:
    """Run `pytest benchmarks`, and store its results in a folder.

    With other cassettes than the project's it runs the three published strategies, unless `-k` selects others.
    """
    stored = folder / "run.json"
    stored.unlink(missing_ok=True)
    command = ["-m", "pytest", "benchmarks", "-p", "no:cacheprovider", f"--benchmark-json={stored}"]
    if not any("--benchmark-storage" in str(option) for option in options):
        command.append(f"--benchmark-storage={folder / 'storage'}")
    if "-k" not in options and any(str(option).startswith(OWN) for option in options):
        command += PUBLISHED
    done = run_python([*command, *options], env=environment_of_users() | environment)
    benchmarks = json.loads(stored.read_text())["benchmarks"] if stored.exists() and stored.stat().st_size else []
    return Run(
        done.returncode,
        done.stdout + done.stderr,
        {benchmark["extra_info"]["strategy"]: benchmark for benchmark in benchmarks},
    )


def environment_of_users() -> dict[str, str]:
    """Return the environment without keys, variables set by the tests' own pytest, and its plugins.

    The terminal is wide enough for all sentences and columns.
    """
    left_out = ("_API_KEY", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.endswith(left_out) and "PYTEST" not in name}
    return kept | {"COLUMNS": "1000", "PYTEST_ADDOPTS": " ".join(f"-p no:{plugin}" for plugin in PLUGINS)}


def make_images(folder: Path, people: dict[str, int]) -> Path:
    """Write images of noise into a folder, as an image set with these truths; a name always gives the same image."""
    folder.mkdir(parents=True)
    digests = {}
    for name in people:
        buffer = io.BytesIO()
        PillowImage.frombytes("RGB", (64, 48), Random(name).randbytes(64 * 48 * 3)).save(buffer, "JPEG")
        (folder / name).write_bytes(buffer.getvalue())
        digests[name] = hashlib.sha256(buffer.getvalue()).hexdigest()
    return write_task(folder, truth=people, sha256=digests)
