"""Compare two replays of the same recording: rounds are paired, the ratio is exact, and the cause can be found.

Both replays wait for the same recorded latencies, or in virtual time for the same simulated ones. So a difference
comes from the code: the overlap of requests, waits between them, or the client's CPU time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.verdicts.seconds.ratios import Ratio
from fixtures.clock.schedule import find_overlap
from fixtures.run.record.benchmark import Benchmark

_HALF = 0.5
"""The minimum share of a difference that one cause must explain."""
_LEAST_CHANGE = 0.01
"""The change of the median round, as a share, below which the cause is looked for in another round."""


def is_same_recording(now: Benchmark, then: Benchmark) -> bool:
    """Return whether two replays are of the same recording and have the same number of rounds."""
    return (
        now.record.recorded_at == then.record.recorded_at
        and now.record.recorded_seconds == then.record.recorded_seconds
        and len(now.seconds) == len(then.seconds)
    )


def find_paired_ratio(now: Benchmark, then: Benchmark) -> Ratio:
    """Return the ratio of the total seconds of all rounds; it is exact, so its interval has no width."""
    value = sum(now.seconds) / sum(then.seconds)
    return Ratio(value, value, value)


@dataclass(frozen=True)
class _MedianRound:
    """The requests of the median round."""

    seconds: float
    """Seconds of the whole round."""
    busy: float
    """Seconds with at least one request under way."""
    overlap: float
    """The mean number of requests under way, over the busy seconds."""
    most: int
    """The largest number of requests under way."""
    cpu_seconds: float
    """Seconds of CPU time of the client."""

    @property
    def idle(self) -> float:
        """Seconds without any request under way."""
        return self.seconds - self.busy


def find_cause(now: Benchmark, then: Benchmark) -> str:
    """Return the clause with the cause of a change of the median round: the client's CPU, or a kind of waiting.

    If the median round changed by less than 1 %, the clause names the round that changed most.
    """
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
    return f"the median round is unchanged; round {worst + 1} changed most ({ratios[worst]:.2f} times as long)"


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
