"""Change points: from which session on a strategy is slower or faster than before. By apache-otava, where it is there.

The method is e-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
Multivariate Data", 2014, arXiv:1306.4933) with a t-test in place of permutations, so that the same history gives the
same points (Fleming et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023,
doi:10.1145/3578244.3583719). It is for medians of one unbroken series (`benchmarks.history.sessions.breaks`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import fmean
from typing import Any

MAX_P_VALUE = 0.0005
"""Of two levels being one; half of otava's own, for a page looks at ten strategies or more at once.
`python -m benchmarks.costs.change_points` prints how often a change point is shown where nothing changed."""
WINDOW = 20
"""Sessions that otava looks at together, in windows that overlap by half. In its own, of 50, a slowdown and its repair
hide each other too often; in this, a lasting step is found somewhat less often."""
MIN_RATIO = 1.05
"""Levels nearer to each other than this are one: a replay's medians hardly vary, so that any ratio is significant."""
ENOUGH = 20
"""Sessions of a series from which on its change points say what to compare a run with."""
MISSING = "Change points are not looked for: apache-otava is not installed (pip install --group history)."


@dataclass(frozen=True)
class ChangePoint:
    """A session from which on medians have another level."""

    index: int
    """Of the first session of the new level."""
    ratio: float
    """The new level over the old one; a level is the geometric mean of its sessions' medians. Above 1 is slower."""


def installed() -> bool:
    """Tell whether change points can be looked for."""
    return _detector() is not None


def change_points(medians: Sequence[float]) -> list[ChangePoint]:
    """Return the change points of a series' medians (seconds, above 0, oldest first), none without apache-otava."""
    detector = _detector()
    if detector is None:
        return []
    logs = [math.log(each) for each in medians]
    found, _ = detector(logs, window_len=WINDOW, max_pvalue=MAX_P_VALUE)
    starts = [int(point.index) for point in found]
    while starts:
        steps = _steps(logs, starts)
        smallest = min(range(len(starts)), key=lambda place: abs(steps[place]))
        if abs(steps[smallest]) >= math.log(MIN_RATIO):
            return [ChangePoint(start, math.exp(step)) for start, step in zip(starts, steps, strict=True)]
        del starts[smallest]
    return []


def since_last_change(medians: Sequence[float]) -> int:
    """Return the index of the first session of the level that holds now.

    It is 0 where there is no change, of fewer than `ENOUGH` sessions, and without apache-otava.
    """
    points = change_points(medians) if len(medians) >= ENOUGH else []
    return points[-1].index if points else 0


def _steps(logs: Sequence[float], starts: Sequence[int]) -> list[float]:
    """Return the differences between one level's mean and the next one's."""
    edges = [0, *starts, len(logs)]
    levels = [fmean(logs[start:stop]) for start, stop in pairwise(edges)]
    return [new - old for old, new in pairwise(levels)]


@cache
def _detector() -> Callable[..., Any] | None:
    """Import otava only where it is needed: it takes half a second, and stands in a dependency group of its own."""
    try:
        from otava.analysis import compute_change_points  # noqa: PLC0415
    except ImportError:
        return None
    return compute_change_points  # type: ignore[no-any-return]
