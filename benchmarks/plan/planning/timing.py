"""How long the questions of a plan take: by list scheduling, under rate limits, on this client, over days."""

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
"""The seconds of a day."""
REFUSAL = REFUSED_SECONDS + 1.5 * BURST_SECONDS
"""The seconds that a refusal costs: the server asks to wait until its bucket is full, clients wait half as long again.
"""
SPARE = 0.9
"""The share of a rate limit that requests are planned to use: bursts are refused, and sent again."""
COMPARED = 75_000
"""The number of requests in the drawn runs by which concurrencies are compared; to schedule them takes 50 ms."""
A_DAY = "requests a day"
"""The name of the limit of requests from midnight to midnight."""


@dataclass(frozen=True)
class Timing:
    """How long a plan takes, in seconds."""

    seconds: float
    """The median of resampled runs; of those that begin right after a reset of the requests a day, if days matter."""
    interval: tuple[float, float]
    """The ends of the middle 95 % of resampled runs; the lower one that of the best moment to begin, if days matter."""
    chance: tuple[float, float]
    """The same of runs that all begin at the same moment."""
    days: int | None = None
    """On how many days requests are sent, where their number a day is what limits the plan; else None."""


@dataclass(frozen=True)
class Workload:
    """The questions of a plan, and what bounds the time that they take."""

    required: Requirements
    pattern: Pattern
    sample: Sample
    client: Client
    questions: int
    """The number of questions, without those that are asked a second time."""

    @cached_property
    def seconds(self) -> list[float]:
        """The seconds that known requests take in their place among those under way."""
        return [each + self.pattern.overhead.in_turn for each in self.sample.seconds]

    @property
    def requests(self) -> int:
        """The number of questions, those included that are asked a second time."""
        return math.floor(self.questions * (1 + self.pattern.asked_again))

    @cached_property
    def at_best(self) -> int:
        """The largest number of requests at a time that the strategy can have."""
        fixed = self.pattern.at_once is AtOnce.FIXED or (self.pattern.growth and self.pattern.growth.is_capped)
        every = self.questions // self.pattern.times
        return min(self.pattern.most, every) if fixed else every

    @cached_property
    def few(self) -> int:
        """The number of drawn runs by which concurrencies are compared."""
        return min(RESAMPLES, COMPARED // min(self.questions, MOST_SCHEDULED))

    def find_time(self, concurrency: int, runs: int | None = None) -> Timing:
        """Return how long it takes with so many requests at a time, by the first `runs` drawn runs, or by all.

        Where there are more requests than may be sent a day, the longest time is that from right after a reset: whole
        days, and what is left on the last. It is the shortest where the first day's requests end at the next reset.
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
        """Return the shortest time that is planned for so many, or for all: by limits a minute and the client's CPU."""
        asked = self.questions if questions is None else questions
        sent = math.ceil(asked * self._sent_a_question)
        tokens, shortest = sent * self.sample.input_tokens, min(self.seconds)
        quotas = find_quota_seconds(sent, tokens, self.required.rpm, self.required.tpm)
        found = {name: each / SPARE + shortest for name, each in quotas.items()}
        found["client CPU"] = self.client.cpu_seconds * asked * (1 + self.pattern.asked_again) * self.sample.images
        bound = max(found, key=found.__getitem__)
        return LowerBound(found[bound], bound)

    def find_span(self, concurrency: int, *, opens: bool = True) -> float:
        """Return the seconds of all requests by list scheduling alone, as a few drawn runs have it.

        Where not `opens`, all places are taken to be open from the beginning.
        """
        openings = self._list_openings(concurrency) if opens else ()
        return find_middle(self._draw(self.questions).list_makespans(concurrency, openings, self.few))[1]

    def find_overhead(self, concurrency: int, questions: int | None = None) -> float:
        """Return the seconds before and after so many questions, or all, with so many requests at a time."""
        asked = self.questions if questions is None else questions
        return self.pattern.overhead.find_seconds(asked * self.sample.images, concurrency)

    def list_exceeded(self, at_once: int) -> list[str]:
        """Return the limits that do not let so many requests through at once, as text."""
        held = {**self.bursts, A_DAY: float(self.required.rpd or 0)}
        return [text for name, (_, text) in self.required.rate_limits.items() if at_once > held[name]]

    @cached_property
    def rates(self) -> dict[str, float]:
        """The questions a second that each limit a minute lets through, by its name."""
        return {name: held / BURST_SECONDS / self._sent_a_question for name, held in self.bursts.items()}

    @property
    def mean_seconds(self) -> float:
        """The mean seconds of a request in its place among those under way."""
        return sum(self.seconds) / len(self.seconds)

    @property
    def _sent_a_question(self) -> float:
        """The requests for a question: those that are turned away count, and those that ask a second time."""
        return self.sample.attempts * (1 + self.pattern.asked_again)

    def count_a_day(self) -> int | None:
        """Return how many questions may be asked a day, at least one; None for any number."""
        return None if self.required.rpd is None else max(1, int(self.required.rpd / self._sent_a_question))

    def _find_spread(self, questions: int, concurrency: int, runs: int | None) -> tuple[float, float, float]:
        """Return the middle 95 % and the median of the seconds that so many questions take."""
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
        """Return how often a request is refused at the beginning, where more are sent at once than full buckets hold.

        Each time a full bucket of them is let through, and none is sent more often than the retry policy says.
        """
        at_first = min(at_once, self.pattern.growth.under_way[0]) if self.pattern.growth else at_once
        needed = max((math.ceil(at_first / held) for held in self.bursts.values()), default=1)
        return min(needed, Policy.attempts) - 1

    @cached_property
    def bursts(self) -> dict[str, float]:
        """The numbers of requests that the full bucket of each limit a minute lets through at once, by its name."""
        amounts = {"requests a minute": 1.0, "tokens a minute": self.sample.input_tokens}
        limits = self.required.rate_limits
        return {name: limits[name][0] * BURST_SECONDS / MINUTE / amounts[name] for name in amounts if name in limits}

    def _draw(self, questions: int) -> Runs:
        return _draw_runs(tuple(self.seconds), questions)


@lru_cache(maxsize=16)
def _draw_runs(seconds: tuple[float, ...], questions: int) -> Runs:
    """Return runs of so many questions, drawn once for all concurrencies and strategies."""
    return resample_runs([(seconds, questions)])
