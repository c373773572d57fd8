"""The questions about scale as benchmarks in virtual time (`-m scaling`)."""

from bisect import bisect
from http import HTTPStatus

import pytest

from benchmarks.scaling.cases import Case
from benchmarks.scaling.plugin import RunCase
from fixtures.clock.schedule import find_overlap
from fixtures.exchange.answer import Reason
from fixtures.simulator.decisions.limits import BURST_SECONDS, MINUTE


@pytest.mark.scaling("images")
def test_images(model: str, case: Case, run_case: RunCase) -> None:
    """How long do 1 to 10,000 images take? Every image has an answer, or a reason why it has none."""
    assert all(each.answers == case.images for each in run_case(model, case))


@pytest.mark.scaling("requests at a time")
def test_requests_at_a_time(model: str, case: Case, run_case: RunCase) -> None:
    """How many requests at a time are useful? The limit is reached if there are enough images, and never exceeded."""
    (done, *_) = run_case(model, case)
    spans = [(request.start, request.end) for request in done.requests]
    assert find_overlap(spans).most == min(case.settings["concurrency"], case.images)


@pytest.mark.scaling("images a prompt")
def test_images_a_prompt(model: str, case: Case, run_case: RunCase) -> None:
    """How many images per prompt are best in time, cost and error? Each image is asked about once."""
    (done, *_) = run_case(model, case)
    assert len(done.requests) == -(-case.images // case.settings["chunk"])


@pytest.mark.scaling("images, under rate limits")
def test_rate_limits(model: str, case: Case, run_case: RunCase) -> None:
    """How long do rate limits make a run? In no minute more requests pass than a full bucket plus its refill."""
    (done, *_) = run_case(model, case)
    through = [request.start for request in done.requests if request.status == HTTPStatus.OK]
    most = (case.simulation.rpm or 0) * (1 + BURST_SECONDS / MINUTE)
    assert all(bisect(through, start + MINUTE) - index <= most for index, start in enumerate(through))


@pytest.mark.scaling("percent of requests that fail")
def test_failures(model: str, case: Case, run_case: RunCase) -> None:
    """What do failures cost? Time but no answers, except in a batch job, whose failed requests are not retried.

    A prompt with many images may exceed the time-out, with or without failures.
    """
    rounds = run_case(model, case)
    failed = {reason for each in rounds for reason in each.reasons}
    assert case.strategy == "batch" or failed <= {Reason.TIMED_OUT}
