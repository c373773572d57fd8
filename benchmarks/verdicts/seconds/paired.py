"""A replay against a replay of the same recording: rounds are paired, the ratio is exact, and what changed is seen.

Both waited for the same recorded latencies, or in virtual time for the same simulated ones. A difference is the code's:
how requests overlap, what is waited for between them, or the client's own CPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.verdicts.seconds.ratios import Ratio
from fixtures.clock.schedule import find_overlap
from fixtures.run.record.benchmark import Benchmark

_HALF = 0.5
"""The share of a difference from which on it is attributed to one thing."""
_LEAST_CHANGE = 0.01
"""The change of the median round, as a share, below which another round is the one that differs."""


def is_same_recording(now: Benchmark, then: Benchmark) -> bool:
    """Tell whether two replays are of one and the same recording, in as many rounds."""
    return (
        now.record.recorded_at == then.record.recorded_at
        and now.record.recorded_seconds == then.record.recorded_seconds
        and len(now.seconds) == len(then.seconds)
    )


def find_paired_ratio(now: Benchmark, then: Benchmark) -> Ratio:
    """Return the ratio of all rounds' seconds, which is exact and so is its own interval."""
    value = sum(now.seconds) / sum(then.seconds)
    return Ratio(value, value, value)


@dataclass(frozen=True)
class _MedianRound:
    """The median round, as its requests show it."""

    seconds: float
    """The seconds of the whole round."""
    busy: float
    """Seconds with at least one request under way."""
    overlap: float
    """The mean number of requests under way while there are any."""
    most: int
    """The largest number of requests under way."""
    cpu_seconds: float
    """CPU seconds of the client."""

    @property
    def idle(self) -> float:
        """Seconds without any request under way."""
        return self.seconds - self.busy


def find_cause(now: Benchmark, then: Benchmark) -> str:
    """Return in a clause what made the median round take another time: the client's CPU, or waiting, and for what."""
    after, before = _observe_median_round(now), _observe_median_round(then)
    change = after.seconds - before.seconds
    if abs(change) < before.seconds * _LEAST_CHANGE:
        return _name_worst_round(now.seconds, then.seconds)
    if (after.cpu_seconds - before.cpu_seconds) / change >= _HALF:
        return f"client CPU: {after.cpu_seconds:.2f} s a round instead of {before.cpu_seconds:.2f} s"
    if (after.idle - before.idle) / change >= _HALF:
        return f"waiting: {after.idle:.2f} s a round without any request under way instead of {before.idle:.2f} s"
    if round(after.overlap, 1) != round(before.overlap, 1):
        return (
            f"waiting: {after.overlap:.1f} requests at a time on average instead of {before.overlap:.1f} "
            f"(at most {after.most} instead of {before.most})"
        )
    return "waiting: the requests follow each other in another order"


def _name_worst_round(now: Sequence[float], then: Sequence[float]) -> str:
    ratios = [after / before for after, before in zip(now, then, strict=True)]
    worst = max(range(len(ratios)), key=lambda index: abs(ratios[index] - 1))
    return f"not in the median round; most in round {worst + 1} ({ratios[worst]:.2f} times its seconds)"


def _observe_median_round(benchmark: Benchmark) -> _MedianRound:
    spans = [(span.start, span.end) for span in benchmark.record.spans]
    seen = find_overlap(spans)
    in_flight = sum(end - start for start, end in spans)
    return _MedianRound(
        seconds=benchmark.seconds[benchmark.median_round],
        busy=seen.busy,
        overlap=in_flight / seen.busy if seen.busy else 0.0,
        most=seen.most,
        cpu_seconds=benchmark.record.client_cpu_seconds,
    )
