"""The rows of `rows.csv`: one per strategy, round and image."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fixtures.models.model_settings import make_settings
from fixtures.run.record.benchmark import Benchmark

CSV_HEAD = [
    *("model", "image_set", "timing", "source", "strategy", "settings", "round", "seconds", "image", "truth", "answer"),
    *("right", "median_round_error"),
]
"""The names of the columns of `list_csv_rows`."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""The characters at the start of a text that make spreadsheets read it as a formula (OWASP, CSV Injection)."""


def list_csv_rows(benchmarks: Mapping[str, Benchmark]) -> Iterator[list[str | int | float | None]]:
    """Yield a row for each strategy, round and image; an apostrophe is put before text that looks like a formula."""
    for benchmark in benchmarks.values():
        record = benchmark.record
        kind = record.kind
        for number, (seconds, answers) in enumerate(
            zip(benchmark.seconds, record.answers_by_round, strict=True), start=1
        ):
            for image, answer in answers.items():
                settings = make_settings(record.model_settings).name
                about = [record.model, record.image_set, record.timing, record.source, record.strategy, settings]
                true, error = record.truth.get(image), record.errors.get(image, "")
                right = None if true is None else 0.0 if answer is None else round(kind.score(answer, true), 6)
                cells = (
                    *about,
                    number,
                    round(seconds, 6),
                    image,
                    _write_value(true),
                    _write_value(answer),
                    right,
                    error,
                )
                yield [_quote_formula(each) for each in cells]


def _write_value(value: Any) -> str | float | None:
    """Return an answer as a cell: numbers and texts as they are, anything else as JSON."""
    return value if value is None or isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def _quote_formula(cell: str | float | None) -> str | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
