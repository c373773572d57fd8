"""The end of a run says what was measured, in tables that people read; unknown and missing figures are said."""

import re
from typing import Any

import pytest

from benchmarks.report.tables import format_range
from benchmarks.report.terminal import describe_group
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from tests.helpers.runs import make_benchmark

ANSWERS = {"bus.jpg": 4, "crowd1.jpg": 95}
FIGURES = {
    "model_version": "some-model",
    "input_tokens": 2000,
    "output_tokens": 2,
    "thoughts_tokens": 1000,
    "cost_usd": 0.0123,
    "answers": ANSWERS,
    "truth": ANSWERS,
    "mean_absolute_error": 0.0,
}


def measure(strategy: str, seconds: list[float], **changed: Any) -> Benchmark:
    """Return a benchmark of this run whose rounds took these seconds."""
    figures: dict[str, Any] = FIGURES | {"recorded_seconds": seconds} | changed
    document = make_benchmark(strategy, images=list(figures["answers"]), rounds=len(seconds), **figures)
    return read_benchmark(document | {"stats": {"data": seconds}})


def show(*benchmarks: Benchmark) -> str:
    """Return the text about these benchmarks."""
    return "\n".join(describe_group(benchmarks))


def test_times_are_set_against_sequential() -> None:
    """Twice as fast, or slower by half: the medians, which one slow round does not move, and the range over rounds."""
    text = show(
        measure("sequential", [80.0, 300.0, 90.0]),
        measure("concurrent", [45.0, 40.0, 50.0]),
        measure("single_prompt", [135.0, 135.0, 135.0]),
    )
    assert "90.00 (80.00 to 300.00)       3                   -" in text
    assert "45.00 (40.00 to 50.00)       3   2.00 times faster" in text
    assert "135.00 (135.00 to 135.00)       3   1.50 times slower" in text
    assert "Fastest: concurrent (45.00 s)" in text


def test_an_unknown_price_is_said_and_never_nothing() -> None:
    """A model without a price is not the cheapest."""
    text = show(measure("sequential", [1.0], cost_usd=None), measure("concurrent", [2.0]))
    assert "unknown" in text
    assert "Cheapest: concurrent ($0.0123)." in text
    assert "$0.0000" not in text


def test_unknown_tokens_are_said_too() -> None:
    """Where one count cannot be right, their sum is not known, and neither is the cost."""
    text = show(measure("sequential", [1.0], output_tokens=None, cost_usd=None), measure("concurrent", [2.0]))
    assert re.search(r"^sequential .* unknown +unknown ", text, re.MULTILINE)
    assert re.search(r"^concurrent .* 3,002 +\$0\.0123 ", text, re.MULTILINE)


def test_a_missing_answer_is_a_dash_with_its_reason() -> None:
    """No number is invented for an image that has none."""
    unread = {"answers": {"bus.jpg": None, "crowd1.jpg": 90}, "errors": {"bus.jpg": "unreadable answer 'many'"}}
    text = show(
        measure("sequential", [0.1], **unread, mean_absolute_error=5.0),
        measure("concurrent", [2.0], answers_by_round=[{"bus.jpg": 4, "crowd1.jpg": 19}]),
        measure("single_prompt", [3.0], answers_by_round=[{"bus.jpg": 4, "crowd1.jpg": 76}], mean_absolute_error=9.5),
    )
    (line,) = [line for line in text.splitlines() if line.startswith("bus.jpg")]
    assert line.split() == ["bus.jpg", "4", "4", "4", "-"]
    assert "sequential has no answer for bus.jpg: unreadable answer 'many'" in text
    assert "use concurrent: 2.00 s" in text, "who does not answer does not win"
    assert "Most right: not known, since 2 images cannot tell strategies apart" in text
    assert "\nLeft out for missing answers: sequential.\n" in text
    rows = re.findall(r"^\w+ (?:\(incomplete\) )? *\d+\.\d", text, re.MULTILINE)
    assert [row.split()[0] for row in rows] == ["concurrent", "single_prompt", "sequential"], "it stands below"
    assert re.search(r"^sequential \(incomplete\) +0.10 .* 1 +- ", text, re.MULTILINE), "its seconds have no ratio"


