"""A plan keeps to limits, deadline and budget, says what binds, and comes true in virtual time."""

import json
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.plan import __main__ as command
from benchmarks.plan import samples
from benchmarks.plan.__main__ import collect_samples
from benchmarks.plan.candidates import BATCH_SECONDS, Plan, list_plans
from benchmarks.plan.report import PlanReport
from benchmarks.plan.samples import Sample, take_recorded
from benchmarks.scaling.single_round import run_round
from benchmarks.strategies import bind_strategy
from fixtures.base.errors import RunError
from fixtures.simulator.build import build_api
from fixtures.simulator.latencies import Latencies, Observation
from fixtures.simulator.projection import RecordedLatencies
from fixtures.simulator.serving.in_process import InProcessSimulator
from fixtures.transport.responders import SimulatorResponder
from fixtures.transport.wire import Wire
from tests.conftest import virtual_clock
from tests.helpers.forks import ROOT, run_python
from tests.helpers.simulated import image
from tests.helpers.suite import environment_of_users
from tests.helpers.tasks import count_people, know_people
from tests.plan.made import CLIENT, FORTY, MODEL, SAMPLES, SUBJECT, TEN, make_report, require


def make_plans(images: int = 1000, **asked: Any) -> dict[str, Plan]:
    """Return the plans by strategy, for requests that take ten seconds an image."""
    return {plan.strategy: plan for plan in list_plans(require(images, **asked), SAMPLES, CLIENT)}


def test_without_limits_the_largest_concurrency_that_was_tried_is_used() -> None:
    """1,000 images, 512 at a time: two rows of ten seconds; one after another 10,000 s."""
    found = make_plans()
    assert (found["sequential"].seconds, found["sequential"].bottleneck) == (10_000.0, "latency")
    assert found["bounded"].settings == {"concurrency": 512}
    assert found["bounded"].seconds == 20.0
    assert found["chunked"].settings == {"chunk": 4, "concurrency": 250}
    assert found["chunked"].seconds == 40.0


def test_a_limit_of_requests_sets_the_concurrency_by_littles_law() -> None:
    """60 a minute, of which nine tenths are planned with: 0.9 a second times 10 s are 9 at a time, 112 rows of 10 s."""
    bounded = make_plans(rpm=60)["bounded"]
    assert bounded.settings == {"concurrency": 9}
    assert bounded.seconds == math.ceil(1000 / 9) * 10
    assert bounded.bottleneck == "requests a minute"
    assert bounded.is_feasible


def test_a_limit_of_tokens_sets_it_likewise() -> None:
    """A question has 1,138 tokens: 60 of them a minute are as 60 requests."""
    bounded = make_plans(tpm=60 * 1138)["bounded"]
    assert bounded.settings == {"concurrency": 9}
    assert bounded.bottleneck == "tokens a minute"


def test_the_clients_cpu_binds_where_requests_are_fast() -> None:
    """5 ms a request and 2 ms of CPU: more than two at a time do not help, and 1,000 images take 2 s of CPU."""
    fast = {1: Sample(1, [replace(TEN, seconds=0.005, thoughts_tokens=0)])}
    bounded = {plan.strategy: plan for plan in list_plans(require(1000), fast, CLIENT)}["bounded"]
    assert bounded.settings == {"concurrency": 2}
    assert bounded.bottleneck == "client CPU"
    assert bounded.seconds == pytest.approx(2.5)


def test_what_misses_the_deadline_or_the_budget_does_not_fit() -> None:
    """A batch job is promised within a day only, and costs half."""
    found = make_plans(deadline=600.0)
    assert found["bounded"].is_feasible
    assert found["sequential"].obstacles == ("it may miss the deadline",)
    assert found["batch"].obstacles == ("it may miss the deadline",)
    assert make_plans(deadline=BATCH_SECONDS)["batch"].is_feasible
    one, batch = found["bounded"].cost_usd, found["batch"].cost_usd
    assert one is not None
    assert batch == pytest.approx(one / 2)
    poor = make_plans(budget=one * 0.75)
    assert [plan.strategy for plan in poor.values() if plan.is_feasible] == ["batch"]
    assert "it is above the budget" in poor["bounded"].obstacles


