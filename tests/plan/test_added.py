"""A strategy that is added to the list is planned without further code, with its requests, cost and time."""

import inspect
import math
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.learning.learner import Learned, learn_strategies
from benchmarks.plan.learning.pattern import Pattern
from benchmarks.plan.planning.jobs import BY_FILES
from benchmarks.plan.planning.planner import list_plans
from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.planning.timing import DAY
from benchmarks.plan.requests_file import write_requests
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
    """Return the plan of a stand-in that is added to the suite's strategies."""
    monkeypatch.setitem(STRATEGIES, name, getattr(stand_ins, name))
    learned = learn_strategies([name, "bounded"], SUBJECT.question)
    return find_plans(require(images, **asked), SIZES, learned)[name]


def run_added(name: str, images: int, plan: Plan) -> float:
    """Return the virtual seconds of a strategy with its planned settings and ten seconds per image."""
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
    """For 200 images, the planned requests and seconds are right, and a virtual run takes the planned seconds."""
    plan = plan_added(monkeypatch, name, 200)
    assert plan.requests == requests
    assert plan.seconds == pytest.approx(seconds, rel=0.03)
    assert run_added(name, 200, plan) == pytest.approx(plan.seconds, rel=0.03)


def test_its_cost_is_that_of_its_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost is the number of requests times the price of a request of their size."""
    pairs, twice = (plan_added(monkeypatch, name, 200) for name in ("in_pairs", "twice"))
    one, pair = (SIZES[size].price_request(MODEL) for size in (1, 2))
    assert one is not None
    assert pair is not None
    assert pairs.cost_usd == pytest.approx(100 * pair)
    assert twice.cost_usd == pytest.approx(400 * one)
    assert twice.right is None, "for nobody knows which answer counts"
    assert pairs.right == pytest.approx(0.96)


def test_one_that_finds_its_rate_is_planned_up_to_what_a_limit_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A growing concurrency is planned without bound, or, with 60 requests a minute, up to ten at a time."""
    free = plan_added(monkeypatch, "growing", 800)
    assert free.settings == {}
    assert free.bottleneck == "slow start"
    assert run_added("growing", 800, free) == pytest.approx(free.seconds, rel=0.1)
    limited = plan_added(monkeypatch, "growing", 800, rpm=60)
    assert (limited.concurrency, limited.bottleneck) == (10, "requests a minute")
    assert limited.seconds == pytest.approx(800 / 0.9, rel=0.03)
    assert limited.is_feasible, "as it begins with few, nothing is refused at first"
    assert limited.notes == ["starts with 4 requests at a time and is assumed to reach 10"]


def test_one_that_finds_its_rate_has_at_least_what_it_begins_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its concurrency is at least the first one, four, and at most the number of images."""
    slow = plan_added(monkeypatch, "growing", 100, rpm=6)
    assert (slow.concurrency, slow.notes) == (4, [])
    few = plan_added(monkeypatch, "growing", 3)
    assert (few.concurrency, few.notes) == (3, [])
    assert plan_added(monkeypatch, "growing", 100).notes == [], "as no more than all can be under way"


def test_one_that_asks_again_what_is_slow_pays_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hedges of 5 % of the requests count and cost; no time saved is planned, because it is not known."""
    monkeypatch.setitem(STRATEGIES, "hedging", stand_ins.hedging)
    learned = learn_strategies(["hedging", "bounded"], SUBJECT.question)
    found = find_plans(require(400), learned=learned)
    hedging, bounded = found["hedging"], found["bounded"]
    assert hedging.requests == 420
    assert (hedging.seconds, hedging.settings) == (bounded.seconds, bounded.settings)
    assert bounded.cost_usd is not None
    assert hedging.cost_usd == pytest.approx(1.05 * bounded.cost_usd)
    again = "sends up to 20 slow requests a second time and pays for both"
    assert hedging.notes == [f"{again}; the time that this saves is not known and not included"]
    limited = find_plans(require(400, rpd=400), learned=learned)
    assert (limited["hedging"].days, limited["bounded"].days) == (2, None)


