"""Plans every learned strategy with every model setting, and notes why a strategy cannot be planned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from benchmarks.plan.learning.learner import Learned
from benchmarks.plan.learning.pattern import AtOnce, Overhead, Pattern
from benchmarks.plan.planning.jobs import BY_FILES, divide_requests
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
from benchmarks.plan.requirements import Requirements, format_judged, format_share
from benchmarks.plan.samples import Sample, Samples
from benchmarks.scaling.machine import find_images_a_request
from fixtures.exchange.retries import choose_policy
from fixtures.models.model_settings import NO_SETTINGS, ModelSettings
from fixtures.run.options.settings import DEFAULT_CHUNK
from fixtures.run.record.record import Client
from fixtures.text.words import format_count

TARGET, BATCH_TOKENS = "Google's 24 h target", "batch tokens"
"""The bottlenecks of a batch job: Google's target of 24 hours (most jobs take less; none is guaranteed) and token
limits."""
MOST_IMAGES = 3600
"""The reported limit of images in a request."""
_PAIR = 2
"""A number of images that cannot be split into smaller groups of several."""


def list_plans(
    required: Requirements,
    learned: Learned,
    samples: Samples,
    client: Client,
    settings: Sequence[ModelSettings] = (NO_SETTINGS,),
) -> Plans:
    """Return the plans of the learned strategies, each with all of these model settings."""
    left_out = [f"{name}: not planned, because {why}." for name, why in learned.failures.items()]
    planner = _Planner(required, samples, client, left_out)
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
    samples: Samples
    client: Client
    left_out: list[str]
    """The sentences about what is not planned; methods add to them."""

    def plan(self, pattern: Pattern, strategies: Sequence[str], settings: ModelSettings) -> Iterator[Plan]:
        """Yield the plan of strategies with this pattern, or note why there is none."""
        if pattern.is_job:  # jobs ignore the service tier
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
        """Return the number of images in a request; None, with a note, if it cannot be planned."""
        names, images = " and ".join(strategies), self.required.images
        most = self._find_most_images(pattern)
        if pattern.takes_chunk:
            return self._choose_chunk(pattern, names, settings)
        size = pattern.find_size(images, DEFAULT_CHUNK)
        is_one_request = pattern.is_job and pattern.inlines and not pattern.is_filed
        held, needed = (find_images_a_request(self.client), images) if is_one_request else (most, size)
        # One image that is too large for a request still gets a plan, which names the obstacle.
        if needed > (held if is_one_request else max(1, held)):
            self.left_out.append(f"{names}: not planned, because {_describe_held(held)}, not {needed:,}.")
            return None
        if size > 1 and not self.samples.covers(size):
            self.left_out.append(f"{names}: not planned, because no request with {size:,} images was recorded.")
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
            why = "no request with several images was recorded" if held > 1 else _describe_held(held)
            if required.images <= _PAIR:
                why = "it needs at least 3 images"
            self.left_out.append(f"{names}: not planned, because {why}.")
            return None
        timeout = choose_policy(settings.service_tier).timeout
        draw = partial(self.samples.draw, settings=settings)
        if draw(1).right is None and required.least_right is None:
            size = DEFAULT_CHUNK if DEFAULT_CHUNK in sizes else sizes[0]
            why = "because it is not known how right answers about single images are"
            self.left_out.append(f"{names}{label}: planned with {size} images a request only, {why}.")
            return size
        found = choose_chunk(required, sizes, draw, timeout)
        if found.next_larger is not None:
            self.left_out.append(f"{names}{label}: {self._tell_larger(found.next_larger, draw(1), timeout)}.")
        return found.images

    def _tell_larger(self, larger: Sample, one: Sample, timeout: float) -> str:
        """Return why the next larger number of images a request is not planned."""
        required, kind = self.required, self.required.kind
        if larger.right is None or one.right is None:
            return (
                f"{larger.images} images a request are not planned, because it is not known how right the answers are"
            )
        reasons = required.check_right(larger.right, larger.judged)
        if not reasons and not is_right_enough(required, larger, one):
            told = f"{kind.format_right(larger.right)} ({format_judged(larger.right, larger.judged)})"
            points = round(100 * (one.right - larger.right))
            reasons = [f"{told}, {points} percentage points less than with one image a request"]
        if loses_requests(required, larger, timeout):
            reasons.append(f"{format_share(round(larger.find_lost(timeout), 4))} of the requests would time out")
        return f"{larger.images} images a request are not planned: {', and '.join(reasons)}"

    def _find_most_images(self, pattern: Pattern) -> int:
        return min(MOST_IMAGES, find_images_a_request(self.client)) if pattern.inlines else MOST_IMAGES

    def _plan_questions(self, pattern: Pattern, plan: Plan, sample: Sample) -> Plan:
        work = Workload(self.required, pattern, sample, self.client, plan.requests)
        concurrency = choose_concurrency(work)
        if concurrency == 1 and not pattern.asks_again_alone:
            pattern = replace(pattern, asked_again=Fraction(0))
            work = replace(work, pattern=pattern)
        timing = work.find_time(concurrency)
        varies = len(sample.requests) > 1
        price = sample.price_request(self.required.model)
        paid = _count_paid(pattern, self.required.images, sample) + work.requests - plan.requests
        a_day = (work.count_a_day() or 0) * sample.images // pattern.times
        takes = {"concurrency": concurrency} if "concurrency" in pattern.takes else {}
        return replace(
            plan,
            settings={**plan.settings, **takes},
            requests=work.requests,
            seconds=timing.seconds,
            interval=timing.interval if varies else None,
            cost_usd=None if price is None else price * paid,
            bottleneck=name_bottleneck(work, concurrency),
            obstacles=tuple(
                self._list_obstacles(work, concurrency, choose_policy(plan.model_settings.service_tier).timeout)
            ),
            concurrency=concurrency,
            chance=timing.chance if varies else None,
            days=timing.days,
            images_a_day=a_day if timing.days else None,
            remarks=tuple(_list_remarks(work, concurrency)),
        )

    def _list_obstacles(self, work: Workload, concurrency: int, timeout: float) -> Iterator[str]:
        lost = work.sample.find_lost(timeout)
        if lost * work.questions >= HALF:
            yield f"{format_share(round(lost, 4))} of its requests take longer than the time-out of {timeout:.0f} s"
        inlined = find_images_a_request(self.client)
        if work.pattern.inlines and work.sample.images > inlined:
            yield f"a request of at most 20 MB can inline {format_count(inlined, 'image')} of this size"
        if work.pattern.at_once is AtOnce.ALL:
            if concurrency > MOST_CONCURRENCY:
                yield f"{concurrency:,} requests at a time are more than the {MOST_CONCURRENCY} that were tried"
            for limit in work.list_exceeded(concurrency):
                yield f"a limit of {limit} does not allow {format_count(concurrency, 'request')} at once"
        tokens, tpm = round(work.sample.input_tokens), self.required.tpm
        if tpm is not None and tokens > tpm:
            has = f"a request has {format_count(tokens, 'token')}"
            yield f"{has}; a limit of {tpm:,} a minute is assumed to always refuse it"

    def _plan_job(self, pattern: Pattern, plan: Plan, sample: Sample) -> Plan:
        required, price = self.required, sample.price_request(self.required.model, batch=True)
        plan = replace(
            plan,
            seconds=DAY,
            interval=(0.0, DAY),
            cost_usd=None if price is None else price * _count_paid(pattern, required.images, sample),
            bottleneck=TARGET,
            jobs=1,
        )
        division = divide_requests(required, self.client, sample.input_tokens)
        if division is None:
            return replace(plan, obstacles=("one request has more tokens than --batch-tokens allows for all jobs",))
        if division.files == 1:
            return plan
        if plan.requests != required.images:  # requests_file writes one request for each image
            return replace(plan, obstacles=(f"its requests need {division.files} batch jobs, and it creates only one",))
        most = {} if division.most_images is None else {"most_images": division.most_images}
        return replace(
            plan,
            strategy=BY_FILES,
            same=(),
            settings={"files": division.files, **most},
            seconds=division.turns * DAY,
            interval=(0.0, division.turns * DAY),
            bottleneck=TARGET if division.turns == 1 else BATCH_TOKENS,
            jobs=division.turns,
            remarks=(division.remark,),
        )


def _count_paid(pattern: Pattern, images: int, sample: Sample) -> float:
    """Return how many requests of a sample's size are paid for; a fraction where the last one has fewer images."""
    return pattern.times * images / sample.images


def _describe_held(images: int) -> str:
    """Return the clause that says how many images a request can hold."""
    return f"a request holds at most {format_count(images, 'image')} of this size"


def _list_remarks(work: Workload, concurrency: int) -> Iterator[str]:
    """Yield what the settings of a strategy do not show, and what is assumed about it."""
    pattern, again = work.pattern, work.requests - work.questions
    if pattern.growth is not None and pattern.growth.under_way[0] < concurrency < work.questions:
        first = format_count(pattern.growth.under_way[0], "request")
        yield f"starts with {first} at a time and is assumed to reach {concurrency}"
    if again:
        sent = f"sends up to {format_count(again, 'slow request')} a second time and pays for both"
        yield f"{sent}; the time that this saves is not known and not included"
    if pattern.overhead != Overhead():
        yield "the time of uploads and deletions is the simulator's assumption"