def test_where_the_figures_come_from_stands_first() -> None:
    """Replayed or measured, simulator, Gemini or a host, with the day and the model that really answered."""
    first = show(measure("sequential", [1.0])).splitlines()[0]
    assert first.startswith("Replayed from recordings of the bundled simulator, not of Gemini (2026-11-23, ")
    assert "; answered by some-model). The simulator makes the answers up, " in first
    live = measure("sequential", [1.0], timing="live", source="gemini", model_version="other-model")
    assert show(live).startswith("Measured now, over real HTTP: answers of Gemini (2026-11-23, ")
    assert "; answered by other-model). Prices: genai-prices " in show(live)
    assert "of gateway.example:8080 (" in show(measure("sequential", [1.0], source="gateway.example:8080"))


def test_only_a_replay_is_compared_with_its_recording() -> None:
    """A replay tells by how much the worst round is off; a live run has nothing to keep."""
    replayed = show(measure("sequential", [10.0, 20.2], recorded_seconds=[10.0, 20.0]))
    assert "Replayed times are within 1.00 % of the recorded ones (30 s in all)." in replayed
    assert "Replayed times" not in show(measure("sequential", [10.0], timing="live"))


def test_of_many_images_the_worst_are_shown() -> None:
    """Of 30 images the 20 with the largest errors stand in the table, and it says so."""
    people = {f"{number:02}.jpg": number for number in range(30)}
    text = show(measure("sequential", [1.0], truth=people, answers=dict.fromkeys(people, 0)))
    assert "29.jpg" in text
    assert "10.jpg" in text
    assert "09.jpg" not in text
    assert "(20 of 30 images shown, those with the largest errors)" in text


def test_images_without_a_true_number_are_shown_without_one() -> None:
    """Somebody's own folder needs no true numbers."""
    unknown: dict[str, Any] = {"truth": {}, "mean_absolute_error": None}
    text = show(measure("sequential", [1.0], **unknown), measure("concurrent", [2.0], **unknown))
    assert next(line for line in text.splitlines() if line.startswith("bus.jpg")).split() == ["bus.jpg", "4", "4"]
    assert "most right" not in text


def test_one_strategy_alone_wins_nothing() -> None:
    """With `-k` there may be nothing to compare with."""
    text = show(measure("sequential", [1.0]))
    told = 'There is nothing to compare it with: add a strategy (-k "sequential or bounded"), or leave -k out.'
    assert text.endswith(f"simulated. {told}")
    assert "Fastest" not in text


SENT: dict[str, Any] = {"cost_usd": 0.01, "answers_by_round": [ANSWERS] * 6}
CHANCE = (
    [18.4, 19.7, 21.6, 19.1, 20.4, 18.9],
    [20.3, 18.5, 29.6, 19.8, 21.0, 20.5],
    [22.0, 19.5, 20.1, 24.0, 19.9, 20.2],
)
"""Rounds that differ by chance."""


def test_a_run_ends_with_what_to_use() -> None:
    """What it takes, costs and gets right, with what it ties, by what it was chosen, and no winner by chance."""
    files, bounded, threads = (
        measure(name, rounds, **SENT) for name, rounds in zip(("files", "bounded", "threads"), CHANCE, strict=True)
    )
    slow = measure("sequential", [3 * each for each in CHANCE[0]], **SENT)
    lines = describe_group([files, bounded, threads, slow])
    assert "Fastest: files (19.40 s), threads (20.15 s) and bounded (20.40 s), which cannot be told apart." in lines
    assert lines[-1] == (
        "For 2 images on gemini-3.5-flash, use files: 19.40 s (6.2 images a minute), $5.00 per 1,000 images, "
        "100 % right, 34 to 100 % with 95 % confidence, off by 0.0 people an image, simulated. "
        "It cannot be told apart from threads and bounded. "
        "Chosen by: right answers, then speed, then cost."
    )


def test_of_many_that_tie_a_few_are_named() -> None:
    """With their number: ten names would be nobody's answer."""
    lines = describe_group([measure(f"strategy_{index}", CHANCE[index % 3], **SENT) for index in range(6)])
    same = "$0.0100), strategy_1 ($0.0100), strategy_2 ($0.0100)"
    assert not any(same in line for line in lines)
    assert "Cheapest: strategy_0 ($0.0100) and the 5 others, which ask the same questions at the same price." in lines
    slow = measure("slow", [9 * each for each in CHANCE[0]], **SENT)
    lines = describe_group([*(measure(f"strategy_{index}", CHANCE[0], **SENT) for index in range(6)), slow])
    named = "strategy_0 (19.40 s), strategy_1 (19.40 s), strategy_2 (19.40 s) and 3 others"
    assert f"Fastest: {named}, which cannot be told apart." in lines


