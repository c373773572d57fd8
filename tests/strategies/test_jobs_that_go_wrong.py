"""Batch jobs that are pending, expire, fail or cannot be read: every image has an answer or the reason."""

import json
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.scaling.single_round import TimedRound
from fixtures.exchange.answer import Reason
from fixtures.exchange.reply import Exchange, Reply
from fixtures.transport.wire import Call, Responder
from tests.strategies.made import IMAGES, run, run_with, simulate

JOBS = ("batch", "batch_files")
DAYS = 48 * 3600.0
EXPIRED = "the job expired: the API answered 4: The batch expired before it was completed."
FAILED = "the job failed: the API answered 13: Internal error encountered."


class Refusing(Responder):
    """A simulator that answers some requests with an HTTP error."""

    timing = "virtual"

    def __init__(self, refuse: Callable[[Call], int | None], faults: str = "") -> None:
        self._simulator = simulate(faults=faults)
        self._refuse = refuse

    def respond(self, call: Call) -> Reply:
        """Return the error, or the simulator's reply."""
        status = self._refuse(call)
        if status is None:
            return self._simulator.respond(call)
        return Reply(status, (), b'{"error": {"code": %d, "message": "no", "status": "NO"}}' % status, 0.5)


def is_poll(call: Call) -> bool:
    """Return whether a request polls the state of a job."""
    return call.sent.method == "GET" and call.sent.resource.startswith("batches/")


def list_polls(timed: TimedRound) -> list[Exchange]:
    """Return the requests that poll the state of the job."""
    return [each for each in timed.round.exchanges if each.sent.resource.startswith("batches/")]


@pytest.mark.parametrize("strategy", JOBS)
@pytest.mark.parametrize(
    ("fault", "reason", "told"),
    [
        ("job-pending", Reason.TIMED_OUT, EXPIRED),
        ("job-expired", Reason.TIMED_OUT, EXPIRED),
        ("job-failed", Reason.UNAVAILABLE, FAILED),
    ],
)
def test_images_of_a_job_without_results_have_the_error_of_the_api(
    strategy: str, fault: str, reason: Reason, told: str
) -> None:
    """Every image of a job without results has the API's error as its reason; the uploaded file is deleted."""
    timed = run(strategy, faults=fault)
    assert [answer.image for answer in timed.round.answers] == [image.name for image in IMAGES]
    assert {(answer.value, answer.reason, answer.detail) for answer in timed.round.answers} == {(None, reason, told)}
    assert timed.round.tokens == []
    methods = [each.sent.method for each in timed.round.exchanges]
    assert methods[-1] == ("DELETE" if strategy == "batch_files" else "GET")


def test_a_pending_job_is_polled_until_google_expires_it() -> None:
    """A pending job is polled every minute until it expires after 48 hours; then its error is fetched."""
    timed = run("batch", faults="job-pending")
    *polls, last, error = list_polls(timed)
    assert [each.reply.elapsed for each in polls] == [pytest.approx(0.3)] * len(polls)
    assert polls[-1].start < DAYS <= last.start < DAYS + 60.3
    gaps = [later.start - earlier.end for earlier, later in pairwise([*polls, last, error])]
    assert gaps[20:-1] == [pytest.approx(60.0)] * (len(gaps) - 21)
    assert gaps[-1] == pytest.approx(0.0)
    assert timed.seconds == pytest.approx(last.start + 2 * 0.7)


@pytest.mark.parametrize("strategy", JOBS)
def test_results_that_cannot_be_fetched_at_first_are_fetched_later(strategy: str) -> None:
    """Two failures to fetch results, after a minute each, cost only that time and the waits for the retries."""
    usual, late = run(strategy), run(strategy, faults="result-503")
    assert late.round.values == usual.round.values
    failed = [each for each in late.round.exchanges if each.reply.status == HTTPStatus.SERVICE_UNAVAILABLE]
    assert [each.reply.elapsed for each in failed] == [60.0, 60.0]
    more = late.seconds - usual.seconds - 2 * 60.0 - sum(late.round.waits_for_retry)
    assert more == pytest.approx(0.0)
    assert len(late.round.exchanges) - len(usual.round.exchanges) == 2


def test_a_job_that_succeeds_in_part_answers_the_others() -> None:
    """An error and a missing result in a job cost only their own images, and have no tokens."""
    timed = run("batch", faults="job-partial")
    reasons = {answer.image: (answer.reason, answer.detail) for answer in timed.round.answers}
    assert list(reasons.values()) == [
        (Reason.UNAVAILABLE, "answered 14: The service is currently unavailable."),
        (Reason.WRONG_NUMBER, "the job has no result for this image: 3 results for 4 requests"),
        (None, ""),
        (None, ""),
    ]
    assert len(timed.round.tokens) == 2


class Spoiling(Responder):
    """A simulator that replaces the first inlined result."""

    timing = "virtual"

    def __init__(self, spoiled: object) -> None:
        self._simulator = simulate()
        self._spoiled = spoiled

    def respond(self, call: Call) -> Reply:
        """Return the simulator's reply, with the first result of a job replaced."""
        reply = self._simulator.respond(call)
        document = json.loads(reply.body)
        if "output" not in document.get("metadata", {}):
            return reply
        results = document["metadata"]["output"]["inlinedResponses"]["inlinedResponses"]
        results[0] = self._spoiled
        return replace(reply, body=json.dumps(document).encode())