def test_all_at_once_does_not_fit_where_a_limit_would_refuse_most_of_it() -> None:
    """60 a minute let ten through at once."""
    assert make_plans(10, rpm=60)["concurrent"].is_feasible
    assert not make_plans(11, rpm=60)["concurrent"].is_feasible


def test_requests_that_time_out_do_not_fit() -> None:
    """A prompt that takes eleven minutes is given up after ten."""
    slow = SAMPLES | {4: Sample(4, [replace(FORTY, seconds=660.0)])}
    (reason,) = {plan.strategy: plan for plan in list_plans(require(8), slow, CLIENT)}["chunked"].obstacles
    assert reason == "100.0% of its requests take longer than the time-out of 600 s"


def test_a_model_without_a_price_fits_no_budget() -> None:
    """What is not known is never taken for 0."""
    found = {plan.strategy: plan for plan in list_plans(require(10, model="unheard-of", budget=5.0), SAMPLES, CLIENT)}
    assert found["bounded"].cost_usd is None
    assert found["bounded"].obstacles == ("its price is not known",)


def test_the_answer_names_the_fastest_the_cheapest_and_the_most_right() -> None:
    """Of those that fit; of several as cheap or as right, the fastest."""
    required = require(1000, rpm=60)
    report = make_report(required)
    assert {criterion: plan.strategy for criterion, plan in report.best.items()} == {
        "fastest": "chunked",
        "cheapest": "batch",
        "most right": "bounded",
    }
    text = "\n".join(report.format_lines())
    assert "Simulated, not of Gemini" in text
    assert "python -m benchmarks.plan.requests_file FOLDER --model gemini-3.5-flash" in text


@pytest.mark.parametrize("limits", [{}, {"rpm": 600}, {"tpm": 600 * 1138}])
def test_a_plan_comes_true_in_virtual_time(limits: dict[str, int]) -> None:
    """With latencies of ten seconds, strategies, SDK and limits take what was planned, within a tenth."""
    pictures = [image(f"{number}.jpg", number % 10) for number in range(600)]
    for strategy in ("bounded", "chunked"):
        plan = make_plans(600, **limits)[strategy]
        api = build_api(
            know_people(pictures), latencies=Latencies([TEN, FORTY]), rpm=limits.get("rpm"), tpm=limits.get("tpm")
        )
        bound = bind_strategy(count_people(MODEL), strategy, **plan.settings)
        done = run_round(bound, pictures, Wire(virtual_clock(), SimulatorResponder(InProcessSimulator(api))))
        assert done.seconds == pytest.approx(plan.seconds, rel=0.1), strategy
        assert all(answer.value is not None for answer in done.round.answers)


def test_where_nothing_fits_it_says_what_would() -> None:
    """How late the fastest is, and how dear the cheapest; programs get null."""
    required = require(1000, rpm=60, deadline=60.0, budget=0.01)
    report = make_report(required)
    text = "\n".join(report.format_lines())
    assert "Nothing fits.\nThe fastest would be chunked (chunk 4, concurrency 36): up to " in text
    assert "The cheapest would be batch (files 1): up to 24 h, $" in text
    assert report.make_document()["fastest"] is None


def test_the_slowest_request_binds_where_more_at_a_time_would_not_help() -> None:
    """One request in ten takes 300 s: 100 images, 9 at a time, do not end sooner with a higher limit."""
    uneven = {1: Sample(1, [TEN] * 9 + [replace(TEN, seconds=300.0)])}
    bounded = {plan.strategy: plan for plan in list_plans(require(100, rpm=600), uneven, CLIENT)}["bounded"]
    assert bounded.bottleneck == "slowest request"


