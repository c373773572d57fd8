"""Plans every strategy that was learned, with every setting of requests, and notes why one cannot be planned."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from benchmarks.plan.learning.learner import Learned
from benchmarks.plan.learning.pattern import AtOnce, Overhead, Pattern
from benchmarks.plan.planning.plans import Plan, Plans
from benchmarks.plan.planning.search import (
    HALF,
    MOST_CONCURRENCY,
    choose_chunk,
    choose_concurrency,
    is_right_enough,
    loses_requests,
    name_bottleneck,
)
from benchmarks.plan.planning.timing import DAY, Workload
from benchmarks.plan.requirements import Requirements, format_judged
from benchmarks.plan.samples import Sample, Samples
from benchmarks.scaling.machine import count_files, find_images_a_request
from fixtures.exchange.retries import choose_policy
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.run.options.settings import DEFAULT_CHUNK
from fixtures.run.record.record import Client

TARGET, BATCH_TOKENS = "Google's 24 h target", "batch tokens"
"""What limits a batch job: Google's target, which most jobs are sooner than and none is promised, and an account's."""
MOST_IMAGES = 3600
"""The reported limit of images in a request."""
_PAIR = 2
"""The images of which no part has several."""


def list_plans(
    required: Requirements,
    learned: Learned,
    samples: Samples,
    client: Client,
    settings: Sequence[ModelSettings] = (NO_SETTINGS,),
) -> Plans:
    """Return the plans of the strategies that were learned, each with all of these settings of requests."""
    left_out = [f"{name} is left out: {why}." for name, why in learned.failures.items()]
    planner = _Planner(required, learned, samples, client, left_out)
    plans = [
        plan
        for each in dict.fromkeys(settings)
        for group in learned.groups.items()
        for plan in planner.plan(*group, each)
    ]
    return Plans(list({plan.name: plan for plan in plans}.values()), list(dict.fromkeys(left_out)))


@dataclass(frozen=True)
class _Planner:
    required: Requirements
    learned: Learned
    samples: Samples
    client: Client
    left_out: list[str]
    """The sentences about what has no plan, which are added to."""

    def plan(self, pattern: Pattern, strategies: Sequence[str], settings: ModelSettings) -> Iterator[Plan]:
        """Yield the plan of strategies with this pattern; note why where there is none."""
        if pattern.is_job:  # in a job the tier is ignored
            settings = replace(settings, service_tier=None)
        size = self._find_size(pattern, strategies, settings)
        if size is None:
            return
        sample = self.samples.draw(size, settings)
        questions = pattern.count_requests(self.required.images, size)
        make = self._plan_job if pattern.is_job else self._plan_questions
        plan = make(
            pattern,
            Plan(
                strategy=strategies[0],
                settings={"chunk": size} if pattern.takes_chunk else {},
                requests=questions,
                seconds=0.0,
                interval=None,
                cost_usd=None,
                right=sample.right if pattern.times == 1 else None,
                judged=sample.judged if pattern.times == 1 else 0,
                error=sample.error if pattern.times == 1 else None,
                bottleneck="",
                is_extrapolated=sample.is_extrapolated,
                same=tuple(strategies[1:]),
                model_settings=settings,
            ),
            sample,
        )
        obstacles = [*self._check(plan), *plan.obstacles]
        yield replace(plan, obstacles=tuple(obstacles))

    def _check(self, plan: Plan) -> list[str]:
        required = self.required
        return [
            *required.check_deadline(plan.latest),
            *required.check_budget(plan.cost_usd),
            *required.check_right(plan.right, plan.judged),
        ]

    def _find_size(self, pattern: Pattern, strategies: Sequence[str], settings: ModelSettings) -> int | None:
        """Return the number of images in a request; None where it cannot be planned, which is noted."""
        names, images = " and ".join(strategies), self.required.images
        most = self._find_most_images(pattern)
        if pattern.takes_chunk:
            return self._choose_chunk(pattern, names, settings)
        size = pattern.find_size(images, DEFAULT_CHUNK)
        if size > max(1, most):
            self.left_out.append(f"{names}: left out, as a request holds {most:,} of the images, and not {size:,}.")
            return None
        if size > 1 and not self.samples.covers(size):
            self.left_out.append(f"{names}: left out, as no request about {size:,} images was recorded.")
            return None
        return size

    def _choose_chunk(self, pattern: Pattern, names: str, settings: ModelSettings) -> int | None:
        required, most = self.required, min(self._find_most_images(pattern), self.required.images - 1)
        sizes: Sequence[int] = range(2, most + 1)
        if self.samples.sizes is not None:
            sizes = [size for size in self.samples.sizes if size in sizes]
        label = f" ({settings.label})" if settings.label else ""
        if not sizes:
            held = self._find_most_images(pattern)
            why = (
                "no request about several of them was recorded" if held > 1 else f"a request holds {held} of the images"
            )
            self.left_out.append(f"{names}: left out, as {why if required.images > _PAIR else 'it takes 3 images'}.")
            return None
        timeout = choose_policy(settings.service_tier).timeout
        draw = partial(self.samples.draw, settings=settings)
        if draw(1).right is None and required.least_right is None:
            size = DEFAULT_CHUNK if DEFAULT_CHUNK in sizes else sizes[0]
            why = "as nobody knows how right the answers are"
            self.left_out.append(f"{names}{label} is planned with {size} images a request only, {why}.")
            return size
        found = choose_chunk(required, sizes, draw, timeout)
        if found.next_larger is not None:
            self.left_out.append(f"{names}{label}: {self._tell_larger(found.next_larger, draw(1), timeout)}.")
        return found.images

    def _tell_larger(self, larger: Sample, one: Sample, timeout: float) -> str:
        """Return why no more images a request are planned, of which this is the smallest number."""
        required, kind = self.required, self.required.kind
        if larger.right is None or one.right is None:
            return f"{larger.images} images a request are left out, as nobody knows how right the answers are"
        reasons = required.check_right(larger.right, larger.judged)
        if not reasons and not is_right_enough(required, larger, one):
            told = f"{kind.format_right(larger.right)} ({format_judged(larger.right, larger.judged)})"
            points = round(100 * (one.right - larger.right))
            reasons = [f"{told}, {points} percentage points less than one image a request"]
        if loses_requests(required, larger, timeout):
            reasons.append(f"{larger.find_lost(timeout):.2%} of the requests would time out")
        return f"{larger.images} images a request are left out: {', and '.join(reasons)}"

    def _find_most_images(self, pattern: Pattern) -> int:
        return min(MOST_IMAGES, find_images_a_request(self.client)) if pattern.inlines else MOST_IMAGES

    def _plan_questions(self, pattern: Pattern, plan: Plan, sample: Sample) -> Plan:
        work = Workload(self.required, pattern, sample, self.client, plan.requests)
        concurrency = choose_concurrency(work)
        timing = work.find_time(concurrency)
        varies = len(sample.requests) > 1
        price = sample.price_request(self.required.model)
        takes = {"concurrency": concurrency} if "concurrency" in pattern.takes else {}
        return replace(
            plan,
            settings={**plan.settings, **takes},
            requests=work.requests,
            seconds=timing.seconds,
            interval=timing.interval if varies else None,
            cost_usd=None if price is None else price * self._count_paid(pattern, sample),
            bottleneck=name_bottleneck(work, concurrency),
            obstacles=tuple(
                self._list_obstacles(work, concurrency, choose_policy(plan.model_settings.service_tier).timeout)
            ),
            concurrency=concurrency,
            chance=timing.chance if varies else None,
            days=timing.days,
            remarks=tuple(_list_remarks(pattern, concurrency)),
        )

    def _count_paid(self, pattern: Pattern, sample: Sample) -> float:
        """Return how many requests of a sample's size are paid: the last one may be about fewer images."""
        return pattern.times * (1 + pattern.asked_again) * self.required.images / sample.images

    def _list_obstacles(self, work: Workload, concurrency: int, timeout: float) -> Iterator[str]:
        lost = work.sample.find_lost(timeout)
        if lost * work.questions >= HALF:
            yield f"{lost:.2%} of its requests take longer than the time-out of {timeout:.0f} s"
        inlined = find_images_a_request(self.client)
        if work.pattern.inlines and work.sample.images > inlined:
            yield f"a request of 20 MB inlines {inlined} images"
        if work.pattern.at_once is AtOnce.ALL:
            if concurrency > MOST_CONCURRENCY:
                yield f"{concurrency:,} requests at a time are more than the {MOST_CONCURRENCY} that were tried"
            for limit in work.list_exceeded(concurrency):
                yield f"most of its requests would be refused at first: {limit}"

    def _plan_job(self, pattern: Pattern, plan: Plan, sample: Sample) -> Plan:
        required, jobs, obstacles = self.required, 1, []
        price = sample.price_request(required.model, batch=True)
        if required.batch_tokens is not None:
            held = int(required.batch_tokens / sample.input_tokens) if sample.input_tokens else plan.requests
            jobs = math.ceil(plan.requests / max(1, held))
            if not held:
                obstacles.append("one request has more tokens than all batch jobs may have")
        files = max(jobs, count_files(self.client, required.images))
        is_large = required.images > find_images_a_request(self.client)
        if is_large and not pattern.is_filed and self._has_filed:
            obstacles.append(f"a request of 20 MB inlines {find_images_a_request(self.client)} images")
        return replace(
            plan,
            # What is more than a request inlines takes files, also where no strategy writes them.
            settings={**plan.settings, **({"files": files} if pattern.is_filed or is_large else {})},
            seconds=jobs * DAY,
            interval=(0.0, jobs * DAY),
            cost_usd=None if price is None else price * self._count_paid(pattern, sample),
            bottleneck=TARGET if jobs == 1 else BATCH_TOKENS,
            obstacles=tuple(obstacles),
            jobs=jobs,
            remarks=(f"{jobs} jobs, one after another, each up to 24 h",) if jobs > 1 else (),
        )

    @property
    def _has_filed(self) -> bool:
        return any(pattern.is_filed for pattern in self.learned.patterns.values())


def _list_remarks(pattern: Pattern, concurrency: int) -> Iterator[str]:
    """Yield what a strategy does that its settings do not tell, and what is assumed of it."""
    if pattern.at_once is AtOnce.GROWING:
        yield f"begins with few requests at a time, and is taken to reach {concurrency}"
    if pattern.asked_again:
        again = f"sends up to {pattern.asked_again:.0%} of its requests, the slowest, a second time, and pays for both"
        yield f"{again}; what time that saves is not known, and not planned with"
    if pattern.overhead != Overhead():
        yield "its uploads and other requests take the seconds that the simulator assumes"
