"""The figure of a history: the median and range of each session by strategy, with levels, change points and breaks."""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import matplotlib as mpl
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from benchmarks.history.change_points import ChangePoint
from benchmarks.history.groups import shorten
from benchmarks.history.series import History, Series
from benchmarks.history.summary import format_ratio
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing

ROW = 0.95
"""The height of a strategy's panel in inches."""
NAME = 40
"""The largest number of characters that are shown of a strategy's name."""
COMMITS = 12
"""The largest number of commits that are named below the axis."""
APART = 0.09
"""The least distance between marks with a ratio, as a share of the axis' width; closer ones show the newest only."""
ROOM = 1.1
"""The factor by which an axis extends beyond the data."""
LEVEL: dict[str, Any] = {"color": style.INK, "lw": 1.6}
BREAK: dict[str, Any] = {"color": style.PURPLE, "lw": 2.2, "ls": ":"}
SLOWER: dict[str, Any] = {"color": style.VERMILLION, "lw": 1.6, "ls": "-"}
FASTER: dict[str, Any] = {"color": style.GREEN, "lw": 1.6, "ls": "--"}
RED: dict[str, Any] = {"color": style.VERMILLION, "marker": "D", "ls": "none", "zorder": 3}
ACCEPTED: dict[str, Any] = {"color": style.INK, "marker": "s", "ls": "none", "mfc": "none", "mew": 1.6, "zorder": 3}

FindPlace = Callable[[datetime, str], float]
"""Returns the position on the axis of a session, given its time and commit."""


def draw_history(history: History, folder: Path, over: str) -> Drawing:
    """Draw a history of at least two sessions over `date` or, evenly spaced, over `commit`."""
    find_place = _find_date if over == "date" else _order_commits(history)
    names = list(history.series)
    is_live = history.group.first.timing == "live"
    legend = 1.55 if is_live else 1.3
    with mpl.rc_context(style.SETTINGS):
        drawn, rows = style.make_figure(
            history.group.caption, legend + ROW * len(names), len(names), sharex=True, squeeze=False
        )
        places = [find_place(time, commit) for time, commit in history.sessions]
        room = (places[-1] - places[0]) * 0.04 or 1.0
        for name, axes in zip(names, rows[:, 0], strict=True):
            axes.set_xlim(places[0] - room, places[-1] + room)
            axes.set_title(shorten(name, NAME), loc="left", fontsize=10, pad=9, parse_math=False)
            _scale_seconds(axes, history.series[name])
            _draw_series(axes, history.series[name], find_place)
        (_label_dates if over == "date" else _label_commits)(axes, history)
        drawn.supylabel("seconds", fontsize=10)
        _draw_legend(drawn, is_live=is_live)
        points = "; ".join(f"{name} {_describe_series(series)}" for name, series in history.series.items())
        return style.save_figure(
            drawn, folder, f"{history.group.slug}-history", f"Over time, by {over}", f"Points: {points}."
        )


def _find_date(time: datetime, _commit: str) -> float:
    return float(date2num(time))


def _order_commits(history: History) -> FindPlace:
    order = {session: float(index) for index, session in enumerate(history.sessions)}
    return lambda time, commit: order[time, commit]


def _draw_series(axes: Any, series: Series, find_place: FindPlace) -> None:
    places = [find_place(point.time, point.commit) for point in series.points]
    medians = [point.benchmark.median for point in series.points]
    low, high = ([end(point.benchmark.seconds) for point in series.points] for end in (min, max))
    axes.vlines(places, low, high, color=style.SKY, lw=max(0.8, min(3.0, 120 / len(places))), alpha=0.7)
    size = max(2.0, min(4.5, 180 / len(places)))
    for stretch in series.stretches:
        part = slice(stretch.start, stretch.stop)
        axes.plot(places[part], medians[part], "-o", color=style.BLUE, lw=0.8, ms=size, mec="white", mew=0.4)
    red = sorted(series.red)
    called = ([places[index] for index in red], [medians[index] for index in red])
    axes.plot(*called, **RED, ms=size + 1.5, mec="white", mew=0.4)
    accepted = [index for index, point in enumerate(series.points) if point.because]
    axes.plot([places[index] for index in accepted], [medians[index] for index in accepted], **ACCEPTED, ms=size + 5)
    for level in series.levels:
        part = slice(level.start, level.stop)
        if series.changes and len(level) > 1:
            axes.plot([places[level.start], places[level.stop - 1]], [geometric_mean(medians[part])] * 2, **LEVEL)
    for index in series.broken:
        axes.axvline((places[index - 1] + places[index]) / 2, **BREAK)
    marks = [((places[change.index - 1] + places[change.index]) / 2, change) for change in series.changes]
    for where, change in marks:
        axes.axvline(where, **(SLOWER if change.ratio > 1 else FASTER))
    _write_ratios(axes, marks)


