"""The figures of a group of strategies: time, waterfall, time against cost, tokens and cost, and shares of time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl

from benchmarks.history.groups import Group
from benchmarks.report.figures import style
from benchmarks.report.figures.frontier import draw_frontier
from benchmarks.report.figures.style import Drawing, LeftOut
from benchmarks.report.figures.waterfall import caption_phases, draw_waterfall
from benchmarks.report.tables import TIED, name_contender
from fixtures.clock.schedule import find_overlap
from fixtures.exchange import usage
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars

PUBLISHED_SECONDS = {"sequential": 85.47, "concurrent": 39.35, "single_prompt": 99.92}
"""Seconds of the published comparison (Nipun Batra, 12 December 2025; four images, gemini-3-pro-preview, one run)."""
SHARES = {
    "connecting": style.YELLOW,
    "sending": style.BROWN,
    "server": style.BLUE,
    "other waiting": style.PURPLE,
    "receiving": style.GREEN,
    "network": style.SKY,
    "waiting to retry": style.ORANGE,
    "between requests": style.GREY,
    "client CPU": style.VERMILLION,
}
"""The colours of the kinds of time; a request without phases has `server` and `network` only."""
FEW = 5
"""The largest number of kinds of time with which the legend has three columns."""
BAR = 0.36
"""The height of a bar in inches."""
ONE_COLOR = 0.995
"""The share of time from which one kind of it, reached in every strategy, hides all others: the figure is left out."""
THINNEST = 0.5
"""The percentage below which a part of a bar is too thin to see; the label of the axis lists such kinds of time."""
LABEL = 52
"""The largest number of characters in a line of an axis' label."""
_COMPLETE: tuple[str, Any] = ("median, this run", {"color": style.BLUE, "alpha": 0.85})
"""The label and the look of a strategy's median."""
_TIED: tuple[str, Any] = (f"median, fastest or tied {TIED}", {"color": style.GREEN, "alpha": 0.85})
"""The label and the look of the fastest strategy's median, and of those tied with it."""
_INCOMPLETE: tuple[str, Any] = ("median, answers missing", {"fc": "none", "ec": style.VERMILLION, "hatch": "xx"})
"""The label and the look of the median of a strategy with missing answers."""


def draw_strategies(group: Group, folder: Path, tied: Collection[str] = ()) -> list[Drawing | LeftOut]:
    """Draw the figures of a group into a folder; return a `LeftOut` for each figure without content.

    `tied` has the labels of the fastest strategy and of those tied with it, which are marked.
    """
    figures: Sequence[Callable[[Group, Path], Drawing | LeftOut]] = (
        draw_waterfall,
        draw_frontier,
        _draw_tokens_and_cost,
        _draw_time_shares,
    )
    with mpl.rc_context(style.SETTINGS):
        return [_draw_times(group, folder, tied), *(each(group, folder) for each in figures)]


def _draw_times(group: Group, folder: Path, tied: Collection[str]) -> Drawing:
    """Draw the seconds of each strategy: the median as a bar, its rounds as points; those of `tied` are marked."""
    names = list(group.benchmarks)
    is_published = (group.first.model, group.first.image_set) == ("gemini-3-pro-preview", "four")
    published = PUBLISHED_SECONDS if is_published else {}
    drawn, axes = style.make_figure(group.caption, 1.1 + _measure_bars(group) * (1.7 if published else 1))
    medians = [benchmark.median for benchmark in group.benchmarks.values()]
    most = max(*(max(benchmark.seconds) for benchmark in group.benchmarks.values()), *published.values(), 0.0)
    half = 0.34 if published else 0.6
    labelled: set[str] = set()
    for place, (name, benchmark) in enumerate(group.benchmarks.items()):
        what, look = _INCOMPLETE if benchmark.record.errors else _TIED if name in tied else _COMPLETE
        shift = half / 2 if name in published else 0.0
        axes.barh(place - shift, benchmark.median, half, label=None if what in labelled else what, **look)
        labelled.add(what)
        rounds = benchmark.seconds
        label = "a round" if place == 0 else None
        axes.plot(rounds, [place - shift] * len(rounds), "o", ms=4.5, color=style.ORANGE, mec="white", label=label)
        _write_value(axes, f"{benchmark.median:.2f} s{f' {TIED}' if name in tied else ''}", place - shift)
    label = "published (one run, Gemini)"
    for place, name in enumerate(names):
        if name in published:
            axes.barh(place + half / 2, published[name], half, color="none", ec=style.GREY, hatch="///", label=label)
            label = ""
            _write_value(axes, f"{published[name]:.2f} s", place + half / 2)
    _name_rows(axes, group)
    axes.set_xlim(0, most * 1.03)
    axes.set_xlabel("seconds for all images")
    drawn.legend(loc="outside lower center", ncols=2)
    bars = "; ".join(f"{name} {each:.2f} s" for name, each in zip(_list_names(group), medians, strict=True))
    marked = f" Fastest or tied with it: {', '.join(tied)}." if tied else ""
    alt = f"Bars of the median seconds: {bars}.{marked}"
    return style.save_figure(drawn, folder, f"{group.slug}-time", "Total time", alt)


