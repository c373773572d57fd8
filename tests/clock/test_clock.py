"""The clock shows the seconds waited, skips them, and does not skip past work that is still going on."""

import _thread
import asyncio
import gc
import os
import signal
import socket
import threading
import time
from contextvars import ContextVar, copy_context

import pytest

from fixtures.clock.clock import Clock, ClockLoop, Wait
from fixtures.clock.references import ORIGINALS
from fixtures.clock.threads import count_threads
from tests.conftest import virtual_clock


def now() -> float:
    """Return the seconds on the running loop's clock."""
    return asyncio.get_running_loop().time()


def work(clock: Clock, seconds: float) -> None:
    """Keep the processor busy for real seconds."""
    end = clock.now() + seconds
    while clock.now() < end:
        pass


async def test_a_wait_takes_its_seconds_on_the_clock_and_no_real_ones() -> None:
    """An hour's sleep is over at once, and the clock shows the hour."""
    started = time.monotonic()
    await asyncio.sleep(3600)
    assert now() == 3600.0
    assert time.monotonic() - started < 60


async def test_waits_one_after_another_add_up() -> None:
    """Sequential waits take their sum."""
    for seconds in (1.0, 2.5, 4.0):
        await asyncio.sleep(seconds)
    assert now() == 7.5


async def test_overlapping_waits_take_the_longest() -> None:
    """Concurrent waits take their maximum, and end in the order of their lengths."""
    ended: list[tuple[float, float]] = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        ended.append((seconds, now()))

    await asyncio.gather(wait(3), wait(1), wait(2))
    assert ended == [(1, 1.0), (2, 2.0), (3, 3.0)]


async def test_a_semaphore_queues() -> None:
    """10,000 waits of a second through a semaphore of 64 take 157 seconds: ceil(10,000 / 64)."""
    semaphore = asyncio.Semaphore(64)

    async def wait() -> None:
        async with semaphore:
            await asyncio.sleep(1)

    await asyncio.gather(*(wait() for _ in range(10_000)))
    assert now() == 157.0


async def test_a_sliding_window_takes_its_list_schedule() -> None:
    """Waits of 3, 1, 4, 1 and 5 s, two at a time, take 9 s: each starts when an earlier one ends."""
    semaphore = asyncio.Semaphore(2)

    async def wait(seconds: float) -> None:
        async with semaphore:
            await asyncio.sleep(seconds)

    await asyncio.gather(*map(wait, (3, 1, 4, 1, 5)))
    # 3 from 0 to 3, 1 from 0 to 1, 4 from 1 to 5, 1 from 3 to 4, 5 from 4 to 9.
    assert now() == 9.0


async def test_a_timeout_fires_when_the_wait_is_longer() -> None:
    """A time-out of 5 seconds ends a wait of 5.1, at 5."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5):
            await asyncio.sleep(5.1)
    assert now() == 5.0


async def test_a_timeout_does_not_fire_when_the_wait_is_shorter() -> None:
    """A time-out of 5 seconds leaves a wait of 4.9 alone."""
    async with asyncio.timeout(5):
        await asyncio.sleep(4.9)
    assert now() == 4.9


async def test_wait_until_ends_at_the_very_deadline() -> None:
    """`wait_until` ends exactly at its deadline, without rounding errors from earlier waits."""
    await asyncio.sleep(0.1)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    await loop.clock.wait_until(0.7)
    assert now() == 0.7


async def test_wait_until_a_moment_that_has_passed_returns_at_once() -> None:
    """A deadline in the past does not move the clock."""
    await asyncio.sleep(2)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    await loop.clock.wait_until(1.0)
    assert now() == 2.0


def test_another_thread_wakes_the_loop_before_it_has_waited_and_with_its_context() -> None:
    """A callback scheduled before the loop runs is called, in the given context."""
    name = ContextVar("name", default="the loop's")
    context = copy_context()
    context.run(name.set, "the caller's")
    found: list[str] = []
    with asyncio.Runner(loop_factory=lambda: ClockLoop(virtual_clock())) as runner:
        runner.get_loop().call_soon_threadsafe(lambda: found.append(name.get()), context=context)
        runner.run(asyncio.sleep(1))
    assert found == ["the caller's"]


async def test_a_cancelled_wait_leaves_no_trace() -> None:
    """A wait of 10 s that is cancelled after 1 s does not move the clock to 10."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    task = asyncio.create_task(loop.clock.wait_until(10.0))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert now() == 1.0


async def test_sockets_are_waited_for_and_not_overtaken() -> None:
    """A time-out of an hour does not fire while an answer from a socket is still to come."""
    left, right = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=left)
    answer = threading.Timer(0.05, right.sendall, (b"answer\n",))
    answer.start()
    async with asyncio.timeout(3600):
        assert await reader.readline() == b"answer\n"
    assert now() == 0.0
    answer.join()
    writer.close()
    await writer.wait_closed()
    right.close()


