"""Change points: from which session on a strategy is slower or faster than before. By apache-otava, where it is there.

The method is e-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of
Multivariate Data", 2014, arXiv:1306.4933) with a t-test in place of permutations, so that the same history gives the
same points (Fleming et al., "Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023,
doi:10.1145/3578244.3583719). It is for medians of one unbroken series (`benchmarks.history.sessions.find_breaks`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from statistics import fmean
from typing import Any

MAX_P_VALUE = 0.0005
"""The largest p value of a change point: half of otava's own, for a page looks at ten strategies or more at once.
`python -m benchmarks.costs.change_points` prints how often a change point is shown where nothing changed."""
WINDOW = 20
"""The number of sessions that otava looks at together, in windows that overlap by half. In its own, of 50, a slowdown
and its repair hide each other too often; in these, a lasting step is found somewhat less often."""
MIN_RATIO = 1.05
"""The ratio from which on two levels are not one: a replay's medians hardly vary, so that any ratio is significant."""
ENOUGH = 20
"""The number of a series' sessions from which on its change points decide what a run is compared with."""
MISSING = "Change points are not looked for: apache-otava is not installed (pip install --group history)."


@dataclass(frozen=True)
class ChangePoint:
    """A session from which on medians have another level."""

    index: int
    """The index of the first session of the new level."""
    ratio: float
    """The new level over the old one, above 1 where it is slower; a level is the geometric mean of its medians."""


def is_installed() -> bool:
    """Tell whether apache-otava is there, without which no change points are looked for."""
    return _import_detector() is not None


def find_change_points(medians: Sequence[float]) -> list[ChangePoint]:
    """Return the change points of a series' medians (seconds, above 0, oldest first), none without apache-otava."""
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
    """Return the index of the first session of the level that holds now.

    It is 0 where there is no change, of fewer than `ENOUGH` sessions, and without apache-otava.
    """
    points = find_change_points(medians) if len(medians) >= ENOUGH else []
    return points[-1].index if points else 0


def _find_steps(logs: Sequence[float], starts: Sequence[int]) -> list[float]:
    """Return the differences between one level's mean and the next one's."""
    edges = [0, *starts, len(logs)]
    levels = [fmean(logs[start:stop]) for start, stop in pairwise(edges)]
    return [new - old for old, new in pairwise(levels)]


@cache
def _import_detector() -> Callable[..., Any] | None:
    """Return otava's function; None where it is not installed, for it stands in a dependency group of its own."""
    try:  # to import it takes half a second, which only those pay who need it
        from otava.analysis import compute_change_points  # noqa: PLC0415
    except ImportError:
        return None
    return compute_change_points  # type: ignore[no-any-return]
