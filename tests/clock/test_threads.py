"""Threads are counted: those that wait let the clock skip, those that work are never overtaken."""

import asyncio
import queue
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
    """A time-out of a millisecond does not fire on a clock on which work takes no time."""
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
    """List scheduling: each job goes to the worker that is free first."""
    free = [0.0] * workers
    for duration in seconds:
        free[free.index(min(free))] += duration
    return max(free)


def test_a_pool_of_four_replays_eight_waits_in_their_list_schedule() -> None:
    """Eight waits in a pool of four take 10 s: 5 begins at 1, 9 at 1 (3, 1, 4, 1 first), every time."""
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
    """The back-off of tenacity, 1, 2 and 4 seconds shows on the clock and takes no real time."""
    clock = virtual_clock()
    attempts = []

    @tenacity.retry(wait=tenacity.wait_exponential(), stop=tenacity.stop_after_attempt(4), reraise=True)
    def request() -> None:
        attempts.append(clock.now())
        raise ConnectionError

    with count_threads(clock), pytest.raises(ConnectionError):
        request()
    assert attempts == [0.0, 1.0, 3.0, 7.0]


def test_time_tells_the_skipped_seconds() -> None:
    """A notebook that measures itself by `time` sees the seconds that the clock shows."""
    clock = virtual_clock()
    with count_threads(clock):
        before = (time.time(), time.monotonic(), time.perf_counter())
        time.sleep(500)
        after = (time.time(), time.monotonic(), time.perf_counter())
    assert all(500 <= later - earlier < 560 for earlier, later in zip(before, after, strict=True))
    assert time.monotonic() < after[1]


def test_joining_a_thread_waits_for_its_waits() -> None:
    """`Thread.join` lets the clock skip, and returns at the thread's end or at the time-out."""
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


def test_time_outs_of_events_and_queues_are_on_the_clock() -> None:
    """Waiting in vain for an event and for a queue's item takes the time-outs' seconds."""
    clock = virtual_clock()
    with count_threads(clock):
        assert not threading.Event().wait(3)
        with pytest.raises(queue.Empty):
            queue.Queue[int]().get(timeout=4)
        assert not threading.Semaphore(0).acquire(timeout=5)
    assert clock.now() == 12.0


def test_who_is_woken_counts_before_it_runs() -> None:
    """Between an event that is set and the waiter's waking no time is skipped, in any of 300 trials."""
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
    """Who waits for a lock counts as working: the clock runs on in real time instead of skipping."""
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
    """When the counting ends, so do the waits of threads that outlive it, on a clock that would never move again."""
    clock = virtual_clock()
    with count_threads(clock):
        thread = threading.Thread(target=time.sleep, args=(10,))
        thread.start()
        time.sleep(1)
    thread.join(60)
    assert not thread.is_alive()
    assert (clock.now(), clock.working) == (1.0, 1)


def test_everything_is_put_back() -> None:
    """Outside of `count_threads`, threads, queues and `time` are Python's own, also after an error."""
    before = (time.sleep, time.time, threading.Thread.start, threading.Condition.wait, queue.SimpleQueue)
    with pytest.raises(ZeroDivisionError), count_threads(virtual_clock()):
        raise ZeroDivisionError
    assert before == (time.sleep, time.time, threading.Thread.start, threading.Condition.wait, queue.SimpleQueue)
