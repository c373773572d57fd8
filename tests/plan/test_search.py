"""The search finds the smallest sufficient concurrency and the largest sufficient chunk."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.learning.pattern import AtOnce, Pattern
from benchmarks.plan.planning import search
from benchmarks.plan.planning.search import choose_chunk, choose_concurrency, find_most
from benchmarks.plan.planning.timing import Workload
from benchmarks.plan.requirements import Requirements
from benchmarks.plan.samples import Sample, Samples, list_simulated
from tests.plan.made import CLIENT, FORTY, MODEL, SAMPLES, SUBJECT, TEN, find_plans, make_report, require, spread

FREE = Pattern(("concurrency",), at_once=AtOnce.SETTING)
VARIED = Sample(1, [replace(TEN, seconds=2.0 + each % 9) for each in range(90)] + [replace(TEN, seconds=40.0)])


def make_workload(images: int, sample: Sample = SAMPLES[1], **limits: Any) -> Workload:
    """Return the questions of a strategy that takes a concurrency."""
    return Workload(require(images, **limits), FREE, sample, CLIENT, images)


@pytest.mark.parametrize(
    ("images", "sample", "limits", "expected"),
    [
        (1000, SAMPLES[1], {}, 500),  # two rows, as with 512
        (1000, SAMPLES[1], {"rpm": 60}, 9),
        (1000, SAMPLES[1], {"rpm": 6000}, 500),  # the limit allows more requests than there are images
        (100, SAMPLES[1], {}, 100),
        (300, VARIED, {}, None),
        (5000, VARIED, {"rpm": 1200}, None),
        (5000, VARIED, {"tpm": 500_000}, None),
    ],
)
def test_one_less_is_noticeably_slower_and_one_more_is_not_sooner(
    images: int, sample: Sample, limits: Mapping[str, Any], expected: int | None
) -> None:
    """The chosen concurrency is within 2 % of the fastest; one less is not, and one more does not help."""
    workload = make_workload(images, sample, **limits)
    chosen = choose_concurrency(workload)
    assert chosen == expected or expected is None

    def take(concurrency: int) -> float:
        return workload.find_time(concurrency, workload.few).seconds

    best = min(take(concurrency) for concurrency in range(1, find_most(workload) + 1, 7))
    assert take(chosen) <= 1.021 * best
    assert take(chosen - 1) > 1.02 * min(best, take(find_most(workload)))
    assert take(min(chosen + 1, find_most(workload))) >= 0.98 * take(chosen)


def test_a_refusal_at_first_is_taken_where_it_is_worth_it() -> None:
    """At 60 a minute ten requests may start at once; for long requests, more at a time are faster despite refusals."""
    long = Sample(1, [replace(TEN, seconds=60.0)] * 2)
    assert make_workload(1000, long, rpm=60).count_refusals(10) == 0
    assert [make_workload(1000, long, rpm=60).count_refusals(each) for each in (11, 20, 21, 999)] == [1, 1, 2, 7]
    assert choose_concurrency(make_workload(1000, long, rpm=60)) > 40
    assert choose_concurrency(make_workload(12, long, rpm=60)) == 12
    short = Sample(1, [replace(TEN, seconds=15.0)] * 2)
    assert choose_concurrency(make_workload(10, short, rpm=60)) == 10
    assert choose_concurrency(make_workload(20, short, rpm=60)) == 10


def test_one_image_takes_one_request() -> None:
    """The concurrency is at most the number of images, and at least one under any limit."""
    assert choose_concurrency(make_workload(1)) == 1
    assert choose_concurrency(make_workload(5, rpm=1)) == 1


def right(images: int, share: float, judged: int = 40, seconds: float = 10.0) -> Sample:
    """Return requests about `images` images each, with this share of right answers."""
    return Sample(images, spread(replace(FORTY, images=images, right=share, seconds=seconds), judged))


def choose(required: Requirements, samples: Mapping[int, Sample]) -> tuple[int | None, int | None]:
    """Return the chosen number of images per request, and the next larger one."""
    sizes = [size for size in samples if size > 1]
    found = choose_chunk(required, sizes, lambda size: samples[size], 600.0)
    return found.images, None if found.next_larger is None else found.next_larger.images


@pytest.mark.parametrize("enough", range(1, 13))
def test_the_largest_chunk_that_loses_no_more_than_ten_points_is_found(enough: int) -> None:
    """The search finds it for each of twelve sizes, and finds none if two images are too many."""
    samples = {size: right(size, 0.95 if size <= enough else 0.84) for size in range(1, 13)}
    found = choose(require(1000), samples)
    assert found == (enough if enough > 1 else None, enough + 1 if enough < 12 else None)


def test_ten_points_less_are_as_right_and_eleven_are_not() -> None:
    """The advice after a run uses the same tolerance of ten percentage points."""
    samples = {1: right(1, 0.95), 2: right(2, 0.85), 3: right(3, 0.84)}
    assert choose(require(1000), samples) == (2, 3)


def test_a_required_share_replaces_the_ten_points() -> None:
    """80 % of forty images have the interval 65 to 90 %, which shows at least 60 %, and not 70 %."""
    samples = {1: right(1, 0.95), 2: right(2, 0.8), 3: right(3, 0.7)}
    assert choose(require(1000, least_right=0.6), samples) == (2, 3)
    assert choose(require(1000, least_right=0.5), samples) == (3, None)
    assert choose(require(1000, least_right=0.7), samples) == (None, 2)


def test_a_chunk_that_times_out_is_too_large() -> None:
    """A size is too large if at least half a request is expected to time out: of 20 requests, but not of 19."""
    late = right(3, 0.95)
    late = Sample(3, [replace(late.requests[0], seconds=601.0), *late.requests[1:]])
    samples = {1: right(1, 0.95), 2: right(2, 0.95), 3: late}
    assert choose(require(60), samples) == (2, 3)
    assert choose(require(57), samples) == (3, None)


def test_few_sizes_are_simulated() -> None:
    """The search needs at most 15 of 110 sizes, because each takes a simulation."""
    looked: list[int] = []

    def draw(size: int) -> Sample:
        looked.append(size)
        return right(size, 0.95 if size <= 70 else 0.5)

    assert choose_chunk(require(1000), range(2, 112), draw, 600.0).images == 70
    assert len(set(looked)) <= 15


def test_the_loss_of_the_next_larger_chunk_is_reported() -> None:
    """Only the chosen chunk is listed, with the reason against the next larger one."""
    samples = {1: right(1, 0.95), 2: right(2, 0.9), 4: right(4, 0.7)}
    report = make_report(require(1000), samples)
    assert [plan.settings["chunk"] for plan in report.plans if plan.strategy == "chunked"] == [2]
    single, chunked, _ = report.found.left_out
    assert (
        single
        == "single_prompt and structured: not planned, because a request holds at most 104 images of this size, not 1,000."  # noqa: E501 - a sentence as it is printed
    )
    loss = "70 % right (95 % interval 55 to 82 %, 40 images), 25 percentage points less than with one image a request"
    assert chunked == f"chunked: 4 images a request are not planned: {loss}."
    _, chunked, _ = make_report(require(1000, least_right=0.6), samples).found.left_out
    why = "at least 60 % right is not shown: 70 % right (95 % interval 55 to 82 %, 40 images)"
    assert chunked == f"chunked: 4 images a request are not planned: {why}."


def test_where_it_is_not_known_how_right_answers_are_a_runs_own_chunk_is_planned() -> None:
    """The default of four is planned; recordings without that size give the smallest recorded one, with a note."""
    unknown = replace(TEN, right=None, error=None, judged=())
    samples = {size: Sample(size, [replace(unknown, images=size)] * 2) for size in (1, 2, 4, 8)}
    assert find_plans(require(100), samples)["chunked"].settings["chunk"] == 4
    del samples[4]
    report = make_report(require(100), samples)
    told = "chunked: planned with 2 images a request only, because it is not known how right answers about single images are."  # noqa: E501 - a sentence as it is printed
    assert told in report.found.left_out


def test_a_chunk_is_no_larger_than_a_request_holds_and_smaller_than_all() -> None:
    """The largest chunk is eleven of twelve images, and 104 of a thousand images of 150 KB."""
    samples = Samples(lambda images, _: right(images, 0.95))
    for images, chunk in ((12, 11), (1000, 104)):
        report = make_report(require(images), samples)
        assert [plan.settings["chunk"] for plan in report.plans if plan.strategy == "chunked"] == [chunk]
    assert (
        "chunked: not planned, because it needs at least 3 images." in make_report(require(2), samples).found.left_out
    )


def test_simulated_answers_are_less_right_with_more_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search relies on this order."""
    monkeypatch.setattr("benchmarks.plan.samples.IMAGES", 2000)
    samples = list_simulated(MODEL, replace(SUBJECT, truths={"a": 60}))
    found = [samples.draw(size).right or 0.0 for size in (1, 4, 16, 64)]
    assert found == sorted(found, reverse=True)
    assert search.MOST_CONCURRENCY == 512
