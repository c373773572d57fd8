"""Compare two sets of seconds: the statistics of the verdicts. They use logarithms, because ratios are compared.

`python -m benchmarks.costs.calibration` prints how often each method raises a false alarm.
"""

import math
from collections.abc import Sequence
from functools import cache
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.history.levels import predict_session
from benchmarks.verdicts.seconds.ratios import SIGNIFICANT, Ratio

DRIFT = 0.15
"""The assumed standard deviation of the logarithms of session medians, which two sessions cannot show."""
EXACT = 50_000
"""The number of permutations up to which all are used (9 rounds against 9: 48,620); of more, this many are drawn."""


def compare_session(now: Sequence[float], earlier: Sequence[Sequence[float]], *, is_thinned: bool = False) -> Ratio:
    """Return the ratio of one session to at least two earlier ones, each given as the seconds of its rounds.

    Only the logarithm of each session's median is used. The interval is that of
    `benchmarks.history.levels.predict_session`.
    """
    middle, half = predict_session([math.log(median(rounds)) for rounds in earlier], is_thinned=is_thinned)
    shift = math.log(median(now)) - middle
    return _make_ratio(shift, shift - half, shift + half)


def compare_samples(now: Sequence[float], then: Sequence[float]) -> tuple[Ratio, float]:
    """Return the ratio of two samples of rounds in seconds with its 95 % interval, and a two-sided p value.

    The ratio is Hodges and Lehmann's (Annals of Mathematical Statistics 34, 1963): the median of all pairwise ratios.
    The p value is that of the permutation test on the sum of ranks, exact with ties (Lehmann, Nonparametrics, 1975).
    The interval has the ratios that this test does not reject (Moses).
    """
    logs = np.log(np.concatenate([now, then]))
    ranks = stats.rankdata(logs)
    wins = _list_wins(tuple(sorted(ranks)), len(now))
    won = ranks[: len(now)].sum() - len(now) * (len(now) + 1) / 2
    extreme = min((wins <= won).sum(), (wins >= won).sum())
    differences = np.sort(np.subtract.outer(logs[: len(now)], logs[len(now) :]), axis=None)
    # The test rejects values of U below this quantile, so as many differences are cut off at either end.
    cut = max(0, math.ceil(wins[int(len(wins) * SIGNIFICANT / 2)]) - 1)
    middle = float(np.median(differences))
    return _make_ratio(middle, differences[cut], differences[-1 - cut]), min(1.0, 2 * max(1, int(extreme)) / len(wins))


@cache
def _list_wins(ranks: tuple[float, ...], count: int) -> NDArray[np.float64]:
    """Return Mann and Whitney's U of `count` of these ranks in all permutations, or in `EXACT` drawn ones, sorted."""
    tested = stats.permutation_test(
        (np.array(ranks[:count]), np.array(ranks[count:])),
        lambda first, _, axis: first.sum(axis=axis),  # the sum of one sample determines that of the other
        n_resamples=EXACT,
        vectorized=True,
        rng=np.random.default_rng(0),
    )
    return np.asarray(np.sort(tested.null_distribution) - count * (count + 1) / 2)


def widen_by_drift(ratio: Ratio) -> Ratio:
    """Return the ratio of two sessions with its interval widened by the drift between sessions."""
    middle = math.log(ratio.value)
    drift = float(stats.norm.ppf(1 - SIGNIFICANT / 2)) * DRIFT * math.sqrt(2)
    low, high = (math.hypot(middle - math.log(end), drift) for end in (ratio.low, ratio.high))
    return _make_ratio(middle, middle - low, middle + high)


def _make_ratio(middle: float, low: float, high: float) -> Ratio:
    """Return a ratio, given logarithms."""
    return Ratio(math.exp(middle), math.exp(low), math.exp(high))
