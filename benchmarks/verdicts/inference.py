"""How two sets of seconds are told apart: the statistics of the verdicts, on logarithms, so that they are of ratios.

Which method is for what, and how often each cries wolf: `python -m benchmarks.costs.calibration`.
"""

import math
from collections.abc import Sequence
from functools import cache
from statistics import fmean, median, stdev

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.verdicts.ratios import Ratio

CONFIDENCE = 0.92
"""Of the predictive interval: 4 % on either side, which heavy tails make at most 5 %."""
SIGNIFICANT = 0.05
DRIFT = 0.15
"""Standard deviation of the logarithms of session medians that two sessions alone cannot show, and that is assumed."""
EXACT = 50_000
"""Permutations that are all looked at (9 rounds against 9: 48,620); of more, this many are drawn."""


def session_ratio(now: Sequence[float], earlier: Sequence[Sequence[float]]) -> Ratio:
    """Compare one session with at least two earlier ones: the seconds of each session's rounds.

    The session is the unit, for its rounds share that day's load: each counts as the logarithm of its median. The
    interval is Student's predictive interval for one further observation (Hahn and Meeker, Statistical Intervals,
    1991, section 4.8).
    """
    middles = [math.log(median(rounds)) for rounds in earlier]
    count = len(middles)
    half = spread_factor(count) * stdev(middles)
    shift = math.log(median(now)) - fmean(middles)
    return _ratio(shift, shift - half, shift + half)


@cache
def spread_factor(count: int) -> float:
    """Return half the width of the predictive interval after so many sessions, in their standard deviations."""
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1)) * math.sqrt(1 + 1 / count)


def sample_ratio(now: Sequence[float], then: Sequence[float]) -> tuple[Ratio, float]:
    """Compare the rounds of two samples; return the ratio with its 95 % interval, and a two-sided p.

    The ratio is Hodges and Lehmann's (Annals of Mathematical Statistics 34, 1963): the median of all pairwise ratios.
    p is that of the permutation test on the sum of ranks, exact with ties (Lehmann, Nonparametrics, 1975); the interval
    is the ratios that this test does not reject (Moses).
    """
    logs = np.log(np.concatenate([now, then]))
    ranks = stats.rankdata(logs)
    wins = _wins(tuple(sorted(ranks)), len(now))
    won = ranks[: len(now)].sum() - len(now) * (len(now) + 1) / 2
    extreme = min((wins <= won).sum(), (wins >= won).sum())
    differences = np.sort(np.subtract.outer(logs[: len(now)], logs[len(now) :]), axis=None)
    # The test rejects what is below this, so as many differences are cut off on either side.
    cut = max(0, math.ceil(wins[int(len(wins) * SIGNIFICANT / 2)]) - 1)
    middle = float(np.median(differences))
    return _ratio(middle, differences[cut], differences[-1 - cut]), min(1.0, 2 * max(1, int(extreme)) / len(wins))


@cache
def _wins(ranks: tuple[float, ...], count: int) -> NDArray[np.float64]:
    """Return Mann and Whitney's U of `count` of these ranks in all permutations, or in as many as are drawn, sorted."""
    tested = stats.permutation_test(
        (np.array(ranks[:count]), np.array(ranks[count:])),
        lambda first, _, axis: first.sum(axis=axis),  # of one sample is enough: the other has the rest
        n_resamples=EXACT,
        vectorized=True,
        rng=np.random.default_rng(0),
    )
    return np.asarray(np.sort(tested.null_distribution) - count * (count + 1) / 2)


def with_drift(ratio: Ratio) -> Ratio:
    """Widen an interval from within two sessions by the drift between them, which their rounds cannot show."""
    middle = math.log(ratio.value)
    drift = float(stats.norm.ppf(1 - SIGNIFICANT / 2)) * DRIFT * math.sqrt(2)
    low, high = (math.hypot(middle - math.log(end), drift) for end in (ratio.low, ratio.high))
    return _ratio(middle, middle - low, middle + high)


def holm(values: Sequence[float]) -> list[float]:
    """Adjust p values for being several (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    adjusted = [0.0] * len(values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(1.0, values[index] * (len(values) - rank)))
        adjusted[index] = highest
    return adjusted


def _ratio(middle: float, low: float, high: float) -> Ratio:
    return Ratio(math.exp(middle), math.exp(low), math.exp(high))
