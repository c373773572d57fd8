"""The sessions of a group as one series per contender, with breaks, change points and alarms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from benchmarks.history.alarms import Alarm, follow_level
from benchmarks.history.change_points import ChangePoint, find_change_points
from benchmarks.history.groups import Group, find_group_key, group_benchmarks
from benchmarks.history.sessions import Session, find_breaks
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record


@dataclass(frozen=True)
class Point:
    """One contender in one session."""

    time: datetime
    """The time when the session ended, in UTC."""
    commit: str
    """The first characters of the commit's digest; empty if unknown."""
    benchmark: Benchmark
    because: str = ""
    """The reason for accepting the level that begins here; empty if no accepted level begins here."""


@dataclass(frozen=True)
class Series:
    """The sessions of one contender, oldest first."""

    points: Sequence[Point]
    broken: Mapping[int, str]
    """The changes that break the series, by the index of the first session after each break."""
    changes: Sequence[ChangePoint]
    """The change points within unbroken stretches, with indices of `points`."""
    alarms: Sequence[Alarm] = ()
    """The alarms of live sessions, with indices of `points`."""
    red: frozenset[int] = frozenset()
    """The sessions that are called slower, as indices of `points`."""

    @property
    def stretches(self) -> list[range]:
        """The stretches without a break, as indices of `points`."""
        return _split(self.broken, len(self.points))

    @property
    def levels(self) -> list[range]:
        """The stretches without a break or change point, as indices of `points`."""
        return _split({*self.broken, *(change.index for change in self.changes)}, len(self.points))


@dataclass(frozen=True)
class History:
    """The sessions of a group."""

    group: Group
    """The group, with the latest benchmark of each contender."""
    series: Mapping[str, Series]
    """The series by label."""

    @property
    def sessions(self) -> list[tuple[datetime, str]]:
        """The time and the commit of each session, oldest first."""
        return sorted({(point.time, point.commit) for each in self.series.values() for point in each.points})


def build_histories(sessions: Iterable[Session]) -> list[History]:
    """Return the histories of these sessions, one per model, image set, timing, source and task."""
    ordered = sorted(sessions, key=lambda session: session.time)
    found: dict[tuple[str, ...], dict[str, dict[datetime, Point]]] = {}
    for session in ordered:
        for benchmark in session.benchmarks.values():
            record = benchmark.record
            if record.scaling is None:
                points = found.setdefault(find_group_key(record), {}).setdefault(record.label, {})
                # A run that is stored twice, for example also as a baseline, has the same time.
                accepted = session.accepted.get(benchmark.fullname)
                because = accepted.because if accepted else ""
                points[session.time] = Point(session.time, session.commit, benchmark, because)
    groups = group_benchmarks([benchmark for session in ordered for benchmark in session.benchmarks.values()])
    return [
        History(
            group,
            {name: _build_series([*points.values()]) for name, points in found[find_group_key(group.first)].items()},
        )
        for group in groups
    ]


def _build_series(points: Sequence[Point]) -> Series:
    broken = {}
    for index, (earlier, later) in enumerate(pairwise(points), start=1):
        before, after = earlier.benchmark.record, later.benchmark.record
        if clauses := [*find_breaks(before, after).values(), *_find_new_recording(before, after)]:
            broken[index] = "; ".join(clauses)
    changes = [
        ChangePoint(stretch.start + change.index, change.ratio)
        for stretch in _split(broken, len(points))
        for change in find_change_points([points[index].benchmark.median for index in stretch])
    ]
    courses = [_follow(points, indices) for indices in _list_comparable(points)]
    alarms = sorted((alarm for found, _ in courses for alarm in found), key=lambda alarm: alarm.start)
    return Series(points, broken, changes, alarms, frozenset(index for _, red in courses for index in red))


def _list_comparable(points: Sequence[Point]) -> list[list[int]]:
    """Return the indices of the live sessions, in lists of comparable ones, which need not be adjacent."""
    found: list[list[int]] = []
    for index, point in enumerate(points):
        record = point.benchmark.record
        if record.timing != "live":
            continue
        for indices in found:
            if not find_breaks(points[indices[0]].benchmark.record, record):
                indices.append(index)
                break
        else:
            found.append([index])
    return found


def _follow(points: Sequence[Point], indices: Sequence[int]) -> tuple[list[Alarm], list[int]]:
    """Return the alarms of comparable sessions and the sessions called slower, as indices of `points`."""
    medians = [points[index].benchmark.median for index in indices]
    course = follow_level(medians, {place for place, index in enumerate(indices) if points[index].because})
    alarms = [
        replace(each, start=indices[each.start], stop=None if each.stop is None else indices[each.stop])
        for each in course.alarms
    ]
    return alarms, [indices[place] for place in course.red]


def _find_new_recording(earlier: Record, later: Record) -> list[str]:
    """Return a clause if the recording has changed, because then a difference is not due to the code."""
    if later.timing != "replayed" or earlier.recorded_at == later.recorded_at:
        return []
    before, after = ((record.recorded_at or "unknown")[:16] for record in (earlier, later))
    return [f"the recording changed from {before} to {after}"]


def _split(starts: Iterable[int], length: int) -> list[range]:
    edges = [0, *sorted(starts), length]
    return [range(start, stop) for start, stop in pairwise(edges)]
