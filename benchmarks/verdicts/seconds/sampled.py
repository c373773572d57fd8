"""Verdicts on what varies: a live session against its history, and a recording against another one."""

import math
from collections.abc import Sequence

from benchmarks.history import change_points
from benchmarks.history.sessions import StoredBenchmark, find_breaks
from benchmarks.verdicts.growth import find_growth
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import LEAST_ROUNDS, LEAST_SESSIONS, Finding, Ratio, classify_ratio
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark

MOST_SESSIONS = 1000
"""The number of sessions above which none are asked for: what they would not show, no history shows."""


def judge_recording(now: Benchmark, stored: StoredBenchmark, least: float, notes: Sequence[str]) -> Verdict:
    """Return the verdict on a replay whose cassette was recorded anew since the stored run; `notes` are added to it."""
    session, then = stored.session, stored.benchmark
    name = now.record.label
    basis = f"{len(now.seconds)} and {len(then.seconds)} rounds of two recordings"
    anew = f"recorded anew since {session.path.name}, so these are two samples"
    grown = tuple(find_growth(now.record, then.record, paired=False))
    if min(len(now.seconds), len(then.seconds)) < LEAST_ROUNDS:
        needed = f"{anew}; it takes {LEAST_ROUNDS} rounds of each (--rounds={LEAST_ROUNDS})"
        return Verdict(now.fullname, name, Finding.CANNOT_TELL, basis, notes=(needed, *notes), grown=grown)
    ratio = inference.widen_by_drift(inference.compare_samples(now.seconds, then.seconds)[0])
    finding = classify_ratio(ratio, least)
    return Verdict(now.fullname, name, finding, basis, ratio, max(least, ratio.visible), (anew, *notes), grown)


def judge_session(now: Benchmark, stored: Sequence[StoredBenchmark], least: float) -> Verdict:
    """Return the verdict on a live session against those before it, of its kind, oldest first."""
    record = now.record
    series = [each for each in stored if not find_breaks(each.benchmark.record, record)]
    notes: list[str] = []
    if stored and (changed := find_breaks(stored[-1].benchmark.record, record)):
        left = f"{len(stored) - len(series)} of {len(stored)} earlier sessions are of another series"
        notes.append(f"{'; '.join(changed.values())} since {stored[-1].session.path.name}: {left}")
    grown = tuple(find_growth(record, series[-1].benchmark.record, paired=False)) if series else ()
    series, level_notes = _keep_level(series)
    notes += level_notes
    basis = f"{len(now.seconds)} rounds, {len(series)} earlier sessions"
    if len(series) < LEAST_SESSIONS:
        needed = f"it takes {LEAST_SESSIONS} comparable earlier sessions, which is {LEAST_SESSIONS - len(series)} more"
        verdict_notes = (needed, *notes)
        return Verdict(now.fullname, record.label, Finding.CANNOT_TELL, basis, notes=verdict_notes, grown=grown)
    ratio = inference.compare_session(now.seconds, [each.benchmark.seconds for each in series])
    finding = classify_ratio(ratio, least)
    if finding is Finding.CANNOT_TELL:
        notes.insert(0, _describe_need(ratio, len(series)))
    visible = max(least, ratio.visible)
    return Verdict(now.fullname, record.label, finding, basis, ratio, visible, tuple(notes), grown)


def _keep_level(series: list[StoredBenchmark]) -> tuple[list[StoredBenchmark], list[str]]:
    """Return the sessions since the last change point, where a series is long enough to have one, and notes on it."""
    if len(series) < change_points.ENOUGH:
        return series, []
    if not change_points.is_installed():
        return series, [change_points.MISSING.rstrip(".")]
    first = change_points.find_last_change([each.benchmark.median for each in series])
    if not first:
        return series, []
    session = series[first].session
    return series[first:], [f"its level changed with {session.path.name} ({session.time:%Y-%m-%d})"]


def _describe_need(ratio: Ratio, sessions: int) -> str:
    """Return the clause that says how long a history would have shown this change."""
    shift, half = abs(math.log(ratio.value)), math.log(ratio.high / ratio.low) / 2
    for more in range(sessions + 1, MOST_SESSIONS):
        if half * inference.find_spread_factor(more) / inference.find_spread_factor(sessions) < shift:
            return f"a change of this size would be seen from {more} earlier sessions on"
    return "a change of this size is within what single sessions vary by; more sessions like this one will tell"
