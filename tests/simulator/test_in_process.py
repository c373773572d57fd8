"""The in-process simulator takes exactly its computed seconds, and those of the simulator over HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from benchmarks.scaling.single_round import TimedRound, run_round
from benchmarks.strategies import bind_strategy
from fixtures.clock.clock import Clock
from fixtures.images.image import Image
from fixtures.simulator import profiles as tables
from fixtures.simulator.decisions import faults
from fixtures.simulator.decisions.api import Api
from fixtures.simulator.decisions.faults import Faults
from fixtures.simulator.decisions.limits import Limits
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.serving.in_process import InProcessSimulator
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.simulated import MODEL, Plan, image, run, simulator
from tests.helpers.tasks import count_people, know_people

IMAGES = [image(f"{number}.jpg", number) for number in range(5)]
TEN_SECONDS = Latencies([Observation(1, 10.0, 18, 258, 4, 300), Observation(5, 30.0, 60, 1290, 20, 1500)])
"""Latencies of ten seconds per answer about one image, and thirty about all five."""
PROFILE = tables.read_profiles()[MODEL]
ONE_QUESTION = 258 + 72 // 4
"""The tokens of a prompt and its image."""


def ask(strategy: str, images: Sequence[Image] = IMAGES, **api: Any) -> TimedRound:
    """Run a strategy against a simulator with answers of ten seconds, on a clock that only waiting moves."""
    settings = {name: api.pop(name) for name in ("concurrency", "chunk") if name in api}
    simulated = Api({MODEL: PROFILE}, know_people(images), 1, **({"latencies": TEN_SECONDS} | api))
    wire = Wire(virtual_clock(), SimulatorResponder(InProcessSimulator(simulated)))
    return run_round(bind_strategy(count_people(MODEL), strategy, **settings), images, wire)


def draw(image: Image, attempt: int) -> float:
    """Return the retry policy's random number for an image after an attempt."""
    return Random(f"{image.sha256}/{attempt}").random()


@pytest.mark.parametrize(
    ("strategy", "settings", "seconds"),
    [
        ("sequential", {}, 50.0),
        ("concurrent", {}, 10.0),
        ("single_prompt", {}, 30.0),
        ("bounded", {"concurrency": 2}, 30.0),
        ("bounded", {"concurrency": 5}, 10.0),
        ("threads", {"concurrency": 3}, 20.0),
        ("chunked", {"concurrency": 1, "chunk": 1}, 50.0),
        ("chunked", {"concurrency": 8, "chunk": 5}, 30.0),
        ("streamed", {}, 10.0),
    ],
)
def test_a_strategy_takes_what_its_requests_add_up_to(strategy: str, settings: Any, seconds: float) -> None:
    """Five answers of 10 s take 50 s one by one, 10 s at once, 30 s two at a time, and 20 s three at a time."""
    done = ask(strategy, **settings)
    assert done.seconds == seconds
    assert [answer.value for answer in done.round.answers] == [0, 1, 2, 3, 4]


def test_above_the_limit_of_requests_the_second_waits_as_long_as_it_is_told() -> None:
    """At six requests a minute, the second of two requests at once is refused and retried.

    The bucket holds one request and fills in 10 s. The first request takes 10 s. The second is refused after 2.4 s,
    with a delay of 10 s; the policy waits between 10 and 20 s, as drawn; then the answer takes its 10 s.
    """
    first, second = IMAGES[:2]
    done = ask("concurrent", [first, second], limits=Limits(6, None))
    assert done.seconds == pytest.approx(2.4 + 10 * (1 + draw(second, 1)) + 10, abs=1e-9)
    assert [exchange.reply.status for exchange in done.round.exchanges] == [200, 429, 200]


def test_above_the_limit_of_tokens_it_is_the_same() -> None:
    """If the bucket holds the tokens of one question and fills in ten seconds, the seconds are the same."""
    first, second = IMAGES[:2]
    done = ask("concurrent", [first, second], limits=Limits(None, 6 * ONE_QUESTION))
    assert done.seconds == pytest.approx(2.4 + 10 * (1 + draw(second, 1)) + 10, abs=1e-9)


def test_below_the_limit_nobody_waits() -> None:
    """At six requests a minute, requests of 10 s one after another are never refused."""
    done = ask("sequential", limits=Limits(6, None))
    assert done.seconds == 50.0
    assert {exchange.reply.status for exchange in done.round.exchanges} == {200}


