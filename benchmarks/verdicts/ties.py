"""Which strategies of a run are slower than another one, and which are tied for the fastest.

Each strategy is compared with every other by a one-sided Mann-Whitney test, so that no distribution is assumed and one
slow round has no more weight than any other. SciPy has this test, but its import takes half a second.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from statistics import NormalDist, median

from benchmarks.verdicts.seconds.ratios import SIGNIFICANT
from fixtures.text.words import format_count

EXACT = 1_000
"""The number of pairs up to which p values are exact."""


@dataclass(frozen=True)
class SecondsTest:
    """The comparison of the seconds of several strategies."""

    faster: Mapping[str, frozenset[str]]
    """The strategies that each strategy is slower than, by its name."""
    lack: str
    """Why the strategies cannot be compared, as a clause; empty if all have enough rounds."""

    def list_fastest(self, names: Collection[str]) -> list[str]:
        """Return those of these strategies that are not slower than another of them; all if there is a lack."""
        if self.lack:
            return [*names]
        return [name for name in names if self.faster[name].isdisjoint(names)]


def compare_seconds(seconds: Mapping[str, Sequence[float]]) -> SecondsTest:
    """Return how several strategies compare, given the seconds of their rounds by name.

    A strategy is slower than another if its median is higher and the one-sided Mann-Whitney test rejects that it is as
    fast, at 5 % divided by the number of others. If the rounds are independent, a strategy whose seconds are not larger
    than those of any other, in distribution, is therefore kept with a confidence of at least 95 % (this is a selection
    of a subset with the best; S. S. Gupta, Technometrics 7, 1965, with Bonferroni's bound).
    """
    level = SIGNIFICANT / max(1, len(seconds) - 1)
    medians = {name: median(rounds) for name, rounds in seconds.items()}
    # Digits beyond the ninth are rounding errors of the clock.
    ordered = {name: sorted(float(f"{each:.9g}") for each in rounds) for name, rounds in seconds.items()}
    faster = {
        name: frozenset(
            other
            for other, others in ordered.items()
            if medians[other] < medians[name] and find_p(_count_wins(rounds, others), len(rounds), len(others)) <= level
        )
        for name, rounds in ordered.items()
    }
    return SecondsTest(faster, _explain_lack([*map(len, seconds.values())], level))


def _count_wins(rounds: Sequence[float], others: Sequence[float]) -> int:
    """Return the number of pairs in which the round is the faster one, counting equal ones half, rounded up.

    Both samples are sorted.
    """
    doubled = sum(2 * len(others) - bisect_left(others, each) - bisect_right(others, each) for each in rounds)
    return (doubled + 1) // 2


def _explain_lack(rounds: Sequence[int], level: float) -> str:
    """Return the clause for so few rounds that some strategy could not be called slower; an empty one otherwise."""
    if len(rounds) <= 1 or find_p(0, min(rounds), max(rounds)) <= level:
        return ""
    needed = next(number for number in count(1) if find_p(0, number, number) <= level)
    are = "is" if min(rounds) == 1 else "are"
    return f"{format_count(min(rounds), 'round')} {are} too few for {len(rounds)} strategies ({needed} are needed)"


@cache
def find_p(wins: int, size: int, other_size: int) -> float:
    """Return the probability of at most so many wins if two samples of these sizes have the same distribution.

    A win is a pair of values, one from each sample, in which the first is the smaller one: Mann and Whitney's U. It is
    exact for samples without equal values, from the coefficients of a Gaussian binomial coefficient; for more than
    `EXACT` pairs it is the normal approximation.
    """
    pairs = size * other_size
    if pairs > EXACT:
        return NormalDist(pairs / 2, math.sqrt(pairs * (size + other_size + 1) / 12)).cdf(wins + 0.5)
    orders = [1, *[0] * wins]
    for factor in range(1, size + 1):
        for power in range(wins, other_size + factor - 1, -1):
            orders[power] -= orders[power - other_size - factor]
        for power in range(factor, wins + 1):
            orders[power] += orders[power - factor]
    return sum(orders) / math.comb(size + other_size, size)
