"""Change points: the sessions from which on a strategy is slower or faster than before, found by apache-otava.

The method is e-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
Multivariate Data", 2014, arXiv:1306.4933) with a t-test in place of permutations, so that the same history gives the
same points (Fleming et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023,
doi:10.1145/3578244.3583719). It applies to medians of one unbroken series (`benchmarks.history.sessions.find_breaks`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import fmean
from typing import Any

MAX_P_VALUE = 0.0005
"""The largest p value of a change point: half of otava's default, because a page shows ten or more strategies.
`python -m benchmarks.costs.change_points` prints how often a change point is found although nothing changed."""
WINDOW = 20
"""The number of sessions per window; windows overlap by half. With otava's default of 50, a slowdown and its repair
hide each other too often; with 20, a lasting step is found somewhat less often."""
MIN_RATIO = 1.05
"""The minimum ratio of two levels: medians of a replay hardly vary, so any smaller ratio would be significant."""
ENOUGH = 20
"""The number of sessions of a series from which on change points decide what a run is compared with."""
MISSING = "Change points are not detected: apache-otava is not installed (pip install --group history)."


@dataclass(frozen=True)
class ChangePoint:
    """The first session of a new level."""

    index: int
    """The index of the first session of the new level."""
    ratio: float
    """The new level over the old one, above 1 if slower; a level is the geometric mean of its medians."""


def is_installed() -> bool:
    """Return whether apache-otava, which detects change points, is installed."""
    return _import_detector() is not None


def find_change_points(medians: Sequence[float]) -> list[ChangePoint]:
    """Return the change points of a series' medians (seconds, above 0, oldest first); empty without apache-otava."""
    detector = _import_detector()
    if detector is None:
        return []
    logs = [math.log(each) for each in medians]
    found, _ = detector(logs, window_len=WINDOW, max_pvalue=MAX_P_VALUE)
    starts = [int(point.index) for point in found]
    while starts:
        steps = _find_steps(logs, starts)
        smallest = min(range(len(starts)), key=lambda index: abs(steps[index]))
        if abs(steps[smallest]) >= math.log(MIN_RATIO):
            return [ChangePoint(start, math.exp(step)) for start, step in zip(starts, steps, strict=True)]
        del starts[smallest]
    return []


def find_last_change(medians: Sequence[float]) -> int:
    """Return the index of the first session of the latest level.

    It is 0 if there is no change point, with fewer than `ENOUGH` sessions, and without apache-otava.
    """
    points = find_change_points(medians) if len(medians) >= ENOUGH else []
    return points[-1].index if points else 0


def _find_steps(logs: Sequence[float], starts: Sequence[int]) -> list[float]:
    """Return the differences between the means of successive levels; `starts` has the first sessions of all but one."""
    edges = [0, *starts, len(logs)]
    levels = [fmean(logs[start:stop]) for start, stop in pairwise(edges)]
    return [new - old for old, new in pairwise(levels)]


@cache
def _import_detector() -> Callable[..., Any] | None:
    """Return otava's function; None if otava is not installed (it is in the dependency group `history`)."""
    try:  # imported only here, because importing takes half a second
        from otava.analysis import compute_change_points  # noqa: PLC0415
    except ImportError:
        return None
    return compute_change_points  # type: ignore[no-any-return]
