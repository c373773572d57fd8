"""Threads are counted: the clock skips only while all of them wait, and never while one works."""

import asyncio
import multiprocessing
import multiprocessing.process
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import anyio.to_thread
import pytest
import tenacity

from fixtures.clock.clock import Clock, ClockLoop
from fixtures.clock.threads import count_threads
from tests.conftest import virtual_clock


def work() -> None:
    """Keep the processor busy for some real milliseconds."""
    sum(number * number for number in range(100_000))


def run_async(clock: Clock, main: Callable[[], object]) -> object:
    """Run a coroutine function on the clock, with its threads counted."""
    with count_threads(clock), asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        return runner.run(main())  # type: ignore[arg-type]


@pytest.mark.parametrize("to_thread", [asyncio.to_thread, anyio.to_thread.run_sync], ids=["asyncio", "anyio"])
def test_work_in_a_worker_thread_is_never_overtaken(to_thread: Callable[..., object]) -> None:
    """A time-out of a millisecond does not fire while a worker thread works, which takes no time on this clock."""
    clock = virtual_clock()

    async def main() -> None:
        async with asyncio.timeout(0.001):
            for _ in range(5):
                await to_thread(work)  # type: ignore[misc]

    run_async(clock, main)
    assert clock.now() == 0.0


@pytest.mark.parametrize("to_thread", [asyncio.to_thread, anyio.to_thread.run_sync], ids=["asyncio", "anyio"])
def test_waits_in_a_worker_thread_are_skipped(to_thread: Callable[..., object]) -> None:
    """A time-out of 5 seconds fires at 5 when a worker sleeps for 7, and not when it sleeps for 4."""
    clock = virtual_clock()

    async def main() -> list[str]:
        seen = []
        for seconds in (4, 7):
            try:
                async with asyncio.timeout(5):
                    await asyncio.gather(to_thread(partial(time.sleep, seconds)), asyncio.sleep(0))  # type: ignore[call-overload]
                seen.append(f"{seconds} s done at {clock.now()}")
            except TimeoutError:
                seen.append(f"{seconds} s given up at {clock.now()}")
        return seen

    assert run_async(clock, main) == ["4 s done at 4.0", "7 s given up at 9.0"]


def makespan(seconds: list[float], workers: int) -> float:
    """Return the makespan of a list schedule: each job goes to the worker that is free first."""
    free = [0.0] * workers
    for duration in seconds:
        free[free.index(min(free))] += duration
    return max(free)


def test_a_pool_of_four_replays_eight_waits_in_their_list_schedule() -> None:
    """Eight waits in a pool of four take the 10 s of their list schedule, in each of 20 trials."""
    seconds = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
    assert makespan(seconds, 4) == 10.0

    def request(duration: float) -> None:
        work()
        time.sleep(duration)

    for _ in range(20):
        clock = virtual_clock()
        with count_threads(clock), ThreadPoolExecutor(4) as pool:
            list(pool.map(request, seconds))
        assert clock.now() == 10.0


def test_time_sleep_in_synchronous_retries_is_skipped() -> None:
    """The waits of tenacity, 1, 2 and 4 seconds, are on the clock and take no real time."""
    clock = virtual_clock()
    attempts = []

    @tenacity.retry(wait=tenacity.wait_exponential(), stop=tenacity.stop_after_attempt(4), reraise=True)
    def request() -> None:
        attempts.append(clock.now())
        raise ConnectionError

    with count_threads(clock), pytest.raises(ConnectionError):
        request()
    assert attempts == [0.0, 1.0, 3.0, 7.0]


def test_time_shows_the_skipped_seconds() -> None:
    """The functions of `time` include the skipped seconds, to a microsecond."""
    clock = virtual_clock()
    spans = (time.monotonic, time.perf_counter), (time.monotonic_ns, time.perf_counter_ns)
    with count_threads(clock):
        seconds, nanoseconds = ([vars(time)[span.__name__]() for span in each] for each in spans)
        time.sleep(500)
        for span, before in zip(spans[0], seconds, strict=True):
            assert vars(time)[span.__name__]() - before == pytest.approx(500, abs=1e-6)
        for span, before in zip(spans[1], nanoseconds, strict=True):
            assert vars(time)[span.__name__]() - before == pytest.approx(500 * 10**9, abs=1000)
    assert time.monotonic() < seconds[0] + 500


