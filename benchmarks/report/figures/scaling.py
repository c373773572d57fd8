"""The questions about scale on the page: a figure and a table each, and the limits of one machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.history.groups import make_slug, shorten
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing
from benchmarks.scaling import rows
from benchmarks.scaling.machine import describe_machine
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_origin
from fixtures.run.record.record import Client, Record
from fixtures.text.amounts import format_dollars, format_error
from fixtures.text.tables import Table

COLORS = (
    *(style.BLUE, style.ORANGE, style.GREEN, style.VERMILLION, style.SKY),
    *(style.PURPLE, style.YELLOW, style.GREY, style.INK, style.BROWN),
)
"""The colours of the strategies' lines, in turn."""
MARKERS = "osD^vPX*<>hpd"
"""The markers of the strategies' points, in turn."""
LABELS = {"seconds": "seconds", "cost": "US dollars an answer", "error": "mean error (people)"}
"""The label of each panel's axis."""
LARGEST = 8.0
"""The size of the largest marker in points."""
PANEL = 1.7
"""The height of a panel in inches."""


@dataclass(frozen=True)
class PlacedBenchmark:
    """A benchmark about scale, with its position on the figure's axis."""

    benchmark: Benchmark
    x: int
    """The value on the horizontal axis."""
    unanswered: int
    """The number of images without an answer in the median round."""

    @property
    def record(self) -> Record:
        """The record of the benchmark."""
        return self.benchmark.record

    @property
    def answered(self) -> int:
        """The number of images with an answer in the median round."""
        return self.record.images - self.unanswered

    @property
    def cost_an_answer(self) -> float | None:
        """US dollars per image with an answer; None if there is none, or if the price is not known."""
        return None if self.record.cost_usd is None or not self.answered else self.record.cost_usd / self.answered

    @property
    def ends(self) -> tuple[float, float]:
        """The range of the rounds in seconds; for a projection with an interval, that interval."""
        if self.record.projected is not None and self.record.projected.interval is not None:
            return self.record.projected.interval
        return min(self.benchmark.seconds), max(self.benchmark.seconds)


@dataclass(frozen=True)
class Question:
    """The benchmarks of one question with one model."""

    title: str
    axis: str
    """The quantity on the horizontal axis."""
    client: Client
    """The client's CPU time and bytes per image, as measured on the machine of the benchmarks."""
    cases: Sequence[PlacedBenchmark]
    """At least one case."""

    @property
    def places(self) -> list[int]:
        """The values on the horizontal axis, sorted; they are drawn evenly spaced."""
        return sorted({case.x for case in self.cases})

    @property
    def by_strategy(self) -> dict[str, list[PlacedBenchmark]]:
        """The cases by strategy, sorted by their value on the axis."""
        found: dict[str, list[PlacedBenchmark]] = {}
        for case in sorted(self.cases, key=lambda each: each.x):
            found.setdefault(case.record.strategy, []).append(case)
        return found


@dataclass(frozen=True)
class DrawnQuestion:
    """The content of the page about a question."""

    title: str
    summary: str
    """The sentences about the origin of the figures; for the first question, also about the limits of one machine."""
    drawing: Drawing
    left_out: Sequence[str]
    """The sentences about the panels that were left out, with reasons."""
    table: Table


def draw_questions(benchmarks: Sequence[Benchmark], folder: Path) -> list[DrawnQuestion]:
    """Draw each question about scale, and return its content for the page."""
    drawn: list[DrawnQuestion] = []
    for title, found in rows.group_by_question(benchmarks).items():
        question = _make_question(title, found)
        head, *others = rows.make_rows(found)
        machine = "" if drawn else f" {_describe_limit(question.client)}"
        shown = DrawnQuestion(
            title=title,
            summary=f"{rows.describe_origin(found)}{machine}",
            drawing=draw_question(question, folder),
            left_out=[f"Panel left out: {panel} ({why})." for panel, why in _explain_panels(question).items()],
            table=Table("Medians of the rounds; cost and error of the median round", head, others),
        )
        drawn.append(shown)
    return drawn


def _make_question(title: str, benchmarks: Sequence[Benchmark]) -> Question:
    placed = [(each, each.record.scaling) for each in benchmarks if each.record.scaling is not None]
    _, first = placed[0]
    cases = [PlacedBenchmark(benchmark, scaling.x, scaling.unanswered) for benchmark, scaling in placed]
    return Question(title, first.question, first.client, cases)


def _describe_limit(client: Client) -> str:
    return f"{describe_machine(client)} For more images, python -m benchmarks.plan proposes the Batch API."


