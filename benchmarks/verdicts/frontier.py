"""The frontier: those contestants that no other one beats in time, cost and right answers together."""

from collections.abc import Mapping, Sequence

from benchmarks.verdicts.contest import Contestant, find_winners, list_contestants
from fixtures.run.record.benchmark import Benchmark

LEAST = 3
"""The least contestants among which a frontier says more than who is fastest, cheapest and most right."""


def find_frontier(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Return the contestants that no other one beats, the fastest first.

    One beats another that is in nothing better and in something worse, of what is known of both. That goes by the
    figures as they are; a difference between two of them may be chance.
    """
    unbeaten = [each for each in contestants if not any(_beats(other, each) for other in contestants)]
    return sorted(unbeaten, key=lambda each: each.seconds)


def name_dimensions(contestants: Sequence[Contestant]) -> str:
    """Return in words in what these contestants can be compared, as far as it is known: `time and cost together`."""
    known = {
        "time": True,
        "cost": any(each.cost_usd is not None for each in contestants),
        "right answers": any(each.right is not None for each in contestants),
    }
    *first, last = [name for name, is_known in known.items() if is_known]
    return f"{', '.join(first)} and {last} together" if first else last


def describe_frontier(benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the clause that says how many contenders nothing beats, and in what."""
    found, among = find_strategy_frontier(benchmarks), find_winners(list_contestants(benchmarks)).contestants
    beaten = len(among) - len(found)
    if not beaten:
        return f"None of these {len(among)} is beaten by another in {name_dimensions(among)}, by these figures"
    which = "1 is" if len(found) == 1 else f"{len(found)} are"
    return f"Of {len(among)}, {which} beaten by no other in {name_dimensions(among)}, by these figures"


def find_strategy_frontier(benchmarks: Mapping[str, Benchmark]) -> list[Contestant]:
    """Return the frontier of the benchmarks of a group, given by label; empty where they are too few to have one."""
    contestants = find_winners(list_contestants(benchmarks)).contestants
    return find_frontier(contestants) if len(contestants) >= LEAST else []


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
