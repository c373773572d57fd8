"""Adaptive: like `bounded`, with a concurrency that grows while requests succeed and shrinks after a 429."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus

from google import genai
from google.genai import errors

from benchmarks.strategies.asking import ask_async
from fixtures.exchange.answer import Answer
from fixtures.images.image import Image
from fixtures.tasks.task import Task

FIRST = 4
"""The concurrency at the beginning."""
GROWTH = 0.75
"""The growth of the concurrency per success until the first 429; it nearly doubles in each round trip."""
SLOW_GROWTH = 0.02
"""The growth of the concurrency per success after the first 429: 2 % in each round trip."""
DECREASE = 0.75
"""The factor by which a 429 reduces the concurrency."""
MOST = 1000
"""The largest concurrency; above it, the client's CPU time per request grows with the number of connections."""


async def adaptive(client: genai.Client, images: Sequence[Image], task: Task) -> list[Answer]:
    """Ask about few images at a time at first, then about as many as the server accepts."""
    limit = _Limit()

    async def ask(image: Image) -> Answer:
        async with limit:  # a request keeps its place while it waits for a retry
            return await ask_async(client, image, task, limit.watch)

    return await asyncio.gather(*map(ask, images))


class _Limit:
    """A semaphore whose number of places grows with each success and shrinks after a 429.

    It shrinks once per episode: a 429 is ignored if its request was sent before the number last shrank. (TCP treats
    lost packets in this way: S. Floyd and T. Henderson, RFC 2582, 1999.)
    """

    def __init__(self) -> None:
        self._places = float(FIRST)
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._decreased: float | None = None

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Grow if the request in this block succeeds, and shrink if it gets a 429."""
        begun = asyncio.get_running_loop().time()
        try:
            yield
        except errors.APIError as error:
            if error.code == HTTPStatus.TOO_MANY_REQUESTS:
                self._decrease(begun)
            raise
        self._places = min(MOST, self._places + (GROWTH if self._decreased is None else SLOW_GROWTH))

    def _decrease(self, begun: float) -> None:
        """Shrink after a 429 to a request that began at this time of the event loop."""
        if self._decreased is None or begun >= self._decreased:
            self._places = max(1.0, self._places * DECREASE)
            self._decreased = asyncio.get_running_loop().time()

    async def __aenter__(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # it was admitted in the same iteration of the event loop
                await self.__aexit__()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._taken -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._taken < int(self._places):
            place = self._waiting.popleft()
            if not place.done():  # a cancelled one is skipped
                self._taken += 1
                place.set_result(None)