def _draw_tokens_and_cost(group: Group, folder: Path) -> Drawing | LeftOut:
    """Draw the tokens of each strategy and their cost, divided by use; left out if neither is known."""
    title = "Tokens and cost"
    names = list(group.benchmarks)
    parts = {name: _split_tokens(record) for name, record in group.records.items()}
    costs = {name: _split_cost(record) for name, record in group.records.items()}
    colors = (style.SKY, style.GREY, style.ORANGE, style.GREEN)
    tokens = [record.total_tokens for record in group.records.values()]
    dollars = [record.cost_usd for record in group.records.values()]
    if not any([*tokens, *dollars]):
        return LeftOut(title, "neither tokens nor prices are known")
    drawn, (left, right) = style.make_figure(group.caption, 1.3 + _measure_bars(group), columns=2, sharey=True)
    drawn.set_layout_engine("constrained", wspace=0.1)  # keeps the ticks of the two panels apart
    for axes, amounts, show, totals in (
        (left, parts, _format_thousands, tokens),
        (right, costs, format_dollars, dollars),
    ):
        starts = [0.0] * len(names)
        for kind, color in zip(("image", "text", "thinking", "answer"), colors, strict=True):
            widths = [amounts[name].get(kind, 0.0) for name in names]
            axes.barh(range(len(names)), widths, 0.6, left=starts, color=color, label=kind if axes is left else None)
            starts = [start + width for start, width in zip(starts, widths, strict=True)]
        for place, (end, total) in enumerate(zip(starts, totals, strict=True)):
            text = "unknown" if total is None else show(total)
            axes.annotate(text, (end, place), (5, 0), textcoords="offset points", va="center")
        axes.set_xlim(0, max([*starts, 1e-9]) * 1.4)
        axes.locator_params(axis="x", nbins=3)
    left.xaxis.set_major_formatter(lambda tokens, _: f"{tokens / 1000:g} k" if tokens else "0")
    _name_rows(left, group)
    left.set_xlabel("tokens")
    right.set_xlabel("US dollars")
    drawn.legend(loc="outside lower center", ncols=4)
    shown = ("unknown" if total is None else f"{total:,}" for total in tokens)
    bars = "; ".join(f"{name} {total} tokens" for name, total in zip(names, shown, strict=True))
    return style.save_figure(drawn, folder, f"{group.slug}-tokens", title, f"Stacked bars: {bars}.")


def _split_tokens(record: Record) -> dict[str, float]:
    """Return the tokens of a round by use; an empty mapping if one of the parts is not known."""
    prompt, image = record.input_tokens, record.image_tokens
    thinking, answer = record.thoughts_tokens, record.output_tokens
    if prompt is None or image is None or thinking is None or answer is None or image > prompt:
        return {}
    return {"image": image, "text": prompt - image, "thinking": thinking, "answer": answer}


def _split_cost(record: Record) -> dict[str, float]:
    """Return the US dollars of a round by use; an empty mapping if the cost or the use of the tokens is not known."""
    tokens = _split_tokens(record)
    if record.cost_usd is None or not tokens:
        return {}
    day = datetime.combine(record.priced_on, time())
    each = {
        "image": usage.Tokens(input=int(tokens["image"])),
        "text": usage.Tokens(input=int(tokens["text"])),
        "thinking": usage.Tokens(input=1, thoughts=int(tokens["thinking"])),
        "answer": usage.Tokens(input=1, output=int(tokens["answer"])),
    }
    alone = {
        kind: usage.price_tokens(record.model, [used] if used.input else [], day) or 0.0 for kind, used in each.items()
    }
    scale = record.cost_usd / (sum(alone.values()) or 1.0)
    return {kind: amount * scale for kind, amount in alone.items()}


def _format_thousands(number: float) -> str:
    return f"{number / 1000:,.1f} k"


