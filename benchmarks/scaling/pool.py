"""A pool of workers: each job runs in a forked process, before its result is needed."""

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
from threading import current_thread, main_thread
from typing import Generic, TypeVar

from fixtures.base.errors import RunError

MOST_WORKERS = 4
"""The largest number of workers at a time; each may need about 400 MB of memory."""
T = TypeVar("T")


class WorkerError(Exception):
    """Raised for an error in a worker that is not a `RunError`; its text is the worker's traceback."""


@dataclass(frozen=True)
class _Worker(Generic[T]):
    """A process that runs a job."""

    job: Callable[[], T]
    process: BaseProcess

    def kill(self) -> None:
        """Kill the process."""
        self.process.kill()  # a thread that the job left running would keep it alive
        self.process.join()


def count_workers() -> int:
    """Return the number of workers: the number of cores that this process may use, at most `MOST_WORKERS`.

    It is 1 on macOS and Windows, where processes cannot be forked safely.
    """
    return min(len(os.sched_getaffinity(0)), MOST_WORKERS) if sys.platform == "linux" else 1


class Pool(Generic[T]):
    """Runs jobs in their order, each in a separate process, `workers` at a time; with 1, jobs run in this process.

    A job whose result is requested starts next. Jobs are hashable; equal jobs have the same result.
    """

    def __init__(self, jobs: Iterable[Callable[[], T]], workers: int) -> None:
        self._workers = workers
        self._waiting = list(dict.fromkeys(jobs))
        self._running: dict[Connection, _Worker[T]] = {}
        self._results: dict[Callable[[], T], T | Exception] = {}

    def run(self, job: Callable[[], T]) -> T:
        """Return the result of a job, which may have run already; the others continue in the meantime.

        Raise the `RunError` that the job raised, or `WorkerError` for any other error in a worker.
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
        """Kill the running jobs, and start no others."""
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
            sender.close()  # so that the end of the process closes the pipe

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
    ends. Only the main thread can do this; no other thread is interrupted.
    """
    if current_thread() is not main_thread():
        yield
        return
    received: list[int] = []
    previous = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
        if received:
            signal.raise_signal(signal.SIGINT)


def _work(job: Callable[[], object], connection: Connection) -> None:
    """Run a job in a worker, and send its result or its error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first of them ends the others
    try:
        result = job()
    except RunError as error:
        connection.send(error)
    except Exception:  # noqa: BLE001 - an error may not be picklable
        connection.send(WorkerError(f"in a worker:\n{traceback.format_exc()}"))
    else:
        connection.send(result)
