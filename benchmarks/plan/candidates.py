"""The ways of sending N images: how long each takes, what it costs, what limits it, and whether it fits."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks.plan.samples import Sample
from benchmarks.scaling.machine import count_files, find_images_a_request
from benchmarks.verdicts.answers.share import find_interval, format_interval
from fixtures.exchange.retries import Policy
from fixtures.run.record.record import Client
from fixtures.simulator.decisions.limits import BURST_SECONDS, MINUTE, REFUSED_SECONDS
from fixtures.simulator.makespan import LowerBound, find_quota_seconds, resample_makespan
from fixtures.tasks.kind import Kind

CHUNKS = (2, 4, 8, 16, 32, 64)
MOST_CONCURRENCY = 512
"""The largest number of requests at a time that the benchmarks about scale have tried."""
SPARE = 0.9
"""The share of a rate limit that is planned with: requests come in bursts, and a 429 costs more than it saves."""
BATCH_SECONDS = 24 * 3600.0
"""Google's target for a batch job in seconds; most are done sooner, and none is promised to be."""
TOO_LATE, TOO_DEAR, NO_PRICE = "it may miss the deadline", "it is above the budget", "its price is not known"
RIGHT_UNKNOWN = "how right its answers are is not known"
TAIL = 1.5
"""The ratio of the makespan to all seconds / concurrency from which on the slowest requests make a run last."""
HALF = 0.5
"""The number of requests expected to time out from which on a plan does not fit."""
MOST_IMAGES = 3600
"""The reported limit of images in a request."""


@dataclass(frozen=True)
class Requirements:
    """What is to be planned, and the limits that a plan has to keep to."""

    images: int
    """The number of images."""
    model: str
    kind: Kind
    """The kind of the answers."""
    rpm: int | None = None
    """The limit of requests a minute; None for none."""
    tpm: int | None = None
    """The limit of input tokens a minute; None for none."""
    deadline: float | None = None
    """The time in seconds within which all has to be done; None for any."""
    budget: float | None = None
    """The limit of the cost in US dollars; None for none."""
    least_right: float | None = None
    """How right the answers have to be shown to be, above 0 and below 1; None for any."""
    folder: str = ""
    """The folder of the images, as it was given; empty where only their number was."""


@dataclass(frozen=True)
class Plan:
    """A strategy with its settings, and what is expected of it."""

    strategy: str
    settings: Mapping[str, int]
    requests: int
    """The number of requests."""
    seconds: float
    """The expected seconds: the median of resampled runs."""
    interval: tuple[float, float] | None
    """The interval in seconds that holds the middle 95 % of resampled runs; None where one request is known."""
    cost_usd: float | None
    """The expected cost in US dollars; None where the price is not known."""
    right: float | None
    """How right the answers are expected to be, from 0 to 1; None where it is not known."""
    judged: int
    """The number of different images by which that is known."""
    error: float | None
    """By how many units an answer is expected to be off; None where that is not known."""
    bottleneck: str
    """What keeps it from being faster."""
    obstacles: tuple[str, ...] = ()
    """The reasons why it does not fit; none where it does."""
    is_extrapolated: bool = False
    """Whether it follows from requests about another number of images, as none about its own was recorded."""

    @property
    def latest(self) -> float:
        """The time in seconds by which it is expected to end: the end of the interval where there is one."""
        return self.seconds if self.interval is None else self.interval[1]

    @property
    def right_interval(self) -> tuple[float, float] | None:
        """The ends of the 95 % interval of `right`; None where it is not known."""
        return None if self.right is None else find_interval(self.right, self.judged)

    @property
    def notes(self) -> list[str]:
        """What else is to be said of it."""
        extrapolated = "extrapolated, for no request about as many images was recorded, and so not compared"
        single = "one recorded request gives no range"
        return [*([extrapolated] if self.is_extrapolated else []), *([single] if self.interval is None else [])]

    @property
    def is_feasible(self) -> bool:
        """Whether it keeps to all limits."""
        return not self.obstacles

    @property
    def name(self) -> str:
        """The strategy with its settings."""
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return f"{self.strategy} ({settings})" if settings else self.strategy


