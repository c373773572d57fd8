"""Daily limits and limits of batch jobs: the days that a plan takes, from which start, and its jobs in turn."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.planning.jobs import divide_requests
from benchmarks.plan.planning.plans import Plan
from benchmarks.plan.planning.timing import DAY
from benchmarks.plan.samples import Sample
from tests.plan.made import CLIENT, SAMPLES, TEN, find_plans, format_text, learn, make_report, report_plans, require


def test_fifty_thousand_requests_at_ten_thousand_a_day_take_five_days() -> None:
    """A start right after a reset takes four days and the last day's part; the best start takes almost a day less."""
    plan = find_plans(require(50_000, rpm=1000, rpd=10_000), learned=learn("bounded"))["bounded"]
    a_day = 10_000 / plan.concurrency * 10
    assert plan.days == 5
    assert plan.bottleneck == "requests a day"
    assert plan.seconds == pytest.approx(4 * DAY + a_day, rel=1e-4)
    assert plan.interval == pytest.approx((3 * DAY + 2 * a_day, 4 * DAY + a_day), rel=1e-4)
    assert plan.chance == pytest.approx((plan.seconds, plan.seconds))
    assert find_plans(require(50_000, rpm=1000), learned=learn("bounded"))["bounded"].seconds < 3600


def test_the_last_day_has_what_is_left() -> None:
    """Of 25 requests at 10 a day, the third day has five: 10 s if sent at once, 50 s one by one."""
    plan = find_plans(require(25, rpd=10))["concurrent"]
    assert (plan.days, plan.seconds) == (3, 2 * DAY + 10)
    assert plan.interval == (DAY + 20, 2 * DAY + 10)
    one_by_one = find_plans(require(25, rpd=10))["sequential"]
    assert one_by_one.seconds == 2 * DAY + 50
    assert one_by_one.interval == (DAY + 100 + 50, 2 * DAY + 50)


@pytest.mark.parametrize(("images", "days"), [(10, None), (11, 2), (20, 2), (21, 3)])
def test_days_are_counted_from_one_more_request_than_a_day_allows(images: int, days: int | None) -> None:
    """At ten requests a day, ten need no count of days, and twenty take two."""
    assert find_plans(require(images, rpd=10))["sequential"].days == days


def test_a_plan_that_sends_fewer_a_day_is_not_limited_by_days() -> None:
    """One request at a time, of 10 s each, is 8,640 a day, which a limit of 9,000 does not affect."""
    learned = learn("sequential")
    slow = find_plans(require(20_000, rpd=9_000), learned=learned)["sequential"]
    assert (slow.days, slow.bottleneck) == (None, "one request at a time")
    assert slow.seconds == pytest.approx(200_000.0)
    assert find_plans(require(20_000, rpd=8_000), learned=learned)["sequential"].days == 3


def test_only_questions_count_and_those_about_several_images_once() -> None:
    """Uploads do not count, and a request about four images counts once; twelve images at ten a day take two days."""
    found = find_plans(require(12, rpd=10))
    assert {name: found[name].days for name in ("files", "concurrent", "chunked")} == {
        "files": 2,
        "concurrent": 2,
        "chunked": None,
    }
    assert found["batch"].days is None


def test_requests_that_are_turned_away_count_too() -> None:
    """With two attempts per request, a daily limit allows half as many requests."""
    refused = SAMPLES | {1: Sample(1, [replace(TEN, attempts=2)] * 2)}
    assert find_plans(require(10, rpd=10), refused)["sequential"].days == 2
    assert find_plans(require(10, rpd=20), refused)["sequential"].days is None


def test_the_longest_case_counts_for_a_deadline() -> None:
    """A plan of up to four days and a part misses a deadline of four days, although the best start would meet it."""
    asked: dict[str, Any] = {"rpm": 1000, "rpd": 10_000}
    missed, kept = (
        find_plans(require(50_000, deadline=deadline, **asked), learned=learn("bounded"))["bounded"]
        for deadline in (4 * DAY, 4.2 * DAY)
    )
    assert missed.obstacles == ("the deadline may be missed",)
    assert kept.is_feasible


def test_it_is_told_on_how_many_days_and_from_which_start() -> None:
    """The report names the days and their start only if the daily limit matters."""
    text = format_text(make_report(require(50_000, rpm=1000, rpd=10_000)))
    assert text.startswith("50,000 images, gemini-3.5-flash, 1,000 requests a minute and 10,000 requests a day\n")
    start = "start it once a day on 5 days (midnight to midnight Pacific time) with at most 10,000 images each"
    assert f", files: {start}, because requests above the daily limit are refused.\n" in text
    assert "is that of a start right after a reset (midnight Pacific time), the longest." in text
    assert "Pacific" not in format_text(make_report(require(5_000, rpm=1000, rpd=10_000)))


