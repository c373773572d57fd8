"""The ways of sending N images: how long each takes, what it costs, what binds it, and whether it fits."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from benchmarks.plan.samples import Sample
from benchmarks.scaling.machine import Client
from fixtures.clock.schedule import Ideal, let_through, resampled
from fixtures.simulator.decisions.limits import BURST_SECONDS, MINUTE, REFUSED_SECONDS
from fixtures.transport.client import ANSWER_TIMEOUT

CHUNKS = (2, 4, 8, 16, 32, 64)
MOST_AT_A_TIME = 512
"""Requests: the largest window that the benchmarks about scale have tried."""
SPARE = 0.9
"""Of a rate limit, what is planned with: requests come in bursts, and a 429 costs more than it saves."""
BATCH_SECONDS = 24 * 3600.0
"""Google's target for a batch job; most are done sooner, and none is promised to be."""
TOO_LATE, TOO_DEAR = "it may miss the deadline", "it is above the budget"
TAIL = 1.5
"""Times what all requests take in the window, from which on the slowest of them make a run last."""
HALF = 0.5
"""A request that is going to be lost more likely than not."""
MOST_IMAGES = 3600
"""In a request, as reported."""


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    images: int
    model: str
    rpm: int | None = None
    """Requests a minute."""
    tpm: int | None = None
    """Input tokens a minute."""
    deadline: float | None = None
    """Seconds."""
    budget: float | None = None
    """US dollars."""


@dataclass(frozen=True)
class Plan:
    """A strategy with its settings, and what is expected of it."""

    strategy: str
    settings: Mapping[str, int]
    requests: int
    seconds: float
    """Expected: the median of resampled runs."""
    interval: tuple[float, float]
    """Seconds: the middle 95 % of them."""
    cost_usd: float | None
    error: float | None
    """People an image is off by; None where that is not known."""
    binds: str
    """What keeps it from being faster."""
    against: tuple[str, ...] = ()
    """Why it does not fit; nothing where it does."""
    notes: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether it can be done as asked."""
        return not self.against

    @property
    def name(self) -> str:
        """The strategy with its settings."""
        settings = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return f"{self.strategy} ({settings})" if settings else self.strategy


def plans(asked: Asked, samples: Mapping[int, Sample], client: Client) -> list[Plan]:
    """Return all ways; `samples` are by images a request, one image and those for chunks among them."""
    return list(_plans(asked, samples, client))


def _plans(asked: Asked, samples: Mapping[int, Sample], client: Client) -> Iterator[Plan]:
    one = samples[1]
    yield _plan("sequential", {}, asked, one, client, 1)
    window, rate = _window(asked, one, client)
    yield _plan("bounded", {"window": window}, asked, one, client, window, rate)
    yield _concurrent(asked, one, client)
    for chunk, sample in samples.items():
        if 1 < chunk < asked.images and chunk in CHUNKS:
            window, rate = _window(asked, sample, client)
            yield _plan("chunked", {"chunk": chunk, "window": window}, asked, sample, client, window, rate)
    if 1 < asked.images <= min(MOST_IMAGES, client.images_a_request) and asked.images in samples:
        yield _plan("single_prompt", {}, asked, samples[asked.images], client, 1)
    yield _batch(asked, one, client)


def _window(asked: Asked, sample: Sample, client: Client) -> tuple[int, str]:
    """Return how many requests at a time use what the limits and the client's CPU allow, and which of these is least.

    Little's law: requests under way are requests a second times the seconds of each (J. D. C. Little, 1961).
    """
    rates = {"client CPU": 1 / (client.cpu_seconds * sample.images)}
    if asked.rpm is not None:
        rates["requests a minute"] = asked.rpm * SPARE / MINUTE
    if asked.tpm is not None:
        rates["tokens a minute"] = asked.tpm * SPARE / MINUTE / sample.input_tokens
    least = min(rates, key=rates.__getitem__)
    useful = math.floor(rates[least] * sample.mean_seconds)
    requests = math.ceil(asked.images / sample.images)
    if useful > min(MOST_AT_A_TIME, requests):
        return min(MOST_AT_A_TIME, requests), "latency"
    return max(1, useful), least


def _plan(
    strategy: str,
    settings: Mapping[str, int],
    asked: Asked,
    sample: Sample,
    client: Client,
    window: int,
    binds: str = "latency",
) -> Plan:
    requests = math.ceil(asked.images / sample.images)
    seconds, low, high = resampled([(sample.seconds, requests)], window)
    bound = _bound(asked, sample, requests, client)
    if seconds > TAIL * requests * sample.mean_seconds / window:
        binds = "slowest request"  # neither a larger window nor a higher limit would help
    if bound.seconds > seconds:
        binds = bound.bound
    refused = _refused_at_first(asked, sample, min(window, requests))
    seconds, low, high = (max(each, bound.seconds) + refused for each in (seconds, low, high))
    cost = sample.cost_usd(asked.model)
    cost = None if cost is None else cost * asked.images / sample.images
    against = [*_too_late(asked, high), *_too_dear(asked, cost)]
    lost = sum(each > ANSWER_TIMEOUT for each in sample.seconds) / len(sample.seconds)
    if lost * requests >= HALF:
        against.append(f"{lost:.1%} of its requests take longer than the time-out of {ANSWER_TIMEOUT:.0f} s")
    if sample.images > client.images_a_request:
        against.append(f"a request of 20 MB inlines {client.images_a_request} images")
    notes = ("no request about as many images was recorded: extrapolated",) if sample.extrapolated else ()
    return Plan(strategy, settings, requests, seconds, (low, high), cost, sample.error, binds, tuple(against), notes)


def _refused_at_first(asked: Asked, sample: Sample, at_once: int) -> float:
    """Return the seconds that a run begins later for, where its first requests are more than a full bucket holds.

    The rest is refused, told to wait until the bucket is full again, and waits half as long again on average.
    """
    return REFUSED_SECONDS + 1.5 * BURST_SECONDS if _too_many(asked, sample, at_once) else 0.0


def _too_many(asked: Asked, sample: Sample, at_once: int) -> list[str]:
    """Name the limits of which a full bucket does not let so many requests through."""
    limits = ((asked.rpm, 1.0, "requests"), (asked.tpm, sample.input_tokens, "tokens"))
    return [
        f"{limit:,} {what} a minute"
        for limit, amount, what in limits
        if limit is not None and at_once * amount > limit * BURST_SECONDS / MINUTE
    ]


def _bound(asked: Asked, sample: Sample, requests: int, client: Client) -> Ideal:
    """Return what the limits and the client's CPU allow at best."""
    tokens, shortest = sample.input_tokens * requests, min(sample.seconds)
    found = {name: each + shortest for name, each in let_through(requests, tokens, asked.rpm, asked.tpm).items()}
    found["client CPU"] = client.cpu_seconds * asked.images
    bound = max(found, key=found.__getitem__)
    return Ideal(found[bound], bound)