DETAILS = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": []}]
KEY = {"metadata": {"key": "1"}}


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        (KEY | {"error": {"code": 3, "message": "No.", "details": DETAILS}}, Reason.REFUSED),
        (KEY | {"error": {"code": "x"}}, Reason.UNREADABLE),
        ({"metadata": {"key": 5}, "response": {}}, Reason.WRONG_NUMBER),
    ],
)
def test_an_inlined_result_that_the_sdk_rejects_costs_only_its_own_image(
    spoiled: dict[str, Any], reason: Reason
) -> None:
    """A result that the SDK rejects costs only its own image, one more poll, and no tokens twice."""
    usual, timed = run("batch"), run_with(Spoiling(spoiled), "batch")
    assert [answer.reason for answer in timed.round.answers] == [reason, None, None, None]
    assert timed.round.answers[1:] == usual.round.answers[1:]
    assert len(list_polls(timed)) == len(list_polls(usual)) + 1
    assert timed.round.tokens[-3:] == usual.round.tokens[1:]
    assert timed.round.served_tiers["batch"] <= len(IMAGES)


@pytest.mark.parametrize("strategy", ["bounded", "files"])
@pytest.mark.parametrize("fault", ["job-pending", "job-expired", "job-failed", "job-partial", "result-503"])
def test_a_fault_of_jobs_does_not_affect_other_requests(strategy: str, fault: str) -> None:
    """A fault of jobs does not affect questions or files outside of jobs."""
    spoiled, usual = run(strategy, faults=fault), run(strategy)
    assert (spoiled.seconds, spoiled.round.answers) == (usual.seconds, usual.round.answers)


@pytest.mark.parametrize(("minutes", "lost"), [(50, False), (70, True)])
def test_a_job_is_polled_through_an_outage_of_up_to_an_hour(minutes: int, lost: bool) -> None:  # noqa: FBT001 - a case
    """A job is polled through an outage of 50 minutes, and given up after an outage of more than an hour."""

    def refuse(call: Call) -> int | None:
        return 503 if is_poll(call) and 60 < call.since < 60 * (minutes + 1) else None

    timed = run_with(Refusing(refuse), "batch")
    assert {answer.reason for answer in timed.round.answers} == ({Reason.UNAVAILABLE} if lost else {None})
    told = f"the job is {list_polls(timed)[0].sent.resource} (not cancelled)"
    assert all(answer.detail.endswith(told) == lost for answer in timed.round.answers)
    assert (timed.seconds < 60 * (minutes + 1)) == lost
    assert timed.seconds > 3600 if lost else timed.seconds > 60 * minutes


@pytest.mark.parametrize("end", [":download", ""])
def test_results_that_cannot_be_fetched_for_half_an_hour_are_not_lost(end: str) -> None:
    """If the policy gives up fetching results, they are fetched again at the next poll."""
    strategy = "batch_files" if end else "batch"
    usual = run(strategy)
    done = list_polls(usual)[-1].start

    def refuse(call: Call) -> int | None:
        fetches = call.sent.resource.endswith(end) if end else is_poll(call)
        return 503 if fetches and done <= call.since < done + 1800 else None

    timed = run_with(Refusing(refuse), strategy)
    assert timed.round.answers == usual.round.answers
    assert timed.seconds > 1800


def test_a_retry_to_create_a_job_needs_no_second_upload() -> None:
    """When the creation of a job is retried, the file is not uploaded again."""
    failed: list[Call] = []

    def refuse(call: Call) -> int | None:
        begins = call.sent.resource.endswith(":batchGenerateContent") and len(failed) < 2
        failed.extend([call] if begins else [])
        return 503 if begins else None

    timed = run_with(Refusing(refuse), "batch_files")
    assert all(answer.reason is None for answer in timed.round.answers)
    sent = [each.sent.resource.partition("/")[0] for each in timed.round.exchanges[:5]]
    assert sent == ["files", "files", "models", "models", "models"]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_job_that_is_unknown_to_the_api_is_not_polled_again(status: int) -> None:
    """After a 400, 403 or 404 a job is not polled again, and each image has the reason."""
    timed = run_with(Refusing(lambda call: status if is_poll(call) else None), "batch")
    assert {answer.reason for answer in timed.round.answers} == {Reason.REFUSED}
    assert len(list_polls(timed)) == 1


@pytest.mark.parametrize("error", ["null", '{"code": "x"}', '"broken"', '{"message": 7}'])
def test_an_invalid_error_is_replaced_by_a_description(error: str) -> None:
    """An invalid error of a failed job is replaced by a plain description."""
    body = f'{{"name": "batches/x", "metadata": {{"state": "BATCH_STATE_FAILED"}}, "done": true, "error": {error}}}'
    timed = run_with(Answering(body.encode()), "batch")
    assert {answer.reason for answer in timed.round.answers} == {Reason.UNAVAILABLE}
    assert all(answer.detail.startswith("the job failed") for answer in timed.round.answers)


class Answering(Responder):
    """A responder that answers every request with the same JSON."""

    timing = "virtual"

    def __init__(self, body: bytes) -> None:
        self._body = body

    def respond(self, call: Call) -> Reply:
        """Return the body after a second."""
        del call
        return Reply(200, (("content-type", "application/json"),), self._body, 1.0)


def test_an_error_that_cannot_be_fetched_is_replaced_by_a_description() -> None:
    """If the error of a failed job cannot be fetched, the reason is a plain description."""
    last = len(list_polls(run("batch", faults="job-failed")))
    polls: list[Call] = []

    def refuse(call: Call) -> int | None:
        polls.extend([call] if is_poll(call) else [])
        return 404 if len(polls) == last else None

    timed = run_with(Refusing(refuse, "job-failed"), "batch")
    assert {(answer.reason, answer.detail) for answer in timed.round.answers} == {
        (Reason.UNAVAILABLE, "the job failed")
    }