@pytest.mark.parametrize(("images", "again"), [(10, 0), (11, 1), (16, 1), (39, 1), (40, 2), (1000, 50), (1019, 50)])
def test_hedged_is_planned_with_as_many_hedges_as_it_sends(images: int, again: int) -> None:
    """No hedge up to ten images, then one, and from 40 images on one per twenty; each costs a request."""
    learned = learn_strategies(["hedged", "bounded"], SUBJECT.question, images)
    found = find_plans(require(images), learned=learned)
    price = SAMPLES[1].price_request(MODEL)
    assert price is not None
    if not again:
        assert found["hedged"].same == ("bounded",), "which it is then planned like"
    assert found["hedged"].requests == images + again
    assert found["hedged"].cost_usd == pytest.approx((images + again) * price)


def test_with_one_request_at_a_time_no_hedge_is_planned() -> None:
    """A limit of one request a minute allows one request at a time, which leaves no room for a hedge."""
    learned = learn_strategies(["hedged", "bounded"], SUBJECT.question, 100)
    found = find_plans(require(100, rpm=1), learned=learned)
    assert (found["hedged"].concurrency, found["hedged"].requests) == (1, 100)
    assert found["hedged"].cost_usd == found["bounded"].cost_usd
    assert found["hedged"].notes == []


INLINED, FILED = Pattern((), is_job=True), Pattern((), is_job=True, is_filed=True)
JOBS = Learned({"inlined": INLINED, "filed": FILED}, {})


def test_one_that_uploads_a_file_of_requests_takes_over_what_is_too_large_to_inline() -> None:
    """A job with inlined requests holds 104 images; 105 need a job on an uploaded file."""
    found = list_plans(require(105), JOBS, take(), CLIENT)
    (filed,) = found.plans
    assert (filed.name, filed.seconds, filed.is_feasible) == ("filed", DAY, True)
    assert found.left_out == ["inlined: not planned, because a request holds at most 104 images of this size, not 105."]
    both = {plan.name: plan.cost_usd for plan in list_plans(require(104), JOBS, take(), CLIENT).plans}
    assert both["inlined"] == both["filed"]


def test_several_files_are_not_called_a_strategy_that_writes_one() -> None:
    """One file holds 10,000 requests; one more needs two files, which only `requests_file` writes."""
    (one,) = list_plans(require(10_000), JOBS, take(), CLIENT).plans
    (two,) = list_plans(require(10_001), JOBS, take(), CLIENT).plans
    assert (one.name, two.name) == ("filed", "batch jobs by requests_file (files 2)")
    assert (two.seconds, two.requests, two.notes) == (DAY, 10_001, ["2 jobs, all at once, each up to 24 h"])
    twice = Learned({"filed": replace(FILED, times=2)}, {})
    (other,) = list_plans(require(10_001), twice, take(), CLIENT).plans
    assert (other.name, other.obstacles) == ("filed", ("its requests need 2 batch jobs, and it creates only one",)), (
        "unlike those written"
    )


def test_a_plan_says_what_to_run() -> None:
    """The planned settings are parameters of the strategies, or of the function that writes the files."""
    for required in (require(100), require(50_000, batch_tokens=10**7)):
        for plan in find_plans(required).values():
            named = [name for name in (plan.strategy, *plan.same) if name in STRATEGIES]
            parameters = [{*inspect.signature(STRATEGIES[name]).parameters} for name in named]
            if plan.strategy == BY_FILES:
                parameters = [{"files", *inspect.signature(write_requests).parameters}]
            assert parameters, f"nothing says how to run {plan.name}"
            assert all({*plan.settings} <= each for each in parameters)


def test_one_that_cannot_be_rehearsed_is_left_out_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strategy that fails in its rehearsal is listed with its error, and the others are planned."""
    monkeypatch.setitem(STRATEGIES, "failing", stand_ins.failing)
    learned = learn_strategies(["failing", "bounded"], SUBJECT.question)
    found = list_plans(require(10), learned, take(), CLIENT)
    assert [plan.strategy for plan in found.plans] == ["bounded"]
    why = "it fails in a rehearsal (ZeroDivisionError: integer division or modulo by zero)"
    assert found.left_out == [f"failing: not planned, because {why}."]


def test_the_suite_has_no_strategy_without_a_plan() -> None:
    """Each strategy has a plan or is listed with the reason why it has none."""
    found = list_plans(require(1000), learn_strategies(STRATEGIES, SUBJECT.question), take(), CLIENT)
    planned = {name for plan in found.plans for name in (plan.strategy, *plan.same)}
    assert planned | {"single_prompt", "structured", "batch"} == set(STRATEGIES)
    assert "single_prompt and structured: not planned, " in found.left_out[0]
