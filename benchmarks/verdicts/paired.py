"""A replay against a replay of the same recording: rounds are paired, the ratio is exact, and what changed is seen.

Both waited for the same recorded latencies, or in virtual time for the same simulated ones. A difference is the code's:
how requests overlap, what is waited for between them, or the client's own CPU.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from benchmarks.verdicts.ratios import Ratio
from fixtures.clock.schedule import overlap
from fixtures.run.rounds import median_index, to_three_digits

Benchmark = Mapping[str, Any]
"""As pytest-benchmark stores it: `extra_info` and `stats`."""


def same_recording(now: Benchmark, then: Benchmark) -> bool:
    """Tell whether two replays are of one and the same recording."""
    names = ("recorded_at", "recorded_seconds")
    return all(now["extra_info"][name] == then["extra_info"][name] for name in names) and len(
        now["stats"]["data"]
    ) == len(then["stats"]["data"])


def paired_ratio(now: Benchmark, then: Benchmark) -> Ratio:
    """Return the ratio of all rounds' seconds, and those of the rounds that differ least and most."""
    pairs = list(zip(now["stats"]["data"], then["stats"]["data"], strict=True))
    ratios = [after / before for after, before in pairs]
    return Ratio(fmean(after for after, _ in pairs) / fmean(before for _, before in pairs), min(ratios), max(ratios))


@dataclass(frozen=True)
class _Round:
    """The median round, as its requests show it."""

    seconds: float
    busy: float
    """Seconds with at least one request under way."""
    overlap: float
    """Requests under way at a time, on average while there are any."""
    most: int
    """Requests under way at a time, at most."""
    cpu: float

    @property
    def idle(self) -> float:
        """Seconds without any request under way."""
        return self.seconds - self.busy


def cause(now: Benchmark, then: Benchmark) -> str:
    """Say what made the median round take another time: the client's CPU, or waiting, and for what."""
    after, before = _seen(now), _seen(then)
    change = after.seconds - before.seconds
    if abs(change) < before.seconds / 100:
        return _single_round(now["stats"]["data"], then["stats"]["data"])
    if (after.cpu - before.cpu) / change >= 0.5:  # noqa: PLR2004 - half of it
        return f"client CPU: {after.cpu:.2f} s a round instead of {before.cpu:.2f} s"
    if (after.idle - before.idle) / change >= 0.5:  # noqa: PLR2004
        return f"waiting: {after.idle:.2f} s a round without any request under way instead of {before.idle:.2f} s"
    if round(after.overlap, 1) != round(before.overlap, 1):
        return (
            f"waiting: {after.overlap:.1f} requests at a time on average instead of {before.overlap:.1f} "
            f"(at most {after.most} instead of {before.most})"
        )
    return "waiting: the requests follow each other in another order"


def _single_round(now: Sequence[float], then: Sequence[float]) -> str:
    ratios = [after / before for after, before in zip(now, then, strict=True)]
    worst = max(range(len(ratios)), key=lambda index: abs(ratios[index] - 1))
    return f"not in the median round; most in round {worst + 1} ({ratios[worst]:.2f} times its seconds)"


def _seen(benchmark: Benchmark) -> _Round:
    info = benchmark["extra_info"]
    # That of the recording is the one whose requests were stored.
    recorded, rounds = info["recorded_seconds"], benchmark["stats"]["data"]
    median = median_index(
        to_three_digits(rounds) if info["timing"] == "virtual" else [each or 0.0 for each in recorded]
    )
    spans = [(start, end) for start, end, _, _ in info["spans"]]
    seen = overlap(spans)
    total = sum(end - start for start, end in spans)
    return _Round(
        rounds[median], seen.busy, total / seen.busy if seen.busy else 0.0, seen.most, info["client_cpu_seconds"]
    )
