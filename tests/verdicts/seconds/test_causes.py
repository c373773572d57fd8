"""Tests of the cause of a changed replay: CPU, waits without a request, overlap, order, or another round."""

import pytest

from benchmarks.verdicts.seconds.paired import find_cause
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import with_seconds


def make(seconds: float, *spans: tuple[float, float], cpu: float = 0.0) -> Benchmark:
    """Return a replay of one round with these requests."""
    requests = [[start, end, 200, ["a.jpg"]] for start, end in spans]
    return with_seconds([seconds], recorded_seconds=[1.0], spans=requests, client_cpu_seconds=cpu)


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (make(10, (0, 10)), make(10.3, (0, 10.3), cpu=0.2), "client CPU: 0.20 s a round instead of 0.00 s"),
        (make(10, (0, 10)), make(14, (0, 14), cpu=2.0), "client CPU: 2.00 s a round instead of 0.00 s"),
        (make(10, (0, 10), cpu=1.0), make(9, (0, 9), cpu=0.2), "client CPU: 0.20 s a round instead of 1.00 s"),
        (
            make(10, (0, 10)),
            make(10.3, (0, 10.1)),
            "waiting: 0.20 s a round without any request under way instead of 0.00 s",
        ),
        (
            make(10, (0, 10)),
            make(14, (0, 12)),
            "waiting: 2.00 s a round without any request under way instead of 0.00 s",
        ),
        (
            make(10, (0, 10), (0, 10)),
            make(18, (0, 10), (9, 18)),
            "waiting: 1.1 requests at a time on average instead of 2.0 (at most 2 instead of 2)",
        ),
        (
            make(10, (0, 10), (0, 10), (2, 4)),
            make(18, (0, 9), (9, 18)),
            "waiting: 1.0 requests at a time on average instead of 2.2 (at most 1 instead of 3)",
        ),
        (
            make(10),
            make(12, (0, 10)),
            "waiting: 1.0 requests at a time on average instead of 0.0 (at most 1 instead of 0)",
        ),
    ],
)
def test_the_cause_explains_half_of_the_change(then: Benchmark, now: Benchmark, said: str) -> None:
    """The cause is the first that explains half of the change: CPU, waits without a request, then the overlap."""
    assert find_cause(now, then) == said


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (make(10, (0, 10), cpu=4.0), make(18, (0, 18), cpu=4.3)),
        (make(10, (0, 7)), make(18, (0, 14.7))),
        (make(10, (0, 10), (0, 2.4)), make(12, (0, 12), (0, 1.92))),  # 1.24 and 1.16 at a time
    ],
)
def test_a_small_change_is_no_cause(then: Benchmark, now: Benchmark) -> None:
    """CPU, waits and an overlap that are nearly the same in both runs are not named as the cause."""
    assert find_cause(now, then) == "waiting: the requests follow each other in another order"


@pytest.mark.parametrize(
    ("rounds", "said"),
    [
        ([100.0, 50.0, 133.0], "the median round is unchanged; round 2 changed most (0.50 times as long)"),
        ([100.9, 100.0, 133.0], "the median round is unchanged; round 3 changed most (1.33 times as long)"),
        ([101.0, 100.0, 133.0], "waiting: the requests follow each other in another order"),
    ],
)
def test_a_median_round_that_changed_by_less_than_a_hundredth_is_not_the_one(rounds: list[float], said: str) -> None:
    """If the median round changed by less than 1 %, the round that changed most is named, slower or faster."""
    recorded = [2.0, 1.0, 3.0]  # the first is the median
    spans = [[0.0, 100.0, 200, ["a.jpg"]]]
    then = with_seconds([100.0, 100.0, 100.0], recorded_seconds=recorded, spans=spans)
    now = with_seconds(rounds, recorded_seconds=recorded, spans=[[0.0, rounds[0], 200, ["a.jpg"]]])
    assert find_cause(now, then) == said
