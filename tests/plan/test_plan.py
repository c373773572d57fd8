"""A plan keeps to limits, deadline and budget, names its bottleneck, and comes true in virtual time."""

import math
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.plan.__main__ import collect_samples
from benchmarks.plan.planning.planner import list_plans
from benchmarks.plan.planning.timing import DAY
from benchmarks.plan.report.document import make_document
from benchmarks.plan.samples import Sample, list_recorded, list_simulated, read_subject
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from fixtures.base.errors import RunError
from fixtures.run.options.settings import DEFAULT_MODEL
from fixtures.simulator.build import build_api
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.projection import RecordedLatencies
from fixtures.simulator.serving.in_process import InProcessSimulator
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.simulated import image
from tests.helpers.tasks import count_people, know_people
from tests.plan.made import (
    CLIENT,
    FORTY,
    MODEL,
    SAMPLES,
    SUBJECT,
    TEN,
    find_plans,
    format_text,
    learn,
    make_report,
    require,
)


def test_without_limits_the_concurrency_is_the_smallest_with_the_fewest_rows() -> None:
    """1,000 images take two rows of ten seconds with 500 at a time; the most allowed is 512."""
    found = find_plans(require(1000))
    assert (found["sequential"].seconds, found["sequential"].bottleneck) == (10_000.0, "one request at a time")
    assert found["bounded"].settings == {"concurrency": 500}
    assert (found["bounded"].seconds, found["bounded"].bottleneck) == (20.0, "requests at a time")
    assert found["chunked"].settings == {"chunk": 4, "concurrency": 250}
    assert (found["chunked"].seconds, found["chunked"].bottleneck) == (40.0, "slowest request")


def test_a_limit_of_requests_sets_the_concurrency_by_littles_law() -> None:
    """90 % of 60 requests a minute, of 10 s each, are 9 at a time, which take 112 rows."""
    bounded = find_plans(require(1000, rpm=60))["bounded"]
    assert bounded.settings == {"concurrency": 9}
    assert bounded.seconds == math.ceil(1000 / 9) * 10
    assert bounded.bottleneck == "requests a minute"
    assert bounded.is_feasible


def test_a_limit_of_tokens_sets_it_likewise() -> None:
    """A question has 1,138 tokens, so 60 times as many a minute allow what 60 requests a minute allow."""
    bounded = find_plans(require(1000, tpm=60 * 1138))["bounded"]
    assert bounded.settings == {"concurrency": 9}
    assert bounded.bottleneck == "tokens a minute"


def test_the_clients_cpu_is_the_limit_where_requests_are_fast() -> None:
    """With 5 ms per request and 2 ms of CPU, more than three at a time do not help."""
    fast = {1: Sample(1, [replace(TEN, seconds=0.005, thoughts_tokens=0)])}
    bounded = find_plans(require(1000), fast)["bounded"]
    assert bounded.settings == {"concurrency": 3}
    assert bounded.bottleneck == "client CPU"
    assert bounded.seconds == pytest.approx(2.0)


def test_what_misses_the_deadline_or_the_budget_does_not_fit() -> None:
    """A batch job, which may take a day and costs half, fits the budget but not a short deadline."""
    found = find_plans(require(1000, deadline=600.0))
    assert found["bounded"].is_feasible
    assert found["sequential"].obstacles == ("the deadline may be missed",)
    assert found["batch_files"].obstacles == ("the deadline may be missed",)
    assert find_plans(require(1000, deadline=DAY))["batch_files"].is_feasible
    one, batch = found["bounded"].cost_usd, found["batch_files"].cost_usd
    assert one is not None
    assert batch == pytest.approx(one / 2)
    poor = find_plans(require(1000, budget=one * 0.75))
    assert [plan.strategy for plan in poor.values() if plan.is_feasible] == ["batch_files"]
    assert "the budget is exceeded" in poor["bounded"].obstacles


def test_all_at_once_does_not_fit_where_a_limit_would_refuse_most_of_it() -> None:
    """A limit of 60 a minute allows ten requests at once; more than 512 at a time were not tried."""
    assert find_plans(require(10, rpm=60))["concurrent"].is_feasible
    refused = find_plans(require(11, rpm=60))["concurrent"]
    assert refused.obstacles == ("a limit of 60 requests a minute does not allow 11 requests at once",)
    assert refused.seconds > 10 + 15
    assert find_plans(require(512))["files"].is_feasible
    assert find_plans(require(513))["files"].obstacles == (
        "513 requests at a time are more than the 512 that were tried",
    )


