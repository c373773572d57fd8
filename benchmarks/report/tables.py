"""The tables of a report, the same cells for terminal, page, Markdown and CSV, and which images they show.

All of it is about strategies that ran on the same images and model, given as benchmarks by strategy.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import quantiles

from benchmarks.verdicts.contest import CAVEAT, compare_strategies, make_head
from benchmarks.verdicts.verdict import HEAD, Verdict
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record
from fixtures.text.amounts import format_dollars, format_known
from fixtures.text.tables import Table

IMAGES_SHOWN = 20
"""The most images that a table or a figure shows: those with the largest errors."""
TAILS = {95: 20, 99: 100}
"""The percentiles of rounds that are shown, and the number of rounds that each takes."""
CSV_HEAD = [
    *("model", "image_set", "timing", "source", "strategy", "round", "seconds", "image", "people", "answer"),
    "median_round_error",
]
"""The names of the columns of `list_csv_rows`."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet takes for a formula (OWASP, CSV Injection)."""
_SHORT_COLUMNS = {
    "strategy": "{strategy}",
    "seconds: median (range)": "{median} ({range})",
    "rounds": "{rounds}",
    "against sequential": "{against}",
    "requests": "{requests}",
    "tokens": "{tokens}",
    "cost": "{cost}",
    "off by": "{error}",
}
"""The columns of the final comparison in a terminal, and which of the cells each shows."""
_COLUMNS = {
    "strategy": "{strategy}{settings}",
    "seconds (median)": "{median}",
    "range": "{range}",
    "rounds": "{rounds}",
    "against sequential": "{against}",
    "requests": "{requests}",
    "retries": "{retries}",
    "first token": "{first_token}",
    "tokens": "{tokens}",
    "cost": "{cost}",
    "mean absolute error": "{error}",
    "exact": "{exact}",
    "missing": "{missing}",
}
"""The columns of the final comparison on a page, and which of the cells each shows."""


def make_short_final_rows(benchmarks: Mapping[str, Benchmark]) -> list[list[str]]:
    """Return what each strategy took as rows for a terminal, the head first."""
    return [list(_SHORT_COLUMNS), *_make_final_rows(benchmarks, _SHORT_COLUMNS.values())]


def make_final_table(benchmarks: Mapping[str, Benchmark]) -> Table:
    """Return what each strategy took as a table for a page."""
    caption = "Final comparison (answers, tokens and cost are those of the median round)"
    return Table(caption, list(_COLUMNS), _make_final_rows(benchmarks, _COLUMNS.values()))


def _make_final_rows(benchmarks: Mapping[str, Benchmark], columns: Iterable[str]) -> list[list[str]]:
    sequential = benchmarks.get("sequential")
    cells = [_format_cells(benchmark, sequential) for benchmark in benchmarks.values()]
    return [[column.format_map(each) for column in columns] for each in cells]


def _format_cells(benchmark: Benchmark, sequential: Benchmark | None) -> dict[str, str]:
    """Return all that a final comparison can show of a benchmark, by the names that the columns have for it."""
    record = benchmark.record
    settings = ", ".join(f"{name} {value}" for name, value in record.settings.items())
    return {
        "strategy": record.strategy,
        "settings": f" ({settings})" if settings else "",
        "median": f"{benchmark.median:.2f}",
        "range": format_range(benchmark.seconds),
        "rounds": str(len(benchmark.seconds)),
        "against": _compare_medians(benchmark, sequential),
        "requests": f"{record.requests:,}",
        "retries": f"{record.retries} (waited {record.backoff_seconds:.1f} s)" if record.retries else "0",
        "first_token": "-" if record.first_token_seconds is None else f"{record.first_token_seconds:.2f} s",
        "tokens": "unknown" if record.total_tokens is None else f"{record.total_tokens:,}",
        "cost": "unknown" if record.cost_usd is None else format_dollars(record.cost_usd),
        "error": format_error(record),
        "exact": _format_exact(record),
        "missing": str(len(record.errors)),
    }


def format_range(seconds: Sequence[float]) -> str:
    """Return the range of rounds in seconds, and percentiles where there are enough rounds to have them."""
    tails = [
        f", p{percent} {quantiles(seconds, n=100, method='inclusive')[percent - 1]:.2f}"
        for percent, least in TAILS.items()
        if len(seconds) >= least
    ]
    return f"{min(seconds):.2f} to {max(seconds):.2f}{''.join(tails)}"


def _compare_medians(benchmark: Benchmark, reference: Benchmark | None) -> str:
    if reference is None or benchmark is reference:
        return "-"
    ratio = reference.median / benchmark.median
    return f"{ratio:.2f} times faster" if ratio >= 1 else f"{1 / ratio:.2f} times slower"


def format_error(record: Record) -> str:
    """Return by how many people an image the answers are off on average, or a dash where that is not known."""
    return format_known(record.mean_absolute_error, ".1f")


def _format_exact(record: Record) -> str:
    return f"{record.exact} of {len(record.people)}" if record.people else "-"


