"""Which strategies of a run are slower than another one, and which are tied for the fastest.

Each strategy is compared with every other by a one-sided Mann-Whitney test, so that no distribution is assumed and one
slow round has no more weight than any other. SciPy has this test, but its import takes half a second.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from statistics import median

from benchmarks.verdicts.seconds.ratios import SIGNIFICANT

_EXACT = 1e-9
"""The relative difference of seconds below which they are equal."""


@dataclass(frozen=True)
class SecondsTest:
    """The comparison of the seconds of several strategies."""

    faster: Mapping[str, frozenset[str]]
    """The strategies that each strategy is slower than, by its name."""
    lack: str
    """Why no strategy can be called slower, as a clause; empty if the rounds are enough."""

    def list_fastest(self, names: Collection[str]) -> list[str]:
        """Return those of these strategies that are not slower than another of them."""
        return [name for name in names if self.faster[name].isdisjoint(names)]


def compare_seconds(seconds: Mapping[str, Sequence[float]]) -> SecondsTest:
    """Return how several strategies compare, given the seconds of their rounds by name.

    A strategy is slower than another if its median is higher and the one-sided Mann-Whitney test rejects that it is as
    fast, at 5 % divided by the number of others. A strategy whose seconds are not larger than those of any other, in
    distribution, is therefore kept with a confidence of at least 95 % (this is a selection of a subset with the best;
    S. S. Gupta, Technometrics 7, 1965, with Bonferroni's bound).
    """
    level = SIGNIFICANT / max(1, len(seconds) - 1)
    medians = {name: median(rounds) for name, rounds in seconds.items()}
    faster = {
        name: frozenset(
            other
            for other, others in seconds.items()
            if medians[other] < medians[name] and _is_slower(rounds, others, level)
        )
        for name, rounds in seconds.items()
    }
    return SecondsTest(faster, _explain_lack([*map(len, seconds.values())], level))


def _is_slower(rounds: Sequence[float], others: Sequence[float], level: float) -> bool:
    """Tell whether the test rejects at this level that the rounds are as fast as the others."""
    wins = math.fsum(
        0.5 if math.isclose(mine, theirs, rel_tol=_EXACT) else mine < theirs for mine in rounds for theirs in others
    )
    return find_p(math.ceil(wins), len(rounds), len(others)) <= level


def _explain_lack(rounds: Sequence[int], level: float) -> str:
    """Return the clause for numbers of rounds with which the test cannot reject at this level; else an empty one."""
    if len(rounds) <= 1 or find_p(0, *sorted(rounds)[-2:]) <= level:
        return ""
    needed = next(number for number in count(1) if find_p(0, number, number) <= level)
    most = sorted(rounds)[-2]
    are = "1 round each is" if most == 1 else f"{most} rounds each are"
    return f"{are} too few for {len(rounds)} strategies ({needed} are needed)"


@cache
def find_p(wins: int, size: int, other_size: int) -> float:
    """Return the probability of at most so many wins if two samples of these sizes have the same distribution.

    A win is a pair of values, one from each sample, in which the first is the smaller one: Mann and Whitney's U. The
    orders with each number of wins are the coefficients of a Gaussian binomial coefficient.
    """
    orders = [1, *[0] * wins]
    for factor in range(1, size + 1):
        for power in range(wins, other_size + factor - 1, -1):
            orders[power] -= orders[power - other_size - factor]
        for power in range(factor, wins + 1):
            orders[power] += orders[power - factor]
    return sum(orders) / math.comb(size + other_size, size)
