"""A pytest plugin that breaks the concurrent strategy as an absent-minded change would: it awaits in a loop."""

import asyncio
from collections.abc import Awaitable

import pytest


@pytest.fixture(autouse=True)
def _one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gather(*awaitables: Awaitable[object]) -> list[object]:
        return [await each for each in awaitables]

    monkeypatch.setattr(asyncio, "gather", gather)
