"""Alarms on live sessions: how often a lasting slowdown raises one that persists, and how often they are false.

Histories are drawn as in `benchmarks.costs.calibration`, with five rounds per session, and judged session by session
by the suite's own rule (`benchmarks.history.alarms`): unchanged, and with twice the seconds from the seventh of twenty
sessions on. "without memory" is an earlier rule: each session is judged against all sessions before it, those called
slower included. Missing and accepted sessions are not simulated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.costs.calibration import Setting
from benchmarks.costs.command_line import read_trials
from benchmarks.history.alarms import follow_level
from benchmarks.history.levels import LEAST_LIVE, LEAST_SESSIONS
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import Finding, classify_sampled

CHANGED = 6
"""The index of the first session that takes longer."""
FACTOR = 2.0
"""The factor on the seconds from that session on."""
DRIFTS = (0.15, 0.30)
"""The standard deviations of the logarithm between sessions."""
SESSIONS = 20
"""The number of sessions in a history."""
LONG = 60
"""The number of sessions in a long history, where sessions left out by alarms matter more."""
ROUNDS = 5
"""The number of rounds in a session."""
EXPLANATIONS = f"""\
{FACTOR:g} times as long from session {CHANGED + 1} on:
  called    share of histories in which a session from then on is called slower
  at once   share of histories in which the first of these sessions is
  after     median number of sessions until the first one that is called slower
  stays     share of the called histories in which all later sessions are called slower too
nothing changed:
  new       new alarms per session
  at risk   new alarms per session outside an alarm
  red       share of sessions that are called slower
  length    mean number of sessions in an alarm"""
Rule = Callable[[Sequence[float]], set[int]]
"""Returns the indexes of the sessions that are called slower, given their medians in seconds."""


@dataclass(frozen=True)
class Called:
    """How a lasting slowdown is judged."""

    called: float
    """The share of histories in which a later session is called slower, even by an alarm raised before the change."""
    at_once: float
    """The share of histories in which the first changed session is called slower."""
    delay: float
    """The median number of sessions until one is called slower (the first is 1); histories with none are left out."""
    stays: float
    """The share of called histories in which all later sessions are called slower too."""


@dataclass(frozen=True)
class FalseAlarms:
    """How often sessions are called slower when nothing changed."""

    new: float
    """New alarms per session that can be called slower."""
    at_risk: float
    """New alarms per session that can be called slower and is not within an alarm."""
    red: float
    """The share of these sessions that are called slower."""
    length: float
    """The mean number of sessions in an alarm."""


def follow(medians: Sequence[float]) -> set[int]:
    """Return the sessions that the suite calls slower."""
    return follow_level(medians).red


def judge_alone(medians: Sequence[float]) -> set[int]:
    """Return the sessions called slower when each is judged against all sessions before it."""
    return {
        index
        for index in range(LEAST_SESSIONS, len(medians))
        if classify_sampled(
            inference.compare_session([medians[index]], [[each] for each in medians[:index]]), LEAST_LIVE
        )
        is Finding.SLOWER
    }


def draw_histories(drift: float, sessions: int, trials: int) -> list[list[float]]:
    """Return `trials` histories of session medians in seconds; the same arguments give the same histories."""
    logs = Setting(drift, sessions - 1, ROUNDS).draw(trials, seed=sessions)
    return [[float(each) for each in row] for row in np.exp(np.median(logs, axis=2))]


def measure_called(rule: Rule, histories: Sequence[Sequence[float]]) -> Called:
    """Return how a slowdown from the session `CHANGED` on is judged."""
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
    """Return how often sessions are called slower in unchanged histories."""
    new = red = able = 0
    for medians in histories:
        found = rule(medians)
        able += len(medians) - LEAST_SESSIONS
        red += len(found)
        new += sum(index - 1 not in found for index in found)
    return FalseAlarms(new / able, new / (able - red + new), red / able, red / max(1, new))


def print_drift(drift: float, trials: int) -> None:
    """Print the results of both rules at one drift."""
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
    trials = read_trials("alarms", __doc__)
    print(f"{trials:,} histories of {SESSIONS} sessions, and {max(1, trials // 10)} of {LONG}, {ROUNDS} rounds each.")
    print(EXPLANATIONS)
    for drift in DRIFTS:
        print_drift(drift, trials)


if __name__ == "__main__":
    main()
