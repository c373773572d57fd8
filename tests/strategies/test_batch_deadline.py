"""Images that a job has not answered by its deadline are asked about one by one; seconds and cost include both."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

import pytest

from benchmarks.scaling.single_round import TimedRound
from benchmarks.strategies import STRATEGIES, bind_strategy
from fixtures.exchange.answer import Reason
from fixtures.exchange.reply import Exchange, Reply
from fixtures.run.options.settings import Simulation
from fixtures.run.record.makespan import bound_makespan
from fixtures.transport.responders import CannedResponder
from fixtures.transport.wire import Call
from tests.strategies.made import IMAGES, MODEL, make_task, run, run_with, simulate
from tests.strategies.test_jobs_that_go_wrong import Refusing, is_poll

JOBS = ("batch", "batch_files")
NOW = datetime.now(UTC)
TWO_HOURS = 7200
CANCELLED = 0.3 + 2.0 + 0.7
"""The seconds to cancel a job, to wait until it is cancelled, and to fetch its results."""


def list_singles(timed: TimedRound) -> list[Exchange]:
    """Return the requests about one image."""
    return [each for each in timed.round.exchanges if each.sent.resource.endswith(":generateContent")]


def find(timed: TimedRound, end: str) -> list[Exchange]:
    """Return the requests whose resource has this ending."""
    return [each for each in timed.round.exchanges if each.sent.resource.endswith(end)]


@pytest.mark.parametrize("strategy", JOBS)
def test_a_pending_job_is_given_up_at_its_deadline(strategy: str) -> None:
    """At its deadline a job is polled and cancelled, and then every image is asked about alone."""
    timed = run(strategy, faults="job-pending", batch_deadline=TWO_HOURS, concurrency=2)
    (cancelled,) = find(timed, ":cancel")
    assert cancelled.start == pytest.approx(TWO_HOURS + 0.3)
    assert list_singles(timed)[0].start == pytest.approx(TWO_HOURS + 0.3 + CANCELLED)
    # The simulator has already drawn an answer for each image of the job, so the next ones are the second.
    simulator = simulate()
    run_with(simulator, "bounded")
    alone = run_with(simulator, "bounded", concurrency=2)
    assert all(answer.reason is None for answer in timed.round.answers)
    assert timed.round.answers == alone.round.answers
    deleted = 0.15 if strategy == "batch_files" else 0.0
    assert timed.seconds == pytest.approx(TWO_HOURS + 0.3 + CANCELLED + alone.seconds + deleted)
    assert timed.round.cost_usd(MODEL, NOW) == pytest.approx(alone.round.cost_usd(MODEL, NOW))
    assert len(find(timed, ":batchGenerateContent")) == 1


@pytest.mark.parametrize("strategy", JOBS)
def test_the_answers_of_a_cancelled_job_are_used_and_paid(strategy: str) -> None:
    """The answers of a cancelled job are used at the price of a job; the other images are asked about alone, once."""
    job, alone = run(strategy), run("bounded")
    timed = run(strategy, batch_deadline=70)
    assert all(answer.reason is None for answer in timed.round.answers)
    assert [answer.image for answer in timed.round.answers] == [image.name for image in IMAGES]
    singles = list_singles(timed)
    made = [response for response in timed.round.responses if response.tokens.batch]
    assert (len(made), len(singles)) == (2, 2)
    assert len({image for each in singles for image in each.sent.images}) == 2
    both = [timed.round.cost_usd(MODEL, NOW), job.round.cost_usd(MODEL, NOW), alone.round.cost_usd(MODEL, NOW)]
    cost, of_job, of_singles = (each or 0.0 for each in both)
    assert of_job < cost < of_singles
    assert timed.round.served_tiers["batch"] == 2


@pytest.mark.parametrize("strategy", JOBS)
@pytest.mark.parametrize(("fault", "singles"), [("job-expired", 4), ("job-failed", 4), ("job-partial", 2)])
def test_images_that_an_ended_job_did_not_answer_are_asked_about_at_once(
    strategy: str, fault: str, singles: int
) -> None:
    """Images that an ended job has not answered are asked about before the deadline, without further polls."""
    timed = run(strategy, faults=fault, batch_deadline=TWO_HOURS)
    assert all(answer.reason is None for answer in timed.round.answers)
    assert len(list_singles(timed)) == singles
    assert find(timed, ":cancel") == []
    polls = [each for each in timed.round.exchanges if each.sent.resource.startswith("batches/")]
    without = [each for each in run(strategy).round.exchanges if each.sent.resource.startswith("batches/")]
    assert len(polls) == len(without)
    assert timed.seconds < 300


@pytest.mark.parametrize("strategy", JOBS)
def test_a_job_that_ends_in_time_is_as_without_a_deadline(strategy: str) -> None:
    """A job that ends before its deadline sends the same requests at the same times as one without a deadline."""
    usual, timed = run(strategy), run(strategy, batch_deadline=TWO_HOURS)
    assert timed.seconds == usual.seconds
    assert timed.round.answers == usual.round.answers
    assert [each.sent.digest for each in timed.round.exchanges] == [each.sent.digest for each in usual.round.exchanges]


def test_a_job_is_polled_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job is polled at its deadline, even if the next poll would be later."""
    monkeypatch.setattr("fixtures.simulator.decisions.services.batches.TURNAROUND_SECONDS", 1000.0)
    polls = [each.start for each in run("batch").round.exchanges if each.sent.resource.startswith("batches/")]
    deadline = round(polls[-1]) - 5
    assert polls[-2] < deadline
    timed = run("batch", batch_deadline=deadline)
    assert find(timed, ":cancel") == list_singles(timed) == []
    assert timed.round.exchanges[-1].start == pytest.approx(deadline)