@pytest.mark.parametrize("deadline", [None, 1.0])
def test_an_extrapolated_plan_is_named_the_best_of_nothing(deadline: float | None) -> None:
    """From four images in a prompt, the rest is extrapolated: nobody knows who is faster, or would be."""
    latencies = RecordedLatencies(Latencies([FORTY, replace(FORTY, seconds=44.0)]), "gemini", "2026-11-23")
    required = require(4, deadline=deadline)
    plans = list_plans(required, {size: take_recorded(latencies, size) for size in (1, 4)}, CLIENT)
    report = PlanReport(required, plans, CLIENT, latencies, SUBJECT)
    text = "\n".join(report.format_lines())
    assert "There are no two plans to compare that follow from recorded requests about as many images" in text
    assert "sequential, bounded (concurrency 4), concurrent, batch: extrapolated" in text
    assert "Fastest" not in text
    assert "fastest would be" not in text
    document = report.make_document()
    assert {document[name] for name in ("fastest", "cheapest", "most_right")} == {None}
    assert {plan["strategy"] for plan in document["plans"] if not plan["extrapolated"]} == {"single_prompt"}


def test_of_several_recorded_sizes_the_best_is_named_beside_what_is_extrapolated() -> None:
    """Two images a request, or four: the faster of these, though one image a request is faster by extrapolation."""
    pair = replace(FORTY, images=2, seconds=20.0)
    latencies = RecordedLatencies(Latencies([pair, pair, FORTY, FORTY]), "gemini", "2026-11-23")
    required = require(8)
    plans = list_plans(required, {size: take_recorded(latencies, size) for size in (1, 2, 4)}, CLIENT)
    report = PlanReport(required, plans, CLIENT, latencies, SUBJECT)
    assert report.best["fastest"].settings == {"chunk": 2, "concurrency": 4}
    assert min(plans, key=lambda plan: plan.seconds).is_extrapolated


def test_one_recorded_request_gives_no_range() -> None:
    """And that is said; its own seconds stand for what a deadline allows."""
    latencies = RecordedLatencies(Latencies([TEN]), "gemini", "2026-11-23")
    required = require(4, deadline=10.0)
    plans = list_plans(required, {1: take_recorded(latencies, 1)}, CLIENT)
    text = "\n".join(PlanReport(required, plans, CLIENT, latencies, SUBJECT).format_lines())
    assert "10 s (no range)" in text
    assert "sequential, bounded (concurrency 4), concurrent: one recorded request gives no range." in text
    assert "Projected from 1 recorded request of Gemini" in text
    assert [plan.interval for plan in plans] == [None, None, None, (0.0, BATCH_SECONDS)]
    assert [plan.strategy for plan in plans if plan.is_feasible] == ["bounded", "concurrent"]


@pytest.mark.parametrize(
    ("known", "sentence"), [([TEN], "about 10 s"), ([TEN] * 9 + [replace(TEN, seconds=20.0)], "up to 20 s")]
)
def test_the_nearest_to_a_deadline_is_named_with_the_latest_time_that_is_known(
    known: list[Observation], sentence: str
) -> None:
    """The end of the range, or where one request gives none, about its seconds."""
    required = require(1, deadline=1.0)
    plans = list_plans(required, {1: Sample(1, known)}, CLIENT)
    text = "\n".join(PlanReport(required, plans, CLIENT, None, SUBJECT).format_lines())
    assert f"The fastest would be sequential: {sentence}, $" in text


def test_a_limit_of_tokens_takes_recordings_that_count_them() -> None:
    """Tokens that an answer does not state are not known to be none."""
    latencies = RecordedLatencies(Latencies([TEN, replace(TEN, text_tokens=0, image_tokens=0)]), "gemini", "")
    assert 1 in collect_samples(require(4), SUBJECT, latencies)
    with pytest.raises(RunError, match="--tpm: the recorded answers do not all say how many tokens they read"):
        collect_samples(require(4, tpm=100_000), SUBJECT, latencies)


