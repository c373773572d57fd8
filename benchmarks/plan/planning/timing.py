"""The time of the questions of a plan: list scheduling, rate limits, client CPU, and limits per day."""

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

from benchmarks.plan.learning.pattern import AtOnce, Pattern
from benchmarks.plan.requirements import Requirements
from benchmarks.plan.samples import Sample
from fixtures.exchange.retries import Policy
from fixtures.run.record.record import Client
from fixtures.simulator.decisions.limits import BURST_SECONDS, MINUTE, REFUSED_SECONDS
from fixtures.simulator.makespan import (
    MOST_SCHEDULED,
    RESAMPLES,
    LowerBound,
    Runs,
    find_middle,
    find_quota_seconds,
    resample_runs,
)

DAY = 86400.0
"""The number of seconds in a day."""
REFUSAL = REFUSED_SECONDS + 1.5 * BURST_SECONDS
"""The seconds that a refusal costs: clients wait 1.5 times the seconds in which the server's bucket fills."""
SPARE = 0.9
"""The share of a rate limit that plans use: bursts are refused and retried."""
COMPARED = 75_000
"""The number of requests in the resampled runs that compare concurrencies; scheduling them takes 50 ms."""
A_DAY = "requests a day"
"""The name of the limit of requests from midnight to midnight."""


@dataclass(frozen=True)
class Timing:
    """How long a plan takes, in seconds."""

    seconds: float
    """The median of resampled runs; if the plan takes several days, of runs that start right after a reset."""
    interval: tuple[float, float]
    """The middle 95 % of resampled runs; if the plan takes several days, from the best start to the worst."""
    chance: tuple[float, float]
    """The middle 95 % of runs with the same start."""
    days: int | None = None
    """The number of days, if the limit of requests per day is the bottleneck; else None."""


