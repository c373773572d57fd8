"""Limits of a day and of batch jobs: how many days a plan takes, from which start, and how many jobs in turn."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.planning.timing import DAY
from benchmarks.plan.samples import Sample
from tests.plan.made import SAMPLES, TEN, find_plans, format_text, learn, make_report, report_plans, require


def test_fifty_thousand_requests_at_ten_thousand_a_day_take_five_days() -> None:
    """Four whole days and the last day's part, from right after a reset; the best start saves a day."""
    plan = find_plans(require(50_000, rpm=1000, rpd=10_000), learned=learn("bounded"))["bounded"]
    a_day = 10_000 / plan.concurrency * 10
    assert plan.days == 5
    assert plan.bottleneck == "requests a day"
    assert plan.seconds == pytest.approx(4 * DAY + a_day, rel=1e-4)
    assert plan.interval == pytest.approx((3 * DAY + 2 * a_day, 4 * DAY + a_day), rel=1e-4)
    assert plan.chance == pytest.approx((plan.seconds, plan.seconds))
    assert find_plans(require(50_000, rpm=1000), learned=learn("bounded"))["bounded"].seconds < 3600


def test_the_last_day_has_what_is_left() -> None:
    """25 requests, 10 a day, all at once: two whole days, and five requests of ten seconds on the third."""
    plan = find_plans(require(25, rpd=10))["concurrent"]
    assert (plan.days, plan.seconds) == (3, 2 * DAY + 10)
    assert plan.interval == (DAY + 20, 2 * DAY + 10)
    one_by_one = find_plans(require(25, rpd=10))["sequential"]
    assert one_by_one.seconds == 2 * DAY + 50
    assert one_by_one.interval == (DAY + 100 + 50, 2 * DAY + 50)


@pytest.mark.parametrize(("images", "days"), [(10, None), (11, 2), (20, 2), (21, 3)])
def test_days_are_counted_from_one_more_request_than_a_day_allows(images: int, days: int | None) -> None:
    """Ten a day: ten are no matter of days, twenty fit two."""
    assert find_plans(require(images, rpd=10))["sequential"].days == days


def test_who_does_not_send_as_many_a_day_is_not_limited_by_them() -> None:
    """One after another, ten seconds each, are 8,640 a day: 20,000 take 200,000 s, whatever a day allows beyond."""
    learned = learn("sequential")
    slow = find_plans(require(20_000, rpd=9_000), learned=learned)["sequential"]
    assert (slow.days, slow.bottleneck) == (None, "one request at a time")
    assert slow.seconds == pytest.approx(200_000.0)
    assert find_plans(require(20_000, rpd=8_000), learned=learned)["sequential"].days == 3


def test_only_questions_count_and_those_about_several_images_once() -> None:
    """Twelve images: twelve questions, uploads or not, on two days; three about four images each on one."""
    found = find_plans(require(12, rpd=10))
    assert {name: found[name].days for name in ("files", "concurrent", "chunked")} == {
        "files": 2,
        "concurrent": 2,
        "chunked": None,
    }
    assert found["batch"].days is None


def test_requests_that_are_turned_away_count_too() -> None:
    """Two attempts a request halve what a day lets through."""
    refused = SAMPLES | {1: Sample(1, [replace(TEN, attempts=2)] * 2)}
    assert find_plans(require(10, rpd=10), refused)["sequential"].days == 2
    assert find_plans(require(10, rpd=20), refused)["sequential"].days is None


def test_the_longest_case_counts_for_a_deadline() -> None:
    """Four days and a part miss four days, though the best start would not."""
    asked: dict[str, Any] = {"rpm": 1000, "rpd": 10_000}
    missed, kept = (
        find_plans(require(50_000, deadline=deadline, **asked), learned=learn("bounded"))["bounded"]
        for deadline in (4 * DAY, 4.2 * DAY)
    )
    assert missed.obstacles == ("it may miss the deadline",)
    assert kept.is_feasible


def test_it_is_told_on_how_many_days_and_from_which_start() -> None:
    """Where days matter, and only there."""
    text = format_text(make_report(require(50_000, rpm=1000, rpd=10_000)))
    assert text.startswith("50,000 images, gemini-3.5-flash, 1,000 requests a minute and 10,000 requests a day\n")
    assert ", files: runs on 5 days, midnight to midnight Pacific time.\n" in text
    assert "the time is that of a start right after a reset (midnight Pacific time), the longest." in text
    assert "Pacific" not in format_text(make_report(require(5_000, rpm=1000, rpd=10_000)))


def test_jobs_that_need_more_tokens_than_may_be_under_way_run_in_turn() -> None:
    """1,138 tokens an image: 100 images are 113,800, so that 56,900 hold fifty of them and one less takes a third."""
    for tokens, jobs in ((113_800, 1), (113_799, 2), (56_900, 2), (56_899, 3)):
        plan = find_plans(require(100, batch_tokens=tokens))["batch"]
        assert (plan.jobs, plan.seconds, plan.interval) == (jobs, jobs * DAY, (0.0, jobs * DAY))
    assert plan.bottleneck == "batch tokens"
    assert find_plans(require(100))["batch"].bottleneck == "Google's 24 h target"
    assert find_plans(require(100, batch_tokens=56_900, deadline=DAY))["batch"].obstacles == (
        "it may miss the deadline",
    )


def test_each_job_in_turn_has_a_file_of_its_own() -> None:
    """Three jobs are three files, also where one would hold them all; and it is said that they run in turn."""
    plan = find_plans(require(1000, batch_tokens=400 * 1138))["batch"]
    assert (plan.jobs, plan.settings) == (3, {"files": 3})
    text = format_text(report_plans(require(1000, batch_tokens=400 * 1138), [plan]))
    assert "batch (files 3): 3 jobs, one after another, each up to 24 h." in text
    assert "up to 3.0 days" in text
    assert "455,200 tokens in batch jobs" in text


def test_a_request_with_more_tokens_than_all_jobs_may_have_does_not_fit() -> None:
    """No number of jobs helps."""
    plan = find_plans(require(10, batch_tokens=1137))["batch"]
    assert plan.obstacles == ("one request has more tokens than all batch jobs may have",)
    text = format_text(report_plans(require(10, batch_tokens=1137), [plan]))
    assert "Nothing fits.\nNeither another deadline nor another budget would change that.\n" in text
