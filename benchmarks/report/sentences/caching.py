"""The sentences about the provider's cache: the rounds that read parts of their prompts from it."""

from collections.abc import Mapping

from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record


def describe_cached(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return a sentence for each benchmark, given by name, that read tokens of its prompts from a cache."""
    return [
        f"{name}: prompt tokens were read from {_name_cache(benchmark.record)}: "
        f"{_list_rounds(benchmark.record)}. They cost less and may make these rounds faster."
        for name, benchmark in benchmarks.items()
        if benchmark.record.cached_by_round
    ]


def _name_cache(record: Record) -> str:
    return "the simulator's cache" if record.source.startswith("simulator") else "the provider's cache"


def _list_rounds(record: Record) -> str:
    return ", ".join(
        f"{'an unknown number' if count is None else f'{count:,}'} in round {number}"
        for number, count in enumerate(record.cached_by_round, start=1)
        if count != 0
    )
