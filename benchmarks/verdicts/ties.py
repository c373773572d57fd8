"""Find the strategies of a run whose seconds cannot be told apart, with Tukey's studentized range.

SciPy has this distribution too, but importing it takes half a second, and a whole replay takes three.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from benchmarks.verdicts.seconds.ratios import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEP = 0.05
"""The step of the numerical integrals, in standard deviations: fine enough for four digits of a critical value."""
_WIDEST = 16.0
"""The largest range of a normal sample in the integrals, in standard deviations; larger ones are negligible."""
_FAR = 9.0
"""The largest distance from the mean in the integrals, in standard deviations; the rest is negligible."""
_MOST_FREEDOM = 1000
"""The degrees of freedom beyond which the critical value hardly falls (ten strategies: from 4.48 to 4.47)."""
_LARGEST = 1000.0
"""An upper bound of critical values: those of hundreds of strategies with two rounds each are far below it."""
_EXACT = 1e-9
"""The difference of logarithms up to which seconds count as equal, because of rounding errors."""


@dataclass(frozen=True)
class SecondsTest:
    """The comparison of the seconds of several strategies."""

    levels: Mapping[str, float]
    """The mean logarithm of the seconds by strategy, the lowest first."""
    margin: float | None
    """The largest difference of two levels that is not significant; None if there are too few rounds or strategies."""
    rounds: int
    """The number of rounds of each strategy that were compared."""
    is_cut: bool
    """Whether some strategies have more rounds, which were left out."""

    def list_fastest(self, names: Iterable[str]) -> list[str]:
        """Return the fastest of these and those that cannot be told apart from it; all of them if there is no margin.

        They are ordered by level, the lowest first.
        """
        of_these = set(names)
        levels = {name: level for name, level in self.levels.items() if name in of_these}
        if self.margin is None:
            return [*levels]
        lowest = min(levels.values(), default=0.0)
        return [name for name, level in levels.items() if level - lowest <= self.margin + _EXACT]


def compare_seconds(seconds: Mapping[str, Sequence[float]]) -> SecondsTest:
    """Return the comparison of several strategies, given the seconds of their rounds by name.

    The logarithms are a two-way layout of strategies and rounds without interaction, so a load that slows down one
    round of all strategies has no effect on the differences. Two means differ at the 5 % level if they are further
    apart than the critical value of the studentized range times their standard error (J. W. Tukey, The Problem of
    Multiple Comparisons, 1953). If the numbers of rounds differ, only as many first rounds of each strategy are
    compared as the shortest has. With one round each there is no variation to compare with, and no margin.
    """
    rounds = min(map(len, seconds.values()), default=0)
    logs = {name: [math.log(each) for each in taken[:rounds]] for name, taken in seconds.items()}
    means = {name: math.fsum(row) / rounds for name, row in logs.items()}
    levels = dict(sorted(means.items(), key=lambda item: item[1]))
    margin = None
    if len(logs) > 1 and rounds > 1:
        freedom = (len(logs) - 1) * (rounds - 1)
        rest = _sum_squared_residuals([*logs.values()])
        margin = find_critical_range(len(logs), freedom) * math.sqrt(rest / freedom / rounds)
    return SecondsTest(levels, margin, rounds, any(len(taken) > rounds for taken in seconds.values()))


def _sum_squared_residuals(rows: Sequence[Sequence[float]]) -> float:
    """Return the sum of squared residuals of a table after removing the means of its rows and columns."""
    of_rows = [math.fsum(row) / len(row) for row in rows]
    of_columns = [math.fsum(column) / len(column) for column in zip(*rows, strict=True)]
    middle = math.fsum(of_rows) / len(of_rows)
    return math.fsum(
        (value - of_row - of_column + middle) ** 2
        for row, of_row in zip(rows, of_rows, strict=True)
        for value, of_column in zip(row, of_columns, strict=True)
    )


@cache
def find_critical_range(count: int, freedom: int) -> float:
    """Return the value that the studentized range of `count` means exceeds with a probability of 5 %."""
    low, high = 0.0, _LARGEST
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        is_below = _find_p(middle, count, min(freedom, _MOST_FREEDOM)) > SIGNIFICANT
        low, high = (middle, high) if is_below else (low, middle)
    return high


def _find_p(studentized: float, count: int, freedom: int) -> float:
    """Return the probability of a larger studentized range: the range of a sample over its estimated deviation.

    It is the integral, over the distribution of that estimate (chi), of the probability that the range is larger.
    """
    import numpy as np  # noqa: PLC0415 - a run of one strategy does not need it

    ranges, larger = _list_ranges(count)
    estimates = ranges[1:] / studentized
    constant = math.log(2) + freedom / 2 * math.log(freedom / 2) - math.lgamma(freedom / 2)
    density = np.exp(constant + (freedom - 1) * np.log(estimates) - freedom / 2 * estimates**2)
    at_none = math.exp(constant) if freedom == 1 else 0.0
    values = np.concatenate([[at_none], density]) * larger
    # Simpson's rule.
    return float(values[0] + 4 * values[1::2].sum() + 2 * values[2:-1:2].sum() + values[-1]) * _STEP / studentized / 3


@cache
def _list_ranges(count: int) -> "tuple[NDArray[np.float64], NDArray[np.float64]]":
    """Return ranges from 0 on, and for each the probability that a normal sample of this size has a larger one."""
    import numpy as np  # noqa: PLC0415 - as above

    steps, far = round(_WIDEST / _STEP), round(_FAR / _STEP)
    points = _STEP * np.arange(-far, far + steps + 1)
    below = np.array([math.erfc(-point / math.sqrt(2)) / 2 for point in points])
    lowest, density = below[: 2 * far + 1], np.exp(-(points[: 2 * far + 1] ** 2) / 2) / math.sqrt(2 * math.pi)
    # Each row is one range: the probability of a value between the lowest of the sample and this far above it.
    within = np.lib.stride_tricks.sliding_window_view(below, 2 * far + 1) - lowest
    smaller = count * _STEP * (within ** (count - 1) @ density)
    ranges = np.array([_STEP * step for step in range(steps + 1)], dtype=np.float64)
    return ranges, np.asarray(np.maximum(0.0, 1.0 - smaller), dtype=np.float64)
