"""Absurd waits are refused, leftover threads named, and older objects not garbage-collected in a round."""

import asyncio
import gc
import io
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import pytest
from google import genai

from fixtures.base.errors import RunError
from fixtures.clock.clock import Clock
from fixtures.exchange.answer import Answer
from fixtures.exchange.reply import Exchange, Reply
from fixtures.exchange.sent import Sent
from fixtures.images.image import Image, ImageSet
from fixtures.run.contenders import Contender
from fixtures.run.options.settings import Settings
from fixtures.run.record.plausibility import check_skipped
from fixtures.run.rounds.runner import BoundStrategy, Rounds
from fixtures.simulator.serving.in_process import SIMULATED_BASE_URL
from fixtures.transport.responders import CannedResponder
from fixtures.transport.wire import Wire

SETTINGS = cast(Settings, SimpleNamespace(api_key=None, api_version=None))
IMAGES = ImageSet("one", (Image("a.jpg", b"\xff\xd8\xff", "image/jpeg", 1, 1),))


class Benchmark:
    """Runs rounds as pytest-benchmark does, without measuring them."""

    disabled = False

    def pedantic(self, target: Callable[..., object], **given: Any) -> None:
        """Run each round between its setup and teardown."""
        for _ in range(given["rounds"]):
            given["setup"]()
            target(*given["args"])
            given["teardown"]()


class Limiter:
    """A rate limiter that keeps a reference to its clock."""

    def __init__(self) -> None:
        self.clock = time.monotonic

    async def wait(self, seconds: float) -> None:
        """Check every 5 seconds whether the time is over."""
        end = self.clock() + seconds
        while self.clock() < end:  # noqa: ASYNC110 - polling is what the test is about
            await asyncio.sleep(5)


def run(strategy: Callable[[genai.Client, Sequence[Image]], Any]) -> Rounds:
    """Run a strategy for one round, with canned answers, on a clock that skips waiting."""
    wire = Wire(Clock(), CannedResponder())
    bound = BoundStrategy(strategy, {})
    rounds = Rounds(Contender("some-model", "one", "sequential"), bound, IMAGES, wire, SETTINGS, SIMULATED_BASE_URL)
    rounds.run(cast(Any, Benchmark()), io.StringIO(), 1)
    if rounds.wire.problem is not None:
        raise rounds.wire.problem
    return rounds


def ask(client: genai.Client) -> None:
    """Ask about the image."""
    client.models.generate_content(model="some-model", contents=IMAGES.images[0].part)


def test_a_clock_in_an_object_is_told_instead_of_an_absurd_time() -> None:
    """Polling a real clock for 0.3 s would count as hours; the error names the likely cause and a remedy."""
    limiter = Limiter()

    async def strategy(client: genai.Client, _: Sequence[Image]) -> list[Answer]:
        ask(client)
        await limiter.wait(0.3)
        return []

    with pytest.raises(
        RunError, match=r"waited .* (h|days).* 1 requests .* at most 20 min.*time\.monotonic.*--simulate"
    ):
        run(strategy)


def test_a_clock_in_a_module_is_not_refused() -> None:
    """A limiter that is made within the round gets the replaced clock, so it waits as long as it should."""

    async def strategy(client: genai.Client, _: Sequence[Image]) -> list[Answer]:
        ask(client)
        await Limiter().wait(60)
        return []

    assert run(strategy).leftover_threads == []


def test_a_round_does_not_collect_what_was_there_before() -> None:
    """During a round the garbage collector examines only objects made in it; afterwards it examines all of them."""
    old: list[object] = []
    seen: list[tuple[bool, bool]] = []

    async def strategy(client: genai.Client, _: Sequence[Image]) -> list[Answer]:
        ask(client)
        new: list[object] = []
        looked_through = {id(each) for each in gc.get_objects()}
        seen.append((id(old) in looked_through, id(new) in looked_through))
        return []

    run(strategy)
    assert seen == [(False, True)]
    assert id(old) in {id(each) for each in gc.get_objects()}


@pytest.mark.parametrize(("recorded", "most"), [(None, 1220.0), (10.0, 1220.0), (123.0, 1230.0)])
def test_the_limit_is_ten_times_the_explained_waiting(recorded: float | None, most: float) -> None:
    """A request of 2 s and two pauses of a minute explain 122 s; the recorded seconds count if they are more."""
    sent = Sent("POST", "models/m:generateContent", b"{}")
    exchange = Exchange(sent, "http://host/", {}, Reply(200, (), b"{}", 2.0), 0.0, 1, played=True)
    check_skipped(most, [exchange], recorded, "replayed")
    with pytest.raises(RunError, match="--timing=real"):
        check_skipped(most + 1, [exchange], recorded, "replayed")


def test_a_thread_that_outlives_the_round_is_named() -> None:
    """A thread that still runs after the round is named, because it is no longer timed."""
    over = threading.Event()

    def strategy(client: genai.Client, _: Sequence[Image]) -> list[Answer]:
        threading.Thread(target=over.wait, name="watches", daemon=True).start()
        ask(client)
        return []

    assert run(strategy).leftover_threads == ["watches"]
    over.set()


def test_a_thread_of_an_earlier_strategy_cannot_ask() -> None:
    """A request from a thread that was started before the strategy is refused, because it cannot be timed."""
    with ThreadPoolExecutor(1, thread_name_prefix="kept") as pool:

        def strategy(client: genai.Client, _: Sequence[Image]) -> list[Answer]:
            pool.submit(ask, client).result()
            return []

        assert run(strategy).leftover_threads == ["kept_0"]
        with pytest.raises(RunError, match="The thread 'kept_0' sent a request but was started before this strategy"):
            run(strategy)
