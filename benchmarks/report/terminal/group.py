"""The summary of a group of strategies in the terminal: the advice, the table, and the limits of both."""

from collections.abc import Sequence

from benchmarks.report.consistency import describe_lack_of_truth
from benchmarks.report.sentences.advice import describe_advice, describe_left_out, describe_models
from benchmarks.report.sentences.model_settings import describe_model_settings
from benchmarks.report.sentences.remarks import describe_kept_time, describe_projections, list_warnings
from benchmarks.report.terminal.comparison import compare_in_table
from benchmarks.report.terminal.details import list_details
from benchmarks.report.terminal.line import Line, make_sentences
from benchmarks.verdicts.contest import find_winning_strategies, place_incomplete_last
from benchmarks.verdicts.verdict import Verdict, explain_verdicts
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_provenance, describe_provenance_briefly
from fixtures.text.words import format_count

MOST_WARNINGS = 4
"""The largest number of warnings about strategies that are printed without `-v`."""


def describe_group(
    benchmarks: Sequence[Benchmark], verdicts: Sequence[Verdict] = (), *, width: int = 80, is_verbose: bool = False
) -> list[Line]:
    """Return the lines about strategies that ran on the same images and model, of which there is at least one.

    `verdicts` are those of the group against the stored runs; `width` is that of the terminal in characters.
    """
    by_strategy = place_incomplete_last({benchmark.record.label: benchmark for benchmark in benchmarks})
    winners = find_winning_strategies(by_strategy)
    records = [benchmark.record for benchmark in by_strategy.values()]
    table = compare_in_table(by_strategy, winners, verdicts, None if is_verbose else width)
    sentences = (
        *explain_verdicts(verdicts),
        *describe_left_out(winners),
        *describe_model_settings(by_strategy),
        *describe_projections(by_strategy),
        *describe_kept_time(by_strategy),
        describe_provenance(records) if is_verbose else describe_provenance_briefly(records),
        *describe_models(records),
    )
    return [
        *make_sentences([describe_advice(winners, by_strategy)], bold=True),
        *table,
        *make_sentences(_shorten(list_warnings(by_strategy), None if is_verbose else MOST_WARNINGS), yellow=True),
        *(list_details(by_strategy, winners, verdicts) if is_verbose else []),
        *make_sentences(describe_lack_of_truth(by_strategy)),
        *make_sentences(sentences),
    ]


def _shorten(warnings: Sequence[str], most: int | None) -> list[str]:
    """Return the first `most` warnings and a line with the number of the others; all if `most` is None."""
    left_out = [] if most is None else warnings[most:]
    return [*warnings[:most], *([f"{format_count(len(left_out), 'more warning')} with -v."] if left_out else [])]
