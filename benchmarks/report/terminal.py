"""What a run shows in the terminal of a group of strategies: what each took, which win, and what to use."""

from collections.abc import Sequence

from benchmarks.report.caching import describe_cached
from benchmarks.report.consistency import IMAGES_SHOWN, describe_lack_of_truth, make_short_consistency_rows
from benchmarks.report.model_settings import describe_model_settings
from benchmarks.report.sentences import (
    describe_advice,
    describe_kept_time,
    describe_models,
    describe_virtual_time,
    describe_winners,
    list_remarks,
)
from benchmarks.report.tables import make_short_final_rows
from benchmarks.verdicts.answers.contest import describe_answer_contest
from benchmarks.verdicts.contest import describe_contest, find_winning_strategies, place_incomplete_last
from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.provenance import describe_provenance
from fixtures.text.tables import format_table


def describe_group(benchmarks: Sequence[Benchmark]) -> list[str]:
    """Return the lines about strategies that ran on the same images and model, at least one."""
    by_strategy = place_incomplete_last({benchmark.record.label: benchmark for benchmark in benchmarks})
    winners = find_winning_strategies(by_strategy)
    records = [benchmark.record for benchmark in by_strategy.values()]
    images = len(records[0].answers)
    left_out = f"({IMAGES_SHOWN} of {images} images shown, those with the largest errors)"
    return [
        describe_provenance(records),
        *describe_models(records),
        "",
        *format_table(make_short_final_rows(by_strategy)),
        "",
        *format_table(make_short_consistency_rows(by_strategy)),
        *([left_out] if images > IMAGES_SHOWN else []),
        *describe_lack_of_truth(by_strategy),
        *list_remarks(by_strategy),
        *describe_cached(by_strategy),
        "",
        *describe_winners(winners, by_strategy),
        *describe_model_settings(by_strategy),
        *describe_contest(by_strategy),
        *describe_answer_contest(by_strategy),
        *describe_kept_time(by_strategy),
        *describe_virtual_time(by_strategy),
        describe_advice(winners, by_strategy),
    ]