def list_plans(required: Requirements, samples: Mapping[int, Sample], client: Client) -> list[Plan]:
    """Return a plan for each way of sending the images.

    `samples` are by the number of images in a request: one image, and the sizes of chunks that can be planned with.
    """
    one = samples[1]
    concurrency, limit = _find_concurrency(required, one, client)
    plans = [
        _plan_requests("sequential", {}, required, one, client, 1),
        _plan_requests("bounded", {"concurrency": concurrency}, required, one, client, concurrency, limit),
        _plan_concurrent(required, one, client),
    ]
    for chunk, sample in samples.items():
        if 1 < chunk < required.images and chunk in CHUNKS:
            concurrency, limit = _find_concurrency(required, sample, client)
            settings = {"chunk": chunk, "concurrency": concurrency}
            plans.append(_plan_requests("chunked", settings, required, sample, client, concurrency, limit))
    if 1 < required.images <= min(MOST_IMAGES, find_images_a_request(client)) and required.images in samples:
        plans.append(_plan_requests("single_prompt", {}, required, samples[required.images], client, 1))
    return [*plans, _plan_batch(required, one, client)]


def _find_concurrency(required: Requirements, sample: Sample, client: Client) -> tuple[int, str]:
    """Return how many requests at a time use what the limits and the CPU allow, and the name of the lowest of these.

    By Little's law, the number of requests under way is that of requests a second times the seconds of each
    (J. D. C. Little, 1961).
    """
    rates = {"client CPU": 1 / (client.cpu_seconds * sample.images)}
    if required.rpm is not None:
        rates["requests a minute"] = required.rpm * SPARE / MINUTE
    if required.tpm is not None:
        rates["tokens a minute"] = required.tpm * SPARE / MINUTE / sample.input_tokens
    least = min(rates, key=rates.__getitem__)
    useful = math.floor(rates[least] * sample.mean_seconds)
    requests = math.ceil(required.images / sample.images)
    if useful > min(MOST_CONCURRENCY, requests):
        return min(MOST_CONCURRENCY, requests), "latency"
    return max(1, useful), least


def _plan_requests(
    strategy: str,
    settings: Mapping[str, int],
    required: Requirements,
    sample: Sample,
    client: Client,
    concurrency: int,
    bottleneck: str = "latency",
) -> Plan:
    """Return the plan of a strategy that sends requests like the sample's; `bottleneck` is what set its concurrency."""
    requests = math.ceil(required.images / sample.images)
    seconds, interval = resample_makespan([(sample.seconds, requests)], concurrency)
    bound = _find_bound(required, sample, requests, client)
    if seconds > TAIL * requests * sample.mean_seconds / concurrency:
        bottleneck = "slowest request"  # neither more requests at a time nor a higher limit would help
    if bound.seconds > seconds:
        bottleneck = bound.bound
    refused = _estimate_refusal(required, sample, min(concurrency, requests))
    spans = [max(each, bound.seconds) + refused for each in (seconds, *(interval or ()))]
    cost = sample.price_request(required.model)
    cost = None if cost is None else cost * required.images / sample.images
    obstacles = [*_check_deadline(required, spans[-1]), *_check_budget(required, cost)]
    obstacles += check_right(required, sample.right, sample.judged)
    lost = sum(each > Policy.timeout for each in sample.seconds) / len(sample.seconds)
    if lost * requests >= HALF:
        obstacles.append(f"{lost:.1%} of its requests take longer than the time-out of {Policy.timeout:.0f} s")
    if sample.images > find_images_a_request(client):
        obstacles.append(f"a request of 20 MB inlines {find_images_a_request(client)} images")
    return Plan(
        strategy,
        settings,
        requests,
        spans[0],
        None if interval is None else (spans[1], spans[2]),
        cost,
        sample.right,
        sample.judged,
        sample.error,
        bottleneck,
        tuple(obstacles),
        sample.is_extrapolated,
    )