def run_plan(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    return run_python(["-m", "benchmarks.plan", *options], env=environment_of_users(), timeout=120)


@dataclass(frozen=True)
class Told:
    """What the command said."""

    code: int
    stdout: str
    stderr: str


Command = Callable[..., Told]


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs the command in this process, with few simulated requests and nothing measured."""
    monkeypatch.setattr(samples, "IMAGES", 240)
    monkeypatch.setattr(samples, "LEAST_REQUESTS", 24)
    monkeypatch.setattr(command, "measure_client", lambda: CLIENT)

    def run(*options: str | Path) -> Told:
        monkeypatch.setattr("sys.argv", ["plan", *map(str, options)])
        with pytest.raises(SystemExit) as ended:
            sys.exit(command.main())
        told = capsys.readouterr()
        if isinstance(ended.value.code, str):  # which the interpreter would print
            return Told(1, told.out, f"{told.err}{ended.value.code}\n")
        assert isinstance(ended.value.code, int)
        return Told(ended.value.code, told.out, told.err)

    return run


def test_programs_get_the_same_as_json() -> None:
    """Projected from recordings, with what was measured of this machine."""
    recordings = [
        f"--latency-from={ROOT / 'cassettes' / MODEL / 'four' / f'{name}.yaml'}"
        for name in ("sequential", "single_prompt")
    ]
    done = run_plan("--images=500", "--rpm=1000", "--json", f"--model={MODEL}", *recordings)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["recorded_requests"] == 25
    assert document["origin"].startswith("Projected from 25 recorded requests of the bundled simulator, not of Gemini")
    assert {plan["strategy"] for plan in document["plans"]} == {
        "sequential",
        "bounded",
        "concurrent",
        "chunked",
        "batch",
    }
    assert document["client"]["cpu_seconds"] > 0
    assert document["cheapest"] == "batch (files 1)"


def test_a_model_without_a_price_gets_its_plans_and_a_sentence(tmp_path: Path, plan: Command) -> None:
    """Within a budget nothing is known to fit, and the fastest is named all the same; the exit code says so."""
    text = (ROOT / "cassettes" / MODEL / "four" / "sequential.yaml").read_text()
    cassette = tmp_path / "sequential.yaml"
    cassette.write_text(text.replace(f"model: {MODEL}\n", "model: some-model-without-a-price\n", 1))
    done = plan("--images=100", "--budget=1", "--model=some-model-without-a-price", f"--latency-from={cassette}")
    assert done.code == 1, done.stderr
    assert "100 images, some-model-without-a-price, no rate limits, for at most $1.00" in done.stdout
    assert "Nothing fits.\nThe fastest would be " in done.stdout
    assert "No price of some-model-without-a-price is known, so leave --budget out to plan without it." in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("--images=0",), 2, "'0' is not a whole number from 1 on"),
        (("--images=nowhere",), 1, "plan: --images nowhere: there is no such folder, nor an image set of that name"),
        (("--images=5", "--least-right=1"), 2, "'1' is not a share above 0 and below 1, such as 0.9"),
        (("--images=5", "--least-right=0.0"), 2, "'0.0' is not a share above 0 and below 1"),
        (("--images=5", "--task=a.b:C"), 2, "--task: it is about the answers of an image set; give its folder"),
        (("--images=5", "--deadline=soon"), 2, "'soon' is not a time, such as 90s, 45m, 1h30m or 2d"),
        (("--images=5", "--deadline=0s"), 2, "'0s' is no time at all"),
        (("--images=5", "--model=gemini-9"), 1, "The simulator has no gemini-9, only gemini-2.5-flash"),
        (("--images=5", "--latency-from=x.yaml"), 1, "there is no cassette x.yaml"),
        (("--images=500", "--deadline=1s"), 1, "Nothing fits."),
    ],
)
def test_what_cannot_be_planned_is_told_in_a_sentence(
    plan: Command, options: tuple[str, ...], code: int, sentence: str
) -> None:
    """And by the exit code; never by a traceback, which any other error would be here."""
    done = plan(*options)
    assert done.code == code
    assert sentence in done.stdout + done.stderr


def test_what_is_wrong_is_told_by_the_process_too() -> None:
    """On standard error, by the exit code and without a traceback."""
    done = run_plan("--images=5", "--latency-from=x.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no cassette x.yaml" in done.stderr
    assert "Traceback" not in done.stderr