def _explain_panels(question: Question) -> dict[str, str]:
    """Return the panels that are left out, each with its reason: no value is known, or all values are equal."""
    costs = {format_dollars(each) for case in question.cases if (each := case.cost_an_answer) is not None}
    errors = {format_error(each) for case in question.cases if (each := case.record.mean_absolute_error) is not None}
    found = {"cost": (costs, "{} per answer in every case"), "error": (errors, "{} people in every case")}
    return {
        panel: same.format(*values) if values else "not known"
        for panel, (values, same) in found.items()
        if not values or (len(values) == 1 and len(question.cases) > 1)
    }


def draw_question(question: Question, folder: Path) -> Drawing:
    """Draw seconds, cost and error over the question's quantity, with a line for each strategy."""
    strategies, places, first = question.by_strategy, question.places, question.cases[0].record
    caption = f"{shorten(first.model, 24)}: {describe_origin(first)}"
    with mpl.rc_context(style.SETTINGS):
        left_out = _explain_panels(question)
        shown = [panel for panel in LABELS if panel not in left_out]
        height = len(shown) * PANEL + 0.5 + 0.2 * (len(strategies) // 3 + 2)
        drawn, grid = style.make_figure(caption, height, len(shown), sharex=True, squeeze=False)
        panels = dict(zip(shown, grid[:, 0], strict=True))
        first_panel, last_panel = grid[0, 0], grid[-1, 0]
        for index, (name, cases) in enumerate(strategies.items()):
            # Later markers are smaller, so that an earlier one at the same place stays visible.
            look = COLORS[index % len(COLORS)], MARKERS[index % len(MARKERS)], max(3.5, LARGEST - index / 2)
            _draw_line(panels, places, cases, name, look)
        for panel, axes in panels.items():
            axes.set_ylabel(LABELS[panel])
            axes.grid(visible=True, axis="both")
            if panel != "seconds" or not _scale_seconds(axes, question):
                axes.set_ylim(0, axes.get_ylim()[1] * 1.05)
        first_panel.yaxis.set_major_formatter("{x:,g}")
        last_panel.set_xlim(-0.25, len(places) - 0.75)
        last_panel.set_xticks(range(len(places)), [f"{each:,}" for each in places])
        last_panel.set_xlabel(f"{question.axis} (evenly spaced)")
        if any(case.unanswered for case in question.cases):
            first_panel.plot([], [], "o", color="none", mec=style.INK, label="some images without an answer")
            first_panel.plot([], [], "x", color=style.INK, label="no answer (at the top)")
        drawn.legend(*first_panel.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
        lines = "; ".join(f"{name} {_describe_line(cases)}" for name, cases in strategies.items())
        return style.save_figure(drawn, folder, make_slug(question.title), "Time, cost and error", f"Lines: {lines}.")


def _scale_seconds(axes: Any, question: Question) -> bool:
    """Make the axis of seconds logarithmic if they differ widely; return whether it is."""
    seconds = [case.benchmark.median for case in question.cases]
    ratio = max(seconds) / min(seconds)
    if ratio <= style.WIDE:
        return False
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if ratio < style.DECADES else (1,), numticks=9))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylabel("seconds\n(logarithmic,\nnot from 0)")
    axes.set_ylim(top=axes.get_ylim()[1] * 4)  # room for the marks of cases without an answer
    return True


def _draw_line(
    panels: Mapping[str, Any],
    places: Sequence[int],
    cases: Sequence[PlacedBenchmark],
    name: str,
    look: tuple[str, str, float],
) -> None:
    color, marker, size = look
    xs = [places.index(case.x) for case in cases]
    seconds = [case.benchmark.median for case in cases]
    costs = [case.cost_an_answer for case in cases]
    errors = [case.record.mean_absolute_error for case in cases]
    ends = [case.ends for case in cases]
    top_panel = panels["seconds"]
    top_panel.vlines(xs, [low for low, _ in ends], [high for _, high in ends], color=color, alpha=0.5)
    figures: Mapping[str, Sequence[float | None]] = {"seconds": seconds, "cost": costs, "error": errors}
    for panel, axes in panels.items():
        values = figures[panel]
        answered = [
            (x, value, case)
            for x, value, case in zip(xs, values, cases, strict=True)
            if value is not None and case.answered
        ]
        axes.plot([x for x, _, _ in answered], [value for _, value, _ in answered], "-", color=color, lw=1.2)
        for x, value, case in answered:
            face = "white" if case.unanswered else color
            axes.plot(x, value, marker, ms=size, color=color, mfc=face)
    failed = [x for x, case in zip(xs, cases, strict=True) if not case.answered]
    # At the upper edge, because the time until a failure is not comparable.
    top = top_panel.get_xaxis_transform()
    top_panel.plot(failed, [0.97 - 0.03 * (LARGEST - size)] * len(failed), "x", ms=size, color=color, transform=top)
    top_panel.plot([], [], f"{marker}-", ms=size, lw=1.2, color=color, label=name)


def _describe_line(cases: Sequence[PlacedBenchmark]) -> str:
    return ", ".join(f"{case.benchmark.median:,.0f} s at {case.x:,}" for case in cases)
