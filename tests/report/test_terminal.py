"""The terminal shows the advice, one table and the limits of both; with `-v` it shows all the rest."""

import itertools
import re
from typing import Any

import pytest

from benchmarks.report.tables import format_range
from benchmarks.report.terminal.comparison import MOST_ROWS
from benchmarks.report.terminal.details import list_verdicts
from benchmarks.report.terminal.group import describe_group
from benchmarks.report.terminal.line import wrap_lines
from benchmarks.verdicts.answers.difference import AnswerFinding
from benchmarks.verdicts.answers.stored import AnswerVerdict
from benchmarks.verdicts.seconds.ratios import Finding, Ratio
from benchmarks.verdicts.verdict import Verdict, count_findings
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from tests.helpers.runs import make_benchmark
from tests.helpers.terminal import show_group

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
    """Return a benchmark with these seconds per round."""
    figures: dict[str, Any] = FIGURES | {"recorded_seconds": seconds} | changed
    document = make_benchmark(strategy, images=list(figures["answers"]), rounds=len(seconds), **figures)
    return read_benchmark(document | {"stats": {"data": seconds}})


def show(*benchmarks: Benchmark) -> str:
    """Return the summary of these benchmarks with `-v`."""
    return "\n".join(show_group(benchmarks))


def read_table(lines: list[str]) -> dict[str, dict[str, str]]:
    """Return the cells of the table of strategies, by strategy and head."""
    top = next(number for number, line in enumerate(lines) if line.startswith("strategy "))
    heads = re.split(r"  +", lines[top])
    rows = [re.split(r"  +", line) for line in itertools.takewhile(lambda line: "  " in line, lines[top + 2 :])]
    return {row[0]: dict(zip(heads, row, strict=True)) for row in rows}


UNTESTED = "Chosen by speed, then cost; right answers could not be compared, because 2 images are too few to tell"
"""The sentence on an advice by so few images that right answers do not count."""


def test_times_are_compared_with_sequential() -> None:
    """The speedup is the ratio of the medians to sequential's: 2.00 is twice as fast, 0.67 is slower by half."""
    lines = show_group(
        [
            measure("sequential", [80.0, 100.0, 90.0, 90.0]),
            measure("concurrent", [45.0, 40.0, 50.0, 45.0]),
            measure("single_prompt", [135.0, 135.0, 135.0, 135.0]),
        ]
    )
    cells = [(row["seconds"], row["range"], row["rounds"], row["speedup"]) for row in read_table(lines).values()]
    assert cells == [
        ("90.00", "80.0 to 100.0", "4", "1.00"),
        ("45.00†", "40.0 to 50.0", "4", "2.00"),
        ("135.00", "135.0 to 135.0", "4", "0.67"),
    ]
    assert any("Speedup: against sequential." in line for line in lines)
    assert "Fastest: concurrent (45.00 s)." in lines


def test_an_unknown_price_is_not_the_cheapest() -> None:
    """An unknown price is shown as unknown, and does not count as the cheapest."""
    lines = show_group([measure("sequential", [1.0], cost_usd=None), measure("concurrent", [2.0])])
    assert [row["$/1,000"] for row in read_table(lines).values()] == ["unknown", "6.15†"]
    assert "Cheapest: concurrent ($0.0123)." in lines


def test_unknown_tokens_are_shown_as_unknown() -> None:
    """If one count of tokens is not known, their sum is shown as unknown."""
    lines = show_group([measure("sequential", [1.0], output_tokens=None, cost_usd=None), measure("concurrent", [2.0])])
    assert [row["tokens"] for row in read_table(lines).values()] == ["unknown", "3,002"]


def test_a_missing_answer_is_a_dash_with_its_reason() -> None:
    """A missing answer is a dash with a reason; its strategy is marked, last, and not compared."""
    unread = {"answers": {"bus.jpg": None, "crowd1.jpg": 90}, "errors": {"bus.jpg": "unreadable answer 'many'"}}
    text = show(
        measure("sequential", [0.1], **unread, mean_absolute_error=5.0),
        measure("concurrent", [2.0], answers_by_round=[{"bus.jpg": 4, "crowd1.jpg": 19}]),
        measure("single_prompt", [3.0], answers_by_round=[{"bus.jpg": 4, "crowd1.jpg": 76}], mean_absolute_error=9.5),
    )
    (line,) = [line for line in text.splitlines() if line.startswith("bus.jpg")]
    assert line.split() == ["bus.jpg", "4", "4", "4", "-"]
    assert "sequential has no answer for bus.jpg: unreadable answer 'many'" in text
    assert "use concurrent: 2.00 s" in text, "a strategy with missing answers is not advised"
    assert "Most right: not known, because 2 images are too few to tell strategies apart" in text
    assert "\nNot compared with the others, because answers are missing: sequential.\n" in text
    rows = read_table(text.splitlines())
    assert [*rows] == ["concurrent", "single_prompt", "sequential (incomplete)"], "it is the last row"
    assert rows["sequential (incomplete)"]["seconds"] == "0.10"
    assert "speedup" not in rows["concurrent"], "there is no reference"


