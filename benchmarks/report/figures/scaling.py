"""The questions about scale on the page: a figure and a table each, and where one machine ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.history.groups import origin, shortened, slug_of
from benchmarks.report.figures import style
from benchmarks.report.figures.strategies import WIDE
from benchmarks.report.figures.style import Drawing
from benchmarks.report.tables import Table
from benchmarks.scaling import rows
from benchmarks.scaling.machine import Client

COLORS = (
    *(style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.SKY),
    *(style.PURPLE, style.YELLOW, style.GREY, style.INK, style.BROWN),
)
MARKERS = "osD^vPX*<>"
DECADES = 100
"""The slowest over the fastest, up to which a logarithmic axis has three ticks a decade."""
LARGEST = 8.0
"""Points, of a mark."""
PANEL = 1.7
"""Inches high."""


@dataclass(frozen=True)
class Question:
    """The benchmarks of one question with one model."""

    title: str
    benchmarks: Sequence[Mapping[str, Any]]

    @property
    def first(self) -> Mapping[str, Any]:
        """What all have in common: model, source, question."""
        info: Mapping[str, Any] = self.benchmarks[0]["extra_info"]
        return info

    @property
    def places(self) -> list[int]:
        """What stands on the horizontal axis, in its order, evenly spaced."""
        return sorted({benchmark["extra_info"]["scaling"]["x"] for benchmark in self.benchmarks})

    def of_strategy(self) -> dict[str, list[Mapping[str, Any]]]:
        """Return the benchmarks by strategy, each in the axis' order."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for benchmark in sorted(self.benchmarks, key=lambda each: each["extra_info"]["scaling"]["x"]):
            found.setdefault(benchmark["extra_info"]["strategy"], []).append(benchmark)
        return found


def described(benchmarks: Sequence[Mapping[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Draw each question about scale, and return its section of the page."""
    sections: list[dict[str, Any]] = []
    for title, found in rows.by_question(benchmarks).items():
        question = Question(title, found)
        head, *others = rows.table_of(found)
        machine = "" if sections else f" {_where_it_ends(question.first)}"
        sections.append(
            {
                "title": title,
                "slug": slug_of(title),
                "summary": f"{rows.origin(found)}{machine}",
                "drawings": [draw(question, folder)],
                "tables": [Table("Medians of the rounds; cost and error of the median round", head, others)],
            }
        )
    return sections


def _where_it_ends(info: Mapping[str, Any]) -> str:
    told = Client(**info["scaling"]["client"]).told()
    return f"{told} Beyond that, python -m benchmarks.plan hands over to the Batch API."


def draw(question: Question, folder: Path) -> Drawing:
    """Draw seconds, cost and error over what is asked about, a line each strategy."""
    strategies, places = question.of_strategy(), question.places
    caption = f"{shortened(question.first['model'], 24)}: {origin(question.first)}"
    with mpl.rc_context(style.SETTINGS):
        drawn, panels = style.figure(caption, 3 * PANEL + 0.5 + 0.2 * (len(strategies) // 3 + 2), 3, sharex=True)
        for index, (name, benchmarks) in enumerate(strategies.items()):
            # The later are smaller: what takes the same as another one before is seen around it.
            look = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)], max(3.5, LARGEST - index / 2)
            _line(panels, places, benchmarks, name, look)
        for axes, label in zip(panels, ("seconds", "US dollars an answer", "people off by"), strict=True):
            axes.set_ylabel(label)
            axes.grid(visible=True, axis="both")
        seconds = [median(benchmark["stats"]["data"]) for benchmark in question.benchmarks]
        if max(seconds) / min(seconds) > WIDE:
            panels[0].set_yscale("log")
            few = max(seconds) / min(seconds) < DECADES
            panels[0].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=9))
            panels[0].yaxis.set_minor_formatter(NullFormatter())
            panels[0].set_ylabel("seconds (logarithmic)")
            panels[0].set_ylim(top=panels[0].get_ylim()[1] * 4)  # room for what failed
        panels[0].yaxis.set_major_formatter("{x:,g}")
        for axes in panels[0 if panels[0].get_yscale() == "linear" else 1 :]:
            axes.set_ylim(0, axes.get_ylim()[1] * 1.05)
        panels[2].set_xlim(-0.25, len(places) - 0.75)
        panels[2].set_xticks(range(len(places)), [f"{each:,}" for each in places])
        panels[2].set_xlabel(question.first["scaling"]["question"])
        if any(benchmark["extra_info"]["scaling"]["unanswered"] for benchmark in question.benchmarks):
            panels[0].plot([], [], "o", color="none", mec=style.INK, label="some without a number")
            panels[0].plot([], [], "x", color=style.INK, label="no number (at the top)")
        drawn.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
        told = "; ".join(f"{name} {_told(benchmarks)}" for name, benchmarks in strategies.items())
        return style.saved(drawn, folder, slug_of(question.title), "Time, cost and error", f"Lines: {told}.")


def _line(
    panels: Any, places: Sequence[int], benchmarks: Sequence[Mapping[str, Any]], name: str, look: tuple[str, str, float]
) -> None:
    color, marker, size = look
    infos = [benchmark["extra_info"] for benchmark in benchmarks]
    xs = [places.index(info["scaling"]["x"]) for info in infos]
    seconds = [median(benchmark["stats"]["data"]) for benchmark in benchmarks]
    costs = [_cost(info) for info in infos]
    errors = [info["mean_absolute_error"] for info in infos]
    ends = [_ends(benchmark) for benchmark in benchmarks]
    panels[0].vlines(xs, [low for low, _ in ends], [high for _, high in ends], color=color, alpha=0.5)
    for axes, values in zip(panels, (seconds, costs, errors), strict=True):
        shown = [(x, value, info) for x, value, info in zip(xs, values, infos, strict=True) if value is not None]
        answered = [(x, value, info) for x, value, info in shown if _answered(info)]
        axes.plot([x for x, _, _ in answered], [value for _, value, _ in answered], "-", color=color, lw=1.2)
        for x, value, info in answered:
            face = "white" if info["scaling"]["unanswered"] else color
            axes.plot(x, value, marker, ms=size, color=color, mfc=face)
    failed = [x for x, info in zip(xs, infos, strict=True) if not _answered(info)]
    # At the upper edge, for how soon a strategy fails is nothing to compare.
    top = panels[0].get_xaxis_transform()
    panels[0].plot(failed, [0.97 - 0.03 * (LARGEST - size)] * len(failed), "x", ms=size, color=color, transform=top)
    panels[0].plot([], [], f"{marker}-", ms=size, lw=1.2, color=color, label=name)


def _cost(info: Mapping[str, Any]) -> float | None:
    """Return US dollars an image that got its number; None where none did, or the price is not known."""
    answered = _answered(info)
    return None if info["cost_usd"] is None or not answered else float(info["cost_usd"] / answered)


def _answered(info: Mapping[str, Any]) -> int:
    """Return how many images got their number."""
    return int(info["images"] - info["scaling"]["unanswered"])


def _ends(benchmark: Mapping[str, Any]) -> tuple[float, float]:
    """Return the range of the rounds, or of a projection its interval."""
    if projected := benchmark["extra_info"]["projected"]:
        low, high = projected["interval"]
        return low, high
    return min(benchmark["stats"]["data"]), max(benchmark["stats"]["data"])


def _told(benchmarks: Sequence[Mapping[str, Any]]) -> str:
    points = [(benchmark["extra_info"]["scaling"]["x"], median(benchmark["stats"]["data"])) for benchmark in benchmarks]
    return ", ".join(f"{seconds:,.0f} s at {x:,}" for x, seconds in points)
