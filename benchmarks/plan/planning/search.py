"""Searches the settings of a strategy: the smallest concurrency and the largest number of images that are enough."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from benchmarks.plan.learning.pattern import AtOnce
from benchmarks.plan.planning.timing import A_DAY, Workload
from benchmarks.plan.requirements import Requirements
from benchmarks.plan.samples import Sample
from benchmarks.verdicts.contest import LARGEST_LOSS
from fixtures.exchange.retries import Policy

MOST_CONCURRENCY = 512
"""The largest number of requests at a time that the benchmarks about scale have tried."""
NOTICEABLE = 0.02
"""The share by which a plan has to be faster to be noticeably so."""
TAIL = 1.5
"""The ratio of the makespan to all seconds / concurrency from which on the slowest requests make a run last."""
HALF = 0.5
"""The number of requests expected to time out from which on a plan does not fit."""
SLOWEST, SLOW_START, OTHERS = "slowest request", "slow start", "uploads and other requests"
ONE_AT_A_TIME, AT_A_TIME = "one request at a time", "requests at a time"
"""The names of what else can limit a plan."""


def choose_concurrency(workload: Workload) -> int:
    """Return how many requests at a time a strategy has: the smallest number that is enough where it has the choice.

    One that finds its own number has as many as the limits let through.
    That is where more would not make it finish noticeably sooner, within what limits a minute let through and what was
    tried. By Little's law, the number of requests under way is that of requests a second times the seconds of each
    (J. D. C. Little, 1961).
    """
    if workload.pattern.at_once in (AtOnce.FIXED, AtOnce.ALL):
        return workload.at_best
    most, growth = find_most(workload), workload.pattern.growth
    if growth is not None:  # it does not choose, and has at once what it begins with
        return min(workload.at_best, max(growth.under_way[0], most))
    # What full buckets do not hold at once is refused at first, so that the time falls between their multiples only.
    held = min(workload.bursts.values(), default=math.inf)
    tops = {max(1, int(min(most, times * held))) for times in range(1, Policy.attempts)}
    levels = sorted({*tops, most})

    @cache
    def find_seconds(concurrency: int) -> float:
        return workload.find_time(concurrency, workload.few).seconds

    enough = min(map(find_seconds, levels)) * (1 + NOTICEABLE)
    level = next(index for index, top in enumerate(levels) if find_seconds(top) <= enough)
    low = levels[level - 1] + 1 if level else 1
    return _find_first(low, levels[level], lambda concurrency: find_seconds(concurrency) <= enough)


def find_most(workload: Workload) -> int:
    """Return the most requests at a time that are planned: what limits a minute, the strategy and trials allow."""
    useful = [max(1, math.floor(rate * workload.mean_seconds)) for rate in workload.rates.values()]
    return min([MOST_CONCURRENCY, workload.at_best, *useful])


def name_bottleneck(workload: Workload, concurrency: int) -> str:
    """Return what keeps a plan with so many requests at a time from being faster, in a few words."""
    return next(_iterate_bottlenecks(workload, concurrency))


def _iterate_bottlenecks(workload: Workload, concurrency: int) -> Iterator[str]:
    """Yield what limits a plan, what does so most first."""
    if workload.find_time(concurrency, workload.few).days:
        yield A_DAY
    span, bound = workload.find_span(concurrency), workload.find_bound()
    if workload.find_overhead(concurrency) > max(span, bound.seconds):
        yield OTHERS
    if bound.seconds >= span:
        yield bound.bound
    if span > TAIL * workload.find_span(concurrency, opens=False):
        yield SLOW_START
    if span > TAIL * workload.questions * workload.mean_seconds / concurrency:
        yield SLOWEST  # neither more requests at a time nor a higher limit would help
    is_chosen = workload.pattern.at_once in (AtOnce.SETTING, AtOnce.GROWING)
    freely = min(MOST_CONCURRENCY, workload.at_best)
    if is_chosen and find_most(workload) < freely and span > (1 + NOTICEABLE) * workload.find_span(freely):
        yield min(workload.rates, key=workload.rates.__getitem__)
    if concurrency >= workload.questions:
        yield SLOWEST
    yield ONE_AT_A_TIME if concurrency == 1 else AT_A_TIME


def _find_first(low: int, high: int, is_enough: Callable[[int], bool]) -> int:
    """Return the smallest number from `low` to `high` that is enough, as all above it are; `high` is."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high


@dataclass(frozen=True)
class Chunk:
    """How many images a request is planned with, where a strategy has the choice."""

    images: int | None
    """The number of images in a request; None where no number of several is right enough."""
    next_larger: Sample | None
    """The sample of the next larger number, which is not right enough or would time out; None where there is none."""


def choose_chunk(required: Requirements, sizes: Sequence[int], draw: Callable[[int], Sample], timeout: float) -> Chunk:
    """Return the largest of these numbers of images in a request, in their order, whose answers are right enough.

    That is shown by `least_right`; without it, they are not more than `LARGEST_LOSS` less right than those about one
    image. It is assumed that more images in a request are never more right, so that it is found by halving. Fewer
    than `HALF` a request may be expected to time out.
    """
    one = draw(1)

    def is_enough(size: int) -> bool:
        sample = draw(size)
        return not loses_requests(required, sample, timeout) and is_right_enough(required, sample, one)

    step, known = 1, 0
    while known + step <= len(sizes) and is_enough(sizes[known + step - 1]):
        known, step = known + step, 2 * step
    beyond = min(known + step, len(sizes) + 1)
    while beyond - known > 1:
        middle = (known + beyond) // 2
        known, beyond = (middle, beyond) if is_enough(sizes[middle - 1]) else (known, middle)
    larger = draw(sizes[known]) if known < len(sizes) else None
    return Chunk(sizes[known - 1] if known else None, larger)


def loses_requests(required: Requirements, sample: Sample, timeout: float) -> bool:
    """Tell whether a request like these is expected to time out, with so many seconds for each."""
    return sample.find_lost(timeout) * math.ceil(required.images / sample.images) >= HALF


def is_right_enough(required: Requirements, sample: Sample, one: Sample) -> bool:
    """Tell whether answers about several images are right enough, beside those of one image a request."""
    if sample.right is None:
        return False
    if required.least_right is not None:
        return not required.check_right(sample.right, sample.judged)
    return one.right is not None and sample.right >= one.right - LARGEST_LOSS
