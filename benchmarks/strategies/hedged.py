"""Hedged: as `bounded`, and a request that takes unusually long is sent a second time; the first answer counts.

While all places are taken, nothing is hedged. Source: J. Dean and L. A. Barroso, The Tail at Scale, Communications of
the ACM 56 (2), 2013. The gain assumes that how long the second request takes is independent of the first.
"""

import asyncio
import math
from bisect import insort
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from google import genai

from benchmarks.strategies.asking import ask_async
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task

SLOWEST = 0.01
"""The share of answers that are the slowest few: a request that takes longer than all the others took is hedged.

Where the share is less than one answer, the slowest few are one.
"""
SLOWEST_AT_THE_END = 0.05
"""The same when no image waits any more, and places are free."""
LEAST = 10
"""The number of images that are answered before a request is hedged."""
MOST = 0.05
"""The largest share of images that are asked about twice; one image always may be."""
_ROUNDING = 1e-6
"""The seconds by which a timer may be early."""


async def hedged(client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Send `concurrency` requests at a time, hedges included; one that is slow now comes before the next image."""
    now = asyncio.get_running_loop().time
    queue, answers = _Queue(len(images)), dict[int, Answer]()
    running: dict[asyncio.Task[Answer], int] = {}

    def end(request: asyncio.Task[Answer]) -> None:
        number = running.pop(request)
        if request.cancelled():
            return
        answer, others = request.result(), [other for other, about in running.items() if about == number]
        if number in answers or (answer.reason is not None and others):
            return  # the other request was answered at the same time, or may yet be
        answers[number] = answer
        queue.note_answer(number, now())
        for other in others:
            other.cancel()

    try:
        while len(answers) < len(images):
            while len(running) < concurrency and (number := queue.take(now())) is not None:
                request = ask_async(client, images[number], task, partial(queue.watch, number))
                running[asyncio.create_task(request)] = number
            slow_at = queue.slow_at if len(running) < concurrency else math.inf
            timeout = None if math.isinf(slow_at) else max(0.0, slow_at - now())
            done, _ = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for ended in [each for each in running if each in done]:  # in the order in which they were sent
                end(ended)
    finally:
        for left in running:
            left.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return [answers[number] for number in range(len(images))]


class _Queue:
    """The images, by number, that are to be asked about: slow ones for the second time, then those that wait."""

    def __init__(self, images: int) -> None:
        self._waiting = deque(range(images))
        self._hedges = max(1, int(MOST * images))
        self._begun: dict[int, float] = {}
        """When the images were asked about that are under way and may be hedged, the oldest first."""
        self._hedged: dict[int, float] = {}
        """The same of those that are hedged."""
        self._seconds: list[float] = []
        """How long it took until an image was answered, sorted, of those none of whose requests failed."""

    @property
    def slow_at(self) -> float:
        """The moment at which the oldest request is slow; infinity where none may be hedged."""
        if not self._begun or not self._hedges or len(self._seconds) < LEAST:
            return math.inf
        few = max(1, int((SLOWEST if self._waiting else SLOWEST_AT_THE_END) * len(self._seconds)))
        return next(iter(self._begun.values())) + self._seconds[-few]

    def take(self, now: float) -> int | None:
        """Return the number of the image to ask about now; None where there is none."""
        if now >= self.slow_at - _ROUNDING:
            number = next(iter(self._begun))
            self._hedges -= 1
            self._hedged[number] = self._begun.pop(number)
            return number
        if not self._waiting:
            return None
        number = self._waiting.popleft()
        self._begun[number] = now
        return number

    @contextmanager
    def watch(self, number: int) -> Iterator[None]:
        """Forget an image where a request about it fails in this block."""
        try:
            yield
        except Exception:
            self.forget(number)
            raise

    def forget(self, number: int) -> None:
        """Neither hedge nor time an image any more, as after a failure: a retry waits as long as the server asks."""
        self._begun.pop(number, None)
        self._hedged.pop(number, None)

    def note_answer(self, number: int, now: float) -> None:
        """Note how long it took until an image was answered."""
        begun = self._begun.get(number, self._hedged.get(number))
        if begun is not None:
            insort(self._seconds, now - begun)
        self.forget(number)
