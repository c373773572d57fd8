"""The figure of time against cost, with the right answers of each contender and marks on the Pareto-optimal ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from benchmarks.history.groups import Group
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing, LeftOut
from benchmarks.report.tables import name_contender
from benchmarks.verdicts.contest import find_winners, list_contestants
from benchmarks.verdicts.frontier import find_strategy_frontier, name_dimensions
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.text.amounts import format_dollars

TITLE = "Time, cost, right answers"


def draw_frontier(group: Group, folder: Path) -> Drawing | LeftOut:
    """Draw time against cost, with the share of right answers next to each name; mark the Pareto-optimal ones.

    The figure is left out if no price is known, or if there is only one contender.
    """
    shown = {name: each for name, each in group.benchmarks.items() if each.record.cost_usd is not None}
    if not shown:
        return LeftOut(TITLE, "the price of this model is not known")
    if len(shown) == 1:
        return LeftOut(TITLE, "there is only one strategy to show")
    name = f"{group.slug}-trade-off"
    sets_any = any(each.record.model_settings for each in shown.values())
    names = {label: _describe(each, says_simulated=sets_any) for label, each in shown.items()}
    drawn, axes = style.make_figure(group.caption, 1.6 + 0.28 * max(5, len(shown) * style.measure_rows(names.values())))
    frontier = {each.name for each in find_strategy_frontier(group.benchmarks)}
    _scale_axes(
        axes, [each.median for each in shown.values()], [each.record.cost_usd or 0.0 for each in shown.values()]
    )
    _draw_points(axes, shown, names, frontier)
    if frontier:
        known = name_dimensions(find_winners(list_contestants(group.benchmarks)).contestants)
        for label, colour in ((f"Pareto-optimal in {known}", style.GREEN), ("not Pareto-optimal", style.BLUE)):
            axes.plot([], [], "o", ms=8, color=colour, mec="white", label=label)
        drawn.legend(loc="outside lower center")
    points = (
        f"{label} {each.median:.1f} s, {format_dollars(each.record.cost_usd or 0.0)}" for label, each in shown.items()
    )
    unbeaten = f" Pareto-optimal: {', '.join(sorted(frontier))}." if frontier else ""
    return style.save_figure(drawn, folder, name, TITLE, f"Points: {'; '.join(points)}.{unbeaten}")


def _scale_axes(axes: Any, seconds: list[float], costs: list[float]) -> None:
    """Let both axes begin at zero; if the seconds differ widely, make their axis logarithmic and label it so."""
    slowest, fastest = max(seconds), min(seconds)
    axes.grid(visible=True, axis="both")
    axes.set_ylim(0, max(costs) * 1.12 or 1.0)
    axes.set_ylabel("US dollars for all images")
    ratio = slowest / fastest
    if ratio <= style.WIDE:
        axes.set_xlim(0, slowest * 1.08)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.set_xlabel("seconds for all images")
        return
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(fastest / ratio**0.08, slowest * ratio**0.08)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if ratio < style.DECADES else (1,)))
    axes.set_xlabel(f"seconds for all images\n({style.LOGARITHMIC})")


def _draw_points(axes: Any, shown: Mapping[str, Benchmark], names: Mapping[str, str], frontier: set[str]) -> None:
    # Contenders with missing answers are below the others.
    ranked = sorted(shown.items(), key=lambda item: (not item[1].record.errors, item[1].record.cost_usd or 0.0))
    for rank, (name, benchmark) in enumerate(ranked):
        place = benchmark.median, benchmark.record.cost_usd or 0.0
        color = style.GREEN if name in frontier else style.BLUE
        look = {"mfc": "none", "mec": style.VERMILLION} if benchmark.record.errors else {"color": color, "mec": "white"}
        axes.plot(*place, "o", ms=8, zorder=4 if name in frontier else 3, **look)  # above the points that it beats
        # The names are in a column of their own, so that they do not overlap.
        axes.annotate(
            names[name],
            place,
            (1.04, (rank + 0.5) / len(ranked)),
            textcoords="axes fraction",
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": style.GREY, "lw": 0.8, "shrinkB": 5, "relpos": (0, 0.5)},
        )


def _describe(benchmark: Benchmark, *, says_simulated: bool) -> str:
    """Return the name of a contender and its share of right answers, on separate lines if they are long."""
    record = benchmark.record
    name = style.break_name(name_contender(record))
    if record.right is None:
        return name
    simulated = ", simulated" if says_simulated and has_simulated_answers(record) else ""
    right = f"{record.kind.format_right(record.right)}{simulated}"
    return f"{name}\n{right}" if says_simulated or "\n" in name else f"{name}, {right}"
