"""The level of a live benchmark: what one more session may take, and whether the latest sessions have the same level.

A session counts as the logarithm of its median, for its rounds share that day's load. SciPy is imported where it is
needed, for it takes half a second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, stdev, variance

CONFIDENCE = 0.92
"""The confidence of the predictive interval: it leaves out 4 % on either side, which heavy tails make at most 5 %."""
LEAST_LIVE = 0.20
"""The smallest change of a live session that counts, as a share."""
LEAST_SESSIONS = 5
"""The least earlier sessions: with fewer, the smallest detectable change is beyond a factor of two and a half."""
MOST_SESSIONS = 1000
"""The number of sessions above which none are asked for: what they would not show, no history shows."""
POWER = 0.8
"""The chance with which levels that have not changed are to be shown to be the same, where sessions are asked for."""
WIDENED = 1.15
"""The factor on the spread of sessions of which an alarm has left some out that were of their level: the slowest are
missing. With it new alarms stay below 5 % a session (`python -m benchmarks.costs.alarms`)."""


@dataclass(frozen=True)
class LevelChange:
    """The mean level of a series' later sessions over that of its earlier ones, from logarithms of their medians."""

    ratio: float
    """The ratio of geometric means; above 1 is slower."""
    low: float
    """The lower end of the ratio's 90 % interval."""
    high: float
    """The upper end of the ratio's 90 % interval."""
    earlier: int
    """The number of earlier sessions."""
    later: int
    """The number of later sessions."""
    spread: float
    """The standard deviation of the logarithms of medians within either half."""
    is_same: bool
    """Whether the interval lies within the changes that do not count."""


def predict_session(middles: Sequence[float], *, is_thinned: bool = False) -> tuple[float, float]:
    """Return the middle of what one more session takes and half the width of its interval, both as logarithms.

    `middles` are the logarithms of at least two sessions' medians; `is_thinned` tells whether an alarm has left some of
    their level out. The interval is Student's predictive interval for one further observation (Hahn and Meeker,
    Statistical Intervals, 1991, section 4.8).
    """
    spread = stdev(middles) * (WIDENED if is_thinned else 1.0)
    return fmean(middles), find_spread_factor(len(middles)) * spread


@cache
def find_spread_factor(count: int) -> float:
    """Return half the width of the predictive interval after so many sessions, in their standard deviations."""
    return _find_quantile((1 + CONFIDENCE) / 2, count - 1) * math.sqrt(1 + 1 / count)


def compare_levels(medians: Sequence[float], least: float) -> LevelChange | None:
    """Return how the level of the later half of these sessions compares with that of the earlier half.

    `medians` are seconds, oldest first; of an odd number the earlier half has one more. `least` is the smallest change
    that counts, as a share: levels are the same where two one-sided tests at 5 % say so, that is where the 90 %
    interval lies within it (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987). It is None of fewer
    than twice `LEAST_SESSIONS`.
    """
    count = len(medians)
    if count < 2 * LEAST_SESSIONS:
        return None
    logs = [math.log(each) for each in medians]
    later = count // 2
    before, after = logs[: count - later], logs[count - later :]
    shift = fmean(after) - fmean(before)
    pooled = math.sqrt((variance(before) * (len(before) - 1) + variance(after) * (later - 1)) / (count - 2))
    half = _find_quantile(0.95, count - 2) * pooled * math.sqrt(1 / len(before) + 1 / later)
    low, high = math.exp(shift - half), math.exp(shift + half)
    return LevelChange(
        ratio=math.exp(shift),
        low=low,
        high=high,
        earlier=len(before),
        later=later,
        spread=pooled,
        is_same=1 / (1 + least) < low and high < 1 + least,
    )


def count_needed_sessions(spread: float, least: float) -> int | None:
    """Return how many sessions show an unchanged level to be the same with the chance `POWER`.

    `spread` is the standard deviation of the logarithms of the sessions' medians within a level, and `least` the
    smallest change that counts. It is None where that takes more than `MOST_SESSIONS`.
    """
    from scipy import stats  # noqa: PLC0415 - it takes half a second

    bound = math.log(1 + least)
    for count in range(2 * LEAST_SESSIONS, MOST_SESSIONS + 1, 2):
        error = spread * math.sqrt(4 / count)
        room = bound - _find_quantile(0.95, count - 2) * error
        if room > 0 and (error == 0 or 2 * stats.t.cdf(room / error, count - 2) - 1 >= POWER):
            return count
    return None


@cache
def _find_quantile(share: float, freedom: int) -> float:
    """Return the quantile of Student's distribution with so many degrees of freedom."""
    from scipy import stats  # noqa: PLC0415 - it takes half a second

    return float(stats.t.ppf(share, freedom))
