"""Every strategy handles every fault over real sockets: without a crash, a hang, or a lost or guessed answer."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from google.genai import _api_client

from benchmarks.strategies import STRATEGIES
from fixtures.exchange.answer import Reason
from fixtures.exchange.retries import Policy
from fixtures.simulator.decisions import faults
from fixtures.simulator.decisions.faults import HARMLESS, HTTP, KINDS, NETWORK, TRANSIENT, Faults
from fixtures.simulator.decisions.services import batches
from tests.helpers.simulated import Plan, image, run, simulator

IMAGES = [image("a.jpg", 1), image("spoiled.jpg", 2), image("c.jpg", 3), image("d.jpg", 5), image("e.jpg", 7)]
PEOPLE = {each.name: each.truth for each in IMAGES}
SPOILED = frozenset({IMAGES[1].sha256})
POLICY = Policy(attempts=3, base=0.01, cap=0.02, deadline=10.0)
TIMEOUT = {"silent": 0.4}
"""The time-outs in seconds of the faults without a response; others have 30."""
REASONS = {
    **dict.fromkeys(("400", "401", "403", "404"), Reason.REFUSED),
    **dict.fromkeys(("408", "504", "silent"), Reason.TIMED_OUT),
    **dict.fromkeys(("429", "429-bare"), Reason.RATE_LIMITED),
    **dict.fromkeys(("500", "502", "503", "503-in-stream", "reset", "cut"), Reason.UNAVAILABLE),
    **dict.fromkeys(("safety", "prompt-blocked"), Reason.BLOCKED),
    **dict.fromkeys(("max-tokens", "max-tokens-cut"), Reason.CUT_OFF),
    **dict.fromkeys(("no-candidates", "malformed-function-call", "empty-text", "no-json"), Reason.UNREADABLE),
    **dict.fromkeys(("float", "negative", "nan", "huge", "words"), Reason.UNREADABLE),
    **dict.fromkeys(("too-short", "too-long"), Reason.WRONG_NUMBER),
    **dict.fromkeys(("job-pending", "job-expired"), Reason.TIMED_OUT),
    "job-failed": Reason.UNAVAILABLE,
}
PASSING = frozenset({"result-503"})
"""The faults that always end before the policy gives up."""
PARTIAL = "job-partial"
"""The fault with several reasons."""
JOBS = ("batch", "batch_files")
"""The strategies that use a batch job."""
TOGETHER = {"single_prompt": set(PEOPLE), "structured": set(PEOPLE), "chunked": {"a.jpg", "spoiled.jpg"}}
"""The images that a strategy asks about in one prompt with the spoiled one; chunks have two images."""


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits for retries of uploads, polls, the end of a job, hedges, and after a 429."""
    monkeypatch.setattr(_api_client, "INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr(sys.modules["benchmarks.strategies.jobs"], "FIRST_WAIT", 0.02)
    monkeypatch.setattr(sys.modules["benchmarks.strategies.hedged"], "LEAST", 2)
    monkeypatch.setattr(faults, "RETRY_DELAY", 0.02)
    monkeypatch.setattr(batches, "EXPIRY_SECONDS", 200.0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return the plan of the simulator's faults."""
    return Plan()


@pytest.fixture(scope="module")
def url(plan: Plan) -> Iterator[str]:
    """Run one simulator for all tests, and yield its URL."""
    with simulator(IMAGES, plan=plan) as url:
        yield url


def affected(strategy: str, kind: str) -> set[str]:
    """Return the images without an answer if every request about the spoiled one gets this fault."""
    if kind in (*HARMLESS, *PASSING) or (kind in faults.JOBS and strategy not in JOBS):
        return set()
    if strategy in JOBS and kind in (*NETWORK, *faults.JOBS):
        return set(PEOPLE)
    # After wrong numbers of answers, each image is asked about alone.
    return {"spoiled.jpg"} if kind in ("too-short", "too-long") else TOGETHER.get(strategy, {"spoiled.jpg"})


def test_every_fault_has_a_reason_or_is_harmless() -> None:
    """There are at least 20 faults, and each has a reason or is harmless."""
    assert len(KINDS) >= 20
    assert set(REASONS) == set(KINDS) - HARMLESS - PASSING - {PARTIAL}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != PARTIAL])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_permanent_fault_costs_only_its_own_images(plan: Plan, url: str, strategy: str, kind: str) -> None:
    """A permanent fault costs only the images in the same request; they have its reason, the others their answers."""
    settings: dict[str, Any] = {"chunk": 2} if strategy == "chunked" else {}
    plan.change(Faults({kind: 1.0}, only=SPOILED))
    result = run(url, strategy, IMAGES, policy=POLICY, timeout=TIMEOUT.get(kind, 30.0), **settings)
    lost = affected(strategy, kind)
    assert result.values == {name: None if name in lost else people for name, people in PEOPLE.items()}
    reasons = {answer.reason for answer in result.answers if answer.value is None}
    assert reasons == ({REASONS[kind]} if lost else set())
    assert all(answer.detail for answer in result.answers if answer.reason)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_job_that_succeeds_in_part_costs_only_its_missing_answers(plan: Plan, url: str, strategy: str) -> None:
    """Of a job with two errors and one missing result among five, the other images have their answers."""
    plan.change(Faults({PARTIAL: 1.0}, only=SPOILED))
    result = run(url, strategy, IMAGES, policy=POLICY)
    lacking = [answer.reason for answer in result.answers if answer.reason]
    assert sorted(lacking) == (
        [Reason.UNAVAILABLE, Reason.UNAVAILABLE, Reason.WRONG_NUMBER] if strategy in JOBS else []
    )
    assert all(answer.value == PEOPLE[answer.image] for answer in result.answers if answer.reason is None)
    assert [answer.image for answer in result.answers] == list(PEOPLE)


@pytest.mark.parametrize("kind", faults.JOBS)
@pytest.mark.parametrize("strategy", JOBS)
def test_with_a_deadline_no_job_loses_an_image(plan: Plan, url: str, strategy: str, kind: str) -> None:
    """With a deadline, images that a job does not answer are asked about one by one, and all have the right number."""
    plan.change(Faults({kind: 1.0}, only=SPOILED))
    result = run(url, strategy, IMAGES, policy=POLICY, batch_deadline=0.15)
    assert result.values == PEOPLE


@pytest.mark.parametrize("kind", sorted(TRANSIENT))
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_transient_fault_costs_only_time(plan: Plan, url: str, strategy: str, kind: str) -> None:
    """If every request, upload and poll fails once, every image still has the right number."""
    plan.change(Faults({kind: 1.0}, times=1))
    result = run(url, strategy, IMAGES, policy=POLICY, timeout=TIMEOUT.get(kind, 30.0))
    if strategy in JOBS and kind in HTTP:
        # A request within a job is not retried, because a new job would be charged again.
        assert {answer.reason for answer in result.answers} == {REASONS[kind]}
    else:
        assert result.values == PEOPLE
    result.wire.end_round()
    assert any(exchange.reply.status != 200 or exchange.reply.error for exchange in result.wire.exchanges)
