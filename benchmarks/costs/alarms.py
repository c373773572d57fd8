"""The rates of alarms on live sessions: how often a lasting slow-down is called and stays called, and false ones.

    python -m benchmarks.costs.alarms [TRIALS]

Histories are drawn as in `benchmarks.costs.calibration`, with five rounds a session, and followed session by session
by the suite's own rule (`benchmarks.history.alarms`): once as they are, and once with all sessions from the seventh of
twenty on taking twice as long. "without memory" is the rule that this one replaced: each session is judged alone, and
then enters the history. Nothing else than the verdict on a session is simulated: neither a session that is missing, nor
one that is accepted.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.costs.calibration import Setting
from benchmarks.history.alarms import follow_level
from benchmarks.history.levels import LEAST_LIVE, LEAST_SESSIONS
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import Finding, classify_sampled

CHANGED = 6
"""The index of the first session that takes longer."""
FACTOR = 2.0
"""How many times as long it takes."""
DRIFTS = (0.15, 0.30)
"""The standard deviations of the logarithm between sessions."""
SESSIONS = 20
"""The number of sessions in a history."""
LONG = 60
"""The number of sessions in a long history, in which what is left out has its effect."""
ROUNDS = 5
"""The number of rounds in a session."""
Rule = Callable[[Sequence[float]], set[int]]
"""Returns which sessions are called slower, given their medians in seconds."""


@dataclass(frozen=True)
class Called:
    """What becomes of a lasting slow-down."""

    called: float
    """The share of histories in which any session since then is called slower, be it by an alarm from before."""
    at_once: float
    """The share in which the first one is."""
    delay: float
    """The median number of sessions until it is called, the first one being 1, where it is called."""
    stays: float
    """The share of those that are called in which all later sessions are called slower too."""


@dataclass(frozen=True)
class FalseAlarms:
    """What is called slower where nothing changed."""

    new: float
    """New alarms a session that could be called slower."""
    at_risk: float
    """New alarms a session that could be called slower and is not within an alarm."""
    red: float
    """The share of the sessions that could be called slower which are."""
    length: float
    """The mean number of sessions from an alarm's first to its last."""


def follow(medians: Sequence[float]) -> set[int]:
    """Return what the suite calls slower."""
    return follow_level(medians).red


def judge_alone(medians: Sequence[float]) -> set[int]:
    """Return what is called slower where each session is judged against all before it."""
    return {
        index
        for index in range(LEAST_SESSIONS, len(medians))
        if classify_sampled(
            inference.compare_session([medians[index]], [[each] for each in medians[:index]]), LEAST_LIVE
        )
        is Finding.SLOWER
    }


def draw_histories(drift: float, sessions: int, trials: int) -> list[list[float]]:
    """Return so many histories of session medians in seconds; with the same arguments always the same."""
    logs = Setting(drift, sessions - 1, ROUNDS).draw(trials, seed=sessions)
    return [[float(each) for each in row] for row in np.exp(np.median(logs, axis=2))]


def measure_called(rule: Rule, histories: Sequence[Sequence[float]]) -> Called:
    """Return what becomes of a slow-down that lasts from the session `CHANGED` on."""
    found = []
    for medians in histories:
        red = rule([each * (FACTOR if index >= CHANGED else 1.0) for index, each in enumerate(medians)])
        found.append(sorted(index for index in red if index >= CHANGED))
    called = [red for red in found if red]
    delays = [red[0] - CHANGED + 1 for red in called]
    return Called(
        called=len(called) / len(histories),
        at_once=sum(delay == 1 for delay in delays) / len(histories),
        delay=median(delays) if delays else 0,
        stays=sum(len(red) == SESSIONS - red[0] for red in called) / max(1, len(called)),
    )


def measure_false(rule: Rule, histories: Sequence[Sequence[float]]) -> FalseAlarms:
    """Return what is called slower in histories in which nothing has changed."""
    new = red = able = 0
    for medians in histories:
        found = rule(medians)
        able += len(medians) - LEAST_SESSIONS
        red += len(found)
        new += sum(index - 1 not in found for index in found)
    return FalseAlarms(new / able, new / (able - red + new), red / able, red / max(1, new))


def print_drift(drift: float, trials: int) -> None:
    """Print what either rule does at a drift."""
    histories = draw_histories(drift, SESSIONS, trials)
    long = draw_histories(drift, LONG, max(1, trials // 10))
    print(f"\ndrift {drift:.2f}")
    print(f"  {'':32}{'called':>8}{'at once':>9}{'after':>7}{'stays':>8}")
    rules = {"the suite's rule": follow, "without memory": judge_alone}
    for name, rule in rules.items():
        seen = measure_called(rule, histories)
        print(f"  {name:32}{seen.called:8.1%}{seen.at_once:9.1%}{seen.delay:7.0f}{seen.stays:8.1%}")
    print(f"  {'nothing changed':32}{'new':>8}{'at risk':>9}{'red':>7}{'length':>8}")
    for name, rule in rules.items():
        for drawn in (histories, long):
            false = measure_false(rule, drawn)
            about = f"{name}, {len(drawn[0])} sessions"
            print(f"  {about:32}{false.new:8.1%}{false.at_risk:9.1%}{false.red:7.1%}{false.length:8.1f}")


def main() -> None:
    """Print both rules at both drifts."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{trials:,} histories of {SESSIONS} sessions, and {max(1, trials // 10)} of {LONG}, {ROUNDS} rounds each.")
    print(f"Twice as long from session {CHANGED + 1} on: how many are called, how many with its first session, after")
    print("how many sessions (median), and how many of those called are called slower in all sessions from then on.")
    print("Nothing changed: new alarms a session, the same of sessions outside of alarms, the share of sessions that")
    print("are called slower, and how many sessions an alarm lasts on average.")
    for drift in DRIFTS:
        print_drift(drift, trials)


if __name__ == "__main__":
    main()