def test_under_the_plan_to_use_it_is_told_how_many_images_to_start_with_each_day() -> None:
    """The report gives the images to start each day, because no strategy waits for the reset."""
    plans = find_plans(require(50, rpd=10))
    text = format_text(report_plans(require(50, rpd=10), [plans["sequential"]]))
    start = "Start it once a day on 5 days, with at most 10 images each"
    assert f"\n{start}: no strategy waits for midnight Pacific time, when the daily limit is reset.\n" in text
    assert (plans["chunked"].days, plans["chunked"].images_a_day) == (2, 40)
    assert plans["batch_files"].images_a_day is None


def test_all_at_once_does_not_fit_where_a_day_lets_fewer_through() -> None:
    """Sixteen requests at once do not fit one request a day; one at a time they take 16 days."""
    found = find_plans(require(16, rpd=1))
    why = "a limit of 1 request a day does not allow 16 requests at once"
    assert found["concurrent"].obstacles == found["files"].obstacles == (why,)
    assert (found["sequential"].is_feasible, found["sequential"].days) == (True, 16)
    assert find_plans(require(16, rpd=16))["concurrent"].is_feasible


def find_job(images: int, tokens: int, **asked: Any) -> Plan:
    """Return the plan of the job under a limit of input tokens in all jobs; an image has 1,138 tokens."""
    (plan,) = (plan for plan in find_plans(require(images, batch_tokens=tokens, **asked)).values() if plan.jobs)
    return plan


@pytest.mark.parametrize(("tokens", "jobs", "most"), [(113_799, 2, 99), (56_900, 2, 50), (56_899, 3, 49)])
def test_jobs_that_need_more_tokens_than_may_be_under_way_run_in_turn(tokens: int, jobs: int, most: int) -> None:
    """100 images have 113,800 tokens; a limit of half of that takes two jobs in turn, one token less takes three."""
    plan = find_job(100, tokens)
    assert plan.name == f"batch jobs by requests_file (files {jobs}, most images {most})"
    assert (plan.jobs, plan.seconds, plan.interval) == (jobs, jobs * DAY, (0.0, jobs * DAY))
    assert plan.notes == [f"{jobs} jobs, one after another, each up to 24 h"]
    assert plan.bottleneck == "batch tokens"
    assert find_job(100, tokens, deadline=DAY).obstacles == ("the deadline may be missed",)


def test_tokens_that_are_enough_for_all_images_change_nothing() -> None:
    """If the limit allows all tokens, there is one job, inlined or on a file."""
    found = find_plans(require(100, batch_tokens=113_800))
    assert {(found[name].jobs, found[name].seconds) for name in ("batch", "batch_files")} == {(1, DAY)}
    assert found["batch"].bottleneck == "Google's 24 h target"


@pytest.mark.parametrize(
    ("held", "files", "turns", "most"),
    [(15_000, 7, 4, 7500), (10_000, 5, 5, 10_000), (30_000, 5, 2, 10_000), (49_999, 6, 2, 9999), (50_000, 5, 1, None)],
)
def test_files_are_as_few_as_let_the_fewest_jobs_run_in_turn(held: int, files: int, turns: int, most: int) -> None:
    """50,000 images take the fewest files of at most 10,000 with which the jobs take the fewest turns."""
    found = divide_requests(require(50_000, batch_tokens=1000 * held), CLIENT, 1000.0)
    assert found is not None
    assert (found.files, found.turns, found.most_images) == (files, turns, most)
    assert found.at_once * (found.most_images or 0) <= held


def test_the_command_that_writes_the_files_is_printed_with_what_they_hold() -> None:
    """The command has `--most-images` if tokens limit the files; without a job there is no mention of one."""
    required = require(1000, batch_tokens=400 * 1138)
    text = format_text(make_report(required))
    assert "batch jobs by requests_file (files 3, most images 400): 3 jobs, one after another, each up to 24 h." in text
    assert "up to 3.0 days" in text
    assert "455,200 tokens in batch jobs" in text
    assert "\n  python -m benchmarks.plan.requests_file FOLDER --model gemini-3.5-flash --most-images 400\n" in text
    assert "--most-images" not in format_text(make_report(require(1000)))
    assert "atch" not in format_text(report_plans(require(1000), [find_plans(required)["bounded"]]))


def test_a_request_with_more_tokens_than_all_jobs_may_have_does_not_fit() -> None:
    """One request with more tokens than the limit fits no number of jobs."""
    plan = find_plans(require(10, batch_tokens=1137))["batch"]
    assert plan.obstacles == ("one request has more tokens than --batch-tokens allows for all jobs",)
    text = format_text(report_plans(require(10, batch_tokens=1137), [plan]))
    assert "No plan fits.\nAnother deadline or budget would not change that.\n" in text