def _estimate_refusal(required: Requirements, sample: Sample, at_once: int) -> float:
    """Return the seconds that a run loses at its beginning, where it sends more at once than a full bucket holds.

    The server refuses the rest, and asks to wait until the bucket is full again; clients wait half as long again.
    """
    return REFUSED_SECONDS + 1.5 * BURST_SECONDS if _list_exceeded(required, sample, at_once) else 0.0


def _list_exceeded(required: Requirements, sample: Sample, at_once: int) -> list[str]:
    """Return the limits of which a full bucket does not let so many requests through."""
    limits = ((required.rpm, 1.0, "requests"), (required.tpm, sample.input_tokens, "tokens"))
    return [
        f"{limit:,} {what} a minute"
        for limit, amount, what in limits
        if limit is not None and at_once * amount > limit * BURST_SECONDS / MINUTE
    ]


def _find_bound(required: Requirements, sample: Sample, requests: int, client: Client) -> LowerBound:
    """Return the shortest makespan that the limits and the client's CPU allow."""
    tokens, shortest = sample.input_tokens * requests, min(sample.seconds)
    found = {
        name: each + shortest for name, each in find_quota_seconds(requests, tokens, required.rpm, required.tpm).items()
    }
    found["client CPU"] = client.cpu_seconds * required.images
    bound = max(found, key=found.__getitem__)
    return LowerBound(found[bound], bound)


def _plan_concurrent(required: Requirements, one: Sample, client: Client) -> Plan:
    plan = _plan_requests("concurrent", {}, required, one, client, required.images)
    obstacles = list(plan.obstacles)
    if required.images > MOST_CONCURRENCY:
        obstacles.append(f"{required.images:,} requests at a time are more than the {MOST_CONCURRENCY} that were tried")
    exceeded = _list_exceeded(required, one, required.images)
    obstacles += [f"most of its requests would be refused at first: {limit}" for limit in exceeded]
    return replace(plan, obstacles=tuple(obstacles))


def _plan_batch(required: Requirements, one: Sample, client: Client) -> Plan:
    cost = one.price_request(required.model, batch=True)
    cost = None if cost is None else cost * required.images
    obstacles = [*_check_deadline(required, BATCH_SECONDS), *_check_budget(required, cost)]
    obstacles += check_right(required, one.right, one.judged)
    # The strategy `batch` inlines its requests; more than that take files.
    settings = (
        {} if required.images <= find_images_a_request(client) else {"files": count_files(client, required.images)}
    )
    return Plan(
        "batch",
        settings,
        required.images,
        BATCH_SECONDS,
        (0.0, BATCH_SECONDS),
        cost,
        one.right,
        one.judged,
        one.error,
        "Google's target",
        tuple(obstacles),
        one.is_extrapolated,
    )


def _check_deadline(required: Requirements, seconds: float) -> list[str]:
    return [TOO_LATE] if required.deadline is not None and seconds > required.deadline else []


def _check_budget(required: Requirements, cost: float | None) -> list[str]:
    if required.budget is None or (cost is not None and cost <= required.budget):
        return []
    return [NO_PRICE if cost is None else TOO_DEAR]


def check_right(required: Requirements, right: float | None, judged: int) -> list[str]:
    """Return what is to be said where answers, of which so many were judged, are not shown to be right enough."""
    least = required.least_right
    if least is None or (right is not None and find_interval(right, judged)[0] >= least):
        return []
    if right is None:
        return [RIGHT_UNKNOWN]
    found = f"{required.kind.format_right(right)}, {format_judged(right, judged)}"
    return [f"at least {format_share(least)} {required.kind.share} is not shown: {found}"]


def format_share(share: float) -> str:
    """Return a share in per cent with all its decimals, as in `99.5 %`."""
    return f"{100 * share:g} %"


def format_judged(right: float, judged: int) -> str:
    """Return the interval of a share of right answers, with what it follows from: `70 to 99 % of 16 images`."""
    return f"{format_interval(right, judged)} of {judged} {'image' if judged == 1 else 'images'}"
