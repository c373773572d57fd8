"""What happens at a thousand images: each question as benchmarks in virtual time (`-m scaling`)."""

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
    """How long do so many images take? Each gets an answer, or a reason, whatever their number."""
    assert all(each.answers == case.images for each in run_case(model, case))


@pytest.mark.scaling("requests at a time")
def test_requests_at_a_time(model: str, case: Case, run_case: RunCase) -> None:
    """How many requests at a time are worth it? Their number is never exceeded, and reached while there is work."""
    (done, *_) = run_case(model, case)
    spans = [(request.start, request.end) for request in done.requests]
    assert find_overlap(spans).most == min(case.settings["concurrency"], case.images)


@pytest.mark.scaling("images a prompt")
def test_images_a_prompt(model: str, case: Case, run_case: RunCase) -> None:
    """How many images fit a prompt, in time, cost and error? Each is asked about once."""
    (done, *_) = run_case(model, case)
    assert len(done.requests) == -(-case.images // case.settings["chunk"])


@pytest.mark.scaling("images, under rate limits")
def test_rate_limits(model: str, case: Case, run_case: RunCase) -> None:
    """What do the limits of a tier do? In no minute are more requests let through than a full bucket and its inflow."""
    (done, *_) = run_case(model, case)
    through = [request.start for request in done.requests if request.status == HTTPStatus.OK]
    most = (case.simulation.rpm or 0) * (1 + BURST_SECONDS / MINUTE)
    assert all(bisect(through, start + MINUTE) - index <= most for index, start in enumerate(through))


@pytest.mark.scaling("percent of requests that fail")
def test_failures(model: str, case: Case, run_case: RunCase) -> None:
    """What do failures cost? Time, but no answer: only in a job's result nobody asks again for what has failed.

    A prompt of many images may take longer than the time-out, with or without failures.
    """
    rounds = run_case(model, case)
    failed = {reason for each in rounds for reason in each.reasons}
    assert case.strategy == "batch" or failed <= {Reason.TIMED_OUT}