def test_time_goes_on_from_where_it_was() -> None:
    """Readings of `time` from before the clock was installed can be compared with those on it."""
    clock = virtual_clock()
    clock.sleep_until(1000)
    seconds, nanoseconds = time.monotonic(), time.monotonic_ns()
    with count_threads(clock):
        assert time.monotonic() == pytest.approx(seconds, abs=100)
        assert time.monotonic_ns() == pytest.approx(nanoseconds, abs=100 * 10**9)


def test_a_skip_is_announced() -> None:
    """The callbacks of `on_skip` get the seconds of every skip; a deadline in the past is no skip."""
    clock, skips = virtual_clock(), list[float]()
    clock.on_skip.append(skips.append)
    for deadline in (3.0, 2.0, 7.5):
        clock.sleep_until(deadline)
    assert skips == [3.0, 4.5]


def test_joining_a_thread_waits_for_its_waits() -> None:
    """`Thread.join` lets the clock skip, and returns when the thread ends or at its time-out."""
    clock = virtual_clock()
    with count_threads(clock):
        thread = threading.Thread(target=time.sleep, args=(10,))
        thread.start()
        thread.join(4)
        assert (clock.now(), thread.is_alive()) == (4.0, True)
        thread.join()
        assert (clock.now(), thread.is_alive()) == (10.0, False)
        thread.join()
    assert clock.working == 1


def test_a_joining_thread_is_woken_before_time_is_skipped() -> None:
    """When a thread ends, the thread that joins it is woken before the clock skips further."""
    clock = virtual_clock()
    with count_threads(clock):
        short, long = (threading.Thread(target=time.sleep, args=(seconds,)) for seconds in (10, 100))
        short.start()
        long.start()
        short.join()
        assert clock.now() == 10.0
        long.join()
    assert clock.now() == 100.0


def test_time_outs_of_events_and_queues_are_on_the_clock() -> None:
    """Waits for an event, a queue or a semaphore that time out take their seconds on the clock."""
    clock = virtual_clock()
    with count_threads(clock):
        assert not threading.Event().wait(3)
        with pytest.raises(queue.Empty):
            queue.Queue[int]().get(timeout=4)
        assert not threading.Semaphore(0).acquire(timeout=5)
    assert clock.now() == 12.0


def test_a_woken_thread_counts_before_it_runs() -> None:
    """No time is skipped between setting an event and the waiter's waking, in any of 300 trials."""
    for _ in range(300):
        clock = virtual_clock()
        event = threading.Event()
        woken: list[float] = []

        def wait(event: threading.Event = event, woken: list[float] = woken, clock: Clock = clock) -> None:
            event.wait()
            woken.append(clock.now())

        with count_threads(clock):
            waiter = threading.Thread(target=wait)
            waiter.start()
            time.sleep(1)
            event.set()
            time.sleep(1)
            waiter.join()
        assert woken == [1.0]


def test_what_the_clock_cannot_see_holds_it() -> None:
    """A thread that waits for a lock counts as working, so the clock skips nothing."""
    clock = Clock()
    lock = threading.Lock()
    lock.acquire()
    started = clock.now()
    with count_threads(clock):
        thread = threading.Thread(target=lock.acquire)
        thread.start()
        clock.sleep_until(started + 0.05)
        assert clock.skipped == 0.0
        lock.release()
        thread.join()
        clock.sleep_until(started + 1000)
        assert clock.skipped > 900


def test_a_thread_that_is_given_up_does_not_wait_for_ever() -> None:
    """When counting ends, the waits of threads that are still running end too."""
    clock = virtual_clock()
    with count_threads(clock):
        thread = threading.Thread(target=time.sleep, args=(10,))
        thread.start()
        time.sleep(1)
        waiting = ThreadPoolExecutor(1).submit(threading.Event().wait, 20)
        time.sleep(1)
    thread.join(60)
    assert not thread.is_alive()
    assert not waiting.result(60), "it timed out"
    assert (clock.now(), clock.working) == (2.0, 1)


