"""Random programs of threads and coroutines, run on the clock and by a simulation without threads.

`python -m tests.clock.random_programs [COUNT]` runs COUNT programs (default 1,500) and prints how many differ.
"""

import asyncio
import faulthandler
import heapq
import itertools
import queue
import select
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from fixtures.clock.clock import Clock, ClockLoop
from fixtures.clock.threads import count_threads

Kind = Literal["thread", "coroutine"]
Log = dict[tuple[int, int], tuple[float, bool]]
"""The time in seconds at which each step of each actor ended, and whether it succeeded (True) or timed out (False)."""
OBJECTS = 3
"""The number of events, of queues and of semaphores."""
DEPTH = 2
"""The maximum number of generations of actors after the first."""
THREADS = 5
"""The maximum number of threads; on one processor the pool of `asyncio.to_thread` has this many."""


@dataclass(frozen=True)
class Step:
    """One step of an actor, after a pause of random length, so that no two steps happen at once."""

    pause: float
    action: Literal["set", "wait", "put", "get", "acquire", "spawn", "join", "unseen", "work"]
    target: int = 0
    """The number of the event, queue, semaphore or actor."""
    timeout: float | None = None


@dataclass(frozen=True)
class Actor:
    """A thread or a coroutine."""

    kind: Kind
    steps: list[Step] = field(default_factory=list)


def make_program(random: Random) -> list[Actor]:
    """Return the actors of a random program; the first one starts the others."""
    actors: list[Actor] = []
    _add_actor(actors, random.choice(("thread", "coroutine")), 0, random)
    return actors


def _add_actor(actors: list[Actor], kind: Kind, depth: int, random: Random) -> int:
    number, actor = len(actors), Actor(kind)
    actors.append(actor)
    children: list[int] = []
    for _ in range(random.randint(2, 7)):
        action = random.choice(("set", "wait", "put", "get", "acquire", "spawn", "join", "unseen", "work"))
        target = random.randrange(OBJECTS)
        if action == "spawn":
            if depth == DEPTH or sum(each.kind == "thread" for each in actors) >= THREADS:
                continue
            child = "thread" if kind == "thread" else random.choice(("thread", "coroutine"))
            target = _add_actor(actors, child, depth + 1, random)  # type: ignore[arg-type]
            children.append(target)
        elif action == "join":
            if not children:
                continue
            target = random.choice(children)
        actor.steps.append(Step(random.uniform(0.1, 10), action, target, random.uniform(0.1, 15)))  # type: ignore[arg-type]
    actor.steps.extend(Step(random.uniform(0.1, 1), "join", child) for child in children)
    return number


class _Programs:
    """The state that the actors of one program share while it runs on a clock."""

    def __init__(self, actors: list[Actor], clock: Clock) -> None:
        self.actors = actors
        self.clock = clock
        self.start = clock.now()
        self.log: Log = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self.events = [threading.Event() for _ in range(OBJECTS)]
        self.queues: list[queue.Queue[None]] = [queue.Queue() for _ in range(OBJECTS)]
        self.semaphores = [threading.Semaphore() for _ in range(OBJECTS)]
        self.async_events = [asyncio.Event() for _ in range(OBJECTS)]
        self.async_queues: list[asyncio.Queue[None]] = [asyncio.Queue() for _ in range(OBJECTS)]
        self.async_semaphores = [asyncio.Semaphore() for _ in range(OBJECTS)]

    def note(self, actor: int, step: int, *, succeeded: bool) -> None:
        self.log[actor, step] = (self.clock.now() - self.start, succeeded)

    def run_thread(self, number: int) -> None:
        children: dict[int, threading.Thread] = {}
        for index, step in enumerate(self.actors[number].steps):
            time.sleep(step.pause)
            self.note(number, index, succeeded=self._do(step, children))

    def _do(self, step: Step, children: dict[int, threading.Thread]) -> bool:
        match step.action:
            case "set":
                self.events[step.target].set()
                if self.loop is not None:
                    self.loop.call_soon_threadsafe(self.async_events[step.target].set)
            case "wait":
                return self.events[step.target].wait(step.timeout)
            case "put":
                self.queues[step.target].put(None)
            case "get":
                try:
                    self.queues[step.target].get(timeout=step.timeout)
                except queue.Empty:
                    return False
            case "acquire":
                return self.semaphores[step.target].acquire(timeout=step.timeout)
            case "spawn":
                children[step.target] = threading.Thread(target=self.run_thread, args=(step.target,))
                children[step.target].start()
            case "join":
                children[step.target].join(step.timeout)
                return not children[step.target].is_alive()
            case _:
                _work(step)
        return True

    async def run_coroutine(self, number: int) -> None:
        children: dict[int, asyncio.Future[None]] = {}
        for index, step in enumerate(self.actors[number].steps):
            await asyncio.sleep(step.pause)
            self.note(number, index, succeeded=await self._do_async(step, children))

    async def _do_async(self, step: Step, children: dict[int, asyncio.Future[None]]) -> bool:
        match step.action:
            case "set":
                self.events[step.target].set()
                self.async_events[step.target].set()
            case "put":
                self.async_queues[step.target].put_nowait(None)
            case "spawn":
                is_thread = self.actors[step.target].kind == "thread"
                run = asyncio.to_thread(self.run_thread, step.target) if is_thread else self.run_coroutine(step.target)
                children[step.target] = asyncio.ensure_future(run)
            case "join":
                await asyncio.wait([children[step.target]], timeout=step.timeout)
                return children[step.target].done()
            case "wait" | "get" | "acquire":
                waits = {"wait": self.async_events, "get": self.async_queues, "acquire": self.async_semaphores}
                target: Any = waits[step.action][step.target]  # type: ignore[index]
                try:
                    await asyncio.wait_for(getattr(target, step.action)(), step.timeout)
                except TimeoutError:
                    return False
            case _:
                _work(step)
        return True


