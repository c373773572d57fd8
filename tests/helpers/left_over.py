"""A pytest plugin that lets the concurrent strategy start a thread that never ends."""

import asyncio
import threading
from collections.abc import Awaitable

import pytest


@pytest.fixture(autouse=True)
def _left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    gather = asyncio.gather

    def start_and_gather(*awaitables: Awaitable[object]) -> Awaitable[list[object]]:
        if len(awaitables) > 1:  # the request that warms up the client is a single one
            threading.Thread(target=threading.Event().wait, name="waits forever", daemon=True).start()
        return gather(*awaitables)

    monkeypatch.setattr(asyncio, "gather", start_and_gather)