def test_requests_that_time_out_do_not_fit() -> None:
    """Requests of eleven minutes exceed the time-out, so neither a single prompt nor such chunks fit."""
    slow = SAMPLES | {4: Sample(4, [replace(FORTY, seconds=660.0)])}
    assert find_plans(require(4), slow)["single_prompt"].obstacles == (
        "100 % of its requests take longer than the time-out of 600 s",
    )
    report = make_report(require(8), slow)
    assert "chunked" not in {plan.strategy for plan in report.plans}
    assert "chunked: 4 images a request are not planned: 100 % of the requests would time out." in report.found.left_out


def test_a_model_without_a_price_fits_no_budget() -> None:
    """An unknown price does not count as 0."""
    found = find_plans(require(10, model="unheard-of", budget=5.0))
    assert found["bounded"].cost_usd is None
    assert found["bounded"].obstacles == ("the price is not known",)


def test_the_answer_names_the_fastest_the_cheapest_and_the_most_right() -> None:
    """They are chosen among the plans that fit; equal ones are named too, the fastest first."""
    report = make_report(require(1000, rpm=60))
    assert {criterion: [plan.strategy for plan in equals] for criterion, equals in report.best.items()} == {
        "fastest": ["chunked"],
        "cheapest": ["batch_files"],
        "most right": ["adaptive", "bounded", "hedged", "sequential", "batch_files"],
    }
    text = format_text(report)
    assert "requests a minute. Equally right: bounded or threads (concurrency 9), hedged (concurrency " in text
    document = make_document(report)
    names = ["adaptive", "bounded (concurrency 9)", "hedged (concurrency 9)", "sequential", "batch_files"]
    assert (document["most_right"], document["equals"]["most_right"]) == (names[0], names)
    assert document["equals"]["fastest"] == [document["fastest"]]
    assert "Simulated, not of Gemini" in text
    assert "; limited by requests a minute.\n" in text
    assert "python -m benchmarks.plan.requests_file FOLDER --model gemini-3.5-flash" in text


@pytest.mark.parametrize("limits", [{}, {"rpm": 600}, {"tpm": 600 * 1138}])
@pytest.mark.parametrize("strategy", ["bounded", "chunked"])
def test_a_plan_comes_true_in_virtual_time(strategy: str, limits: dict[str, Any]) -> None:
    """With latencies of ten seconds per image, a virtual run takes the planned seconds within 10 %."""
    pictures = [image(f"{number}.jpg", number % 10) for number in range(600)]
    plan = find_plans(require(600, **limits))[strategy]
    latencies = Latencies([TEN, FORTY])
    api = build_api(know_people(pictures), latencies=latencies, rpm=limits.get("rpm"), tpm=limits.get("tpm"))
    bound = bind_strategy(count_people(MODEL), strategy, **plan.settings)
    done = run_round(bound, pictures, Wire(virtual_clock(), SimulatorResponder(InProcessSimulator(api))))
    assert done.seconds == pytest.approx(plan.seconds, rel=0.1)
    assert all(answer.value is not None for answer in done.round.answers)


def test_fifty_thousand_images_at_a_thousand_requests_a_minute_are_under_an_hour() -> None:
    """With the default model's simulated latencies, the plan takes 50 minutes / 0.9."""
    subject = read_subject("sixteen")
    required = require(50_000, model=DEFAULT_MODEL, rpm=1000, deadline=3600.0)
    (bounded,) = list_plans(required, learn("bounded"), list_simulated(DEFAULT_MODEL, subject), CLIENT).plans
    assert bounded.is_feasible
    assert bounded.seconds == pytest.approx(50 / 0.9 * 60, rel=0.025)


def test_a_plan_of_requests_of_uneven_length_comes_true_in_virtual_time() -> None:
    """1,200 images at 1,000 requests a minute: refused requests are retried, and every image has an answer."""
    uneven = [replace(TEN, seconds=2.0 + each % 9) for each in range(90)] + [replace(TEN, seconds=40.0)] * 5
    plan = find_plans(require(1200, rpm=1000), {1: Sample(1, uneven)})["bounded"]
    pictures = [image(f"{number}.jpg", number % 10) for number in range(1200)]
    api = build_api(know_people(pictures), latencies=Latencies(uneven), rpm=1000)
    bound = bind_strategy(count_people(MODEL), "bounded", **plan.settings)
    done = run_round(bound, pictures, Wire(virtual_clock(), SimulatorResponder(InProcessSimulator(api))))
    assert done.seconds == pytest.approx(plan.seconds, rel=0.1)
    assert all(answer.value is not None for answer in done.round.answers)


def test_without_a_fitting_plan_the_nearest_ones_are_named() -> None:
    """The fastest and the cheapest plan are named, the document has null, and nothing is recommended."""
    report = make_report(require(1000, rpm=60, deadline=60.0, budget=0.01))
    text = format_text(report)
    assert "No plan fits.\nThe fastest would be chunked (chunk 4, concurrency 36): up to " in text
    assert "The cheapest would be batch_files: up to 24 h, $" in text
    assert "\nUse " not in text
    document = make_document(report)
    assert (document["fastest"], document["recommended"], document["next_best"]) == (None, None, None)


