"""Benchmarks about scale, grouped by question and as rows of text."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_provenance
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_known, format_money
from fixtures.text.tables import describe_omitted, fit_table, format_table

HEAD = [
    *("strategy", "seconds (median)", "times the ideal", "bottleneck", "times the ideal in order"),
    *("cost", "off by", "no answer", "reason", "retries"),
]
"""The head of a table without its first column, which has the quantity of the question."""
EXPLANATIONS = {
    "times the ideal": "The ideal: the largest of the longest request, the time of all requests / concurrency, and the "
    "time that the rate limits require.",
    "times the ideal in order": "The ideal in order: the time of the same requests in the order in which they were "
    "sent, with no idle time in between.",
}
"""The explanations of columns, by their heads."""
_DISPENSABLE = ("retries", "times the ideal in order", "reason", "bottleneck", "off by", "cost", "times the ideal")
"""The columns that a narrow terminal omits, the least important first."""
_HEAD_WIDTH = 8
"""The largest width of a line of a column's head in a terminal, in characters; longer heads are broken."""


@dataclass(frozen=True)
class DescribedQuestion:
    """A question about scale as text for a terminal."""

    title: str
    origin: str
    """The sentences about the origin of the figures."""
    table: Sequence[str]
    """The lines of the table, with a row per case."""
    explanations: Sequence[str]
    """The sentences that explain the columns of the table."""


def describe_scaling(benchmarks: Iterable[Benchmark], width: int | None) -> list[DescribedQuestion]:
    """Return each question about scale among these benchmarks.

    The tables have the columns that fit into `width` characters; if it is None, they have all columns.
    """
    return [_describe(title, found, width) for title, found in group_by_question(benchmarks).items()]


def _describe(title: str, benchmarks: Sequence[Benchmark], width: int | None) -> DescribedQuestion:
    rows = make_rows(benchmarks)
    broken = {head: textwrap.fill(head, _HEAD_WIDTH, break_long_words=False) for head in rows[0]}
    table = fit_table([[*broken.values()], *rows[1:]], width, [broken[head] for head in _DISPENSABLE])
    shown = [head for head in rows[0] if broken[head] in table[0]]
    explanations = [*describe_omitted(rows, [shown]), *(EXPLANATIONS[head] for head in shown if head in EXPLANATIONS)]
    return DescribedQuestion(title, describe_origin(benchmarks), format_table(table), explanations)


def group_by_question(benchmarks: Iterable[Benchmark]) -> dict[str, list[Benchmark]]:
    """Return the benchmarks about scale by a title with the model and the question."""
    found: dict[str, list[Benchmark]] = {}
    for benchmark in benchmarks:
        record = benchmark.record
        if record.scaling is not None:
            found.setdefault(f"{record.model}, by {record.scaling.question}", []).append(benchmark)
    return found


def make_rows(benchmarks: Sequence[Benchmark]) -> list[list[str]]:
    """Return the rows of a question, the head first: one per case."""
    rows = [_make_row(benchmark) for benchmark in benchmarks]
    scaling = benchmarks[0].record.scaling
    return [["" if scaling is None else scaling.question, *HEAD], *rows]


def _make_row(benchmark: Benchmark) -> list[str]:
    record, ideal = benchmark.record, benchmark.record.ideal
    return [
        "" if record.scaling is None else f"{record.scaling.x:,}",
        f"{record.strategy}{_format_settings(record)}{', extrapolated' if record.is_extrapolated else ''}",
        f"{benchmark.median:,.1f}{_format_interval(record)}",
        f"{benchmark.median / ideal.seconds:.2f}" if ideal else "-",
        ideal.bound if ideal else "-",
        f"{benchmark.median / ideal.in_order:.2f}" if ideal else "-",
        format_money(record.cost_usd),
        format_known(record.mean_absolute_error, ".1f"),
        *_format_unanswered(record),
        f"{record.retries:,}" if record.retries else "",
    ]


def _format_settings(record: Record) -> str:
    settings = [f"{name} {record.settings[name]}" for name in ("concurrency", "chunk") if name in record.settings]
    return f" ({', '.join(settings)})" if settings else ""


def _format_interval(record: Record) -> str:
    if record.projected is None:
        return ""
    interval = record.projected.interval
    return " (no interval)" if interval is None else " ({:,.1f} to {:,.1f})".format(*interval)


def _format_unanswered(record: Record) -> tuple[str, str]:
    """Return the number of images without an answer, and the reason of the first; empty if there are none."""
    if record.scaling is None or not record.scaling.unanswered:
        return "", ""
    reason = next(iter(record.errors.values()), "").partition(":")[0]
    return f"{record.scaling.unanswered:,} of {record.images:,}", reason


def describe_origin(benchmarks: Sequence[Benchmark]) -> str:
    """Return the sentences about the origin of a question's figures."""
    provenance = describe_provenance([benchmark.record for benchmark in benchmarks])
    return f"{provenance} The images are generated, 2 KB each, with numbers of people as in 'sixteen'."