def test_a_blocked_answer_is_not_asked_for_again() -> None:
    """A blocked answer of a job is final, as it is without a job."""
    timed = run("batch", faults="safety", batch_deadline=TWO_HOURS)
    assert {answer.reason for answer in timed.round.answers} == {"blocked"}
    assert list_singles(timed) == []


@pytest.mark.parametrize(("status", "creates"), [(400, 1), (503, 8)])
def test_images_of_a_job_that_cannot_be_created_are_asked_about_one_by_one(status: int, creates: int) -> None:
    """If the request to create a job fails after its retries, every image is asked about alone."""
    timed = run_with(Refusing(lambda call: status if begins(call) else None), "batch", batch_deadline=TWO_HOURS)
    assert all(answer.reason is None for answer in timed.round.answers)
    assert len(find(timed, ":batchGenerateContent")) == creates
    assert [each.sent.method for each in timed.round.exchanges] == ["POST"] * (creates + len(IMAGES))


def begins(call: Call) -> bool:
    """Return whether a request creates a job."""
    return call.sent.resource.endswith(":batchGenerateContent")


def test_a_job_is_not_created_after_the_deadline() -> None:
    """The deadline also ends the attempts to create a job, and the waits between them."""
    timed = run_with(Refusing(lambda call: 503 if begins(call) else None), "batch", batch_deadline=50)
    usual = run_with(Refusing(lambda call: 503 if begins(call) else None), "batch")
    assert usual.round.exchanges[-1].start > 60
    assert list_singles(timed)[0].start == pytest.approx(50)
    assert all(answer.reason is None for answer in timed.round.answers)


class Hanging(Refusing):
    """Refuses requests like `Refusing`, after ten minutes."""

    def respond(self, call: Call) -> Reply:
        """Return the reply of `Refusing`, with errors after 600 seconds."""
        reply = super().respond(call)
        return reply if reply.status == HTTPStatus.OK else replace(reply, elapsed=600.0)


@pytest.mark.parametrize("responder", [Refusing, Hanging])
@pytest.mark.parametrize("strategy", JOBS)
def test_the_deadline_is_kept_if_the_api_fails(strategy: str, responder: type[Refusing]) -> None:
    """If polls fail or hang, the last poll and the cancelling take at most 30 seconds each."""
    refusing = responder(lambda call: 503 if is_poll(call) else None)
    timed = run_with(refusing, strategy, batch_deadline=70)
    (cancelled,) = find(timed, ":cancel")
    assert cancelled.start == pytest.approx(70 + 30)
    assert list_singles(timed)[0].start == pytest.approx(70 + 2 * 30)
    assert all(answer.reason is None for answer in timed.round.answers)


