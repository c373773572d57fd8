"""The sentences of a plan fit the plan: limits, ranges and assumptions."""

import itertools
import re
from dataclasses import replace

import pytest

from benchmarks.plan.report.terminal import format_lines
from benchmarks.plan.samples import Sample
from tests.plan.made import SAMPLES, TEN, find_plans, format_text, make_report, report_plans, require


def test_limits_are_joined_as_in_a_sentence() -> None:
    """Limits are joined by commas and "and", and a limit of one is in the singular."""
    required = require(1, rpm=1, tpm=4_000_000, rpd=1, batch_tokens=1)
    (head, *_) = format_text(report_plans(required, [find_plans(require(1))["sequential"]])).split("\n")
    limits = "1 request a minute, 4,000,000 tokens a minute, 1 request a day and 1 token in batch jobs"
    assert head == f"1 image, gemini-3.5-flash, {limits}"


def test_a_range_whose_ends_are_written_alike_is_a_single_time() -> None:
    """2990 s and 3010 s are both written as 50 min, so the table has one time and no range."""
    plan = replace(find_plans(require(10))["sequential"], seconds=3000.0)
    for interval, told in (((2990.0, 3010.0), "50 min"), ((2990.0, 3100.0), "50 min to 52 min")):
        text = format_text(report_plans(require(10), [replace(plan, interval=interval)]))
        (row,) = re.findall("^sequential .*", text, re.MULTILINE)
        assert re.split(" {2,}", row)[1:3] == ["50 min", told]


@pytest.mark.parametrize(("tpm", "fits"), [(1138, True), (1137, False)])
def test_a_request_with_more_tokens_than_a_minute_allows_does_not_fit(tpm: int, fits: bool) -> None:  # noqa: FBT001
    """A question has 1,138 tokens; with a lower limit the assumption that it is refused is stated."""
    plan = find_plans(require(10, tpm=tpm))["sequential"]
    why = "a request has 1,138 tokens; a limit of 1,137 a minute is assumed to always refuse it"
    assert plan.obstacles == (() if fits else (why,))


def test_only_what_was_planned_is_explained() -> None:
    """Rate limits, days, jobs, chunks and concurrencies are explained only if a plan depends on them."""
    sequential = find_plans(require(10))["sequential"]
    text = format_text(report_plans(require(10), [sequential]))
    words = ("a rate limit", "bucket", "atch", "reset", "concurrency is", "more images in a request", "at most 2 %")
    assert not [word for word in words if word in text]
    text = format_text(make_report(require(1000, rpm=60, rpd=100)))
    assert not [word for word in words if word not in text]
    assert "The concurrency is the smallest, up to 512, that takes at most 2 % longer than the fastest.\n" in text
    assert "\nPlans use at most 90 % of a rate limit a minute.\n" in text


def test_per_cent_stand_after_a_space() -> None:
    """All percent signs have a space before them, also in the share of time-outs."""
    late = Sample(1, [replace(TEN, seconds=700.0), *SAMPLES[1].requests])
    text = format_text(make_report(require(1000), SAMPLES | {1: late}))
    assert "5.88 % of its requests take longer than the time-out of 600 s" in text
    assert "%" not in text.replace(" %", "")


def test_the_table_fits_into_the_terminal() -> None:
    """At 80 characters the range and the limits, among others, are omitted, and named below the table."""
    lines = format_lines(make_report(require(1000)), 80)
    head, rule = next(pair for pair in itertools.pairwise(lines) if pair[0].startswith("strategy "))
    assert head.split() == ["strategy", "expected", "time", "cost", "right", "fits"]
    assert len(head) == len(rule) <= 80
    assert "Columns for which the terminal is too narrow: range, 95 %, off by, requests, limited by." in lines
