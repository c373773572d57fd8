"""Stored benchmarks about scale, by question, and as rows of text."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from fixtures.comparison import off_by
from fixtures.tables import dollars

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
        f"{info['strategy']} ({settings})" if settings else info["strategy"],
        f"{seconds:,.1f}",
        f"{seconds / ideal['seconds']:.2f}" if ideal else "-",
        ideal["bound"] if ideal else "-",
        f"{seconds / ideal['in_order']:.2f}" if ideal else "-",
        "unknown" if info["cost_usd"] is None else dollars(info["cost_usd"]),
        off_by(info),
        f"{info['scaling']['unanswered']:,} of {info['images']:,}" if info["scaling"]["unanswered"] else "",
        f"{info['retries']:,}" if info["retries"] else "",
    ]