def test_the_poll_at_the_deadline_does_not_wait() -> None:
    """At its deadline a job is polled at once, without the rest of a wait, and its results are used."""
    end = 200

    def refuse(call: Call) -> int | None:
        return 503 if is_poll(call) and call.since < end else None

    late = find(run_with(Refusing(refuse), "batch_files"), ":download")[0].start
    timed = run_with(Refusing(refuse), "batch_files", batch_deadline=end)
    assert find(timed, ":download")[0].start == pytest.approx(end + 0.7)
    assert late > end + 1
    assert find(timed, ":cancel") == list_singles(timed) == []


def test_results_that_are_readable_late_are_used() -> None:
    """The results of a cancelled job are used even if its file can be read only after two minutes."""
    timed = run("batch_files", faults="result-503", batch_deadline=70)
    assert (len(find(timed, ":cancel")), len(find(timed, ":download"))) == (1, 3)
    assert timed.round.served_tiers["batch"] == len(list_singles(timed)) == 2
    assert all(answer.reason is None for answer in timed.round.answers)


def test_a_job_that_cannot_be_cancelled_is_named_in_a_warning() -> None:
    """If a job cannot be cancelled within 30 seconds, a warning names it, and the images are asked about alone."""

    def refuse(call: Call) -> int | None:
        return 503 if call.since > TWO_HOURS and not call.asks_model else None

    with pytest.warns(UserWarning, match=r"The batch job batches/\w+ could not be cancelled"):
        timed = run_with(Refusing(refuse, "job-pending"), "batch", batch_deadline=TWO_HOURS)
    assert all(answer.reason is None for answer in timed.round.answers)
    waited = list_singles(timed)[0].start - find(timed, ":cancel")[0].start
    assert waited == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (lambda call: call.since > 10, " (not cancelled)"),
        (is_poll, ""),
        (lambda call: call.sent.resource.endswith(":download"), ""),
    ],
    ids=["everything", "its state", "its results"],
)
@pytest.mark.filterwarnings("ignore:The batch job")
def test_an_image_without_an_answer_names_the_job_that_was_given_up(fails: Callable[[Call], bool], told: str) -> None:
    """The reason of an image without an answer names the job that was given up."""

    def refuse(call: Call) -> int | None:
        if call.sent.resource.endswith(":generateContent"):
            return 400
        return 503 if fails(call) else None

    timed = run_with(Refusing(refuse), "batch_files", batch_deadline=70)
    name = json.loads(find(timed, ":batchGenerateContent")[0].reply.body)["name"]
    assert {answer.reason for answer in timed.round.answers} == {Reason.REFUSED}
    assert {answer.detail.partition(": no")[2] for answer in timed.round.answers} == {f"; the job is {name}{told}"}


def test_remaining_images_are_asked_about_with_the_given_concurrency() -> None:
    """The remaining images are asked about with the given concurrency."""
    for concurrency in (1, 3):
        singles = list_singles(run("batch", faults="job-failed", batch_deadline=TWO_HOURS, concurrency=concurrency))
        edges = sorted([(each.start, 1) for each in singles] + [(each.end, -1) for each in singles])
        under_way = [sum(change for _, change in edges[:count]) for count in range(1, len(edges) + 1)]
        assert max(under_way) == concurrency


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_deadline_is_a_setting_only_if_it_is_given(strategy: str) -> None:
    """The settings of a job include the deadline and the concurrency only if a deadline is given."""
    usual = {"concurrency": 8, "chunk": 4}
    own = bind_strategy(make_task(), strategy, **usual).settings
    given = bind_strategy(make_task(), strategy, **usual, batch_deadline=60).settings
    if strategy in JOBS:
        assert (own, given) == ({}, {"batch_deadline": 60, "concurrency": 8})
    else:
        assert own == given


def test_a_round_with_a_job_has_no_ideal_makespan() -> None:
    """A round with a job has no ideal makespan, because the time of a job cannot be bounded."""
    timed = run("batch", faults="job-failed", batch_deadline=TWO_HOURS)
    assert list_singles(timed)
    assert bound_makespan(timed.round, {"concurrency": 8}, Simulation("virtual")) is None


def test_the_estimate_assumes_that_a_job_answers_all_images() -> None:
    """The estimate assumes that a job answers all images: with canned replies, no image is asked about alone."""
    timed = run_with(CannedResponder(), "batch_files", batch_deadline=TWO_HOURS)
    assert list_singles(timed) == find(timed, ":cancel") == []