def test_a_failure_costs_its_seconds_and_the_wait_before_the_next_attempt() -> None:
    """A 503 adds its 2.3 s and a wait of up to 2 s, as drawn, to the 10 s of the answer."""
    done = ask("sequential", plan=Faults({"503": 1.0}, times=1))
    assert done.seconds == pytest.approx(sum(2.3 + 2 * draw(each, 1) + 10 for each in IMAGES), abs=1e-9)
    assert done.round.waits_for_retry == pytest.approx([2 * draw(each, 1) for each in IMAGES])


def test_failures_at_the_same_time_cost_as_much_as_the_slowest() -> None:
    """With concurrent requests, only the slowest failure and wait count."""
    done = ask("concurrent", plan=Faults({"503": 1.0}, times=1))
    assert done.seconds == pytest.approx(max(2.3 + 2 * draw(each, 1) + 10 for each in IMAGES), abs=1e-9)


def test_an_answer_that_never_comes_is_given_up_after_ten_minutes() -> None:
    """After the time-out of 600 s the policy does not retry, because its own deadline has passed."""
    done = ask("sequential", IMAGES[:1], plan=Faults({"silent": 1.0}, times=1))
    assert done.seconds == 600.0
    assert [answer.value for answer in done.round.answers] == [None]


def test_the_same_seed_gives_the_same_seconds_and_answers_whatever_ran_before() -> None:
    """With a profile's latencies on the virtual clock, the seconds are equal to the last digit."""
    runs = [ask("bounded", concurrency=2, latencies=None) for _ in range(2)]
    assert runs[0].seconds == runs[1].seconds
    assert runs[0].round.answers == runs[1].round.answers


@pytest.mark.parametrize(
    ("strategy", "kind", "seconds"),
    [
        ("sequential", "reset", 0.5),  # the connection is closed after half a second
        ("sequential", "502", 1.0),  # by the gateway
        ("sequential", "429", 2.4),
        ("sequential", "cut", 11.0),  # a second after the first of its pieces
        ("sequential", "slow", 14.0),  # four pauses between five pieces
        ("sequential", "no-json", 10.0),
        ("streamed", "cut", 10.0),  # in the middle of the first event
        ("streamed", "slow", 11.0),  # a second before the one event
    ],
)
def test_a_fault_ends_after_its_seconds(strategy: str, kind: str, seconds: float) -> None:
    """A fault has its own seconds, instead of or beside the ten of the answer."""
    done = ask(strategy, IMAGES[:1], plan=Faults({kind: 1.0}, times=1))
    assert done.round.exchanges[0].reply.elapsed == pytest.approx(seconds, abs=1e-9)


SHORT = replace(PROFILE, a=3500.0, b=0.5)
"""A profile with answers of about four seconds: 2 % of that is more than the delay of a busy machine."""


@pytest.mark.parametrize("strategy", ["sequential", "concurrent", "single_prompt"])
def test_it_agrees_with_the_simulator_over_http_at_real_speed(strategy: str) -> None:
    """In one of three attempts the seconds agree within 2 %; the answers are always the same."""
    images = IMAGES[2:]

    def in_virtual_time() -> TimedRound:
        simulated = InProcessSimulator(Api({MODEL: SHORT}, know_people(images), 1))
        return run_round(
            bind_strategy(count_people(MODEL), strategy), images, Wire(Clock(), SimulatorResponder(simulated))
        )

    in_virtual_time()  # the SDK takes longer the first time
    off = []
    for _ in range(3):
        virtual = in_virtual_time()
        with simulator(images, scale=1.0, profiles={MODEL: SHORT}) as url:
            real = run(url, strategy, images)
        assert [answer.value for answer in real.answers] == [answer.value for answer in virtual.round.answers]
        seconds = max(exchange.end for exchange in real.wire.exchanges)
        off.append(virtual.seconds / seconds - 1)
        if abs(off[-1]) < 0.02:
            return
    pytest.fail(f"{strategy} took {virtual.seconds:.3f} s in virtual time, off by {off} from real time")


@pytest.mark.parametrize("kind", sorted(faults.KINDS.keys() - {"silent"}))
@pytest.mark.parametrize("strategy", ["streamed", "single_prompt"])
def test_each_fault_ends_as_over_http(kind: str, strategy: str) -> None:
    """With every request failing once, answers, reasons and statuses are the same as over HTTP."""
    images = IMAGES[:2]
    plan = Faults({kind: 1.0}, times=1)
    virtual = ask(strategy, images, latencies=None, plan=plan)
    changing = Plan(plan)
    with simulator(images, plan=changing) as url:
        real = run(url, strategy, images, timeout=1.0)
    assert [(answer.value, answer.reason) for answer in virtual.round.answers] == [
        (answer.value, answer.reason) for answer in real.answers
    ]
    statuses = [exchange.reply.status for exchange in virtual.round.exchanges]
    assert statuses == [exchange.reply.status for exchange in real.wire.end_round()]
