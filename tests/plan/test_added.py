"""A strategy that is added to the list is planned without a line more: its requests, cost and time are right."""

import math
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.learning.learner import Learned, learn_strategies
from benchmarks.plan.learning.pattern import Pattern
from benchmarks.plan.planning.planner import list_plans
from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.planning.timing import DAY
from benchmarks.plan.samples import Sample
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import STRATEGIES, bind_strategy
from fixtures.simulator.build import build_api
from fixtures.simulator.latencies import Latencies
from fixtures.simulator.serving.in_process import InProcessSimulator
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.simulated import image
from tests.helpers.tasks import count_people, know_people
from tests.plan import stand_ins
from tests.plan.made import CLIENT, MODEL, SAMPLES, SUBJECT, TEN, find_plans, require, take

PAIR = replace(TEN, images=2, seconds=20.0, text_tokens=60, image_tokens=2240)
FIVE = replace(TEN, images=5, seconds=50.0, text_tokens=60, image_tokens=5600)
SIZES = SAMPLES | {2: Sample(2, [PAIR] * 2), 5: Sample(5, [FIVE] * 2)}


def plan_added(monkeypatch: pytest.MonkeyPatch, name: str, images: int, **asked: Any) -> Plan:
    """Return the plan of a strategy of the tests, added to those of the suite."""
    monkeypatch.setitem(STRATEGIES, name, getattr(stand_ins, name))
    learned = learn_strategies([name, "bounded"], SUBJECT.question)
    return find_plans(require(images, **asked), SIZES, learned)[name]


def run_added(name: str, images: int, plan: Plan) -> float:
    """Return the virtual seconds that the strategy takes, with its planned settings and ten seconds a request."""
    pictures = [image(f"{number}.jpg", number % 10) for number in range(images)]
    api = build_api(know_people(pictures), latencies=Latencies([TEN, PAIR, FIVE]))
    bound = bind_strategy(count_people(MODEL), name, **plan.settings)
    return run_round(bound, pictures, Wire(virtual_clock(), SimulatorResponder(InProcessSimulator(api)))).seconds


@pytest.mark.parametrize(
    ("name", "requests", "seconds"),
    [
        ("in_pairs", 100, 100 * 20.0),
        ("in_fives", 40, math.ceil(40 / 3) * 50.0),
        ("capped", 200, math.ceil((200 - 4 - 8) / 16 + 2) * 10.0),
        ("twice", 400, 2 * 10.0),
        ("upload_first", 200, 10.0 + 200 * 0.652),
    ],
)
def test_its_requests_and_its_time_are_planned_and_come_true(
    monkeypatch: pytest.MonkeyPatch, name: str, requests: int, seconds: float
) -> None:
    """200 images in virtual time, where each request takes ten seconds an image."""
    plan = plan_added(monkeypatch, name, 200)
    assert plan.requests == requests
    assert plan.seconds == pytest.approx(seconds, rel=0.03)
    assert run_added(name, 200, plan) == pytest.approx(plan.seconds, rel=0.03)


def test_its_cost_is_that_of_its_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """In pairs a hundred requests, twice as many, and twice the price of one image a request."""
    pairs, twice = (plan_added(monkeypatch, name, 200) for name in ("in_pairs", "twice"))
    one, pair = (SIZES[size].price_request(MODEL) for size in (1, 2))
    assert one is not None
    assert pair is not None
    assert pairs.cost_usd == pytest.approx(100 * pair)
    assert twice.cost_usd == pytest.approx(400 * one)
    assert twice.right is None, "for nobody knows which answer counts"
    assert pairs.right == pytest.approx(0.96)


def test_one_that_finds_its_rate_is_planned_up_to_what_a_limit_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a limit it grows on; of 60 requests a minute, ten are under way at a time, and it has them soon."""
    free = plan_added(monkeypatch, "growing", 800)
    assert free.settings == {}
    assert free.bottleneck == "slow start"
    assert run_added("growing", 800, free) == pytest.approx(free.seconds, rel=0.1)
    limited = plan_added(monkeypatch, "growing", 800, rpm=60)
    assert (limited.concurrency, limited.bottleneck) == (10, "requests a minute")
    assert limited.seconds == pytest.approx(800 / 0.9, rel=0.03)
    assert limited.is_feasible, "as it begins with few, nothing is refused at first"
    assert limited.notes == ["begins with few requests at a time, and is taken to reach 10"]


def test_one_that_asks_again_what_is_slow_pays_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth more requests, which cost and count; what time they save nobody knows, so none is planned."""
    monkeypatch.setitem(STRATEGIES, "hedging", stand_ins.hedging)
    learned = learn_strategies(["hedging", "bounded"], SUBJECT.question)
    found = find_plans(require(400), learned=learned)
    hedging, bounded = found["hedging"], found["bounded"]
    assert hedging.requests == 420
    assert (hedging.seconds, hedging.settings) == (bounded.seconds, bounded.settings)
    assert bounded.cost_usd is not None
    assert hedging.cost_usd == pytest.approx(1.05 * bounded.cost_usd)
    again = "sends up to 5% of its requests, the slowest, a second time, and pays for both"
    assert hedging.notes == [f"{again}; what time that saves is not known, and not planned with"]
    limited = find_plans(require(400, rpd=400), learned=learned)
    assert (limited["hedging"].days, limited["bounded"].days) == (2, None)


def test_one_that_uploads_a_file_of_requests_takes_over_what_is_too_large_to_inline() -> None:
    """Of 1,000 images: the job that inlines them does not fit then; without such a strategy it is written by hand."""
    inlined, filed = Pattern((), is_job=True), Pattern((), is_job=True, is_filed=True)
    plans = {
        plan.strategy: plan
        for plan in list_plans(require(1000), Learned({"batch": inlined, "filed": filed}, {}), take(), CLIENT).plans
    }
    assert plans["batch"].obstacles == ("a request of 20 MB inlines 104 images",)
    assert (plans["filed"].settings, plans["filed"].seconds) == ({"files": 1}, DAY)
    assert plans["filed"].is_feasible
    assert plans["filed"].cost_usd == plans["batch"].cost_usd
    alone = find_plans(require(1000), learned=Learned({"batch": inlined}, {}))["batch"]
    assert (alone.settings, alone.is_feasible) == ({"files": 1}, True)


def test_one_that_cannot_be_rehearsed_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the others are planned."""
    monkeypatch.setitem(STRATEGIES, "failing", stand_ins.failing)
    learned = learn_strategies(["failing", "bounded"], SUBJECT.question)
    found = list_plans(require(10), learned, take(), CLIENT)
    assert [plan.strategy for plan in found.plans] == ["bounded"]
    why = "it fails when it is rehearsed (ZeroDivisionError: integer division or modulo by zero)"
    assert found.left_out == [f"failing is left out: {why}."]


def test_the_suite_has_no_strategy_without_a_plan() -> None:
    """Each is in a row, or it is said why it is not."""
    found = list_plans(require(1000), learn_strategies(STRATEGIES, SUBJECT.question), take(), CLIENT)
    planned = {name for plan in found.plans for name in (plan.strategy, *plan.same)}
    assert planned | {"single_prompt", "structured"} == set(STRATEGIES)
    assert "single_prompt and structured: left out, " in found.left_out[0]
