"""Requirements, samples and reports of plans, made of requests that take ten seconds an image."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks.plan.candidates import Requirements, list_plans
from benchmarks.plan.report import PlanReport
from benchmarks.plan.samples import Sample, Subject
from fixtures.run.record.record import Client
from fixtures.simulator.latencies import Observation
from fixtures.simulator.projection import RecordedLatencies
from fixtures.tasks.question import load_question

MODEL = "gemini-3.5-flash"
CLIENT = Client(cpu_seconds=0.002, image_bytes=150_000)
TEN = Observation(1, 10.0, 18, 1120, 5, 300, right=0.96, error=2.0, judged=("a",))
FORTY = Observation(4, 40.0, 60, 4480, 20, 1200, right=0.6, error=20.0, judged=("a", "b", "c", "d"))
SUBJECT = Subject("sixteen", load_question("sixteen"), {"a": 150_000}, {"a": 3}, 1)


def require(images: int, *, model: str = MODEL, **asked: Any) -> Requirements:
    """Return what is to be planned, for images whose people are counted."""
    return Requirements(images, model, **{"kind": SUBJECT.question.kind} | asked)


def spread(observation: Observation, images: int) -> list[Observation]:
    """Return the same request about each of so many different images, or about four of them in turn."""
    size = observation.images
    return [
        replace(observation, judged=tuple(str((start + each) % images) for each in range(size)))
        for start in range(images)
    ]


SAMPLES = {1: Sample(1, spread(TEN, 16)), 4: Sample(4, spread(FORTY, 16))}


def make_report(
    required: Requirements,
    samples: Mapping[int, Sample] = SAMPLES,
    recorded: RecordedLatencies | None = None,
    subject: Subject = SUBJECT,
) -> PlanReport:
    """Return the report of all plans."""
    return PlanReport(required, list_plans(required, samples, CLIENT), CLIENT, recorded, subject)
