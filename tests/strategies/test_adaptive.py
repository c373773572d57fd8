"""Adaptive: the concurrency grows while requests succeed, and shrinks once per episode of 429s."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from random import Random
from typing import Any

import pytest
from google import genai

from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import bind_strategy
from benchmarks.strategies.adaptive import adaptive
from benchmarks.strategies.hedged import hedged
from fixtures.exchange.answer import Answer
from fixtures.exchange.reply import Reply
from fixtures.images import made_up
from fixtures.images.image import Image
from fixtures.run.rounds.runner import BoundStrategy
from fixtures.simulator.known_sets import make_known_sets
from fixtures.simulator.start import start_in_process
from fixtures.tasks.question import load_question
from fixtures.tasks.task import Task
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.exact_server import ExactServer, answer, make_images, refuse, run_exactly
from tests.helpers.tasks import count_people

Strategy = Callable[[genai.Client, Sequence[Image], Task], Coroutine[Any, Any, list[Answer]]]
RPM = 60
RIGHT = 12
"""The fastest fixed concurrency with less than 2 % of 429s at that limit, according to `benchmarks.costs.adaptive`."""


def count_begun(done: TimedRound) -> list[int]:
    """Return the number of requests that began at each distinct time."""
    return list(Counter(round(exchange.start, 6) for exchange in done.round.exchanges).values())


def test_while_requests_succeed_their_number_nearly_doubles_in_each_round_trip() -> None:
    """The concurrency grows from 4 to 7, 12.25 and 21.25: by 0.75 per success, with one round trip per second."""
    done = run_exactly("adaptive", make_images(60), lambda number, *_: answer(number, 1.0))
    assert count_begun(done) == [4, 7, 12, 21, 16]
    assert done.seconds == 5.0
    assert [each.value for each in done.round.answers] == list(range(60))


def test_an_episode_of_429s_shrinks_the_number_once() -> None:
    """When three requests sent together get a 429, 10 places become 7.5 only once, and the three keep their places."""

    def decide(number: int, seen: int, _: float) -> Reply:
        refused = {8: 1.5, 9: 1.5, 10: 1.7}
        return refuse(refused[number], 20.0) if number in refused and not seen else answer(number, 1.0)

    done = run_exactly("adaptive", make_images(40), decide)
    assert count_begun(done)[:5] == [4, 7, 7, 4, 4]
    assert [each.value for each in done.round.answers] == list(range(40))


def test_a_429_to_a_later_request_shrinks_it_again() -> None:
    """A 429 to a request that was sent after the concurrency shrank reduces it again, from 7 places to 5."""

    def decide(number: int, seen: int, _: float) -> Reply:
        refused = number in (8, 9, 10, 20) and not seen
        return refuse(1.5, 20.0) if refused else answer(number, 1.0)

    assert count_begun(run_exactly("adaptive", make_images(40), decide))[:6] == [4, 7, 7, 4, 3, 1]


def test_after_a_429_the_number_grows_slowly() -> None:
    """After a 429 the concurrency is 8.625, and each further success adds 0.02."""

    def decide(number: int, seen: int, _: float) -> Reply:
        return refuse(1.5, 200.0) if number == 10 and not seen else answer(number, 1.0)

    begun = count_begun(run_exactly("adaptive", make_images(200), decide))
    assert begun[:3] == [4, 7, 10]
    assert begun[3:9] == [7, 7, 8, 8, 8, 8]


def test_a_request_with_a_429_waits_as_the_server_asks_and_keeps_its_place() -> None:
    """A request with a 429 waits the server's delay plus jitter, and keeps its place."""
    images = make_images(60)

    def decide(number: int, seen: int, _: float) -> Reply:
        return refuse(0.5, 8.0) if not number and not seen else answer(number, 1.0)

    done = run_exactly("adaptive", images, decide)
    again = next(each for each in done.round.exchanges[4:] if each.sent.images == (images[0].sha256,))
    assert again.start == pytest.approx(0.5 + 8.0 * (1 + Random(f"{images[0].sha256}/1").random()))
    assert count_begun(done)[:3] == [4, 2, 2], "4 places become 3, of which one is kept"


def test_if_every_request_gets_a_429_one_place_is_left() -> None:
    """If every request gets two 429s, one place is left, and every image is answered."""
    done = run_exactly("adaptive", make_images(30), lambda n, seen, _: answer(n, 1.0) if seen > 1 else refuse(0.5, 1.0))
    assert [each.value for each in done.round.answers] == list(range(30))


def test_no_more_than_a_thousand_are_under_way() -> None:
    """The concurrency never exceeds 1,000."""
    done = run_exactly("adaptive", make_images(7000), lambda number, *_: answer(number, 1.0))
    assert max(count_begun(done)) == 1000


@pytest.mark.parametrize("strategy", [adaptive, hedged])
def test_a_strategy_that_is_interrupted_ends_all_of_its_requests(strategy: Strategy) -> None:
    """A strategy that is cancelled while images are waiting raises `CancelledError`, and leaves no request running."""
    images = make_images(30)
    wire = Wire(virtual_clock(), ExactServer(images, lambda number, *_: answer(number, 10.0)))

    async def interrupt(client: genai.Client, images: Sequence[Image]) -> list[Answer]:
        asked = asyncio.create_task(strategy(client, images, count_people("some-model")))
        await asyncio.sleep(15.0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        return []

    run_round(BoundStrategy(interrupt, {}), images, wire)
    assert wire.in_flight == 0


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("strategy", ["adaptive", "hedged"])
def test_few_images_are_answered_too(strategy: str, count: int) -> None:
    """No, one or two images are answered too."""
    done = run_exactly(strategy, make_images(count), lambda number, *_: answer(number, 1.0), concurrency=1)
    assert [each.value for each in done.round.answers] == list(range(count))


def simulate(strategy: str, concurrency: int) -> tuple[float, float]:
    """Return the seconds for ten minutes' worth of images under the limit, and the share of requests with a 429."""
    images, task = made_up.make_images(10 * RPM), Task(load_question(made_up.IMAGE_SET), "gemini-3.8-flash")
    simulator = start_in_process(task.model, make_known_sets(task.question, images), rpm=RPM)
    bound = bind_strategy(task, strategy, concurrency=concurrency)
    done = run_round(bound, images.images, Wire(virtual_clock(), SimulatorResponder(simulator)))
    refused = sum(each.reply.status == HTTPStatus.TOO_MANY_REQUESTS for each in done.round.exchanges)
    assert all(each.value is not None for each in done.round.answers)
    return done.seconds, refused / len(done.round.exchanges)


def test_under_a_rate_limit_it_is_nearly_as_fast_as_the_best_concurrency() -> None:
    """`adaptive` takes at most 1.15 times as long as the best fixed concurrency, with less than 2 % of 429s."""
    right, refused = simulate("bounded", RIGHT)
    assert refused < 0.02
    seconds, refused = simulate("adaptive", 0)
    assert seconds <= 1.15 * right
    assert refused < 0.02
    slow, _ = simulate("bounded", RIGHT // 4)
    assert slow > 3 * right
