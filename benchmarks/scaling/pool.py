"""Workers: processes that are forked for one job each, and run jobs ahead of who asks for their results."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from fixtures.base.errors import RunError

MOST_WORKERS = 4
"""The most workers at a time; each may take some 400 MB of memory."""
T = TypeVar("T")


class WorkerError(Exception):
    """Raised for an error in a worker that is not a `RunError`; its text is the traceback there."""


@dataclass(frozen=True)
class _Worker(Generic[T]):
    """A process that runs a job."""

    job: Callable[[], T]
    process: BaseProcess

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()  # a thread that the job has left behind would keep it alive
        self.process.join()


def count_workers() -> int:
    """Return the number of workers: that of the cores this process may use, but not more than `MOST_WORKERS`.

    It is 1 where processes are not forked safely: on macOS and Windows.
    """
    return min(len(os.sched_getaffinity(0)), MOST_WORKERS) if sys.platform == "linux" else 1


class Pool(Generic[T]):
    """Runs jobs in their order, each in a process of its own, some at a time; a single worker is this process.

    The job that is asked for is the next to begin. Jobs are hashable, and equal where they have the same result.
    """

    def __init__(self, jobs: Iterable[Callable[[], T]], workers: int) -> None:
        self._workers = workers
        self._waiting = list(dict.fromkeys(jobs))
        self._running: dict[Connection, _Worker[T]] = {}
        self._results: dict[Callable[[], T], T | Exception] = {}

    def run(self, job: Callable[[], T]) -> T:
        """Return the result of a job, which may have been run before; the others go on while it is waited for.

        Raise the `RunError` that it raised, or `WorkerError` for any other error in a worker.
        """
        if self._workers == 1:
            return job()
        if job in self._waiting:
            self._waiting.remove(job)
        if job not in self._results and all(worker.job != job for worker in self._running.values()):
            self._waiting.insert(0, job)
        while job not in self._results:
            self._start_workers()
            for connection in wait(list(self._running)):
                assert isinstance(connection, Connection)  # noqa: S101 - `wait` takes other objects too
                self._receive(connection)
        result = self._results.pop(job)
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """End the jobs that are under way, and begin no others."""
        self._waiting.clear()
        while self._running:
            connection, worker = self._running.popitem()
            worker.kill()
            connection.close()

    def _start_workers(self) -> None:
        context = get_context("fork")
        while self._waiting and len(self._running) < self._workers:
            job = self._waiting.pop(0)
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(job, sender), daemon=True)
            with _defer_interrupts():
                process.start()
                self._running[receiver] = _Worker(job, process)
            sender.close()  # so that the end of the process is the end of what it sends

    def _receive(self, connection: Connection) -> None:
        worker = self._running.pop(connection)
        try:
            result = connection.recv()
        except (EOFError, OSError):
            worker.process.join()
            result = RunError(
                f"The process of this benchmark ended early (exit code {worker.process.exitcode}), perhaps because "
                "memory ran out. Run the benchmark alone, with -k."
            )
        worker.kill()
        connection.close()
        self._results[worker.job] = result


@contextmanager
def _defer_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended.

    Within it `KeyboardInterrupt` could be lost in a function that is called at a fork, or leave a process that nobody
    ends.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _work(job: Callable[[], object], connection: Connection) -> None:
    """Run a job in a worker, and send its result or its error.

    Ctrl-C reaches all processes, but is blocked in a worker from its fork on: the first process ends the others.
    """
    try:
        result = job()
    except RunError as error:
        connection.send(error)
    except Exception:  # noqa: BLE001 - not every error can be sent
        connection.send(WorkerError(f"in a worker:\n{traceback.format_exc()}"))
    else:
        connection.send(result)