async def test_a_timer_beside_an_idle_socket_is_due_on_the_clock() -> None:
    """With an open socket a timer waits in real time, and ends at its deadline on the clock."""
    left, right = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=left)
    await asyncio.sleep(0.01)
    assert now() == 0.01
    writer.close()
    await writer.wait_closed()
    right.close()


def test_synchronous_waits_are_skipped_too() -> None:
    """`sleep_until` skips waits without an event loop."""
    clock = virtual_clock()
    clock.sleep_until(100.0)
    clock.sleep_until(50.0)
    assert clock.now() == 100.0


def test_a_skip_is_what_is_left_to_the_deadline() -> None:
    """Only the time that is left until the deadline is skipped."""
    clock = Clock(lambda: 5.0)
    clock.sleep_until(8.0)
    assert (clock.now(), clock.skipped) == (8.0, 3.0)


def test_a_wait_that_was_ended_before_it_began_is_over() -> None:
    """A wait that was released before it began takes no time and does not time out."""
    clock = virtual_clock()
    wait = Wait(clock)
    wait.release()
    assert clock.wait(wait, 5.0)
    assert clock.now() == 0.0


def test_work_between_waits_takes_real_time() -> None:
    """On the hybrid clock, 20 ms of work between two waits of 5 s give at least 10.02 s."""
    clock = Clock()
    started = clock.now()

    async def main() -> None:
        await asyncio.sleep(5)
        work(clock, 0.02)
        await asyncio.sleep(5)

    with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        runner.run(main())
    assert clock.now() - started >= 10.02


def test_work_during_a_wait_is_part_of_the_wait() -> None:
    """Work of one task during another's wait does not prolong the wait."""
    clock = Clock()
    started = clock.now()
    over: list[float] = []

    async def main() -> None:
        waiting = asyncio.create_task(asyncio.sleep(30))
        await asyncio.sleep(0)
        work(clock, 0.02)
        over.append(clock.now() - started)
        await waiting

    with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        runner.run(main())
    assert over[0] < 30
    assert clock.now() - started >= 30


def test_the_hybrid_clock_never_runs_backwards() -> None:
    """Readings of the clock after each of 200 steps never decrease."""
    clock = Clock()
    readings = [clock.now()]
    for step in range(200):
        clock.sleep_until(clock.now() + (step % 3) * 0.7)
        readings.append(clock.now())
    assert readings == sorted(readings)


def test_without_skipping_waits_take_real_time() -> None:
    """With `skip=False`, waits take real time and nothing is skipped."""
    clock = Clock(skip=False)
    started = time.perf_counter()

    async def main() -> None:
        await clock.wait_until(clock.now() + 0.02)

    with count_threads(clock), asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
        runner.run(main())
        clock.sleep_until(clock.now() + 0.02)
    assert time.perf_counter() - started >= 0.04
    assert clock.skipped == 0.0


def test_a_signal_s_handler_is_called_while_nothing_else_is_due() -> None:
    """A handler added with `loop.add_signal_handler` is called on a loop that waits for nothing else."""

    async def main() -> int:
        loop = asyncio.get_running_loop()
        received: asyncio.Future[int] = loop.create_future()
        loop.add_signal_handler(signal.SIGUSR1, received.set_result, 1)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        try:
            return await received
        finally:
            loop.remove_signal_handler(signal.SIGUSR1)

    with asyncio.Runner(loop_factory=lambda: ClockLoop(virtual_clock())) as runner:
        assert runner.run(main()) == 1


def test_without_skipping_a_thread_sleeps_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread sleeps until the deadline, and not at all after it."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = Clock(lambda: 5.0, skip=False)
    for deadline in (5.25, 4.0):
        clock.sleep_until(deadline)
    assert slept == [0.25, 0.0]


def test_a_thread_that_blocks_without_a_deadline_looks_up_from_time_to_time() -> None:
    """`block(None)` returns after a while, so that a signal that arrived just before it is handled."""
    Wait(virtual_clock()).block(None)


def test_ctrl_c_ends_a_wait_that_nothing_else_would_end() -> None:
    """SIGINT interrupts a loop that would wait forever."""
    clock = virtual_clock()

    def interrupt() -> None:
        ORIGINALS["sleep"](0.1)
        os.kill(os.getpid(), signal.SIGINT)

    async def wait_for_ever() -> None:
        # Started here, so that the interrupt comes while the loop runs, and with `_thread`, so that it is not counted.
        _thread.start_new_thread(interrupt, ())
        await asyncio.Event().wait()

    # A shell starts jobs in the background with SIGINT ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with (
            pytest.raises(KeyboardInterrupt),
            count_threads(clock),
            asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner,
        ):
            runner.run(wait_for_ever())
    finally:
        signal.signal(signal.SIGINT, before)
    assert clock.working == 1
    gc.collect()  # an unawaited coroutine would warn here