def _concurrent(asked: Asked, one: Sample, client: Client) -> Plan:
    plan = _plan("concurrent", {}, asked, one, client, asked.images)
    against = list(plan.against)
    if asked.images > MOST_AT_A_TIME:
        against.append(f"{asked.images:,} requests at a time are more than the {MOST_AT_A_TIME} that were tried")
    exceeded = _too_many(asked, one, asked.images)
    against += [f"most of its requests would be refused at first: {limit}" for limit in exceeded]
    return replace(plan, against=tuple(against))


def _batch(asked: Asked, one: Sample, client: Client) -> Plan:
    cost = one.cost_usd(asked.model, batch=True)
    cost = None if cost is None else cost * asked.images
    against = (*_too_late(asked, BATCH_SECONDS), *_too_dear(asked, cost))
    # The strategy `batch` inlines its requests; more than that take files.
    settings = {} if asked.images <= client.images_a_request else {"files": client.files(asked.images)}
    binds, span = "Google's target", (0.0, BATCH_SECONDS)
    return Plan("batch", settings, asked.images, BATCH_SECONDS, span, cost, one.error, binds, against)


def _too_late(asked: Asked, seconds: float) -> list[str]:
    return [TOO_LATE] if asked.deadline is not None and seconds > asked.deadline else []


def _too_dear(asked: Asked, cost: float | None) -> list[str]:
    if asked.budget is None or (cost is not None and cost <= asked.budget):
        return []
    return ["its price is not known" if cost is None else TOO_DEAR]
