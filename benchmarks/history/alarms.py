"""Alarms: from which session to which a live benchmark is called slower, and what each session is compared with.

Alarms are computed from the stored sessions and the accepted levels (`benchmarks.history.accepted`); nothing else is
stored. `python -m benchmarks.costs.alarms` prints how often an alarm is false, and how often a right one lasts.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from benchmarks.history import change_points
from benchmarks.history.levels import LEAST_LIVE, LEAST_SESSIONS, predict_session
from benchmarks.history.sessions import StoredBenchmark

ENDING = 2
"""The number of sessions in a row near the level before the alarm that end it."""


@dataclass(frozen=True)
class Alarm:
    """A range of sessions that are called slower than the level before them."""

    start: int
    """The index of the first session."""
    stop: int | None
    """The index of the session that ended the alarm, which is no longer called slower; None while it lasts."""
    ratio: float
    """The level of its sessions over the level before; a level is the geometric mean of medians."""


@dataclass(frozen=True)
class Course:
    """The state of a series after its last session; sessions are given by their indices."""

    level: tuple[int, ...] = ()
    """The sessions that the next one will be compared with."""
    compared: tuple[int, ...] = ()
    """The sessions that the last one was compared with."""
    alarms: tuple[Alarm, ...] = ()
    """The alarms, oldest first; only the last one may still last."""
    near: int = 0
    """During an alarm, the number of sessions in a row, up to the last, that are near the level before it."""
    since: int = 0
    """The first session of the present level: 0, the first one of a faster level, or that of an accepted level."""
    is_thinned: bool = False
    """Whether an alarm that has ended excluded sessions from the present level."""
    was_thinned: bool = False
    """The value of `is_thinned` before the last session."""
    count: int = 0
    """The number of sessions."""

    @property
    def alarm(self) -> Alarm | None:
        """The alarm that still lasts; None if there is none."""
        return self.alarms[-1] if self.alarms and self.alarms[-1].stop is None else None

    @property
    def red(self) -> set[int]:
        """The sessions that are called slower."""
        stops = [(each.start, self.count if each.stop is None else each.stop) for each in self.alarms]
        return {index for start, stop in stops for index in range(start, stop)}


def follow_level(medians: Sequence[float], accepted: Collection[int] = (), least: float = LEAST_LIVE) -> Course:
    """Return the course of a series of comparable sessions, given their medians in seconds, oldest first.

    `accepted` has the first sessions of accepted levels. `least` is the smallest change that counts, as a share.

    A session is called slower if it is above the predictive interval of the level and at least `least` above its
    middle. An alarm starts with it: all following sessions are called slower too, until `ENDING` in a row are at most
    20 % above the level before the alarm (or `least`, if that is larger). A session below that level counts as near
    it. Sessions that are called slower are not part of the level, unless it is accepted.

    From `change_points.ENOUGH` sessions on, change points are detected as well. A faster level replaces the old one
    from its first session on; a slower one that counts is an alarm from its first session on. A change point is ignored
    while the level to compare with would have fewer than `LEAST_SESSIONS`.
    """
    logs = [math.log(each) for each in medians]
    course = Course(count=len(logs))
    for index in range(len(logs)):
        if index in accepted:
            course = _accept(course, index)
        if course.alarm is None:
            course = _look_for_change(course, medians, logs, least)
        course = replace(course, compared=course.level, was_thinned=course.is_thinned)
        course = _go_on(course, logs, index, least) if course.alarm else _judge(course, logs, index, least)
    return course


def follow_series(series: Sequence[StoredBenchmark], least: float = LEAST_LIVE) -> Course:
    """Return the course of a series of stored sessions, with their accepted levels (see `follow_level`)."""
    accepted = {index for index, each in enumerate(series) if each.benchmark.fullname in each.session.accepted}
    return follow_level([each.benchmark.median for each in series], accepted, least)


def _accept(course: Course, index: int) -> Course:
    alarms = course.alarms
    if course.alarm is not None:
        alarms = (*alarms[:-1], replace(alarms[-1], stop=index))
    return Course(alarms=alarms, since=index, count=course.count)


def _judge(course: Course, logs: Sequence[float], index: int, least: float) -> Course:
    """Add a session to the level, or start an alarm with it."""
    if len(course.level) >= LEAST_SESSIONS:
        middle, half = predict_session([logs[each] for each in course.level], is_thinned=course.is_thinned)
        shift = logs[index] - middle
        if shift > half and shift >= math.log(1 + least):
            return replace(course, alarms=(*course.alarms, Alarm(index, None, math.exp(shift))), near=0)
    return replace(course, level=(*course.level, index))


def _go_on(course: Course, logs: Sequence[float], index: int, least: float) -> Course:
    """Add a session to the alarm, or end the alarm with it; the session that ends it is part of the level again."""
    middle = fmean(logs[each] for each in course.level)
    near = course.near + 1 if logs[index] - middle <= math.log(1 + max(least, LEAST_LIVE)) else 0
    *before, alarm = course.alarms
    stop = index if near == ENDING else None
    shift = fmean(logs[alarm.start : index + (stop is None)]) - middle
    course = replace(course, alarms=(*before, Alarm(alarm.start, stop, math.exp(shift))), near=near)
    if stop is None:
        return course
    return replace(course, level=(*course.level, index), near=0, is_thinned=True)


def _look_for_change(course: Course, medians: Sequence[float], logs: Sequence[float], least: float) -> Course:
    """Start a new level at the last change point if it is faster, or an alarm if it is slower."""
    level = course.level
    if len(level) < change_points.ENOUGH:
        return course
    points = change_points.find_change_points([medians[each] for each in level])
    if not points:
        return course
    last = points[-1]
    if last.ratio < 1:
        if len(level) - last.index < LEAST_SESSIONS:
            return course
        since = level[last.index]
        return Course(level=level[last.index :], alarms=course.alarms, since=since, count=course.count)
    before = level[points[-2].index if len(points) > 1 else 0 : last.index]
    if last.ratio < 1 + least or len(before) < LEAST_SESSIONS:
        return course
    shift = fmean(logs[level[last.index] :]) - fmean(logs[each] for each in before)
    return replace(course, level=before, alarms=(*course.alarms, Alarm(level[last.index], None, math.exp(shift))))
