"""`python -m benchmarks.costs.change_points`: how often change points are false, and how often real ones are found.

Session medians are drawn independently from a lognormal distribution (standard deviation of the logarithm 0.2). Real
ones are harder to judge, because the load of a service drifts. The script prints the share of unchanged histories with
a change point, and the share of histories in which a step is found within two sessions of its place.
"""

import math
import sys
from random import Random

from benchmarks.costs.command_line import take_no_arguments
from benchmarks.history.change_points import MAX_P_VALUE, MISSING, find_change_points, is_installed

SPREAD = 0.2
"""The standard deviation of the logarithm of the medians."""
HISTORIES = 2000
"""The number of histories per share."""
NEAR = 2
"""The distance in sessions up to which a step counts as found."""


def draw_medians(draws: Random, sessions: int, step: float, during: range) -> list[float]:
    """Return a history's medians; those of the sessions `during` are `step` times as long."""
    return [
        draws.lognormvariate(math.log(30), SPREAD) * (step if index in during else 1.0) for index in range(sessions)
    ]


def measure_false_share(sessions: int) -> float:
    """Return the share of unchanged histories that show a change point."""
    draws = Random(sessions)
    return (
        sum(bool(find_change_points(draw_medians(draws, sessions, 1.0, range(0)))) for _ in range(HISTORIES))
        / HISTORIES
    )


def measure_found_share(sessions: int, step: float, during: range) -> float:
    """Return the share of histories that show where a step begins and, if it does, where it ends."""
    draws = Random(sessions)
    edges = [edge for edge in (during.start, during.stop) if edge < sessions]
    found = (find_change_points(draw_medians(draws, sessions, step, during)) for _ in range(HISTORIES))
    return (
        sum(all(any(abs(point.index - edge) <= NEAR for point in points) for edge in edges) for points in found)
        / HISTORIES
    )


def main() -> None:
    """Print both shares."""
    take_no_arguments("change_points", __doc__)
    if not is_installed():
        sys.exit(MISSING)
    print(
        f"max_pvalue {MAX_P_VALUE}, {HISTORIES} histories each, standard deviation of the logarithm of medians {SPREAD}"
    )
    print("nothing changed: share of histories with a change point")
    for sessions in (5, 10, 20, 40, 200):
        print(f"  {sessions:3} sessions                         {measure_false_share(sessions):7.2%}")
    print("a step: share of histories in which its start and its end are found within two sessions")
    for sessions, step, during in (
        (20, 1.5, range(10, 20)),
        (40, 1.5, range(20, 40)),
        (40, 1.5, range(35, 40)),
        (40, 2.0, range(20, 40)),
        (40, 2.0, range(35, 40)),
        (40, 1.5, range(15, 25)),
        (40, 2.0, range(15, 25)),
        (200, 1.5, range(100, 200)),
    ):
        when = f"{during.start + 1:3} to {during.stop:3}"
        print(f"  {sessions:3} sessions, x{step} in {when}         {measure_found_share(sessions, step, during):7.2%}")


if __name__ == "__main__":
    main()
