"""The table that compares strategies in the terminal: as many columns as fit, with the verdict as the last."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.history.groups import find_reference
from benchmarks.report.tables import TIED, find_ties, name_contender
from benchmarks.report.terminal.line import Line
from benchmarks.verdicts.answers.agreement import find_agreements
from benchmarks.verdicts.answers.share import format_interval
from benchmarks.verdicts.contest import Winners
from benchmarks.verdicts.seconds.ratios import Finding
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_error
from fixtures.text.tables import fit_table, format_table
from fixtures.text.words import format_count

MOST_ROWS = 14
"""The largest number of rows of the table without `-v`."""
_COLUMNS = (
    *("strategy", "seconds", "range", "rounds", "speedup", "requests", "retries", "tokens"),
    *("$/1,000", "$/1,000 right", "right", "agrees", "95 %", "off by", "verdict"),
)
_DISPENSABLE = (
    *("$/1,000 right", "retries", "tokens", "requests", "rounds"),
    *("95 %", "off by", "range", "speedup", "$/1,000"),
)
"""The columns that a narrow terminal omits, the least important first."""
_STYLES: Mapping[Finding, Mapping[str, bool]] = {
    Finding.SAME: {"green": True},
    Finding.FASTER: {"green": True},
    Finding.CANNOT_TELL: {"yellow": True},
    Finding.FAILED: {"red": True},
    Finding.REFUSED: {"red": True},
}
"""The style of verdicts that are not regressions; verdicts that are missing here are plain."""
_NONE = "-"
_CENT = 0.01
_MEANING = f"{TIED} best, or tied with it (may be chance)."


@dataclass(frozen=True)
class _Row:
    name: str
    seconds: float
    cells: Mapping[str, str]
    """The cells by the head of their column; a missing cell is shown as a dash."""
    verdict: Verdict | None

    @property
    def is_problem(self) -> bool:
        """Whether it is worse than the stored runs, or failed and has no figures."""
        verdict = self.verdict
        return verdict is not None and (verdict.is_regression or verdict.finding is Finding.FAILED)

    @property
    def style(self) -> Mapping[str, bool]:
        """The style of the verdict."""
        if self.verdict is None:
            return {}
        return {"red": True} if self.verdict.is_regression else _STYLES.get(self.verdict.finding, {})


def compare_in_table(
    benchmarks: Mapping[str, Benchmark], winners: Winners, verdicts: Sequence[Verdict], width: int | None
) -> list[Line]:
    """Return the lines of a table of strategies, given by label, and the sentences that explain it.

    The table has the columns that fit into `width` characters, and at most `MOST_ROWS` rows; if `width` is None it has
    all columns and rows. `verdicts` are those against the stored runs, including those of benchmarks that failed.
    """
    rows = _make_rows(benchmarks, winners, verdicts)
    shown = rows if width is None else _choose_rows(rows, winners)
    table = fit_table(_fill(shown), width, _DISPENSABLE)
    head, rule, *body = format_table(table)
    lines = [
        Line(text, style=row.style, styled=len(row.cells.get("verdict", _NONE)))
        for text, row in zip(body, shown, strict=True)
    ]
    told = [
        *([_MEANING] if any(TIED in line.text for line in lines) else []),
        *([f"Speedup: against {find_reference(benchmarks)}."] if "speedup" in table[0] else []),
        *([f"{format_count(len(rows) - len(shown), 'more row')} with -v."] if len(rows) > len(shown) else []),
    ]
    return [Line(head), Line(rule), *lines, *([Line(" ".join(told), is_sentence=True)] if told else [])]


def _make_rows(benchmarks: Mapping[str, Benchmark], winners: Winners, verdicts: Sequence[Verdict]) -> list[_Row]:
    """Return a row per benchmark, then a row for each verdict on a benchmark that failed."""
    by_benchmark = {verdict.benchmark: verdict for verdict in verdicts}
    reference, agreements = find_reference(benchmarks), find_agreements(benchmarks)
    ties = find_ties(winners)
    rows = []
    for name, benchmark in benchmarks.items():
        verdict = by_benchmark.pop(benchmark.fullname, None)
        marks = {what: TIED if name in names else "" for what, names in ties.items()}
        cells = {
            **_describe_seconds(benchmark, marks["fastest"]),
            **_describe_use(benchmark.record, marks["cheapest"]),
            **_describe_answers(benchmark.record, marks["most_right"], agreements.get(name)),
        }
        if reference is not None and len(benchmarks) > 1 and not benchmark.record.errors:
            cells["speedup"] = f"{benchmarks[reference].median / benchmark.median:.2f}"
        if verdict is not None:
            cells["verdict"] = verdict.brief
        rows.append(_Row(name, benchmark.median, cells, verdict))
    failed = [
        _Row(each.name, 0.0, {"strategy": each.name, "verdict": each.brief}, each) for each in by_benchmark.values()
    ]
    return [*rows, *failed]


def _describe_seconds(benchmark: Benchmark, mark: str) -> dict[str, str]:
    return {
        "strategy": name_contender(benchmark.record),
        "seconds": f"{benchmark.median:.2f}{mark}",
        # Rounded outwards, so that the range holds the median, which has more digits.
        "range": f"{math.floor(10 * min(benchmark.seconds)) / 10} to {math.ceil(10 * max(benchmark.seconds)) / 10}",
        "rounds": str(len(benchmark.seconds)),
    }


def _describe_use(record: Record, mark: str) -> dict[str, str]:
    """Return the cells about requests, tokens and costs."""
    cost, right = record.cost_usd, record.right
    cells = {
        "requests": f"{record.requests:,}",
        "retries": f"{record.retries:,}" if record.retries else _NONE,
        "tokens": "unknown" if record.total_tokens is None else f"{record.total_tokens:,}",
        "$/1,000": "unknown" if cost is None else f"{_format_cost(1000 * cost / record.images)}{mark}",
    }
    if cost is not None and right is not None and not record.errors:  # images without an answer cost nothing
        cells["$/1,000 right"] = _format_cost(1000 * cost / (record.images * right)) if right else "none right"
    return cells


def _describe_answers(record: Record, mark: str, agreement: float | None) -> dict[str, str]:
    """Return the cells about the answers: right answers and errors if truths are known, else the agreement."""
    cells = {}
    if record.right is not None and len(record.errors) < record.images:
        cells["right"] = f"{100 * record.right:.0f} %{mark}"
        cells["95 %"] = format_interval(record.right, record.judged)
    if record.mean_absolute_error is not None:
        cells["off by"] = format_error(record.mean_absolute_error)
    if agreement is not None and not record.judged:
        cells["agrees"] = f"{100 * agreement:.0f} %"
        cells["95 %"] = format_interval(agreement, record.images)
    return cells


def _format_cost(amount: float) -> str:
    """Return an amount in US dollars without `$`: with two decimals, or two significant digits below one cent."""
    return f"{amount:,.2f}" if amount >= _CENT or not amount else f"{amount:.2g}"


def _choose_rows(rows: Sequence[_Row], winners: Winners) -> list[_Row]:
    """Return at most `MOST_ROWS` rows in their order; those with problems, then advised, then fastest come first."""
    advised = winners.advised.names
    ranked = sorted(rows, key=lambda row: (not row.is_problem, row.name not in advised, row.seconds))
    chosen = {id(row) for row in ranked[:MOST_ROWS]}
    return [row for row in rows if id(row) in chosen]


def _fill(rows: Sequence[_Row]) -> list[list[str]]:
    """Return the table with its head, without the columns that have no value in any row."""
    heads = [head for head in _COLUMNS if any(row.cells.get(head, _NONE) != _NONE for row in rows)]
    return [heads, *([row.cells.get(head, _NONE) for head in heads] for row in rows)]