@dataclass(frozen=True)
class Workload:
    """The questions of a plan, and the limits on their time."""

    required: Requirements
    pattern: Pattern
    sample: Sample
    client: Client
    questions: int
    """The number of questions, without those sent a second time."""

    @cached_property
    def seconds(self) -> list[float]:
        """The seconds for which each known request occupies its slot."""
        return [each + self.pattern.overhead.in_turn for each in self.sample.seconds]

    @property
    def requests(self) -> int:
        """The number of questions, including those sent a second time."""
        return math.floor(self.questions * (1 + self.pattern.asked_again))

    @cached_property
    def at_best(self) -> int:
        """The largest number of requests at a time that is possible with the strategy."""
        fixed = self.pattern.at_once is AtOnce.FIXED or (self.pattern.growth and self.pattern.growth.is_capped)
        every = self.questions // self.pattern.times
        return min(self.pattern.most, every) if fixed else every

    @cached_property
    def few(self) -> int:
        """The number of resampled runs that compare concurrencies."""
        return min(RESAMPLES, COMPARED // min(self.questions, MOST_SCHEDULED))

    def find_time(self, concurrency: int, runs: int | None = None) -> Timing:
        """Return the time with this concurrency, from the first `runs` resampled runs, or from all.

        If there are more requests than the limit per day, a start right after a reset takes longest: whole days and the
        rest on the last day. A start whose first day's requests end at the next reset is the shortest.
        """
        whole, a_day = self.questions, self.count_a_day()
        if a_day is None or whole <= a_day or self._find_spread(a_day, concurrency, runs)[1] >= DAY:
            low, middle, high = self._find_spread(whole, concurrency, runs)
            return Timing(middle, (low, high), (low, high))
        days = math.ceil(whole / a_day)
        first = self._find_spread(a_day, concurrency, runs)
        low, middle, high = self._find_spread(whole - (days - 1) * a_day, concurrency, runs)
        earliest, latest = first[0] + (days - 2) * DAY + low, (days - 1) * DAY + high
        before = (days - 1) * DAY
        return Timing(before + middle, (earliest, latest), (before + low, latest), days)

    def find_bound(self, questions: int | None = None) -> LowerBound:
        """Return the lower bound of the time of the questions: by limits per minute and the client's CPU."""
        asked = self.questions if questions is None else questions
        sent = math.ceil(asked * self._sent_a_question)
        tokens, shortest = sent * self.sample.input_tokens, min(self.seconds)
        quotas = find_quota_seconds(sent, tokens, self.required.rpm, self.required.tpm)
        found = {name: each / SPARE + shortest for name, each in quotas.items()}
        found["client CPU"] = self.client.cpu_seconds * asked * (1 + self.pattern.asked_again) * self.sample.images
        bound = max(found, key=found.__getitem__)
        return LowerBound(found[bound], bound)

    def find_span(self, concurrency: int, *, opens: bool = True) -> float:
        """Return the median seconds of all requests by list scheduling alone, from a few resampled runs.

        Without `opens`, all slots are open from the start.
        """
        openings = self._list_openings(concurrency) if opens else ()
        return find_middle(self._draw(self.questions).list_makespans(concurrency, openings, self.few))[1]

    def find_overhead(self, concurrency: int, questions: int | None = None) -> float:
        """Return the seconds before and after the questions with this concurrency."""
        asked = self.questions if questions is None else questions
        return self.pattern.overhead.find_seconds(asked * self.sample.images, concurrency)

    def list_exceeded(self, at_once: int) -> list[str]:
        """Return the limits, as text, that refuse some of `at_once` simultaneous requests."""
        held = {**self.bursts, A_DAY: float(self.required.rpd or 0)}
        return [text for name, (_, text) in self.required.rate_limits.items() if at_once > held[name]]

    @cached_property
    def rates(self) -> dict[str, float]:
        """The questions per second that each limit per minute allows, by name of limit."""
        return {name: held / BURST_SECONDS / self._sent_a_question for name, held in self.bursts.items()}

    @property
    def mean_seconds(self) -> float:
        """The mean seconds for which a request occupies its slot."""
        return sum(self.seconds) / len(self.seconds)

    @property
    def _sent_a_question(self) -> float:
        """The number of requests per question, including refused and repeated ones."""
        return self.sample.attempts * (1 + self.pattern.asked_again)

    def count_a_day(self) -> int | None:
        """Return the number of questions allowed per day, at least one; None for any number."""
        return None if self.required.rpd is None else max(1, int(self.required.rpd / self._sent_a_question))

    def _find_spread(self, questions: int, concurrency: int, runs: int | None) -> tuple[float, float, float]:
        """Return the ends of the middle 95 % and, between them, the median of the seconds of these questions."""
        places = min(concurrency, questions)
        spans = self._draw(questions).list_makespans(places, self._list_openings(places), runs)
        bound, refusals = self.find_bound(questions).seconds, self.count_refusals(places)
        more = self.find_overhead(concurrency, questions)
        least = bound + min(refusals, 1) * REFUSAL
        return find_middle([max(each + refusals * REFUSAL, least) + more for each in spans])

    def _list_openings(self, concurrency: int) -> list[float]:
        growth = self.pattern.growth
        return growth.list_openings(concurrency, self.mean_seconds) if growth else []

    def count_refusals(self, at_once: int) -> int:
        """Return how often a request is refused at the start, if more are sent at once than the full buckets hold.

        Each time, one full bucket is let through; the retry policy limits the attempts.
        """
        at_first = min(at_once, self.pattern.growth.under_way[0]) if self.pattern.growth else at_once
        needed = max((math.ceil(at_first / held) for held in self.bursts.values()), default=1)
        return min(needed, Policy.attempts) - 1

    @cached_property
    def bursts(self) -> dict[str, float]:
        """The number of requests in the full bucket of each limit per minute, by name of limit."""
        amounts = {"requests a minute": 1.0, "tokens a minute": self.sample.input_tokens}
        limits = self.required.rate_limits
        return {name: limits[name][0] * BURST_SECONDS / MINUTE / amounts[name] for name in amounts if name in limits}

    def _draw(self, questions: int) -> Runs:
        return _draw_runs(tuple(self.seconds), questions)


@lru_cache(maxsize=16)
def _draw_runs(seconds: tuple[float, ...], questions: int) -> Runs:
    """Return resampled runs of these questions, drawn once for all concurrencies and strategies."""
    return resample_runs([(seconds, questions)])
