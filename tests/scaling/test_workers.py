"""Cases run in workers before their tests, with the same results; a failure affects only its own test."""

import json
import os
import select
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from google import genai

from benchmarks.scaling.cases import list_cases
from benchmarks.scaling.job import Job
from benchmarks.strategies import STRATEGIES
from benchmarks.strategies.sequential import sequential
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.run.options.settings import Simulation
from fixtures.run.record.record import Client
from fixtures.tasks.task import Task
from tests.helpers.settings import PLAIN
from tests.helpers.suite import Run, run_suite

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are used only on Linux")
MODEL = "gemini-3.5-flash"
MEASURED = {"client_cpu_seconds", "scaling"}
"""The fields of a record with CPU seconds of this machine."""


@dataclass(frozen=True)
class Logged:
    """A run, and a log of the cases that began in it."""

    run: Run
    processes: dict[str, int]
    """The ids of processes by name: `STRATEGY-X` ran a case, `client` measured the client, `left-ID` did not end."""
    rounds: dict[str, int]
    """The number of rounds of each case in the log."""
    benchmarks: dict[str, dict[str, Any]]
    """The stored benchmarks by the name of the test."""


def run_cases(folder: Path, chosen: str, *options: str, workers: int = 2, **happens: str) -> Logged:
    """Run the chosen cases with this number of workers; `happens` has events to trigger in cases, by `STRATEGY_X`."""
    log = folder / "log"
    log.unlink(missing_ok=True)
    named = {name.replace("_", "-"): what for name, what in happens.items()}
    environment = {"WORKERS": str(workers), "HAPPENS": json.dumps(named), "LOG": str(log)}
    plugin = ("-p", "tests.helpers.workers")
    run = run_suite(
        folder,
        *plugin,
        "-m",
        "scaling",
        f"--model={MODEL}",
        "-k",
        f"test_images[ and {chosen}",
        *options,
        **environment,
    )
    began = [line.split() for line in log.read_text().splitlines()]
    stored = folder / "run.json"
    benchmarks = json.loads(stored.read_text())["benchmarks"] if stored.exists() and stored.stat().st_size else []
    return Logged(
        run,
        {name: int(process) for name, process, _ in began},
        {name: int(rounds) for name, _, rounds in began},
        {each["name"]: each for each in benchmarks},
    )


def runs(process: int) -> bool:
    """Return whether a process with this id exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_workers_give_the_results_of_a_run_in_one_process(tmp_path: Path) -> None:
    """Results from workers equal those of a run in one process, except for the CPU seconds."""
    chosen = "(bounded or streamed or files or chunked or batch or batch_files) and not 1000"
    alone, ahead = (run_cases(tmp_path, chosen, workers=workers) for workers in (1, 2))
    assert alone.run.code == ahead.run.code == 0, alone.run.output + ahead.run.output
    assert len(set(alone.processes.values())) == 1
    assert len(set(ahead.processes.values())) == len(ahead.processes) == 1 + 6 * 3
    assert list(alone.benchmarks) == list(ahead.benchmarks)
    for name, benchmark in alone.benchmarks.items():
        other = ahead.benchmarks[name]
        assert benchmark["stats"]["data"] == other["stats"]["data"]
        infos = [each["extra_info"] for each in (benchmark, other)]
        assert infos[0].keys() == infos[1].keys()
        assert all(infos[0][key] == infos[1][key] for key in infos[0].keys() - MEASURED)
        assert infos[0]["scaling"]["unanswered"] == infos[1]["scaling"]["unanswered"]


def test_the_client_is_measured_before_any_worker_begins(tmp_path: Path) -> None:
    """The client's CPU time is measured before any worker starts, because workers would slow it."""
    assert next(iter(run_cases(tmp_path, "bounded and (1] or 10])").processes)) == "client"


def test_time_in_which_another_process_uses_the_core_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time in which another process uses the core does not move the clock."""

    def lose_the_core(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
        select.select([], [], [], 0.3)
        return sequential(client, images, task)

    monkeypatch.setitem(STRATEGIES, "sequential", lose_the_core)
    simulation = Simulation("virtual")
    case = list_cases("images", simulation)[0]
    job = Job(MODEL, case, 1, replace(PLAIN, simulation=simulation), Client(cpu_seconds=0.001, image_bytes=2000.0))
    ((request,),) = [each.requests for each in job().rounds]
    assert request.start < 0.3


@pytest.mark.parametrize("workers", [1, 2])
def test_a_case_that_fails_fails_only_its_own_test(tmp_path: Path, workers: int) -> None:
    """A `RunError` in a case fails its test with one sentence; any other error fails it with a traceback."""
    done = run_cases(tmp_path, "bounded and not 1000", workers=workers, bounded_1="refuse", bounded_10="break")
    assert done.run.code == pytest.ExitCode.TESTS_FAILED
    assert "2 failed, 1 passed" in done.run.output
    assert list(done.benchmarks) == [f"test_images[{MODEL}-bounded-100]"]
    refused, broken = done.run.output.partition("= FAILURES =")[2].split("bounded-10] _")
    assert refused.splitlines()[2] == "No simulated server is free."
    assert "Traceback" not in refused
    assert "a fault in the code" in broken
    assert "in _let_happen" in broken or "tests/helpers/workers.py" in broken


def test_a_worker_that_is_killed_fails_only_the_test_of_its_case(tmp_path: Path) -> None:
    """A worker that is killed, as when memory runs out, fails only the test of its case."""
    done = run_cases(tmp_path, "bounded and not 1000", bounded_10="die")
    assert "1 failed, 2 passed" in done.run.output
    assert "The process of this benchmark ended early (exit code -9)" in done.run.output
    assert [name.rpartition("-")[2] for name in done.benchmarks] == ["1]", "100]"]


def test_only_chosen_cases_run_and_none_after_the_last_test(tmp_path: Path) -> None:
    """Only selected cases run; when `-x` ends the run, running cases are killed and no others start."""
    chosen = run_cases(tmp_path, "bounded and not 1000")
    assert set(chosen.processes) == {"client", "bounded-1", "bounded-10", "bounded-100"}
    stopped = run_cases(tmp_path, "bounded", "-x", bounded_1="refuse", bounded_10000="stay")
    assert stopped.run.code == pytest.ExitCode.TESTS_FAILED
    assert set(stopped.processes) <= {"client", "bounded-1", "bounded-10000"}
    assert not any(map(runs, stopped.processes.values()))


def test_an_interrupted_run_leaves_no_processes(tmp_path: Path) -> None:
    """After Ctrl-C no worker is left running."""
    done = run_cases(tmp_path, "bounded", bounded_1="interrupt", bounded_10000="stay")
    assert done.run.code == pytest.ExitCode.INTERRUPTED
    assert set(done.processes) == {"client", "bounded-1", "bounded-10000"}
    assert not any(map(runs, done.processes.values()))


def test_a_disabled_benchmark_runs_one_round_and_stores_nothing(tmp_path: Path) -> None:
    """With `--benchmark-disable` a case runs one round and stores nothing; its test still checks the result."""
    done = run_cases(tmp_path, "bounded and 10]", "--benchmark-disable")
    assert done.run.code == 0, done.run.output
    assert done.rounds["bounded-10"] == 1
    assert done.benchmarks == {}