def test_the_origin_of_the_figures_is_printed_below_them() -> None:
    """The last lines say how the figures were made, from which source and day, and which other model answered."""
    replayed = [measure("sequential", [1.0])]
    last = next(line for line in show_group(replayed) if line.startswith("Replayed from"))
    assert last.startswith("Replayed from recordings of the bundled simulator, not of Gemini (2026-11-23, ")
    assert "; answered by some-model). The simulator makes up the answers, " in last
    assert "makes up the answers" not in "".join(show_group(replayed, is_verbose=False))
    live = show(measure("sequential", [1.0], timing="live", source="gemini", model_version="other-model"))
    assert "\nMeasured now, over real HTTP: answers of Gemini (2026-11-23, " in live
    assert "; answered by other-model). Prices: genai-prices " in live
    same = show(measure("sequential", [1.0], timing="live", source="gemini", model_version="gemini-3.5-flash"))
    assert "answered by" not in same
    assert "of gateway.example:8080 (" in show(measure("sequential", [1.0], source="gateway.example:8080"))


def test_only_a_replay_is_compared_with_its_recording() -> None:
    """A replay prints how far its total and its worst round are from the recording, rounded up; a live run does not."""
    replayed = show(measure("sequential", [10.0, 20.2], recorded_seconds=[10.0, 20.0]))
    assert "Replayed 30 s of recorded time within 0.67 % (each round within 1.00 %)." in replayed
    assert "recorded time" not in show(measure("sequential", [10.0], timing="live"))


def test_a_replay_that_differs_in_time_prints_both_totals() -> None:
    """If a round differs by more than 1 %, the replay prints both totals and the largest difference."""
    changed = show(measure("sequential", [10.0, 40.0], recorded_seconds=[10.0, 20.0]))
    assert "The replay took 50 s on the clock, the recording 30 s (rounds differ by up to 100 %)." in changed
    assert "recorded time" not in changed


def test_of_many_images_the_worst_are_shown() -> None:
    """Of 30 images, the table shows the 20 with the largest errors, and a sentence says so."""
    people = {f"{number:02}.jpg": number for number in range(30)}
    text = show(measure("sequential", [1.0], truth=people, answers=dict.fromkeys(people, 0)))
    assert "29.jpg" in text
    assert "10.jpg" in text
    assert "09.jpg" not in text
    assert "Shown are the 20 of 30 images with the largest errors." in text


def test_images_without_a_truth_are_shown_without_one() -> None:
    """Without truths, the table of answers has no column for them, and nothing is said about right answers."""
    unknown: dict[str, Any] = {"truth": {}, "mean_absolute_error": None}
    text = show(measure("sequential", [1.0], **unknown), measure("concurrent", [2.0], **unknown))
    assert next(line for line in text.splitlines() if line.startswith("bus.jpg")).split() == ["bus.jpg", "4", "4"]
    assert "most right" not in text


def test_a_strategy_alone_is_not_the_fastest() -> None:
    """A strategy that ran alone is not the fastest; a sentence says how to compare it."""
    text = show(measure("sequential", [1.0]))
    told = 'To compare it, add a strategy (-k "sequential or bounded") or leave out -k.'
    assert text.partition("\n")[0].endswith(f"simulated). {told}")
    assert "*" not in text
    assert "Fastest" not in text


SENT: dict[str, Any] = {"cost_usd": 0.01, "answers_by_round": [ANSWERS] * 6}
CHANCE = (
    [18.4, 19.7, 21.6, 19.1, 20.4, 18.9],
    [20.3, 18.5, 29.6, 19.8, 21.0, 20.5],
    [22.0, 19.5, 20.1, 24.0, 19.9, 20.2],
)
"""Rounds that differ by chance."""


