"""Hedged: like `bounded`, but a request that takes unusually long is sent a second time; the first answer counts.

Hedges count towards the concurrency. Source: J. Dean and L. A. Barroso, The Tail at Scale, Communications of the ACM
56 (2), 2013. The gain assumes that the latency of the second request is independent of the first's.
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
"""The share of the slowest answers: a request is hedged if it takes longer than the fastest of these took.

If the share is less than one answer, it is one answer.
"""
SLOWEST_AT_THE_END = 0.05
"""The same share when no images are waiting and places are free."""
LEAST = 10
"""The number of answered images before the first hedge."""
MOST = 0.05
"""The largest share of images that are asked about twice; at least one image may be."""
_ROUNDING = 1e-6
"""The number of seconds by which a timer may fire early."""


async def hedged(client: genai.Client, images: Sequence[Image], task: Task, *, concurrency: int = 8) -> list[Answer]:
    """Ask about the images with at most `concurrency` requests at a time; a hedge goes before the next image."""
    now = asyncio.get_running_loop().time
    queue, answers = _Queue(len(images)), dict[int, Answer]()
    running: dict[asyncio.Task[Answer], int] = {}

    def end(request: asyncio.Task[Answer]) -> None:
        number = running.pop(request)
        if request.cancelled():
            return
        answer, others = request.result(), [other for other, about in running.items() if about == number]
        if number in answers or (answer.reason is not None and others):
            return  # the other request has been answered in the same step, or may still be answered
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
    """The images to ask about next, by number: first those to be hedged, then those that are waiting."""

    def __init__(self, images: int) -> None:
        self._waiting = deque(range(images))
        self._hedges = max(1, int(MOST * images))
        self._begun: dict[int, float] = {}
        """The start times of the requests under way that may be hedged, by image, the oldest first."""
        self._hedged: dict[int, float] = {}
        """The start times of the first requests for images that were hedged, by image."""
        self._seconds: list[float] = []
        """The seconds until an answer, sorted, for the images without a failed request."""

    @property
    def slow_at(self) -> float:
        """The time at which the oldest request becomes slow; infinity if no request may be hedged."""
        if not self._begun or not self._hedges or len(self._seconds) < LEAST:
            return math.inf
        few = max(1, int((SLOWEST if self._waiting else SLOWEST_AT_THE_END) * len(self._seconds)))
        return next(iter(self._begun.values())) + self._seconds[-few]

    def take(self, now: float) -> int | None:
        """Return the number of the image to ask about now; None if there is none."""
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
        """Forget an image if a request about it fails in this block."""
        try:
            yield
        except Exception:
            self.forget(number)
            raise

    def forget(self, number: int) -> None:
        """Stop timing an image, and do not hedge it; after a failure its time includes the wait for the retry."""
        self._begun.pop(number, None)
        self._hedged.pop(number, None)

    def note_answer(self, number: int, now: float) -> None:
        """Add the seconds until the answer for an image, and stop timing it."""
        begun = self._begun.get(number, self._hedged.get(number))
        if begun is not None:
            insort(self._seconds, now - begun)
        self.forget(number)
