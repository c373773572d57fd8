"""Requirements, samples and reports of plans, based on requests that take ten seconds per image."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from benchmarks.plan.learning.learner import Learned, learn_strategies
from benchmarks.plan.planning.planner import list_plans
from benchmarks.plan.planning.plans import Plan, Plans
from benchmarks.plan.report.facts import PlanReport
from benchmarks.plan.report.terminal import format_lines
from benchmarks.plan.requirements import Requirements
from benchmarks.plan.samples import Sample, Samples, Subject
from benchmarks.strategies import STRATEGIES
from fixtures.run.record.record import Client
from fixtures.simulator.latencies import Observation
from fixtures.simulator.projection import RecordedLatencies
from fixtures.tasks.question import load_question

MODEL = "gemini-3.5-flash"
CLIENT = Client(cpu_seconds=0.002, image_bytes=150_000)
TEN = Observation(1, 10.0, 18, 1120, 5, 300, right=0.96, error=2.0, judged=("a",))
FORTY = Observation(4, 40.0, 60, 4480, 20, 1200, right=0.9, error=8.0, judged=("a", "b", "c", "d"))
SUBJECT = Subject("sixteen", load_question("sixteen"), {"a": 150_000}, {"a": 3}, 1)


def require(images: int, *, model: str = MODEL, **asked: Any) -> Requirements:
    """Return the requirements of a plan for images whose people are counted."""
    return Requirements(images, model, **{"kind": SUBJECT.question.kind} | asked)


def spread(observation: Observation, images: int) -> list[Observation]:
    """Return the request once for each of `images` images, each about as many consecutive images as its size."""
    size = observation.images
    return [
        replace(observation, judged=tuple(str((start + each) % images) for each in range(size)))
        for start in range(images)
    ]


SAMPLES = {1: Sample(1, spread(TEN, 16)), 4: Sample(4, spread(FORTY, 16))}


@cache
def learn(*strategies: str) -> Learned:
    """Return the patterns of these strategies, or of all, learned once."""
    return learn_strategies(strategies or tuple(STRATEGIES), SUBJECT.question)


def take(samples: Mapping[int, Sample] = SAMPLES) -> Samples:
    """Return these samples, by the number of images in a request; no other sizes exist."""
    return Samples(lambda images, _: samples[images], sorted(samples))


def find_plans(
    required: Requirements, samples: Mapping[int, Sample] = SAMPLES, learned: Learned | None = None
) -> dict[str, Plan]:
    """Return the plans by strategy; plans with several strategies are under the first one."""
    plans = list_plans(required, learned or learn(), take(samples), CLIENT).plans
    return {plan.strategy: plan for plan in plans}


def make_report(
    required: Requirements,
    samples: Samples | Mapping[int, Sample] = SAMPLES,
    recorded: RecordedLatencies | None = None,
    subject: Subject = SUBJECT,
) -> PlanReport:
    """Return the report of all plans."""
    chosen = samples if isinstance(samples, Samples) else take(samples)
    return PlanReport(required, list_plans(required, learn(), chosen, CLIENT), CLIENT, recorded, subject)


def report_plans(required: Requirements, plans: Sequence[Plan]) -> PlanReport:
    """Return the report of these plans."""
    return PlanReport(required, Plans(list(plans)), CLIENT, None, SUBJECT)


def format_text(report: PlanReport) -> str:
    """Return the lines of a wide terminal as one text."""
    return "\n".join(format_lines(report, 1000))
