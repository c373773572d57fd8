"""The frontier: the contestants that are Pareto-optimal in time, cost and right answers."""

from collections.abc import Mapping, Sequence

from benchmarks.verdicts.contest import Contestant, find_winners, list_contestants
from fixtures.run.record.benchmark import Benchmark
from fixtures.text.words import join_words

LEAST = 3
"""The minimum number of contestants: of fewer, the frontier repeats the fastest, the cheapest and the most right."""


def find_frontier(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Return the contestants that no other one beats, the fastest first.

    One beats another if it is at least as good in time, cost and right answers, and better in one of them. Amounts
    that are unknown for either are ignored. Differences are not tested and may be chance.
    """
    unbeaten = [each for each in contestants if not any(_beats(other, each) for other in contestants)]
    return sorted(unbeaten, key=lambda each: each.seconds)


def name_dimensions(contestants: Sequence[Contestant]) -> str:
    """Return in words what is known of these contestants and can be compared: `time and cost`."""
    return join_words(_list_dimensions(contestants))


def describe_frontier(benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the clause with the number of contenders on the frontier, and what that means."""
    found, among = find_strategy_frontier(benchmarks), find_winners(list_contestants(benchmarks)).contestants
    which = "1 is" if len(found) == 1 else f"{len(found)} are"
    counted = f"Of {len(among)} contenders, {which}" if len(found) < len(among) else f"All {len(among)} contenders are"
    known = _list_dimensions(among)
    better = f"at least as good in {join_words(known)} and better in one of them" if len(known) > 1 else "faster"
    return f"{counted} Pareto-optimal: no other is {better}"


def find_strategy_frontier(benchmarks: Mapping[str, Benchmark]) -> list[Contestant]:
    """Return the frontier of the benchmarks of a group, given by label; empty for fewer than `LEAST` contestants.

    Benchmarks with missing answers or extrapolated times are left out.
    """
    contestants = find_winners(list_contestants(benchmarks)).contestants
    return find_frontier(contestants) if len(contestants) >= LEAST else []


def _list_dimensions(contestants: Sequence[Contestant]) -> list[str]:
    known = {
        "time": True,
        "cost": any(each.cost_usd is not None for each in contestants),
        "right answers": any(each.right is not None for each in contestants),
    }
    return [name for name, is_known in known.items() if is_known]


def _beats(one: Contestant, other: Contestant) -> bool:
    known = [
        (mine, yours)
        for mine, yours in (
            (one.seconds, other.seconds),
            (one.cost_usd, other.cost_usd),
            (_negate(one.right), _negate(other.right)),
        )
        if mine is not None and yours is not None
    ]
    return all(mine <= yours for mine, yours in known) and any(mine < yours for mine, yours in known)


def _negate(share: float | None) -> float | None:
    return None if share is None else -share