def _write_ratios(axes: Any, marks: Sequence[tuple[float, ChangePoint]]) -> None:
    """Write each change's ratio above its mark, newest first, if there is room; the table has all of them."""
    left, right = axes.get_xlim()
    taken = right + right - left
    # A long name takes the place of the ratios of old changes.
    name_ends = left + (right - left) * min(0.9, 0.019 * len(axes.get_title(loc="left")) + 0.06)
    for where, change in reversed(marks):
        if taken - where > APART * (right - left) and where > name_ends:
            on_top = axes.get_xaxis_transform()
            axes.annotate(
                format_ratio(change.ratio),
                (where, 1),
                (0, 2),
                on_top,
                "offset points",
                ha="center",
                va="bottom",
                fontsize=8,
            )
            taken = where


def _scale_seconds(axes: Any, series: Series) -> None:
    """Let the axis of seconds begin at zero; if they differ widely, make it logarithmic and label it so."""
    low = min(min(point.benchmark.seconds) for point in series.points)
    high = max(max(point.benchmark.seconds) for point in series.points)
    if high / low > style.WIDE:
        axes.set_ylabel(style.LOGARITHMIC.replace(", ", ",\n"), fontsize=7)
        axes.set_yscale("log")
        axes.set_ylim(low / ROOM, high * ROOM)
        axes.yaxis.set_major_locator(FixedLocator(_list_round_numbers(low, high)))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_ylim(0, high * ROOM)
        axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.tick_params(labelsize=8)
    axes.grid(visible=True, axis="y")
    axes.grid(visible=False, axis="x")


def _list_round_numbers(low: float, high: float) -> list[float]:
    """Return at most four round numbers between `low` and `high`, whose ratio is larger than 5."""
    numbers = [
        digit * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for digit in (1, 2, 5)
        if low <= digit * 10.0**power <= high
    ]
    return numbers[:: -(-len(numbers) // 4)]


def _label_dates(axes: Any, _history: History) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_xlabel("date of the session (UTC)")


def _label_commits(axes: Any, history: History) -> None:
    commits = [commit or "unknown" for _, commit in history.sessions]
    every = -(-len(commits) // COMMITS)
    shown = range(len(commits) - 1, -1, -every)  # the newest is always named
    axes.set_xticks(list(shown), [commits[index] for index in shown], rotation=90)
    axes.set_xlabel("commit of the session, evenly spaced")


def _draw_legend(drawn: Figure, *, is_live: bool) -> None:
    """Explain every mark, even those that this history does not have, so that figures of different days look alike.

    Only live sessions are called slower because of their history, and only such a level can be accepted.
    """
    point: dict[str, Any] = {"color": style.BLUE, "lw": 0.8, "marker": "o", "ms": 4.5}
    kinds = {
        "median of a session": point,
        "its rounds, fastest to slowest": {"color": style.SKY, "lw": 3},
        "slower from here on": SLOWER,
        "faster from here on": FASTER,
        "level": LEVEL,
        "break: not comparable across": BREAK,
    }
    if is_live:
        kinds |= {"called slower": RED | {"ms": 6}, "level accepted from here on": ACCEPTED | {"ms": 8}}
    handles = [Line2D([], [], label=label, **look) for label, look in kinds.items()]
    drawn.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=9)


def _describe_series(series: Series) -> str:
    last = series.points[-1].benchmark
    changes, breaks = len(series.changes), len(series.broken)
    slower = f", sessions called slower: {len(series.red)}" if last.record.timing == "live" else ""
    found = f"change points: {changes}, breaks: {breaks}{slower}"
    return f"{last.median:.2f} s in the last of {len(series.points)} sessions, {found}"
