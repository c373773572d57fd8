"""The waterfall: every request of each strategy's median round as a bar on the time axis."""

import heapq
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import accumulate
from pathlib import Path
from typing import Any

from matplotlib.collections import PolyCollection
from matplotlib.ticker import MaxNLocator

from benchmarks.history.groups import Group
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing, LeftOut
from fixtures.exchange.reply import CLOSED, FAILED, Phases
from fixtures.exchange.retries import Attempt, find_waits
from fixtures.run.record.record import Span
from fixtures.text.words import format_count

ROWS_EACH = 40
"""The largest number of a strategy's requests with which each has a row of its own; with more, they share rows."""
ROW, NAME, HIGHEST = 0.06, 0.3, 14.0
"""The heights in inches of a row and of a strategy's name above its rows, and the largest height of all rows."""
COURSE = 1.3
"""The height in inches of the panel of requests under way."""
WAITING = "waiting to retry"
"""The outcome that stands for the time between a failed request and its retry."""
COLORS = {
    "answered": style.BLUE,
    "refused": style.PURPLE,
    "no response": style.VERMILLION,
    "cancelled": style.GREY,
    WAITING: style.ORANGE,
}
"""The colours of requests by outcome, and of waits."""
LIGHTER = {"connecting": 0.75, "sending or receiving": 0.5}
"""The share of white in the colour of a request during these phases; while it waits for the response there is none."""


TITLE = "Every request of the median round"


def draw_waterfall(group: Group, folder: Path) -> Drawing | LeftOut:
    """Draw every request of each strategy's median round on the time axis, coloured by its outcome.

    If the phases of a request are known, its bar is lighter while it connects, sends and receives. A second panel shows
    the number of requests under way for the strategies in which that number grew. The figure is left out if no requests
    were stored.
    """
    spans = {name: record.spans for name, record in group.records.items()}
    if not any(spans.values()):
        return LeftOut(TITLE, "no requests were stored")
    rows = {name: _assign_rows(each) for name, each in spans.items()}
    heights = {name: max(taken, default=0) + 1 for name, taken in rows.items()}
    row = min(ROW, HIGHEST / sum(heights.values()))
    height = 0.9 + row * sum(heights.values()) + NAME * len(rows)
    courses = {name: record.course for name, record in group.records.items() if record.course}
    panels = [height, COURSE] if courses else [height]
    drawn, grid = style.make_figure(
        caption_phases(group), sum(panels), len(panels), squeeze=False, sharex=True, height_ratios=panels
    )
    axes = grid[0][0]
    last = max(span.end for each in spans.values() for span in each)
    bars: dict[str, list[Any]] = {outcome: [] for outcome in COLORS}
    lighter: dict[str, list[tuple[Any, str]]] = {phase: [] for phase in LIGHTER}
    top = 0.0
    for name, each in spans.items():
        top += NAME / row
        axes.annotate(name, (0, top - 0.05 / row), (3, 0), textcoords="offset points", va="bottom", parse_math=False)
        for place, span in zip(rows[name], each, strict=True):
            end = max(span.end, span.start + last * 0.002)
            bars[_find_outcome(span.status)].append(_make_bar(span.start, end, top + place, 0.8))
        for place, span, phases in zip(rows[name], each, group.records[name].phases or [None] * len(each), strict=True):
            for phase, start, end in _list_lighter(span, phases):
                tint = style.lighten(COLORS[_find_outcome(span.status)], LIGHTER[phase])
                lighter[phase].append((_make_bar(start, end, top + place, 0.8), tint))
        attempts = [Attempt(tuple(s.images), s.start, s.end, s.status != HTTPStatus.OK) for s in each]
        for wait in find_waits(attempts):
            bars[WAITING].append(_make_bar(wait.start, wait.end, top + rows[name][wait.index], 0.3))
        top += heights[name]
    for outcome, color in COLORS.items():
        _add_bars(axes, outcome, bars[outcome], color)
    for phase, parts in lighter.items():
        _add_bars(axes, phase, [bar for bar, _ in parts], [tint for _, tint in parts])
    axes.set_xlim(0, last * 1.02)
    axes.set_ylim(top + 1, 0)
    axes.set_yticks([])
    if courses:
        _draw_courses(grid[-1][0], courses)
    grid[-1][0].set_xlabel("seconds since the round began")
    drawn.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    alt = "; ".join(f"{name}: {format_count(len(each), 'request')}" for name, each in spans.items())
    return style.save_figure(drawn, folder, f"{group.slug}-waterfall", TITLE, f"Requests as bars: {alt}.")


def _draw_courses(axes: Any, courses: Mapping[str, Sequence[tuple[float, int]]]) -> None:
    """Draw the number of requests under way over time, as a line for each of these strategies."""
    for name, course in courses.items():
        moments, numbers = zip(*course, strict=True)
        axes.step(moments, numbers, where="post", label=name)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.set_title("requests under way", fontsize=10, loc="left")
    axes.legend(loc="upper right", fontsize=8)


def caption_phases(group: Group) -> str:
    """Return the group's caption, with a second line if the phases of some requests are not known."""
    asked = [record for record in group.records.values() if record.spans]
    lacking = sum(not record.has_phases for record in asked)
    if not lacking:
        return group.caption
    if group.first.timing == "virtual":
        return f"{group.caption}\nRequests in virtual time have no phases."
    whose = "" if lacking == len(asked) else f" for {lacking} of {len(asked)} strategies"
    return f"{group.caption}\nThe phases of requests were not stored{whose}."


def _list_lighter(span: Span, phases: Phases | None) -> list[tuple[str, float, float]]:
    """Return the lighter parts of a request's bar, each with its name, start and end in seconds of the round."""
    if phases is None:
        return []
    begin, sending, waiting, receiving, end = accumulate(phases, initial=span.start)
    parts = (
        ("connecting", begin, sending),
        ("sending or receiving", sending, waiting),
        ("sending or receiving", receiving, end),
    )
    return [part for part in parts if part[1] < part[2]]


def _assign_rows(spans: Sequence[Span]) -> list[int]:
    """Return the row of each request: its own if there are few, else the first row that is free when it begins."""
    if len(spans) <= ROWS_EACH:
        return list(range(len(spans)))
    busy: list[tuple[float, int]] = []
    free: list[int] = []
    rows = []
    for span in spans:  # in the order in which they began
        while busy and busy[0][0] <= span.start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        taken = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (span.end, taken))
        rows.append(taken)
    return rows


def _make_bar(start: float, end: float, row: float, height: float) -> list[tuple[float, float]]:
    low, high = row + (1 - height) / 2, row + (1 + height) / 2
    return [(start, low), (end, low), (end, high), (start, high)]


def _add_bars(axes: Any, label: str, bars: Sequence[Any], colors: Any) -> None:
    if bars:
        axes.add_collection(PolyCollection(bars, facecolors=colors, label=label))


def _find_outcome(status: int) -> str:
    return {HTTPStatus.OK: "answered", CLOSED: "cancelled", FAILED: "no response"}.get(status, "refused")
