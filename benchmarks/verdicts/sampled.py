"""Verdicts on what varies: a live session against its history, and a recording against another one."""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.history import change_points as changepoints
from benchmarks.history.sessions import Stored, breaks
from benchmarks.verdicts import inference
from benchmarks.verdicts.growth import growth
from benchmarks.verdicts.ratios import LEAST_ROUNDS, LEAST_SESSIONS, Ratio, Word, word
from benchmarks.verdicts.verdict import Verdict

MANY_SESSIONS = 1000
"""More are not asked for: what they would not show, no history shows."""


def against_recording(
    fullname: str, now: Mapping[str, Any], stored: Stored, least: float, notes: Sequence[str]
) -> Verdict:
    """Judge a replay whose cassette was recorded anew since the stored run; `notes` are said besides."""
    session, then = stored
    info, count = now["extra_info"], len(now["stats"]["data"])
    name = info["strategy"]
    basis = f"{count} and {len(then['stats']['data'])} rounds of two recordings"
    anew = f"recorded anew since {session.path.name}, so these are two samples"
    grown = tuple(growth(info, then["extra_info"], paired=False))
    if min(count, len(then["stats"]["data"])) < LEAST_ROUNDS:
        needed = f"{anew}; it takes {LEAST_ROUNDS} rounds of each (--rounds={LEAST_ROUNDS})"
        return Verdict(fullname, name, Word.CANNOT_TELL, basis, notes=(needed, *notes), grown=grown)
    ratio = inference.with_drift(inference.sample_ratio(now["stats"]["data"], then["stats"]["data"])[0])
    return Verdict(fullname, name, word(ratio, least), basis, ratio, max(least, ratio.visible), (anew, *notes), grown)


def against_history(fullname: str, now: Mapping[str, Any], stored: Sequence[Stored], least: float) -> Verdict:
    """Judge a live session against those before, of its kind, oldest first."""
    info, seconds = now["extra_info"], now["stats"]["data"]
    name = info["strategy"]
    series = [(session, then) for session, then in stored if not breaks(then["extra_info"], info)]
    notes: list[str] = []
    if stored and (changed := breaks(stored[-1][1]["extra_info"], info)):
        left = f"{len(stored) - len(series)} of {len(stored)} earlier sessions are of another series"
        notes.append(f"{'; '.join(changed)} since {stored[-1][0].path.name}: {left}")
    grown = tuple(growth(info, series[-1][1]["extra_info"], paired=False)) if series else ()
    series, told = _at_this_level(series)
    notes += told
    basis = f"{len(seconds)} rounds, {len(series)} earlier sessions"
    if len(series) < LEAST_SESSIONS:
        needed = f"it takes {LEAST_SESSIONS} comparable earlier sessions, which is {LEAST_SESSIONS - len(series)} more"
        return Verdict(fullname, name, Word.CANNOT_TELL, basis, notes=(needed, *notes), grown=grown)
    ratio = inference.session_ratio(seconds, [then["stats"]["data"] for _, then in series])
    said = word(ratio, least)
    if said is Word.CANNOT_TELL:
        notes.insert(0, _needed(ratio, len(series)))
    return Verdict(fullname, name, said, basis, ratio, max(least, ratio.visible), tuple(notes), grown)


def _at_this_level(series: list[Stored]) -> tuple[list[Stored], list[str]]:
    """Return the sessions since the last change point, of a series that is long enough to have one, and what to say."""
    if len(series) < changepoints.ENOUGH:
        return series, []
    if not changepoints.installed():
        return series, [changepoints.MISSING.rstrip(".")]
    first = changepoints.since_last_change([median(then["stats"]["data"]) for _, then in series])
    if not first:
        return series, []
    session = series[first][0]
    return series[first:], [f"its level changed with {session.path.name} ({session.time:%Y-%m-%d})"]


def _needed(ratio: Ratio, sessions: int) -> str:
    """Say how long a history would have shown this change."""
    shift, half = abs(math.log(ratio.value)), math.log(ratio.high / ratio.low) / 2
    for more in range(sessions + 1, MANY_SESSIONS):
        if half * inference.spread_factor(more) / inference.spread_factor(sessions) < shift:
            return f"a change of this size would be seen from {more} earlier sessions on"
    return "a change of this size is within what single sessions vary by; more sessions like this one will tell"
