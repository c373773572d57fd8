"""The level of a live benchmark: the predictive interval of one more session, and whether the level has changed.

Each session is represented by the logarithm of its median, because its rounds share the load of that day. SciPy is
imported inside functions, because importing it takes half a second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean, stdev, variance

CONFIDENCE = 0.92
"""The confidence of the predictive interval: 4 % on either side, which heavy tails increase to at most 5 %."""
LEAST_LIVE = 0.20
"""The smallest change of a live session that counts, as a share."""
LEAST_SESSIONS = 5
"""The minimum number of earlier sessions: with fewer, the smallest detectable change is larger than a factor of 2.5."""
MOST_SESSIONS = 1000
"""The largest number of sessions that is named as needed."""
POWER = 0.8
"""The probability of showing an unchanged level to be the same with the number of sessions that is named as needed."""
WIDENED = 1.15
"""The factor on the spread of a level from which an alarm has excluded sessions: the slowest ones are missing. With it,
new alarms stay below 5 % per session (`python -m benchmarks.costs.alarms`)."""


@dataclass(frozen=True)
class LevelChange:
    """The level of a series' later sessions over that of its earlier ones, from logarithms of their medians."""

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
    """Whether the whole interval is within the changes that do not count."""


def predict_session(middles: Sequence[float], *, is_thinned: bool = False) -> tuple[float, float]:
    """Return the middle and half the width of the predictive interval of one more session, both as logarithms.

    `middles` are the logarithms of at least two sessions' medians; `is_thinned` is whether an alarm has excluded
    sessions of their level. The interval is Student's predictive interval for one further observation (Hahn and
    Meeker, Statistical Intervals, 1991, section 4.8).
    """
    spread = stdev(middles) * (WIDENED if is_thinned else 1.0)
    return fmean(middles), find_spread_factor(len(middles)) * spread


@cache
def find_spread_factor(count: int) -> float:
    """Return half the width of the predictive interval after `count` sessions, in their standard deviations."""
    return _find_quantile((1 + CONFIDENCE) / 2, count - 1) * math.sqrt(1 + 1 / count)


def compare_levels(medians: Sequence[float], least: float) -> LevelChange | None:
    """Return the comparison of the level of the later half of these sessions with that of the earlier half.

    `medians` are seconds, oldest first; if their number is odd, the earlier half has one more. `least` is the smallest
    change that counts, as a share. Levels are the same if two one-sided tests at 5 % show it, that is, if the 90 %
    interval is within `least` (Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987). The result is
    None for fewer than twice `LEAST_SESSIONS`.
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
    """Return the number of sessions that show an unchanged level to be the same with the probability `POWER`.

    `spread` is the standard deviation of the logarithms of the sessions' medians within a level, and `least` the
    smallest change that counts, as a share. The result is None if more than `MOST_SESSIONS` are needed.
    """
    from scipy import stats  # noqa: PLC0415 - importing it takes half a second

    bound = math.log(1 + least)
    for count in range(2 * LEAST_SESSIONS, MOST_SESSIONS + 1, 2):
        error = spread * math.sqrt(4 / count)
        room = bound - _find_quantile(0.95, count - 2) * error
        if room > 0 and (error == 0 or 2 * stats.t.cdf(room / error, count - 2) - 1 >= POWER):
            return count
    return None


@cache
def _find_quantile(share: float, freedom: int) -> float:
    """Return the quantile of Student's t distribution with these degrees of freedom."""
    from scipy import stats  # noqa: PLC0415 - importing it takes half a second

    return float(stats.t.ppf(share, freedom))
