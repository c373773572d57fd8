"""Stored benchmarks about scale, by question, and as rows of text."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.report.comparison import is_extrapolated, off_by, provenance
from fixtures.text.tables import money

HEAD = [
    *("strategy", "seconds (median)", "against the best", "bound by", "in this order"),
    *("cost", "off by", "no number", "retries"),
]


def by_question(benchmarks: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Put those benchmarks that are about scale together by model and question."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for benchmark in benchmarks:
        info = benchmark["extra_info"]
        if "scaling" in info:
            found.setdefault(f"{info['model']}, by {info['scaling']['question']}", []).append(benchmark)
    return found


def table_of(benchmarks: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the rows of a question, the head first: a strategy's cases one below the other."""
    return [[benchmarks[0]["extra_info"]["scaling"]["question"], *HEAD], *map(_row, benchmarks)]


def _row(benchmark: Mapping[str, Any]) -> list[str]:
    info, seconds = benchmark["extra_info"], median(benchmark["stats"]["data"])
    ideal = info["ideal"]
    settings = ", ".join(f"{name} {info['settings'][name]}" for name in ("window", "chunk") if name in info["settings"])
    return [
        f"{info['scaling']['x']:,}",
        f"{info['strategy']}{f' ({settings})' if settings else ''}{', extrapolated' if is_extrapolated(info) else ''}",
        f"{seconds:,.1f}{_interval(info)}",
        f"{seconds / ideal['seconds']:.2f}" if ideal else "-",
        ideal["bound"] if ideal else "-",
        f"{seconds / ideal['in_order']:.2f}" if ideal else "-",
        money(info["cost_usd"]),
        off_by(info),
        _unanswered(info),
        f"{info['retries']:,}" if info["retries"] else "",
    ]


def _interval(info: Mapping[str, Any]) -> str:
    return " ({:,.1f} to {:,.1f})".format(*info["projected"]["interval"]) if info["projected"] else ""


def _unanswered(info: Mapping[str, Any]) -> str:
    """Return how many images got no number, and why the first of them did not."""
    if not info["scaling"]["unanswered"]:
        return ""
    reason = next(iter(info["errors"].values()), "").partition(":")[0]
    return f"{info['scaling']['unanswered']:,} of {info['images']:,} ({reason})"


def origin(benchmarks: Sequence[Mapping[str, Any]]) -> str:
    """Return the sentences that say where a question's figures come from."""
    infos = {str(index): benchmark["extra_info"] for index, benchmark in enumerate(benchmarks)}
    return f"{provenance(infos)} The images are made up, of 2 KB each, with numbers of people as in 'sixteen'."
