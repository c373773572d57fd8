"""Verdicts on samples: a live session against earlier ones, and a recording against another one."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.history import change_points
from benchmarks.history.accepted import LIVE
from benchmarks.history.alarms import Course, follow_series
from benchmarks.history.levels import (
    LEAST_LIVE,
    LEAST_SESSIONS,
    MOST_SESSIONS,
    POWER,
    compare_levels,
    count_needed_sessions,
    find_spread_factor,
)
from benchmarks.history.sessions import Session, StoredBenchmark, find_breaks, list_series
from benchmarks.verdicts.growth import find_growth
from benchmarks.verdicts.seconds import inference
from benchmarks.verdicts.seconds.ratios import LEAST_ROUNDS, Finding, Ratio, classify_sampled, explain_no_change
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark


def judge_recording(now: Benchmark, stored: StoredBenchmark, least: float, notes: Sequence[str]) -> Verdict:
    """Return the verdict on a replay whose cassette was recorded again since the stored run, with `notes` added."""
    session, then = stored.session, stored.benchmark
    name = now.record.label
    basis = f"{len(now.seconds)} and {len(then.seconds)} rounds of two recordings"
    again = f"recorded again since {session.path.name}, so the rounds are two samples"
    grown = tuple(find_growth(now.record, then.record, paired=False))
    if min(len(now.seconds), len(then.seconds)) < LEAST_ROUNDS:
        needed = f"{again}; needs {LEAST_ROUNDS} rounds of each (--rounds={LEAST_ROUNDS})"
        return Verdict(now.fullname, name, Finding.CANNOT_TELL, basis, notes=(needed, *notes), grown=grown)
    ratio = inference.widen_by_drift(inference.compare_samples(now.seconds, then.seconds)[0])
    finding = classify_sampled(ratio, least)
    seen = (explain_no_change(ratio, least),) if finding is Finding.NO_CHANGE else ()
    return Verdict(now.fullname, name, finding, basis, ratio, max(least, ratio.visible), (*seen, again, *notes), grown)


def judge_session(now: Benchmark, stored: Sequence[StoredBenchmark], least: float) -> Verdict:
    """Return the verdict on a live session that is not stored yet, compared with earlier ones, oldest first.

    `stored` has the earlier sessions of the same kind. The finding is about this session, and a note about the level.
    During an alarm, the finding is `SLOWER`.
    """
    record = now.record
    earlier = list_series(stored, record)
    series = [*earlier, _stand_in(now, earlier)]
    course = follow_series(series)
    level = [series[index] for index in course.compared]
    basis = f"{len(now.seconds)} rounds, {len(level)} earlier sessions"
    grown = tuple(find_growth(record, earlier[-1].benchmark.record, paired=False)) if earlier else ()
    about = [*_describe_break(now, stored, len(earlier)), *_describe_level(series, course)]
    if len(level) < LEAST_SESSIONS:
        there = "there is 1" if len(level) == 1 else f"there are {len(level)}"
        needed = f"needs {LEAST_SESSIONS} comparable earlier sessions; {there}"
        return Verdict(now.fullname, record.label, Finding.CANNOT_TELL, basis, notes=(needed, *about), grown=grown)
    ratio = inference.compare_session(
        now.seconds, [each.benchmark.seconds for each in level], is_thinned=course.was_thinned
    )
    finding = Finding.SLOWER if course.alarm else classify_sampled(ratio, least)
    notes = [*_describe_alarm(series, course), *about]
    if finding is Finding.NO_CHANGE:
        notes = [explain_no_change(ratio, least), *_describe_need(ratio, len(level), least), *notes]
    if finding is not Finding.SLOWER:
        notes += _compare_levels(series, course, least)
    return Verdict(now.fullname, record.label, finding, basis, ratio, max(least, ratio.visible), tuple(notes), grown)


def _stand_in(now: Benchmark, earlier: Sequence[StoredBenchmark]) -> StoredBenchmark:
    """Return this run as if it were stored, after the earlier sessions."""
    time = earlier[-1].session.time + timedelta(seconds=1) if earlier else datetime.now(UTC)
    return StoredBenchmark(Session(Path("this session"), time, "", {now.fullname: now}), now)


def _describe_break(now: Benchmark, stored: Sequence[StoredBenchmark], comparable: int) -> list[str]:
    """Return the clause on what changed since the last stored session, if that breaks the series."""
    changed = find_breaks(stored[-1].benchmark.record, now.record) if stored else {}
    if not changed:
        return []
    left = f"{len(stored) - comparable} of {len(stored)} earlier sessions are of another series and not compared"
    return [f"{'; '.join(changed.values())} since {stored[-1].session.path.name}: {left}"]


def _describe_level(series: Sequence[StoredBenchmark], course: Course) -> list[str]:
    """Return the clauses on the start of the present level, if it is not the first session, and on missing otava."""
    first = series[course.since]
    notes = []
    if accepted := first.session.accepted.get(first.benchmark.fullname):
        why = f"their level was accepted on {accepted.on}: {accepted.because}"
        notes.append(f"only sessions since {_name_session(first)} are compared; {why}")
    elif course.since:
        notes.append(f"only sessions since {_name_session(first)} are compared; they are faster than those before")
    if len(series) - 1 - course.since >= change_points.ENOUGH and not change_points.is_installed():
        notes.append(change_points.MISSING.rstrip("."))
    return notes


def _describe_alarm(series: Sequence[StoredBenchmark], course: Course) -> list[str]:
    """Return the clause about an alarm that lasts, or that ended with this session; empty if there is neither."""
    near = f"at most {LEAST_LIVE:.0%} above the level before the alarm"
    last = len(series) - 1
    if course.alarm is None:
        ended = course.alarms[-1] if course.alarms and course.alarms[-1].stop == last else None
        return [f"the alarm ended: this session and the one before are {near}"] if ended else []
    start = course.alarm.start
    since = "since this session" if start == last else f"since {_name_session(series[start])}"
    first = " (this session is the first)" if course.near else ""
    ends = f"it ends when two sessions in a row are {near}{first}"
    return [f"alarm {since}; {ends}, or when the new level is accepted ({_name_command(series)})"]


def _name_command(series: Sequence[StoredBenchmark]) -> str:
    """Return the command that lists and accepts slower levels."""
    folder = series[0].session.path.parent
    return f"python -m benchmarks.history{'' if folder == LIVE else f' --folder={folder}'}"


def _compare_levels(series: Sequence[StoredBenchmark], course: Course, least: float) -> list[str]:
    """Return the clause that compares the levels of the earlier and the later sessions; empty after any alarm."""
    if course.alarms:
        return []
    found = compare_levels([each.benchmark.median for each in series[course.since :]], least)
    if found is None:
        return []
    ratio = f"{found.ratio:.2f} times ({found.low:.2f} to {found.high:.2f}) that of the {found.earlier} before"
    said = f"the level of the latest {found.later} sessions is {ratio}"
    if found.is_same:
        return [f"{said}: same, within {least:.0%}"]
    sessions = count_needed_sessions(found.spread, least)
    needed = f"about {sessions}" if sessions else f"more than {MOST_SESSIONS:,}"
    takes = f"showing that needs {needed} sessions with this variation ({POWER:.0%} power)"
    return [f"{said}: not shown to be the same within {least:.0%}; {takes}"]


def _name_session(stored: StoredBenchmark) -> str:
    return f"{stored.session.path.name} ({stored.session.time:%Y-%m-%d})"


def _describe_need(ratio: Ratio, sessions: int, least: float) -> list[str]:
    """Return the clause on the number of earlier sessions that would show this change; empty if it does not count."""
    if 1 / (1 + least) < ratio.value < 1 + least:
        return []
    shift, half = abs(math.log(ratio.value)), math.log(ratio.high / ratio.low) / 2
    for more in range(sessions + 1, MOST_SESSIONS):
        if half * find_spread_factor(more) / find_spread_factor(sessions) < shift:
            return [f"a change of this size can be detected from {more} earlier sessions on"]
    return ["a change of this size is within the variation of single sessions; more sessions like this one can show it"]