def test_a_group_begins_with_the_advice() -> None:
    """The first lines name the strategy to use, with its seconds, cost, right answers and ties."""
    files, bounded, threads = (
        measure(name, rounds, **SENT) for name, rounds in zip(("files", "bounded", "threads"), CHANCE, strict=True)
    )
    slow = measure("sequential", [3 * each for each in CHANCE[0]], **SENT)
    lines = show_group([files, bounded, threads, slow])
    assert "Fastest: files (19.40 s), threads (20.15 s) and bounded (20.40 s), which are tied." in lines
    assert lines[0] == (
        "For 2 images on gemini-3.5-flash, use files: 19.40 s, $5.00 per 1,000 images, 100 % right "
        "(95 % interval 34 to 100 %; simulated). Tied with it (the differences may be chance): "
        "threads and bounded."
    )
    assert any(UNTESTED in line for line in lines)
    assert [row["seconds"] for row in read_table(lines).values()] == ["19.40†", "20.40†", "20.15†", "58.20"]


def test_of_many_ties_a_few_are_named() -> None:
    """Of many tied strategies, three are named, with the number of the others."""
    lines = show_group([measure(f"strategy_{index}", CHANCE[index % 3], **SENT) for index in range(6)])
    same = "$0.0100), strategy_1 ($0.0100), strategy_2 ($0.0100)"
    assert not any(same in line for line in lines)
    assert "Cheapest: strategy_0 ($0.0100) and the 5 others, which ask the same questions at the same price." in lines
    slow = measure("slow", [9 * each for each in CHANCE[0]], **SENT)
    lines = show_group([*(measure(f"strategy_{index}", CHANCE[0], **SENT) for index in range(6)), slow])
    named = "strategy_0 (19.40 s), strategy_1 (19.40 s), strategy_2 (19.40 s) and 3 others"
    assert f"Fastest: {named}, which are tied." in lines


def test_the_range_is_rounded_outwards() -> None:
    """With one decimal, the range still holds the median, which has two."""
    assert re.search(r"^batch +116\.46 +116\.4 to 116\.5 ", show(measure("batch", [116.46] * 3)), re.MULTILINE)


def test_the_advice_has_the_number_of_images_with_a_truth() -> None:
    """It is given if some images have no truth."""
    assert "; 1 of 2 images have a truth; simulated)" in show(measure("files", [1.0], truth={"bus.jpg": 4}))
    assert "have a truth" not in show(measure("files", [1.0]))


def test_after_one_round_no_strategy_is_the_fastest() -> None:
    """After one round no strategy is named the fastest, and the sentence has the number of rounds that are needed."""
    text = show(measure("files", [1.0]), measure("sequential", [90.0]))
    few = "1 round is too few for 2 strategies (3 are needed)"
    assert f"Fastest: not known, because {few}." in text
    assert f"Seconds were not tested: {few}." in text
    assert UNTESTED in text
    text = show(measure("files", [1.0, 1.1, 1.2]), measure("sequential", [90.0, 91.0, 92.0, 93.0]))
    assert "Fastest: files (1.10 s)." in text


def test_a_strategy_that_may_lose_too_many_right_answers_is_not_advised() -> None:
    """A faster strategy that may be worse is not advised, unless it asks the same questions as the most right one."""
    truth = {f"{number:02}.jpg": 4 for number in range(12)}
    wrong = truth | {"00.jpg": 0, "01.jpg": 0}
    least: dict[str, Any] = {"truth": truth, "cost_usd": 0.01}
    chunked = measure("chunked", [2.0, 2.1], answers=wrong, input_tokens=1990, answers_by_round=[wrong] * 2, **least)
    alike = measure("files", [2.0, 2.1], answers=wrong, answers_by_round=[wrong] * 2, **least)
    best = measure("sequential", [9.0, 9.9], answers=truth, answers_by_round=[truth] * 2, **least)
    assert "use sequential: " in show(chunked, best)
    assert "use files: " in show(alike, best)
    assert "less right" not in show(alike, best)


def test_images_with_the_same_reason_share_a_sentence() -> None:
    """All images with the same reason share one sentence."""
    images = {f"{number:02}.jpg": 4 for number in range(12)}
    failed = measure("bounded", [0.1], truth=images, answers=dict.fromkeys(images), errors=dict.fromkeys(images, "503"))
    assert "\nbounded has no answer for 00.jpg, 01.jpg, 02.jpg and 9 others: 503\n" in show(failed)


