"""The tables of a report for the page and Markdown, and the formats of cells that the terminal uses too.

All functions take strategies that ran on the same images and model, as a mapping from strategy to benchmark.
"""

from collections.abc import Mapping, Sequence
from statistics import quantiles

from benchmarks.history.groups import REFERENCE, find_reference
from benchmarks.verdicts.answers.agreement import find_agreements
from benchmarks.verdicts.answers.contest import compare_answers
from benchmarks.verdicts.answers.share import format_with_interval
from benchmarks.verdicts.contest import Winners, compare_strategies, find_winning_strategies, make_caveat, make_head
from benchmarks.verdicts.frontier import describe_frontier, find_strategy_frontier
from benchmarks.verdicts.verdict import HEAD, Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import has_simulated_answers
from fixtures.run.record.record import Record
from fixtures.text import amounts
from fixtures.text.amounts import format_dollars, format_money
from fixtures.text.tables import Table

_FRONTIER_COLUMNS = {
    "strategy": "{strategy}",
    "seconds (median)": "{median}",
    "range": "{range}",
    "cost": "{cost}",
    "right (95 %)": "{right}",
}
"""The columns of the frontier, each with the template of its cells."""
TAILS = {95: 20, 99: 100}
"""The percentiles of rounds that are shown, each with the number of rounds it needs."""
INCOMPLETE = " (incomplete)"
"""The mark of a strategy with missing answers."""
TIED = "\N{DAGGER}"
"""The mark of the best of a column and of those tied with it."""
_WHOLE = 10
"""The images per minute from which decimals are left out."""
_AGAINST = "speedup against {reference}"
"""The head of the column of ratios of seconds."""
_ANSWER_COLUMNS = {
    "per right answer": "{cost_per_right}",
    "right (95 %)": "{right}",
    "off by": "{error}",
    "agreement (95 %)": "{agreement}",
}
"""The columns about the answers; those without a value in any row are left out."""
_COLUMNS = {
    "strategy": "{strategy}",
    "seconds (median)": "{fastest}{median}",
    "range": "{range}",
    "rounds": "{rounds}",
    _AGAINST: "{against}",
    "images per minute": "{rate}",
    "cost": "{cheapest}{cost}",
    "per 1,000 images": "{cost_per_thousand}",
    **_ANSWER_COLUMNS,
    "right (95 %)": "{most_right}{right}",
    "fully right": "{exact}",
}
"""The columns of the final comparison on a page, each with the template of its cells."""
_REQUEST_COLUMNS = {
    "strategy": "{strategy}",
    "settings": "{settings}",
    "requests": "{requests}",
    "retries": "{retries}",
    "first token": "{first_token}",
    "tokens": "{tokens}",
    "images without an answer": "{missing}",
}
"""The columns about requests on a page, each with the template of its cells."""
_OPTIONAL = {*_ANSWER_COLUMNS, "fully right", "settings", "first token"}
"""The columns that are left out if they have no value in any row."""


def make_final_table(benchmarks: Mapping[str, Benchmark], winners: Winners | None = None) -> Table:
    """Return the comparison of the strategies as a table for a page, with the best of each column and its ties marked.

    `winners` can be given if they are already known; they are computed otherwise.
    """
    winners = winners or find_winning_strategies(benchmarks)
    caption = "Final comparison (cost and errors of the median round, right answers of all rounds)"
    ties = find_ties(winners)
    head, *rows = _make_final_rows(benchmarks, _COLUMNS, ties)
    return Table(". ".join([caption, *_explain_ties(winners, ties)]), head, rows)


def make_request_table(benchmarks: Mapping[str, Benchmark]) -> Table:
    """Return the requests, tokens and settings of each strategy as a table for a page."""
    head, *rows = _make_final_rows(benchmarks, _REQUEST_COLUMNS)
    return Table("Requests and tokens of the median round", head, rows)


def find_ties(winners: Winners) -> dict[str, list[str]]:
    """Return the names of the fastest, cheapest and most right strategies; empty lists if nothing was compared."""
    best = {"fastest": winners.fastest, "cheapest": winners.cheapest, "most_right": winners.most_right}
    is_alone = len(winners.contestants) <= 1
    return {name: [] if is_alone or each.lack else each.names for name, each in best.items()}


