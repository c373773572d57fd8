"""The figures of a group of strategies: time, waterfall, trade-off, tokens and cost, and where the time goes."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from benchmarks.history.groups import Group
from benchmarks.report.figures import style
from benchmarks.report.figures.style import Drawing
from benchmarks.report.figures.waterfall import waterfall
from fixtures.exchange import usage
from fixtures.text.tables import dollars

PUBLISHED = {"sequential": 85.47, "concurrent": 39.35, "single_prompt": 99.92}
"""Seconds of the published comparison (Nipun Batra, 12 December 2025; four images, gemini-3-pro-preview, one run)."""
BAR = 0.36
"""Inches that a bar takes."""
WIDE = 5.0
"""The slowest strategy's seconds over the fastest's, from which a logarithmic axis has logarithmic ticks."""


def draw(group: Group, folder: Path) -> list[Drawing]:
    """Draw all figures of a group into a folder."""
    figures: Sequence[Callable[[Group, Path], Drawing]] = (times, waterfall, trade_off, tokens_and_cost, where)
    with mpl.rc_context(style.SETTINGS):
        return [each(group, folder) for each in figures]


def times(group: Group, folder: Path) -> Drawing:
    """Draw the seconds of each strategy: the median as a bar, its rounds as points."""
    names = list(group.seconds)
    published = (
        PUBLISHED if (group.first["model"], group.first["image_set"]) == ("gemini-3-pro-preview", "four") else {}
    )
    drawn, axes = style.figure(group.caption, 1.1 + BAR * len(names) * (1.7 if published else 1))
    medians = [median(group.seconds[name]) for name in names]
    most = max(*(max(rounds) for rounds in group.seconds.values()), *published.values(), 0.0)
    half = 0.34 if published else 0.6
    shift = half / 2 if published else 0.0
    places = range(len(names))
    axes.barh(
        [place - shift for place in places], medians, half, color=style.BLUE, alpha=0.85, label="median, this run"
    )
    for place, name in enumerate(names):
        rounds = group.seconds[name]
        label = "a round" if place == 0 else None
        axes.plot(rounds, [place - shift] * len(rounds), "o", ms=4.5, color=style.ORANGE, mec="white", label=label)
        _at_the_edge(axes, f"{median(rounds):.2f} s", place - shift)
    for place, name in enumerate(names):
        if name in published:
            label = "as published (one run, real Gemini)" if place == 0 else None
            axes.barh(place + shift, published[name], half, color="none", ec=style.GREY, hatch="///", label=label)
            _at_the_edge(axes, f"{published[name]:.2f} s", place + shift)
    _strategies(axes, names)
    axes.set_xlim(0, most * 1.03)
    axes.set_xlabel("seconds for all images")
    drawn.legend(loc="outside lower center", ncols=2)
    told = "; ".join(f"{name} {each:.2f} s" for name, each in zip(names, medians, strict=True))
    return style.saved(drawn, folder, f"{group.slug}-time", "Total time", f"Bars of the median seconds: {told}.")


def trade_off(group: Group, folder: Path) -> Drawing:
    """Draw time against cost, with the error beside each name, and the frontier of those that nobody beats in both."""
    points = {
        name: (median(group.seconds[name]), info["cost_usd"], info["mean_absolute_error"])
        for name, info in group.infos.items()
        if info["cost_usd"] is not None
    }
    drawn, axes = style.figure(group.caption, 1.6 + 0.28 * max(5, len(points)))
    if not points:
        axes.text(0.5, 0.5, "The price of this model is not known.", ha="center", transform=axes.transAxes)
        axes.set_axis_off()
        return style.saved(drawn, folder, f"{group.slug}-trade-off", "Time, cost, error", "No price is known.")
    frontier = sorted(
        (seconds, cost)
        for seconds, cost, _ in points.values()
        if not any(s <= seconds and c <= cost and (s, c) != (seconds, cost) for s, c, _ in points.values())
    )
    axes.plot(
        *zip(*frontier, strict=True), "-", color=style.GREEN, lw=2, label="nobody is faster and cheaper", zorder=1
    )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(visible=True, axis="both")
    slowest = max(seconds for seconds, _, _ in points.values())
    fastest = min(seconds for seconds, _, _ in points.values())
    dearest, cheapest = max(c for _, c, _ in points.values()), min(c for _, c, _ in points.values())
    room = (dearest - cheapest) * 0.12 or dearest * 0.1
    axes.set_ylim(cheapest - room, dearest + room)
    ratio = max(slowest / fastest, 1.5)
    axes.set_xlim(fastest / ratio**0.08, slowest * ratio**0.08)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)) if ratio > WIDE else MaxNLocator(4))
    ranked = sorted(points, key=lambda name: points[name][1])
    for rank, name in enumerate(ranked):
        seconds, cost, error = points[name]
        on_it = (seconds, cost) in frontier
        axes.plot(seconds, cost, "o", ms=8, color=style.GREEN if on_it else style.BLUE, mec="white", zorder=3)
        # Names stand in a column of their own, so that none lies over another.
        height = (rank + 0.5) / len(ranked)
        off = "" if error is None else f", off by {error:.1f}"
        axes.annotate(
            f"{name}{off}",
            (seconds, cost),
            (1.04, height),
            textcoords="axes fraction",
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": style.GREY, "lw": 0.8, "shrinkB": 5, "relpos": (0, 0.5)},
        )
    axes.set_xlabel("seconds for all images (logarithmic)")
    axes.set_ylabel("US dollars for all images")
    drawn.legend(loc="outside lower center")
    told = "; ".join(f"{name} {seconds:.1f} s, {dollars(cost)}" for name, (seconds, cost, _) in points.items())
    return style.saved(drawn, folder, f"{group.slug}-trade-off", "Time, cost, error", f"Points: {told}.")


def tokens_and_cost(group: Group, folder: Path) -> Drawing:
    """Draw the tokens of each strategy and what they cost, by what they were spent on."""
    names = list(group.infos)
    parts = {name: _tokens(group.infos[name]) for name in names}
    costs = {name: _costs(group.infos[name]) for name in names}
    drawn, (left, right) = style.figure(group.caption, 1.3 + BAR * len(names), columns=2, sharey=True)
    colors = (style.SKY, style.GREY, style.ORANGE, style.GREEN)
    for axes, amounts, show in ((left, parts, _thousands), (right, costs, dollars)):
        starts = [0.0] * len(names)
        for kind, color in zip(("image", "text", "thinking", "answer"), colors, strict=True):
            widths = [amounts[name].get(kind, 0.0) for name in names]
            axes.barh(range(len(names)), widths, 0.6, left=starts, color=color, label=kind if axes is left else None)
            starts = [start + width for start, width in zip(starts, widths, strict=True)]
        for place, (name, total) in enumerate(zip(names, starts, strict=True)):
            text = show(total) if amounts[name] else "unknown"
            axes.annotate(text, (total, place), (5, 0), textcoords="offset points", va="center")
        axes.set_xlim(0, max([*starts, 1e-9]) * 1.4)
        axes.locator_params(axis="x", nbins=4)
    left.xaxis.set_major_formatter("{x:,.0f}")
    _strategies(left, names)
    left.set_xlabel("tokens")
    right.set_xlabel("US dollars")
    drawn.legend(loc="outside lower center", ncols=4)
    told = "; ".join(f"{name} {sum(parts[name].values()):,.0f} tokens" for name in names)
    return style.saved(drawn, folder, f"{group.slug}-tokens", "Tokens and cost", f"Stacked bars: {told}.")


def _tokens(info: dict[str, Any]) -> dict[str, float]:
    text = info["input_tokens"] - info["image_tokens"]
    names = ("image", "text", "thinking", "answer")
    return dict(zip(names, (info["image_tokens"], text, info["thoughts_tokens"], info["output_tokens"]), strict=True))


def _costs(info: dict[str, Any]) -> dict[str, float]:
    """Split the cost by the prices of input and output; nothing where the price is not known."""
    if info["cost_usd"] is None:
        return {}
    day = datetime.fromisoformat(info["priced_on"])
    tokens = _tokens(info)
    each = {
        "image": usage.Tokens(input=int(tokens["image"])),
        "text": usage.Tokens(input=int(tokens["text"])),
        "thinking": usage.Tokens(input=1, thoughts=int(tokens["thinking"])),
        "answer": usage.Tokens(input=1, output=int(tokens["answer"])),
    }
    alone = {
        kind: usage.cost_usd(info["model"], [used] if used.input else [], day) or 0.0 for kind, used in each.items()
    }
    scale = info["cost_usd"] / (sum(alone.values()) or 1.0)
    return {kind: amount * scale for kind, amount in alone.items()}


def _thousands(number: float) -> str:
    return f"{number / 1000:,.1f} k"


def where(group: Group, folder: Path) -> Drawing:
    """Draw where the time of the median round goes, added up over requests that overlap."""
    names = list(group.infos)
    kinds = ("server", "network", "waiting to ask again", "between requests", "client CPU")
    colors = (style.BLUE, style.SKY, style.ORANGE, style.GREY, style.VERMILLION)
    shares = {name: _shares(group.infos[name]) for name in names}
    drawn, axes = style.figure(group.caption, 1.3 + BAR * len(names))
    starts = [0.0] * len(names)
    for kind, color in zip(kinds, colors, strict=True):
        widths = [100 * shares[name][kind] / (sum(shares[name].values()) or 1.0) for name in names]
        axes.barh(range(len(names)), widths, 0.6, left=starts, color=color, label=kind)
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    for place, name in enumerate(names):
        text = f"{sum(shares[name].values()):.1f} s"
        _at_the_edge(axes, text, place)
    _strategies(axes, names)
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 25))
    axes.set_xlabel("percent of the seconds, added up over requests")
    drawn.legend(loc="outside lower center", ncols=3)
    told = "; ".join(f"{name} {shares[name]['client CPU']:.3f} s of client CPU" for name in names)
    return style.saved(drawn, folder, f"{group.slug}-where", "Where the time goes", f"Shares of time: {told}.")


def _shares(info: dict[str, Any]) -> dict[str, float]:
    spans = sorted((start, stop) for start, stop, _, _ in info["spans"])
    in_flight = sum(stop - start for start, stop in spans)
    server = min(info["server_seconds"], in_flight)
    covered, until = 0.0, 0.0
    for start, stop in spans:
        covered += max(0.0, stop - max(start, until))
        until = max(until, stop)
    idle = max(0.0, until - covered - info["backoff_seconds"] - info["client_cpu_seconds"])
    return {
        "server": server,
        "network": in_flight - server,
        "waiting to ask again": info["backoff_seconds"],
        "between requests": idle,
        "client CPU": info["client_cpu_seconds"],
    }


def _at_the_edge(axes: Any, text: str, place: float) -> None:
    """Write a bar's value beside the axes, where no point or bar can lie over it."""
    axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)


def _strategies(axes: Any, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