def test_the_slowest_request_is_the_limit_where_more_at_a_time_would_not_help() -> None:
    """If one request in ten takes 300 s, a higher limit does not make 100 images faster."""
    uneven = {1: Sample(1, [TEN] * 9 + [replace(TEN, seconds=300.0)])}
    bounded = find_plans(require(100, rpm=600), uneven)["bounded"]
    assert bounded.bottleneck == "slowest request"


def project(*observations: Observation) -> RecordedLatencies:
    """Return recorded requests of Gemini."""
    return RecordedLatencies(Latencies(observations), "gemini", "2026-11-23")


@pytest.mark.parametrize("deadline", [None, 1.0])
def test_an_extrapolated_plan_is_never_named_the_best(deadline: float | None) -> None:
    """If all plans but one are extrapolated, none is named fastest, cheapest, most right or recommended."""
    latencies = project(FORTY, replace(FORTY, seconds=44.0))
    report = make_report(require(4, deadline=deadline), list_recorded(latencies), latencies)
    text = format_text(report)
    assert (
        "Plans cannot be compared, because all but one are extrapolated to numbers of images that were not recorded"
        in text
    )
    assert (
        "bounded or threads (concurrency 4), adaptive, hedged (concurrency 4), files, batch, batch_files: extrap"
        in text
    )
    assert "Fastest" not in text
    assert "fastest would be" not in text
    assert "\nUse " not in text
    document = make_document(report)
    assert {document[name] for name in ("fastest", "cheapest", "most_right", "recommended")} == {None}
    assert {plan["strategy"] for plan in document["plans"] if not plan["extrapolated"]} == {"single_prompt"}


def test_of_several_recorded_sizes_the_best_is_named_beside_what_is_extrapolated() -> None:
    """The fastest recorded plan is named, although an extrapolated one is faster."""
    pair = replace(FORTY, images=2, seconds=20.0)
    latencies = project(pair, pair, FORTY, FORTY)
    report = make_report(require(4, least_right=0.1), list_recorded(latencies), latencies)
    assert report.best["fastest"][0].settings == {"chunk": 2, "concurrency": 2}
    assert min(report.plans, key=lambda plan: plan.seconds).is_extrapolated


def test_one_recorded_request_gives_no_range() -> None:
    """The report says so, and its seconds alone are compared with the deadline."""
    latencies = project(TEN)
    report = make_report(require(4, deadline=10.0), list_recorded(latencies), latencies)
    text = format_text(report)
    assert "10 s  not known" in text
    assert "hedged (concurrency 4), files: one recorded request gives no range." in text
    assert "Projected from 1 recorded request of Gemini" in text
    assert {plan.strategy: plan.interval for plan in report.plans} == {
        **dict.fromkeys(("sequential", "concurrent", "bounded", "adaptive", "hedged", "files")),
        **dict.fromkeys(("batch", "batch_files"), (0.0, DAY)),
    }
    assert [plan.strategy for plan in report.plans if plan.is_feasible] == [
        *("concurrent", "bounded", "adaptive", "hedged")
    ]
    assert "single_prompt and structured: not planned, because no request with 4 images was recorded." in text
    assert "chunked: not planned, because no request with several images was recorded." in text


@pytest.mark.parametrize(
    ("known", "sentence"), [([TEN], "about 10 s"), ([TEN] * 9 + [replace(TEN, seconds=20.0)], "up to 20 s")]
)
def test_the_nearest_to_a_deadline_is_named_with_the_latest_time_that_is_known(
    known: list[Observation], sentence: str
) -> None:
    """It has the end of its range, or, from one request, the seconds of that request."""
    text = format_text(make_report(require(1, deadline=1.0), {1: Sample(1, known)}))
    assert f"The fastest would be sequential: {sentence}, $" in text


@pytest.mark.parametrize("option", ["tpm", "batch_tokens"])
def test_a_limit_of_tokens_takes_recordings_that_count_them(option: str) -> None:
    """A token limit is refused if a recorded answer has no token counts, because they are not known to be 0."""
    latencies = project(TEN, replace(TEN, text_tokens=0, image_tokens=0))
    assert collect_samples(require(4), SUBJECT, latencies).covers(1)
    named, limit = f"--{option.replace('_', '-')}", dict[str, Any]({option: 100_000})
    with pytest.raises(RunError, match=f"{named}: some recorded answers have no token counts"):
        collect_samples(require(4, **limit), SUBJECT, latencies)