def _draw_time_shares(group: Group, folder: Path) -> Drawing | LeftOut:
    """Draw the shares of time of the median round, added up over requests, including those that overlap.

    The figure is left out if nearly all time of every strategy is of one kind.
    """
    title = "Where the time goes"
    names = list(group.benchmarks)
    shares = {name: _split_time(record) for name, record in group.records.items()}
    kinds = [kind for kind in SHARES if any(kind in each for each in shares.values())]
    says_server = any(record.server_seconds for record in group.records.values())
    if only := _find_only_kind(shares):
        return LeftOut(title, f"in every strategy, nearly all of it is {only} time")
    columns = 3 if len(kinds) <= FEW else 2
    legend = 0.21 * -(-len(kinds) // columns)
    drawn, axes = style.make_figure(caption_phases(group), 0.9 + legend + _measure_bars(group))
    starts = [0.0] * len(names)
    for kind in kinds:
        widths = [100 * shares[name].get(kind, 0.0) / (sum(shares[name].values()) or 1.0) for name in names]
        label = "waiting" if kind == "other waiting" and not says_server else kind
        axes.barh(range(len(names)), widths, 0.6, left=starts, color=SHARES[kind], label=label)
        starts = [start + width for start, width in zip(starts, widths, strict=True)]
    for place, name in enumerate(names):
        text = f"{sum(shares[name].values()):.1f} s"
        _write_value(axes, text, place)
    _name_rows(axes, group)
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 25))
    seen = [each for each in axes.containers if max(bar.get_width() for bar in each) >= THINNEST]
    unseen = [str(each.get_label()) for each in axes.containers if each not in seen]
    below = fill(f"below {THINNEST} % in every strategy: {', '.join(unseen)}", LABEL) if unseen else ""
    axes.set_xlabel("\n".join(filter(None, ("percent of the seconds of all requests", below))))
    drawn.legend(handles=seen, loc="outside lower center", ncols=columns)
    client_cpu = "; ".join(f"{name} {shares[name]['client CPU']:.3f} s" for name in names)
    alt = f"Shares of time as stacked bars. Client CPU: {client_cpu}."
    return style.save_figure(drawn, folder, f"{group.slug}-where", title, alt)


def _find_only_kind(shares: Mapping[str, Mapping[str, float]]) -> str:
    """Return the kind that takes nearly all time of every strategy, given seconds by kind; empty if there is none."""
    known = [each for each in shares.values() if sum(each.values())]
    least = {kind: min((each.get(kind, 0.0) / sum(each.values()) for each in known), default=0.0) for kind in SHARES}
    return next((kind for kind, share in least.items() if share >= ONE_COLOR), "")


def _split_time(record: Record) -> dict[str, float]:
    """Return the seconds of the median round by kind of time, added up over requests."""
    spans = [(span.start, span.end) for span in record.spans]
    last = max((end for _, end in spans), default=0.0)
    idle = last - find_overlap(spans).busy - record.backoff_seconds - record.client_cpu_seconds
    return {
        **_split_in_flight(record),
        "waiting to retry": record.backoff_seconds,
        "between requests": max(0.0, idle),
        "client CPU": record.client_cpu_seconds,
    }


def _split_in_flight(record: Record) -> dict[str, float]:
    """Return the seconds of the requests by phase; of the waiting, `server` has the part that the server reports."""
    if not record.has_phases:
        in_flight = sum(span.end - span.start for span in record.spans)
        server = min(record.server_seconds, in_flight)
        return {"server": server, "network": in_flight - server}
    known = [phases for phases in record.phases if phases is not None]
    connecting, sending, waiting, receiving = map(sum, zip(*known, strict=True))
    server = min(record.server_seconds, waiting)
    parts = {"connecting": connecting, "sending": sending, "other waiting": waiting - server, "receiving": receiving}
    return parts | ({"server": server} if server else {})


def _write_value(axes: Any, text: str, place: float) -> None:
    """Write a bar's value to the right of the axes, so that nothing covers it."""
    axes.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)


def _list_names(group: Group) -> list[str]:
    """Return the names for the bars, marked if answers are missing."""
    return [name_contender(record) for record in group.records.values()]


def _measure_bars(group: Group) -> float:
    """Return the height of all bars in inches."""
    names = _list_names(group)
    return BAR * len(names) * style.measure_rows(names)


def _name_rows(axes: Any, group: Group) -> None:
    names = _list_names(group)
    axes.set_yticks(range(len(names)), map(style.break_name, names))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