def list_worst_images(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return the names of all images, those with the largest errors first, before them those without an answer."""
    records = [benchmark.record for benchmark in benchmarks.values()]
    return sorted(records[0].answers, key=lambda image: _find_largest_error(image, records), reverse=True)


def _find_largest_error(image: str, records: Sequence[Record]) -> int:
    answers = [record.answers.get(image) for record in records]
    numbers = [answer for answer in answers if answer is not None]
    if len(numbers) < len(answers):
        return sys.maxsize
    return max(abs(number - records[0].people.get(image, number)) for number in numbers)


def make_short_consistency_rows(benchmarks: Mapping[str, Benchmark]) -> list[list[str]]:
    """Return each strategy's numbers beside the true ones as rows for a terminal, in the images' order, the head first.

    Of many images the worst are shown.
    """
    records = [benchmark.record for benchmark in benchmarks.values()]
    worst = set(list_worst_images(benchmarks)[:IMAGES_SHOWN])
    return [
        ["people counted (median round)", "true", *benchmarks],
        *(_make_image_row(image, records) for image in records[0].answers if image in worst),
        _make_error_row(records),
    ]


def make_consistency_table(benchmarks: Mapping[str, Benchmark]) -> Table:
    """Return each strategy's numbers beside the true ones as a table for a page, the worst images first.

    Where rounds differ, the range of their numbers is added.
    """
    records, images = [benchmark.record for benchmark in benchmarks.values()], list_worst_images(benchmarks)
    more = f"; the {IMAGES_SHOWN} worst of {len(images)} images, the rest is in the CSV"
    return Table(
        f"Consistency check (median round, and the range over rounds{more if len(images) > IMAGES_SHOWN else ''})",
        ["image", "true", *benchmarks],
        [
            *(_make_image_row(image, records, with_range=True) for image in images[:IMAGES_SHOWN]),
            ["exact counts", "", *map(_format_exact, records)],
            _make_error_row(records),
        ],
    )


def _make_image_row(image: str, records: Sequence[Record], *, with_range: bool = False) -> list[str]:
    ranges = [_format_round_range(record, image) if with_range else "" for record in records]
    numbers = [format_known(record.answers.get(image)) for record in records]
    cells = [f"{number}{rounds}" for number, rounds in zip(numbers, ranges, strict=True)]
    return [image, format_known(records[0].people.get(image)), *cells]


def _make_error_row(records: Sequence[Record]) -> list[str]:
    return ["mean absolute error", "", *map(format_error, records)]


def _format_round_range(record: Record, image: str) -> str:
    """Return the range of the numbers of all rounds in parentheses; nothing where they are alike or there are none."""
    answers = [each.get(image) for each in record.answers_by_round]
    numbers = [answer for answer in answers if answer is not None]
    missing = f", {answers.count(None)} missing" if numbers and None in answers else ""
    if not numbers or (min(numbers) == max(numbers) and not missing):
        return ""
    return f" ({min(numbers)} to {max(numbers)}{missing})"


def make_verdict_table(verdicts: Sequence[Verdict]) -> Table | None:
    """Return the verdicts against the stored runs; None where nothing was compared."""
    return _make_table_of_verdicts("Faster or slower than the stored runs?", verdicts)


def make_contest_table(benchmarks: Mapping[str, Benchmark]) -> Table | None:
    """Return the verdicts of one strategy against another in a live session; None of a replay."""
    found = compare_strategies(benchmarks)
    caption = f"Faster or slower {make_head(benchmarks)[0]}? {CAVEAT.format(count=len(found))}"
    return _make_table_of_verdicts(caption, found)


def _make_table_of_verdicts(caption: str, verdicts: Sequence[Verdict]) -> Table | None:
    rows = [[*each.row, "; ".join([*(f"grown: {what}" for what in each.grown), *each.notes])] for each in verdicts]
    return Table(caption, ["strategy", *HEAD[1:], "why, or what it takes"], rows) if rows else None


def make_error_table(benchmarks: Mapping[str, Benchmark]) -> Table | None:
    """Return why images have no number; None where all have one."""
    rows = [
        [name, image, reason]
        for name, benchmark in benchmarks.items()
        for image, reason in benchmark.record.errors.items()
    ]
    return Table("Images without a number in the median round", ["strategy", "image", "why"], rows) if rows else None


def make_provenance_table(benchmarks: Mapping[str, Benchmark]) -> Table:
    """Return where each strategy's figures come from."""
    head = ["strategy", "timing", "source", "recorded at", "answered by", "SDK", "prices as of"]
    return Table("Provenance", head, [_make_provenance_row(benchmark.record) for benchmark in benchmarks.values()])


def _make_provenance_row(record: Record) -> list[str]:
    return [
        record.strategy,
        record.timing,
        record.source,
        record.recorded_at or "unknown",
        record.model_version or "not told",
        record.sdk,
        record.priced_on.isoformat(),
    ]


def list_csv_rows(benchmarks: Mapping[str, Benchmark]) -> Iterator[list[str | int | float | None]]:
    """Yield a row for each strategy, round and image; text that a spreadsheet would compute follows an apostrophe."""
    for benchmark in benchmarks.values():
        record = benchmark.record
        for number, (seconds, answers) in enumerate(
            zip(benchmark.seconds, record.answers_by_round, strict=True), start=1
        ):
            for image, answer in answers.items():
                about = [record.model, record.image_set, record.timing, record.source, record.strategy]
                true, error = record.people.get(image), record.errors.get(image, "")
                yield [_quote_formula(each) for each in (*about, number, round(seconds, 6), image, true, answer, error)]


def _quote_formula(cell: str | float | None) -> str | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
