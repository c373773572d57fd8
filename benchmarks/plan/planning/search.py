"""Searches the settings of a strategy: the smallest sufficient concurrency and the largest sufficient chunk."""

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
"""The largest number of requests at a time in the benchmarks about scale."""
NOTICEABLE = 0.02
"""The smallest relative difference in time that counts as faster."""
TAIL = 1.5
"""The ratio of the makespan to all seconds / concurrency above which the slowest requests are the bottleneck."""
HALF = 0.5
"""The expected number of timed-out requests at which a plan does not fit."""
SLOWEST, SLOW_START, OTHERS = "slowest request", "slow start", "uploads and other requests"
ONE_AT_A_TIME, AT_A_TIME = "one request at a time", "requests at a time"
"""The names of other bottlenecks."""


def choose_concurrency(workload: Workload) -> int:
    """Return the number of requests at a time: the smallest sufficient one if the strategy takes a concurrency.

    A number is sufficient if more requests at a time would not be noticeably faster, within the limits per minute and
    `MOST_CONCURRENCY`. A strategy that adapts its concurrency uses as many as the limits allow. By Little's law, the
    number of requests in flight is the requests per second times the seconds of each (J. D. C. Little, 1961).
    """
    if workload.pattern.at_once in (AtOnce.FIXED, AtOnce.ALL):
        return workload.at_best
    most, growth = find_most(workload), workload.pattern.growth
    if growth is not None:  # it takes no setting, and starts with this number
        return min(workload.at_best, max(growth.under_way[0], most))
    # Requests beyond a full bucket are refused at first, so the time is monotonic only between its multiples.
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
    """Return the highest planned concurrency: within limits per minute, the strategy and `MOST_CONCURRENCY`."""
    useful = [max(1, math.floor(rate * workload.mean_seconds)) for rate in workload.rates.values()]
    return min([MOST_CONCURRENCY, workload.at_best, *useful])


def name_bottleneck(workload: Workload, concurrency: int) -> str:
    """Return the name of the bottleneck of a plan with this concurrency."""
    return next(_iterate_bottlenecks(workload, concurrency))


def _iterate_bottlenecks(workload: Workload, concurrency: int) -> Iterator[str]:
    """Yield the names of the bottlenecks of a plan, the main one first."""
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
    """Return the smallest sufficient number from `low` to `high`; all larger ones and `high` are sufficient."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high


@dataclass(frozen=True)
class Chunk:
    """The planned number of images per request, for a strategy that takes a chunk."""

    images: int | None
    """The number of images per request; None if the answers about several images are not right enough."""
    next_larger: Sample | None
    """The sample of the next larger number, which is not right enough or would time out; None if there is none."""


def choose_chunk(required: Requirements, sizes: Sequence[int], draw: Callable[[int], Sample], timeout: float) -> Chunk:
    """Return the largest of `sizes` (images per request, sorted) whose answers are right enough.

    Answers are right enough if they meet `least_right` or, without it, lose at most `LARGEST_LOSS` compared with one
    image per request. The expected number of timed-out requests has to be below `HALF`. The search is binary: more
    images per request are assumed never to be more right.
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
    """Tell whether at least `HALF` a request is expected to time out after `timeout` seconds."""
    return sample.find_lost(timeout) * math.ceil(required.images / sample.images) >= HALF


def is_right_enough(required: Requirements, sample: Sample, one: Sample) -> bool:
    """Tell whether answers about several images are right enough, compared with one image per request."""
    if sample.right is None:
        return False
    if required.least_right is not None:
        return not required.check_right(sample.right, sample.judged)
    return one.right is not None and sample.right >= one.right - LARGEST_LOSS