def test_a_thread_that_cannot_be_started_is_not_counted() -> None:
    """Python's own error is raised, and the clock still skips."""
    clock = virtual_clock()
    with count_threads(clock):
        thread = threading.Thread(target=work)
        thread.start()
        with pytest.raises(RuntimeError, match="once"):
            thread.start()
        thread.join()
        time.sleep(1000)
    assert (clock.now(), clock.working, len(clock.members)) == (1000.0, 1, 1)


def test_a_thread_that_is_not_counted_waits_as_ever() -> None:
    """Waits of an uncounted thread, and joining it, take real time; the threads it starts are not counted."""
    clock, begin, end, done = virtual_clock(), threading.Event(), threading.Event(), list[bool]()

    def run() -> None:
        begin.wait()
        done.append(threading.Event().wait(0.001))
        started = threading.Thread(target=work)
        started.start()
        with pytest.raises(RuntimeError, match="once"):
            started.start()
        started.join()
        end.wait()

    thread = threading.Thread(target=run)
    thread.start()
    with count_threads(clock):
        begin.set()
        thread.join(0.01)
        assert thread.is_alive()
    end.set()
    thread.join()
    assert done == [False]
    assert (clock.now(), clock.working) == (0.0, 1)


def test_threads_that_are_left_over_are_named() -> None:
    """Only threads that still run after all waits with a deadline have ended are listed."""
    event = threading.Event()
    with count_threads(virtual_clock()) as leftovers:
        for target, name in ((event.wait, "waits for ever"), (lambda: time.sleep(10), "sleeps"), (work, "works")):
            threading.Thread(target=target, name=name, daemon=True).start()
        time.sleep(1)
        assert leftovers == []
    assert leftovers == ["waits for ever"]
    event.set()


def test_a_thread_that_is_left_over_does_not_hold_another_clock() -> None:
    """The next clock skips although a thread of the last one still works."""
    lock = threading.Lock()
    lock.acquire()
    with count_threads(Clock()) as leftovers:
        left_over = threading.Thread(target=lock.acquire, name="works", daemon=True)
        left_over.start()
    assert leftovers == ["works"]
    clock = Clock()
    with count_threads(clock):
        time.sleep(1000)
    assert clock.skipped > 900
    lock.release()


def test_a_thread_that_is_not_counted_cannot_wait_on_the_clock() -> None:
    """`sleep_until` raises an error in an uncounted thread; its `time.sleep` takes real time."""
    clock, begin, errors = virtual_clock(), threading.Event(), list[str]()

    def run() -> None:
        begin.wait()
        time.sleep(0.001)
        try:
            clock.sleep_until(5)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=run, name="earlier")
    thread.start()
    with count_threads(clock):
        begin.set()
        thread.join()
    assert errors == ["The thread 'earlier' is not counted on this clock, so it cannot wait on it."]
    assert (clock.now(), clock.working) == (0.0, 1)


@pytest.mark.parametrize("started", ["subprocess", "multiprocessing"])
def test_a_process_is_waited_for_in_real_time(started: str) -> None:
    """Nothing is skipped while a child process runs; afterwards waits are skipped again."""
    clock = Clock()
    with count_threads(clock):
        if started == "subprocess":
            code = "import time; time.sleep(0.2); print('over')"
            program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
            while program.poll() is None:
                time.sleep(0.01)
            assert program.communicate()[0] == "over\n"
        else:
            process = multiprocessing.get_context("fork").Process(target=time.sleep, args=(0.2,))
            process.start()
            while process.is_alive():
                time.sleep(0.01)
            process.close()
        assert clock.skipped == 0.0
        time.sleep(1000)
    assert clock.skipped > 900


def test_everything_is_put_back() -> None:
    """After `count_threads`, also after an error, threads, processes, queues and `time` are Python's own."""

    def list_replaced() -> list[object]:
        return [
            time.sleep,
            time.monotonic,
            threading.Thread.start,
            threading.Thread.join,
            threading.Condition.wait,
            queue.SimpleQueue,
            subprocess.Popen.__init__,
            multiprocessing.process.BaseProcess.start,
        ]

    before = list_replaced()
    with pytest.raises(ZeroDivisionError), count_threads(virtual_clock()):
        raise ZeroDivisionError
    assert list_replaced() == before
