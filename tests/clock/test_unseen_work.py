"""What the clock cannot see takes its real time, and a wait that goes on meanwhile ends when its time has come."""

import asyncio
import queue
import select
import threading
import time
from collections.abc import Callable
from random import Random

import pytest

from fixtures.clock.clock import Clock, ClockLoop
from fixtures.clock.threads import count_threads
from tests.clock.random_programs import find_difference, make_program

PROGRAMS = 150
"""The number of random programs; `python -m tests.clock.random_programs` runs ten times as many."""
SKIPPED = 100.0
"""Seconds that are skipped before the work that the clock cannot see begins."""
SECONDS = SKIPPED + 0.1
"""Seconds that the wait takes; the last ones are real ones."""
GIVEN_UP = 20.0
"""Real seconds after which the unseen work ends although the wait has not; a wait without a fault needs 0.1."""


def get_in_vain() -> None:
    """Wait for an item that does not come."""
    with pytest.raises(queue.Empty):
        queue.Queue[None]().get(timeout=SECONDS)


def join_in_vain() -> None:
    """Wait for a thread that does not end in time."""
    threading.Thread(target=time.sleep, args=(2 * SECONDS,), daemon=True).start()
    threading.enumerate()[-1].join(SECONDS)


WAITS: dict[str, Callable[[], object]] = {
    "time.sleep": lambda: time.sleep(SECONDS),
    "Event.wait": lambda: threading.Event().wait(SECONDS),
    "Semaphore.acquire": lambda: threading.Semaphore(0).acquire(timeout=SECONDS),
    "Queue.get": get_in_vain,
    "Thread.join": join_in_vain,
}


class Unseen:
    """A thread that waits, once time was skipped, for a lock, which the clock cannot see."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.was_released = False

    def work(self) -> None:
        """Sleep, and then wait for the lock in real time."""
        select.select([], [], [], 0.02)  # so that the other wait has begun
        time.sleep(SKIPPED)
        self.was_released = self.lock.acquire(timeout=GIVEN_UP)


@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_in_a_thread_does_not_oversleep(wait: str) -> None:
    """It is over after its seconds on the clock although the other thread still works."""
    clock, unseen = Clock(), Unseen()

    def waits() -> None:
        WAITS[wait]()
        unseen.lock.release()

    with count_threads(clock):
        threads = [threading.Thread(target=target) for target in (waits, unseen.work)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert unseen.was_released, "the wait was not over before the work"


@pytest.mark.parametrize("is_timeout", [False, True], ids=["asyncio.sleep", "asyncio.timeout"])
def test_a_wait_in_a_coroutine_does_not_oversleep(*, is_timeout: bool) -> None:
    """The loop wakes when the first of its timers is due, although a worker thread still works."""
    clock, unseen = Clock(), Unseen()

    async def wait() -> None:
        if is_timeout:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await asyncio.Event().wait()
        else:
            await asyncio.sleep(SECONDS)
        unseen.lock.release()

    async def main() -> None:
        await asyncio.gather(asyncio.to_thread(unseen.work), wait())

    with count_threads(clock), asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        runner.run(main())
    assert unseen.was_released, "the wait was not over before the work"


def test_the_next_wait_takes_over_when_the_first_one_is_ended() -> None:
    """Of two waits the one with the earlier deadline is ended by an event; the other one still ends in time."""
    clock, unseen = Clock(), Unseen()
    event = threading.Event()

    def work() -> None:
        select.select([], [], [], 0.02)  # so that the other waits have begun
        time.sleep(SKIPPED)
        event.set()
        unseen.was_released = unseen.lock.acquire(timeout=GIVEN_UP)

    def wait() -> None:
        time.sleep(SECONDS + 0.02)
        unseen.lock.release()

    with count_threads(clock):
        targets = (work, wait, lambda: event.wait(SECONDS))
        threads = [threading.Thread(target=target) for target in targets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert unseen.was_released, "the wait was not over before the work"


def test_the_next_wait_takes_over_from_one_that_began_after_the_skip() -> None:
    """Of three waits the first one is ended by an event; the second one still ends long before the third."""
    clock, unseen = Clock(), Unseen()
    event = threading.Event()

    def wait() -> None:
        time.sleep(0.3)
        unseen.lock.release()

    def work() -> None:
        select.select([], [], [], 0.02)  # so that the longest wait has begun
        time.sleep(SKIPPED)
        for target in (lambda: event.wait(0.2), wait):
            threading.Thread(target=target).start()
            select.select([], [], [], 0.02)
        event.set()
        unseen.was_released = unseen.lock.acquire(timeout=GIVEN_UP)

    with count_threads(clock):
        threads = [threading.Thread(target=target) for target in (work, lambda: time.sleep(SKIPPED + 3 * GIVEN_UP))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert unseen.was_released, "the wait was not over before the work"


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_programs_take_their_exact_seconds(seed: int) -> None:
    """Threads and coroutines that wait, work and wait where the clock cannot see it end each step when they should."""
    assert find_difference(make_program(Random(seed))) is None
