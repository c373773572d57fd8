"""The end of a run says what was measured, in tables that people read; unknown and missing figures are said."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.report.comparison import spread
from benchmarks.report.summary import comparison
from fixtures.text.tables import dollars


def benchmark(strategy: str, seconds: list[float], **info: Any) -> SimpleNamespace:
    """Return a finished benchmark as pytest-benchmark keeps it."""
    answers = {"bus.jpg": 4, "crowd1.jpg": 95}
    extra: dict[str, Any] = {
        "strategy": strategy,
        "model_version": "some-model",
        "source": "simulator",
        "recorded_at": "2026-11-23T02:47:24+00:00",
        "recorded_seconds": seconds,
        "priced_on": "2026-11-23",
        "timing": "replayed",
        "images": 2,
        "requests": 2,
        "retries": 0,
        "backoff_seconds": 0.0,
        "first_token_seconds": None,
        "input_tokens": 2000,
        "output_tokens": 2,
        "thoughts_tokens": 1000,
        "cost_usd": 0.0123,
        "answers": answers,
        "people": {"bus.jpg": 4, "crowd1.jpg": 95},
        "errors": {},
        "mean_absolute_error": 0.0,
    }
    return SimpleNamespace(extra_info=extra | info, stats=SimpleNamespace(data=seconds))


def shown(*benchmarks: SimpleNamespace) -> str:
    """Return the text about these benchmarks."""
    return "\n".join(comparison(benchmarks))


def test_times_are_set_against_sequential() -> None:
    """Twice as fast, or slower by half, with the median and the range over rounds."""
    text = shown(
        benchmark("sequential", [80.0, 100.0, 90.0]),
        benchmark("concurrent", [45.0, 40.0, 50.0]),
        benchmark("single_prompt", [135.0, 135.0, 135.0]),
    )
    assert "90.00 (80.00 to 100.00)       3                   -" in text
    assert "45.00 (40.00 to 50.00)       3   2.00 times faster" in text
    assert "135.00 (135.00 to 135.00)       3   1.50 times slower" in text
    assert "concurrent is fastest (45.00 s)" in text


def test_an_unknown_price_is_said_and_never_nothing() -> None:
    """A model without a price is not the cheapest."""
    text = shown(benchmark("sequential", [1.0], cost_usd=None), benchmark("concurrent", [2.0]))
    assert "unknown" in text
    assert "concurrent is cheapest ($0.0123)" in text
    assert "$0.0000" not in text


def test_a_missing_answer_is_a_dash_with_its_reason() -> None:
    """No number is invented for an image that has none."""
    unread = {"answers": {"bus.jpg": None, "crowd1.jpg": 90}, "errors": {"bus.jpg": "unreadable answer 'many'"}}
    text = shown(
        benchmark("sequential", [0.1], **unread, mean_absolute_error=5.0),
        benchmark("concurrent", [2.0], mean_absolute_error=9.0),
        benchmark("single_prompt", [3.0], mean_absolute_error=8.0),
    )
    (line,) = [line for line in text.splitlines() if line.startswith("bus.jpg")]
    assert line.split() == ["bus.jpg", "4", "-", "4", "4"]
    assert "sequential has no number for bus.jpg: unreadable answer 'many'" in text
    assert "concurrent is fastest (2.00 s)" in text, "who does not answer does not win"
    assert "single_prompt counts best (off by 8.0 people an image). Left out for missing answers: sequential." in text


@pytest.mark.parametrize(
    ("cost", "expected"), [(1.5, "$1.5000"), (0.0123, "$0.0123"), (0.000044, "$0.000044"), (0.0, "$0.0000")]
)
def test_small_costs_are_not_shown_as_nothing(cost: float, expected: str) -> None:
    """Two digits are shown of what is less than a cent."""
    assert dollars(cost) == expected


def test_where_the_figures_come_from_stands_first() -> None:
    """Replayed or measured, simulator, Gemini or a host, with the day and the model that really answered."""
    first = shown(benchmark("sequential", [1.0])).splitlines()[0]
    assert first.startswith("Replayed from recordings of the bundled simulator, not of Gemini (2026-11-23, ")
    assert "; answered by some-model). Prices: genai-prices " in first
    live = benchmark("sequential", [1.0], timing="live", source="gemini", model_version="other-model")
    assert shown(live).startswith("Measured now, over real HTTP: answers of Gemini (2026-11-23, ")
    assert "; answered by other-model)." in shown(live)
    assert "of gateway.example:8080 (" in shown(benchmark("sequential", [1.0], source="gateway.example:8080"))


def test_only_a_replay_is_compared_with_its_recording() -> None:
    """A replay tells its ratio and the worst round; a live run has nothing to keep."""
    replayed = shown(benchmark("sequential", [10.0, 20.2], recorded_seconds=[10.0, 20.0]))
    assert "The clock shows 30.20 s of 30.00 s recorded (ratio 1.00667; the round furthest off by +1.000%)." in replayed
    assert "The clock shows" not in shown(benchmark("sequential", [10.0], timing="live"))


def test_of_many_images_the_worst_are_shown() -> None:
    """Of 30 images the 20 with the largest errors stand in the table, and it says so."""
    people = {f"{number:02}.jpg": number for number in range(30)}
    text = shown(benchmark("sequential", [1.0], people=people, answers=dict.fromkeys(people, 0), images=30))
    assert "29.jpg" in text
    assert "10.jpg" in text
    assert "09.jpg" not in text
    assert "(20 of 30 images shown, those with the largest errors)" in text


def test_images_without_a_true_number_are_shown_without_one() -> None:
    """Somebody's own folder needs no true numbers."""
    unknown: dict[str, Any] = {"people": {}, "mean_absolute_error": None}
    text = shown(benchmark("sequential", [1.0], **unknown), benchmark("concurrent", [2.0], **unknown))
    assert next(line for line in text.splitlines() if line.startswith("bus.jpg")).split() == ["bus.jpg", "-", "4", "4"]
    assert "counts best" not in text


def test_one_strategy_alone_wins_nothing() -> None:
    """With `-k` there may be nothing to compare with."""
    text = shown(benchmark("sequential", [1.0]))
    assert "There are no two strategies to compare." in text
    assert "fastest" not in text


def test_retries_and_first_tokens_are_said_where_there_are_some() -> None:
    """A line for each strategy that has them."""
    text = shown(benchmark("plain", [1.0]), benchmark("streamed", [2.0], retries=3, backoff_seconds=7.5))
    assert "streamed: 3 retries, after waiting 7.50 s for them in all" in text
    assert "plain: " not in text
    assert "begins after" not in text
    text = shown(benchmark("streamed", [2.0], first_token_seconds=1.25))
    assert "streamed: an answer begins after 1.25 s (median of the requests)" in text


@pytest.mark.parametrize(("rounds", "tails"), [(19, []), (20, ["p95"]), (99, ["p95"]), (100, ["p95", "p99"])])
def test_percentiles_are_shown_where_there_are_enough_rounds(rounds: int, tails: list[str]) -> None:
    """A 95th percentile of 19 rounds would be the slowest of them under another name."""
    told = spread([float(each) for each in range(1, rounds + 1)])
    assert told.startswith(f"1.00 to {rounds}.00")
    assert re.findall(r"p\d+", told) == tails
