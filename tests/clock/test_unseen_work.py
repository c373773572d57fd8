"""Work that the clock cannot detect takes real time, and waits that go on meanwhile still end on time."""

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
"""The seconds that are skipped before the undetected work begins."""
SECONDS = SKIPPED + 0.1
"""The seconds of the wait; the last 0.1 are real seconds."""
GIVEN_UP = 20.0
"""The real seconds after which the undetected work ends if the wait has not ended; without a fault it needs 0.1."""


def get_in_vain() -> None:
    """Wait for an item until the time-out."""
    with pytest.raises(queue.Empty):
        queue.Queue[None]().get(timeout=SECONDS)


def join_in_vain() -> None:
    """Wait until the time-out for a thread that ends later."""
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
    """A thread that waits for a lock after time was skipped; the clock cannot detect that wait."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.was_released = False

    def work(self) -> None:
        """Sleep, then wait for the lock in real time."""
        select.select([], [], [], 0.02)  # so that the other wait has begun
        time.sleep(SKIPPED)
        self.was_released = self.lock.acquire(timeout=GIVEN_UP)


@pytest.mark.parametrize("wait", WAITS)
def test_a_wait_in_a_thread_does_not_oversleep(wait: str) -> None:
    """A thread's wait ends after its seconds on the clock although another thread still works."""
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
    """The loop wakes when its first timer is due although a worker thread still works."""
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
    """If an event ends the wait with the earlier deadline, the other wait still ends on time."""
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
    """If an event ends the first of three waits, the second still ends on time, long before the third."""
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
    """Each step of a random program of threads and coroutines ends when the simulation computes."""
    assert find_difference(make_program(Random(seed))) is None
