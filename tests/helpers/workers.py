"""A pytest plugin for scaling runs: a number of workers, exact seconds, and cases with injected events.

The environment variable `WORKERS` is the number of workers; `HAPPENS` has the events as JSON, by `STRATEGY-X`. The file
`LOG` gets a line with the process and the rounds for each case that starts, and one for each worker that is left at the
end.
"""

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.scaling import client, job, plugin
from benchmarks.scaling.job import Job, Outcome
from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock
from fixtures.run.record.record import Client


@pytest.fixture(autouse=True, scope="session")
def _workers() -> Iterator[None]:
    measure, run = client.measure_client, Job.__call__
    happens = json.loads(os.environ.get("HAPPENS", "{}"))
    if "interrupt" in happens.values():  # so that Ctrl-C arrives before the fork of the second case has returned
        os.register_at_fork(after_in_parent=lambda: time.sleep(0.2))

    def measure_and_log() -> Client:
        _log("client")
        return measure()

    def run_and_log(case: Job) -> Outcome:
        name = f"{case.case.strategy}-{case.case.x}"
        _log(name, case.rounds)
        _let_happen(happens.get(name, ""))
        return run(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugin, "count_workers", lambda: int(os.environ["WORKERS"]))
        patch.setattr(plugin, "measure_client", measure_and_log)
        patch.setattr(Job, "__call__", run_and_log)
        patch.setattr(job, "Clock", lambda _: Clock(lambda: 0.0))
        yield


def pytest_unconfigure() -> None:
    """Log the workers that are left."""
    for each in multiprocessing.active_children():
        _log(f"left-{each.pid}")


def _log(name: str, rounds: int = 0) -> None:
    with Path(os.environ["LOG"]).open("a") as file:
        file.write(f"{name} {os.getpid()} {rounds}\n")


def _let_happen(what: str) -> None:
    match what:
        case "refuse":
            raise RunError("No simulated server is free.")
        case "break":
            raise ValueError("a fault in the code")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stay":
            while True:
                signal.pause()
        case "interrupt":  # send SIGINT to the process group, as Ctrl-C does, once another case is running
            while len(Path(os.environ["LOG"]).read_text().splitlines()) < 3:
                time.sleep(0.01)
            os.killpg(os.getpgrp(), signal.SIGINT)
            _let_happen("stay")