def _explain_ties(winners: Winners, ties: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the sentences about the marks: their meaning, and the columns without marks."""
    if len(winners.contestants) <= 1:
        return []
    best = {"Seconds": winners.fastest, "Right answers": winners.most_right}
    lacking = [f"{column} have no marks, because {each.lack}" for column, each in best.items() if each.lack]
    meaning = f"{TIED} marks the best of a column and those tied with it (the difference may be chance)"
    return [*([meaning] if any(ties.values()) else []), *lacking]


def _make_final_rows(
    benchmarks: Mapping[str, Benchmark], columns: Mapping[str, str], ties: Mapping[str, Sequence[str]] | None = None
) -> list[list[str]]:
    """Return the head and a row per strategy, without the optional columns that are empty in all rows.

    `ties` has the names of the strategies to mark, as returned by `find_ties`.
    """
    reference, agreements = find_reference(benchmarks), find_agreements(benchmarks)
    against = None if reference is None else benchmarks[reference]
    cells = [
        _format_cells(benchmark, against)
        | {"agreement": _format_agreement(benchmark.record, agreements.get(name))}
        | {kind: f"{TIED} " if name in names else "" for kind, names in (ties or {}).items()}
        for name, benchmark in benchmarks.items()
    ]
    shown = {
        name: template
        for name, template in columns.items()
        if name not in _OPTIONAL or any(template.format_map(each) != "-" for each in cells)
    }
    head = [name.format(reference=reference or REFERENCE) for name in shown]
    return [head, *([template.format_map(each) for template in shown.values()] for each in cells)]


def _format_cells(benchmark: Benchmark, reference: Benchmark | None) -> dict[str, str]:
    """Return all cells of a benchmark, by the names that the templates of the columns use."""
    record = benchmark.record
    settings = ", ".join(f"{name} {value}" for name, value in record.settings.items())
    return {
        "strategy": name_contender(record),
        "settings": settings or "-",
        "median": f"{benchmark.median:.2f}",
        "range": format_range(benchmark.seconds),
        "rounds": str(len(benchmark.seconds)),
        "against": _compare_medians(benchmark, reference),
        "requests": f"{record.requests:,}",
        "retries": f"{record.retries} (waited {record.backoff_seconds:.1f} s)" if record.retries else "0",
        "first_token": "-" if record.first_token_seconds is None else f"{record.first_token_seconds:.2f} s",
        "tokens": "unknown" if record.total_tokens is None else f"{record.total_tokens:,}",
        "cost": "unknown" if record.cost_usd is None else format_dollars(record.cost_usd),
        "cost_per_right": format_cost_per_right(record),
        "cost_per_thousand": format_money(None if record.cost_usd is None else 1000 * record.cost_usd / record.images),
        "rate": format_rate(benchmark),
        "right": _format_right(record),
        "error": format_error(record),
        "exact": f"{record.exact} of {record.judged}" if record.judged else "-",
        "missing": str(len(record.errors)),
    }


def name_contender(record: Record) -> str:
    """Return the name of a strategy with its settings, marked if answers are missing."""
    return f"{record.label}{INCOMPLETE}" if record.errors else record.label


def format_range(seconds: Sequence[float]) -> str:
    """Return the range of the rounds in seconds, and the percentiles for which there are enough rounds."""
    tails = [
        f", p{percent} {quantiles(seconds, n=100, method='inclusive')[percent - 1]:.2f}"
        for percent, least in TAILS.items()
        if len(seconds) >= least
    ]
    return f"{min(seconds):.2f} to {max(seconds):.2f}{''.join(tails)}"


def format_rate(benchmark: Benchmark) -> str:
    """Return the images per minute of a strategy, from its median."""
    rate = 60 * benchmark.record.images / benchmark.median
    return f"{rate:,.{0 if rate >= _WHOLE else 1}f}"


def _compare_medians(benchmark: Benchmark, reference: Benchmark | None) -> str:
    if reference is None or benchmark is reference or benchmark.record.errors:
        return "-"
    return f"{reference.median / benchmark.median:.2f}"


def _format_agreement(record: Record, agreement: float | None) -> str:
    """Return the agreement of a strategy with the reference; a dash if truths are known or there is no reference."""
    if agreement is None or record.judged:
        return "-"
    return format_with_interval(agreement, record.images)


def _format_right(record: Record) -> str:
    """Return the share of right answers; a dash if no truth is known or no image was answered."""
    is_known = record.right is not None and len(record.errors) < record.images
    return format_with_interval(record.right or 0.0, record.judged) if is_known else "-"


def format_error(record: Record) -> str:
    """Return the mean absolute error of the answers, or a dash if it is not known."""
    return "-" if record.mean_absolute_error is None else amounts.format_error(record.mean_absolute_error)


def format_cost_per_right(record: Record) -> str:
    """Return the cost per right answer: the total cost, divided by the images times the share that is right.

    It is a dash if answers are missing, because images without an answer cost nothing.
    """
    if record.cost_usd is None or record.right is None or record.errors:
        return "-"
    return format_dollars(record.cost_usd / (record.images * record.right)) if record.right else "none right"


def make_verdict_table(verdicts: Sequence[Verdict]) -> Table | None:
    """Return the verdicts against the stored runs; None if nothing was compared."""
    return _make_table_of_verdicts("Faster or slower than the stored runs?", verdicts)


def make_contest_table(benchmarks: Mapping[str, Benchmark]) -> Table | None:
    """Return the verdicts of the strategies against the reference in a live session; None for a replay."""
    found = compare_strategies(benchmarks)
    caption = f"Faster or slower {make_head(benchmarks)[0]}? {make_caveat(found)}"
    return _make_table_of_verdicts(caption, found)


def make_answer_table(benchmarks: Mapping[str, Benchmark]) -> Table | None:
    """Return the comparison of the strategies' answers; None if there are too few images to show a difference."""
    found = compare_answers(benchmarks)
    return found.make_table() if found is not None and found.shows_any else None


def make_frontier_table(benchmarks: Mapping[str, Benchmark]) -> Table | None:
    """Return the strategies and settings that no other one beats; None if there are fewer than three."""
    found = [benchmarks[each.name] for each in find_strategy_frontier(benchmarks)]
    if not found:
        return None
    simulated = "; the answers are simulated" if has_simulated_answers(found[0].record) else ""
    caption = f"{describe_frontier(benchmarks)}; a difference between two of them may be chance{simulated}"
    head, *rows = _make_final_rows({each.record.label: each for each in found}, _FRONTIER_COLUMNS)
    return Table(caption, head, rows)


def _make_table_of_verdicts(caption: str, verdicts: Sequence[Verdict]) -> Table | None:
    rows = [[*each.row, "; ".join([*(f"grown: {what}" for what in each.grown), *each.notes])] for each in verdicts]
    return Table(caption, ["strategy", *HEAD[1:], "notes"], rows) if rows else None


def make_error_table(benchmarks: Mapping[str, Benchmark]) -> Table | None:
    """Return the reasons why images have no answer; None if all have one."""
    rows = [
        [name, image, reason]
        for name, benchmark in benchmarks.items()
        for image, reason in benchmark.record.errors.items()
    ]
    head = ["strategy", "image", "reason"]
    return Table("Images without an answer in the median round", head, rows) if rows else None


def make_provenance_table(benchmarks: Mapping[str, Benchmark]) -> Table:
    """Return the origin of each strategy's figures: timing, source, date, model version, SDK and prices."""
    head = ["strategy", "timing", "source", "recorded at", "answered by", "SDK", "prices as of"]
    return Table(
        "Where the figures come from",
        head,
        [_make_provenance_row(benchmark.record) for benchmark in benchmarks.values()],
    )


def _make_provenance_row(record: Record) -> list[str]:
    return [
        record.label,
        record.timing,
        record.source,
        record.recorded_at or "unknown",
        record.model_version or "not reported",
        record.sdk,
        record.priced_on.isoformat(),
    ]