def test_one_round_makes_nobody_the_fastest() -> None:
    """And where rounds are left out for want of others beside them, that is said."""
    text = show(measure("files", [1.0]), measure("sequential", [90.0]))
    assert "Fastest: not known, since one round each cannot tell strategies apart (it takes at least 2)." in text
    assert "Chosen by: right answers, then cost." in text
    text = show(measure("files", [1.0, 1.1]), measure("sequential", [90.0, 91.0, 92.0]))
    assert "Fastest, by the first 2 rounds of each: files (1.05 s)." in text


def test_what_may_lose_too_much_is_not_advised() -> None:
    """It is faster and not shown to be worse, but asks other questions; one that asks the same differs by chance."""
    truth = {f"{number:02}.jpg": 4 for number in range(12)}
    wrong = truth | {"00.jpg": 0, "01.jpg": 0}
    least: dict[str, Any] = {"truth": truth, "cost_usd": 0.01}
    chunked = measure("chunked", [2.0, 2.1], answers=wrong, input_tokens=1990, answers_by_round=[wrong] * 2, **least)
    alike = measure("files", [2.0, 2.1], answers=wrong, answers_by_round=[wrong] * 2, **least)
    best = measure("sequential", [9.0, 9.9], answers=truth, answers_by_round=[truth] * 2, **least)
    assert "use sequential: " in show(chunked, best)
    assert "use files: " in show(alike, best)
    assert "less right" not in show(alike, best)


def test_why_answers_are_missing_is_said_once_for_all_images() -> None:
    """Not in a line for each of thousands."""
    images = {f"{number:02}.jpg": 4 for number in range(12)}
    failed = measure("bounded", [0.1], truth=images, answers=dict.fromkeys(images), errors=dict.fromkeys(images, "503"))
    assert "\nbounded has no answer for 00.jpg, 01.jpg, 02.jpg and 9 others: 503\n" in show(failed)


def test_retries_and_first_tokens_are_said_where_there_are_some() -> None:
    """A line for each strategy that has them."""
    text = show(measure("plain", [1.0]), measure("streamed", [2.0], retries=3, backoff_seconds=7.5))
    assert "streamed: 3 retries, after waiting 7.50 s for them in all" in text
    assert "plain: 0 retries" not in text
    assert "begins after" not in text
    text = show(measure("streamed", [2.0], first_token_seconds=1.25))
    assert "streamed: an answer begins after 1.25 s (median of the requests)" in text


@pytest.mark.parametrize(("rounds", "tails"), [(19, []), (20, ["p95"]), (99, ["p95"]), (100, ["p95", "p99"])])
def test_percentiles_are_shown_where_there_are_enough_rounds(rounds: int, tails: list[str]) -> None:
    """A 95th percentile of 19 rounds would be the slowest of them under another name."""
    told = format_range([float(each) for each in range(1, rounds + 1)])
    assert told.startswith(f"1.00 to {rounds}.00")
    assert re.findall(r"p\d+", told) == tails


def test_a_percentile_lies_between_the_rounds_beside_it() -> None:
    """Of 1, 2, ... 100 s, the 95th is a twentieth of the way from the 95th round to the next, the 99th likewise."""
    assert format_range([float(each) for each in range(1, 101)]) == "1.00 to 100.00, p95 95.05, p99 99.01"


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (0, "the job answered 0 of 2 images by its deadline (--batch-deadline=70s); 2 were asked about one by one\n"),
        (1, "the job answered 1 of 2 images by its deadline (--batch-deadline=70s); 1 was asked about alone\n"),
        (2, ""),
    ],
)
def test_what_a_job_has_not_answered_by_its_deadline_is_said(answered: int, told: str) -> None:
    """With a deadline alone: it has images at half the price and at the full one."""
    served = {"batch": answered, "standard": 2 - answered}
    given = measure("batch", [2.0], served_tiers=served, settings={"batch_deadline": 70, "concurrency": 8})
    assert told in show(measure("sequential", [1.0]), given)
    assert ("by its deadline" in show(given)) is (told != "")
    assert "by its deadline" not in show(measure("batch", [2.0], served_tiers=served))