def test_strategies_with_the_same_missing_answers_share_a_sentence() -> None:
    """Strategies that lack answers for the same images share a sentence, unless the reasons differ."""
    lacking = [
        measure(name, [1.0], answers=ANSWERS | {"bus.jpg": None}, errors={"bus.jpg": reason})
        for name, reason in (("files", "blocked"), ("batch", "503"), ("threads", "blocked"))
    ]
    lines = [line for line in show_group(lacking) if "no answer for" in line]
    assert lines == [
        "files and threads have no answer for bus.jpg: blocked",
        "batch has no answer for bus.jpg: 503",
    ]


def test_retries_and_first_tokens_are_printed() -> None:
    """Each strategy with retries or a first token has a line about them."""
    text = show(measure("plain", [1.0]), measure("streamed", [2.0], retries=3, backoff_seconds=7.5))
    assert "streamed: 3 retries, with 7.50 s of waiting in total" in text
    assert "plain: 0 retries" not in text
    assert "first token" not in text
    text = show(measure("streamed", [2.0], first_token_seconds=1.25))
    assert "streamed: first token after 1.25 s (median of the requests)" in text


@pytest.mark.parametrize(("rounds", "tails"), [(19, []), (20, ["p95"]), (99, ["p95"]), (100, ["p95", "p99"])])
def test_percentiles_are_shown_if_there_are_enough_rounds(rounds: int, tails: list[str]) -> None:
    """The 95th percentile is shown from 20 rounds, the 99th from 100."""
    told = format_range([float(each) for each in range(1, rounds + 1)])
    assert told.startswith(f"1.00 to {rounds}.00")
    assert re.findall(r"p\d+", told) == tails


def test_percentiles_are_interpolated() -> None:
    """Percentiles are interpolated: of 1, 2, ... 100 s, the 95th is 95.05 s and the 99th is 99.01 s."""
    assert format_range([float(each) for each in range(1, 101)]) == "1.00 to 100.00, p95 95.05, p99 99.01"


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        (0, "0 of 2 images before its deadline (--batch-deadline=70s); the other 2 were asked about one by one after"),
        (1, "1 of 2 images before its deadline (--batch-deadline=70s); the other 1 was asked about afterwards\n"),
        (2, ""),
    ],
)
def test_images_that_a_job_did_not_answer_by_its_deadline_are_counted(answered: int, told: str) -> None:
    """If a job misses its deadline, the number of images that were asked about one by one is printed."""
    served = {"batch": answered, "standard": 2 - answered}
    given = measure("batch", [2.0], served_tiers=served, settings={"batch_deadline": 70, "concurrency": 8})
    assert told in show(measure("sequential", [1.0]), given)
    assert ("before its deadline" in show(given)) is (told != "")
    assert "before its deadline" not in show(measure("batch", [2.0], served_tiers=served))


def judge(strategy: str, finding: Finding, value: float = 1.0, **more: Any) -> Verdict:
    """Return a verdict on a benchmark of this strategy, made by `measure`."""
    return Verdict(measure(strategy, [1.0]).fullname, strategy, finding, "1 round", Ratio(value, value, value), **more)


WORSE = AnswerVerdict(AnswerFinding.WORSE, None, ("bus.jpg",), is_paired=True)
THIRTEEN = [measure(f"strategy_{letter}", [30.0, 31.0]) for letter in "abcdefghijklm"]


def test_the_verdict_is_the_last_column_in_its_colour() -> None:
    """The last column has the verdict in its colour; for a failed benchmark, the other columns are empty."""
    names = ("sequential", "concurrent", "bounded", "threads")
    verdicts = [
        judge("sequential", Finding.SAME),
        judge("concurrent", Finding.SLOWER, 2.07, grown=("requests: 8 instead of 4",)),
        judge("bounded", Finding.SAME, answers=WORSE),
        judge("threads", Finding.FASTER, 0.5),
        judge("files", Finding.FAILED, notes=("No cassette.",)),
    ]
    lines = describe_group([measure(name, [1.0, 2.0]) for name in names], verdicts, width=80)
    rows = [line for line in lines if line.styled]
    assert [(line.text[-line.styled :], dict(line.style)) for line in rows] == [
        ("same", {"green": True}),
        ("2.07x slower, grown", {"red": True}),
        ("same, answers worse", {"red": True}),
        ("2.00x faster", {"green": True}),
        ("failed", {"red": True}),
    ]
    assert read_table([line.text for line in lines])["files"]["seconds"] == "-"
    assert "verdict" not in "".join(show_group([measure("sequential", [1.0])]))
    assert count_findings(verdicts) == (
        "5 benchmarks against the stored runs: 1 faster, 1 slower, 2 same, 1 failed, 1 with worse answers."
    )


