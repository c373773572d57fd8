"""What is told of the provider's cache: which rounds read parts of their prompts from it."""

from collections.abc import Mapping

from fixtures.run.record.benchmark import Benchmark
from fixtures.run.record.record import Record


def describe_cached(benchmarks: Mapping[str, Benchmark]) -> list[str]:
    """Return a sentence for each benchmark, given by name, of whose prompts tokens were read from a cache."""
    return [
        f"{name}: tokens of prompts were read from {_name_cache(benchmark.record)}: "
        f"{_list_rounds(benchmark.record)}. They cost less, and these rounds may be faster for it."
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
