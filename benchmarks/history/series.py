"""A group's sessions as series, a strategy each: where a series breaks, and since when it has another level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from benchmarks.history.change_points import MISSING, ChangePoint, change_points, installed
from benchmarks.history.groups import Group, grouped, is_race, key
from benchmarks.history.sessions import Session, breaks, kind
from benchmarks.report.tables import Table


@dataclass(frozen=True)
class Point:
    """A strategy in one session."""

    time: datetime
    """When the session ended, in UTC."""
    commit: str
    seconds: Sequence[float]
    """Of each round."""
    info: Mapping[str, Any]
    """`extra_info`."""

    @property
    def median(self) -> float:
        """What the session says of the strategy, in seconds."""
        return median(self.seconds)


@dataclass(frozen=True)
class Series:
    """A strategy's sessions, oldest first."""

    points: Sequence[Point]
    broken: Mapping[int, str]
    """What has changed, by the index of the first session that is not comparable with the one before."""
    changes: Sequence[ChangePoint]
    """Within what is unbroken; each index is the series'."""

    @property
    def stretches(self) -> list[range]:
        """What is unbroken, as indices."""
        return _between(self.broken, len(self.points))

    @property
    def levels(self) -> list[range]:
        """What is neither broken nor changed, as indices."""
        return _between({*self.broken, *(change.index for change in self.changes)}, len(self.points))


@dataclass(frozen=True)
class History:
    """The sessions of a group of strategies."""

    group: Group
    """As it is in the latest session of each strategy."""
    series: Mapping[str, Series]
    """By strategy."""

    @property
    def sessions(self) -> list[tuple[datetime, str]]:
        """When each ended and at which commit, oldest first."""
        return sorted({(point.time, point.commit) for each in self.series.values() for point in each.points})


def histories(sessions: Iterable[Session]) -> list[History]:
    """Put sessions into groups that may share a figure: of one model, image set, timing and source."""
    ordered = sorted(sessions, key=lambda session: session.time)
    found: dict[tuple[str, ...], dict[str, dict[datetime, Point]]] = {}
    for session in ordered:
        for benchmark in filter(is_race, session.benchmarks.values()):
            info = benchmark["extra_info"]
            points = found.setdefault(key(info), {}).setdefault(info["strategy"], {})
            # A run that is stored twice, say as a baseline too, ended at one time.
            points[session.time] = Point(session.time, session.commit, benchmark["stats"]["data"], info)
    groups = grouped([benchmark for session in ordered for benchmark in session.benchmarks.values()])
    return [
        History(group, {name: _series([*points.values()]) for name, points in found[key(group.first)].items()})
        for group in groups
    ]


def _series(points: Sequence[Point]) -> Series:
    broken = {
        index: "; ".join(sentences)
        for index, (earlier, later) in enumerate(pairwise(points), start=1)
        if (sentences := [*breaks(earlier.info, later.info), *_recorded_anew(earlier.info, later.info)])
    }
    changes = [
        ChangePoint(stretch.start + change.index, change.ratio)
        for stretch in _between(broken, len(points))
        for change in change_points([points[index].median for index in stretch])
    ]
    return Series(points, broken, changes)


def _recorded_anew(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[str]:
    """Replays of two recordings differ by what was recorded, not by the code."""
    if later["timing"] != "replayed" or earlier["recorded_at"] == later["recorded_at"]:
        return []
    times = [str(info["recorded_at"] or "unknown")[:16] for info in (earlier, later)]
    return [f"the recording changed from {times[0]} to {times[1]}"]


def _between(starts: Iterable[int], length: int) -> list[range]:
    edges = [0, *sorted(starts), length]
    return [range(start, stop) for start, stop in pairwise(edges)]


def events(history: History) -> Table:
    """Return change points and breaks, newest first, alike ones of several strategies in one row."""
    found: dict[tuple[datetime, str, str], list[str]] = {}
    for name, series in history.series.items():
        told = [(index, f"break: {sentence}") for index, sentence in series.broken.items()]
        told += [(change.index, speed(change.ratio)) for change in series.changes]
        for index, what in told:
            point = series.points[index]
            found.setdefault((point.time, point.commit, what), []).append(name)
    rows = [
        [f"{time:%Y-%m-%d %H:%M}", _named(names, history), what, commit or "unknown"]
        for (time, commit, what), names in sorted(found.items(), key=lambda item: item[0][0], reverse=True)
    ]
    return Table("Change points and breaks, newest first", ["since (UTC)", "strategy", "what", "commit"], rows)


def _named(names: Sequence[str], history: History) -> str:
    return "all" if 1 < len(names) == len(history.series) else ", ".join(names)


def speed(ratio: float) -> str:
    """Say how a level compares with the one before."""
    return f"{'slower' if ratio > 1 else 'faster'} {times(ratio)}"


def times(ratio: float) -> str:
    """Show a ratio of levels."""
    return f"\N{MULTIPLICATION SIGN}{ratio:.{2 if ratio < 10 else 0}f}"  # noqa: PLR2004 - three digits


def summary(history: History) -> str:
    """Return the sentences that say what there is over time, and where it comes from."""
    times = [time for time, _ in history.sessions]
    days = " to ".join(dict.fromkeys((f"{times[0]:%Y-%m-%d}", f"{times[-1]:%Y-%m-%d}")))
    how = kind(history.group.first)
    if len(times) == 1:
        return f"There is nothing to draw over time yet: one session ({days}), {how}."
    changes = [change for series in history.series.values() for change in series.changes]
    stretches = sum(len(series.broken) for series in history.series.values())
    counted = [_counted(len(changes), "change point")] if installed() else []
    counted.append(_counted(stretches, "break"))
    missing = "" if installed() else f" {MISSING}"
    return f"{len(times)} sessions ({days}), {how}: {' and '.join(counted)} in {len(history.series)} series.{missing}"


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