def test_a_narrow_terminal_shows_fewer_columns() -> None:
    """Columns are left out by importance, but never the seconds, the right answers or the verdict; `-v` shows all."""
    verdicts = [judge("sequential", Finding.SAME)]
    heads = {
        width: show_group([measure("sequential", [1.0])], verdicts, width=width, is_verbose=False)[1].split("  ")
        for width in (30, 80, 120)
    }
    assert [*filter(None, heads[30])] == ["strategy", "seconds", "right", "verdict"]
    assert set(heads[30]) < set(heads[80]) < set(heads[120])
    assert set(heads[120]) <= set(show_group([measure("sequential", [1.0])], verdicts)[1].split("  "))


def test_a_group_of_thirteen_strategies_takes_25_lines() -> None:
    """Thirteen strategies fit into 25 lines of 80 characters, title included; with `-v` there are more lines."""
    verdicts = [Verdict(each.fullname, each.record.label, Finding.SAME, "2 rounds, paired") for each in THIRTEEN]
    lines = wrap_lines(describe_group(THIRTEEN, verdicts, width=80), 80)
    assert 1 + len(lines) <= 25
    assert max(len(line.text) for line in lines) <= 80
    assert len(describe_group(THIRTEEN, verdicts, is_verbose=True)) > 25


def test_of_many_contenders_regressions_and_the_fastest_are_shown() -> None:
    """Of too many contenders, regressions and the fastest are shown; `-v` shows all, and a sentence says so."""
    many = [measure(f"strategy_{number:02}", [10.0 + number] * 2) for number in range(MOST_ROWS + 6)]
    slow = many[-1].record.label
    verdicts = [Verdict(many[-1].fullname, slow, Finding.SLOWER, "2 rounds, paired", Ratio(2.0, 2.0, 2.0))]
    lines = show_group(many, verdicts, is_verbose=False)
    shown = [*read_table(lines)]
    assert shown == [*(each.record.label for each in many[: MOST_ROWS - 1]), slow]
    assert any("6 more rows with -v." in line for line in lines)
    assert len(read_table(show_group(many, verdicts))) == len(many)


def test_a_sentence_is_wrapped_and_a_table_is_not() -> None:
    """Sentences are wrapped at the width of the terminal, between words; tables are not wrapped."""
    lines = wrap_lines(describe_group([measure("sequential", [1.0])], width=40), 40)
    assert all(len(line.text) <= 40 for line in lines if line.is_sentence)
    assert (
        " ".join(line.text for line in lines if line.is_sentence and line.style)
        == show_group([measure("sequential", [1.0])])[0]
    )


def test_of_many_warnings_four_are_shown() -> None:
    """Without `-v`, four warnings are shown with the number of the others."""
    failed = [
        measure(f"strategy_{letter}", [1.0], answers=dict.fromkeys(ANSWERS), errors=dict.fromkeys(ANSWERS, letter))
        for letter in "abcdefghijklm"
    ]
    lines = show_group(failed, is_verbose=False)
    assert sum("has no answer for" in line for line in lines) == 4
    assert "9 more warnings with -v." in lines
    assert sum("has no answer for" in line for line in show_group(failed)) == 13


def test_the_table_of_verdicts_has_a_row_for_each() -> None:
    """The table of verdicts has a row for each, and the notes follow as sentences."""
    found = [
        judge("files", Finding.SLOWER, 2.0, visible=0.2, notes=("prompts changed",)),
        Verdict("batch", "batch", Finding.CANNOT_TELL, "nothing", notes=("needs 5 earlier sessions; there is 1",)),
    ]
    assert [line.text for line in list_verdicts(found)] == [
        "against the stored runs          verdict  ratio (interval)  compared  smallest detectable change  answers",
        "---------------------------------------------------------------------------------------------------------",
        "files                             slower              2.00   1 round                         20%        -",
        "batch                    cannot tell yet                 -   nothing                           -        -",
        "files (slower): prompts changed.",
        "batch (cannot tell yet): needs 5 earlier sessions; there is 1.",
    ]
