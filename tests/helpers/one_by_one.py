"""A pytest plugin that makes the concurrent strategy await its requests in a loop, as a mistaken change might."""

import asyncio
from collections.abc import Awaitable

import pytest


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gather(*awaitables: Awaitable[object]) -> list[object]:
        return [await each for each in awaitables]

    monkeypatch.setattr(asyncio, "gather", gather)
