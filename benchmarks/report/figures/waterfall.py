"""The waterfall: every request of each strategy's median round as a bar on the time axis."""

import heapq
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.collections import PolyCollection

from benchmarks.history.groups import Group
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing

ROWS_EACH = 40
"""Requests of a strategy up to which each has a row of its own; more of them share rows."""
ROW, NAME, HIGHEST = 0.06, 0.3, 14.0
"""Inches: a row, a strategy's name above its rows, and all rows together."""
OK, NO_RESPONSE = 200, 599
WAITING = "waiting to ask again"
COLORS = {
    "answered": style.BLUE,
    "refused": style.PURPLE,
    "no response": style.VERMILLION,
    WAITING: style.ORANGE,
}

Spans = Sequence[Sequence[Any]]


def waterfall(group: Group, folder: Path) -> Drawing:
    """Draw every request of each strategy's median round on the time axis, coloured by its outcome."""
    rows = {name: _rows(info["spans"]) for name, info in group.infos.items()}
    heights = {name: max(taken, default=0) + 1 for name, taken in rows.items()}
    row = min(ROW, HIGHEST / sum(heights.values()))
    drawn, axes = style.figure(group.caption, 0.9 + row * sum(heights.values()) + NAME * len(rows))
    end = max([stop for info in group.infos.values() for _, stop, _, _ in info["spans"]] or [1.0])
    bars: dict[str, list[Any]] = {outcome: [] for outcome in COLORS}
    top = 0.0
    for name, info in group.infos.items():
        top += NAME / row
        axes.annotate(name, (0, top - 0.05 / row), (3, 0), textcoords="offset points", va="bottom", parse_math=False)
        for place, (start, stop, status, _) in zip(rows[name], info["spans"], strict=True):
            bars[_outcome(status)].append(_bar(start, max(stop, start + end * 0.002), top + place, 0.8))
        for place, start, stop in _waits(info["spans"], rows[name]):
            bars[WAITING].append(_bar(start, stop, top + place, 0.3))
        top += heights[name]
    for outcome, color in COLORS.items():
        if bars[outcome]:
            axes.add_collection(PolyCollection(bars[outcome], facecolors=color, label=outcome))
    axes.set_xlim(0, end * 1.02)
    axes.set_ylim(top + 1, 0)
    axes.set_yticks([])
    axes.set_xlabel("seconds since the round began")
    if any(bars.values()):
        drawn.legend(loc="outside lower center", ncols=2)
    told = "; ".join(f"{name}: {len(info['spans'])} requests" for name, info in group.infos.items())
    return style.saved(
        drawn, folder, f"{group.slug}-waterfall", "Every request of the median round", f"Requests as bars: {told}."
    )


def _rows(spans: Spans) -> list[int]:
    """Return the row of each request: its own, or where there are many the first that is free when it begins."""
    if len(spans) <= ROWS_EACH:
        return list(range(len(spans)))
    busy: list[tuple[float, int]] = []
    free: list[int] = []
    rows = []
    for start, stop, _, _ in spans:  # in the order in which they began
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        taken = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (stop, taken))
        rows.append(taken)
    return rows


def _bar(start: float, stop: float, row: float, height: float) -> list[tuple[float, float]]:
    low, high = row + (1 - height) / 2, row + (1 + height) / 2
    return [(start, low), (stop, low), (stop, high), (start, high)]


def _outcome(status: int) -> str:
    if status == OK:
        return "answered"
    return "no response" if status == NO_RESPONSE else "refused"


def _waits(spans: Spans, rows: Sequence[int]) -> list[tuple[int, float, float]]:
    """Return the row and the times of each wait between a failed request and the next about the same images."""
    failed: dict[tuple[str, ...], float] = {}
    waits = []
    for row, (start, stop, status, images) in zip(rows, spans, strict=True):
        if start >= failed.get(tuple(images), start + 1):
            waits.append((row, failed.pop(tuple(images)), start))
        if status != OK:
            failed[tuple(images)] = stop
    return waits