def _work(step: Step) -> None:
    """Work, or wait in a way that the clock cannot detect; on a virtual clock both take no time."""
    if step.action == "unseen":
        select.select([], [], [], 0.0005)
    else:
        sum(range(1000))


def run_program(actors: list[Actor]) -> Log:
    """Run a program on a purely virtual clock."""
    clock = Clock(lambda: 0.0)
    programs = _Programs(actors, clock)
    with count_threads(clock):
        if actors[0].kind == "thread":
            programs.run_thread(0)
        else:
            with asyncio.Runner(loop_factory=lambda: ClockLoop(clock)) as runner:
                programs.loop = runner.get_loop()
                runner.run(programs.run_coroutine(0))
    return programs.log


class _Simulation:
    """Computes the log of a program with an agenda of events."""

    def __init__(self, actors: list[Actor]) -> None:
        self.actors = actors
        self.log: Log = {}
        self.now = 0.0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._set: set[int] = set()
        self._free: dict[tuple[str, Kind, int], int] = {
            ("acquire", kind, number): 1 for kind in ("thread", "coroutine") for number in range(OBJECTS)
        }
        """The items in each queue and the permits of each semaphore; threads and coroutines have their own."""
        self._waiting: dict[tuple[str, Kind, int], list[Callable[[], None]]] = {}
        self._over: set[int] = set()

    def run(self) -> Log:
        self._begin(0, 0)
        while self._agenda:
            self.now, _, act = heapq.heappop(self._agenda)
            act()
        return self.log

    def _at(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (seconds, next(self._order), act))

    def _begin(self, actor: int, index: int) -> None:
        if index < len(self.actors[actor].steps):
            self._at(self.now + self.actors[actor].steps[index].pause, lambda: self._act(actor, index))
        else:
            self._over.add(actor)
            for kind in ("thread", "coroutine"):
                self._wake_all(("join", kind, actor))

    def _end(self, actor: int, index: int, *, succeeded: bool) -> None:
        self.log[actor, index] = (self.now, succeeded)
        self._begin(actor, index + 1)

    def _act(self, actor: int, index: int) -> None:
        step, kind = self.actors[actor].steps[index], self.actors[actor].kind
        match step.action:
            case "set":
                self._set.add(step.target)
                self._wake_all(("wait", "thread", step.target))
                self._wake_all(("wait", "coroutine", step.target))
            case "put":
                waiting = self._waiting.get(("get", kind, step.target))
                if waiting:
                    waiting.pop(0)()
                else:
                    self._free["get", kind, step.target] = self._free.get(("get", kind, step.target), 0) + 1
            case "spawn":
                self._begin(step.target, 0)
            case "wait" | "join":
                done = step.target in (self._set if step.action == "wait" else self._over)
                self._wait_for((step.action, kind, step.target), step, actor, index, done=done)
                return
            case "get" | "acquire":
                key = (step.action, kind, step.target)
                free = self._free.get(key, 0) > 0
                if free:
                    self._free[key] -= 1
                self._wait_for(key, step, actor, index, done=free)
                return
            case _:
                pass
        self._end(actor, index, succeeded=True)

    def _wake_all(self, key: tuple[str, Kind, int]) -> None:
        for resume in self._waiting.pop(key, []):
            resume()

    def _wait_for(self, key: tuple[str, Kind, int], step: Step, actor: int, index: int, *, done: bool) -> None:
        if done:
            self._end(actor, index, succeeded=True)
            return
        waiting = self._waiting.setdefault(key, [])

        def resume() -> None:
            over.append(True)
            self._end(actor, index, succeeded=True)

        def give_up() -> None:
            if not over:
                waiting.remove(resume)
                self._end(actor, index, succeeded=False)

        over: list[bool] = []
        waiting.append(resume)
        if step.timeout is not None:
            self._at(self.now + step.timeout, give_up)


def find_difference(actors: list[Actor]) -> str | None:
    """Return how the clock's log of a program differs from the simulation's; None if it does not."""
    expected, found = _Simulation(actors).run(), run_program(actors)
    return _compare(expected, found)


def _compare(expected: Mapping[tuple[int, int], tuple[float, bool]], found: Log) -> str | None:
    if expected.keys() != found.keys():
        return f"other steps were run: {sorted(expected.keys() ^ found.keys())}"
    for step, (seconds, succeeded) in expected.items():
        # A queue splits its time-out in two, which changes the last digits.
        if abs(found[step][0] - seconds) > 1e-6 or found[step][1] != succeeded:
            return f"step {step} was over at {found[step]} instead of {(seconds, succeeded)}"
    return None


def main() -> None:
    """Run the programs, and exit with 1 if one of them differs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    wrong = 0
    steps = 0
    for seed in range(count):
        faulthandler.dump_traceback_later(60, exit=True)  # ends a program that hangs
        actors = make_program(Random(seed))
        steps += sum(len(actor.steps) for actor in actors)
        if (difference := find_difference(actors)) is not None:
            wrong += 1
            print(f"program {seed}: {difference}")
    print(f"{count:,} programs of {steps:,} steps: {wrong} differ")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
