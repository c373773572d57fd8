"""The tables of a report show the figures of the records in the right columns, and say what is not known."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.report import consistency, tables
from benchmarks.report.page.rows import CSV_HEAD, list_csv_rows
from benchmarks.verdicts.seconds.ratios import Finding, Ratio
from benchmarks.verdicts.verdict import Verdict
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from tests.helpers.judged import with_changes
from tests.helpers.runs import make_benchmark

PEOPLE = {"a.jpg": 10, "b.jpg": 20, "c.jpg": 30}
FIGURES: dict[str, Any] = {
    "model": "m",
    "model_version": "m-001",
    "truth": PEOPLE,
    "answers": {"a.jpg": 11, "b.jpg": 20, "c.jpg": 25, "new.jpg": 7},
    "answers_by_round": [
        {"a.jpg": 11, "b.jpg": 20, "c.jpg": 25, "new.jpg": 7},
        {"a.jpg": 9, "b.jpg": 20, "c.jpg": None, "new.jpg": 7},
        {"a.jpg": 14, "b.jpg": 20, "c.jpg": None, "new.jpg": None},
    ],
    "requests": 1234,
    "retries": 2,
    "backoff_seconds": 1.26,
    "first_token_seconds": 1.256,
    "input_tokens": 1000,
    "output_tokens": 200,
    "thoughts_tokens": 34,
    "cost_usd": 0.0123,
    "mean_absolute_error": 2.04,
    "exact": 1,
    "errors": {},
    "settings": {"concurrency": 8, "faults": "429:0.1"},
}
UNKNOWN: dict[str, Any] = {
    "truth": {},
    "answers": {"a.jpg": None, "b.jpg": 21, "c.jpg": 25, "new.jpg": 7},
    "answers_by_round": [{"a.jpg": None, "b.jpg": 21, "c.jpg": 25, "new.jpg": 7}] * 3,
    "requests": 3,
    "retries": 0,
    "first_token_seconds": None,
    "output_tokens": None,
    "cost_usd": None,
    "mean_absolute_error": None,
    "errors": {"a.jpg": "blocked: SAFETY"},
    "settings": {},
    "timing": "virtual",
    "source": "host.example",
    "recorded_at": None,
    "model_version": "",
    "sdk": "google-genai 9",
    "priced_on": "2027-02-01",
}


def measure(strategy: str, seconds: tuple[float, ...] = (8.0, 2.0, 4.0), **changed: Any) -> Benchmark:
    """Return a benchmark with these seconds per round."""
    figures = FIGURES | {"recorded_seconds": list(seconds)} | changed
    document = make_benchmark(strategy, **figures)
    return read_benchmark(document | {"stats": {"data": list(seconds)}})


TWO = {"bounded": measure("bounded"), "sequential": measure("sequential", (16.0, 8.0, 4.0), **UNKNOWN)}
COMPLETE: dict[str, Any] = UNKNOWN | {
    "answers": UNKNOWN["answers"] | {"a.jpg": 9},
    "answers_by_round": [UNKNOWN["answers"] | {"a.jpg": 9}] * 3,
    "errors": {},
}
THREE = {
    "bounded": TWO["bounded"],
    "sequential": measure("sequential", (16.0, 8.0, 4.0), **COMPLETE),
    "threads": measure("threads", (0.1, 0.1, 0.1), **UNKNOWN | {"cost_usd": 0.0001, "truth": PEOPLE}),
}


def read_rows(benchmarks: dict[str, Benchmark]) -> list[dict[str, str]]:
    """Return the rows of the final comparison as mappings from heads to cells."""
    table = tables.make_final_table(benchmarks)
    return [dict(zip(table.head, row, strict=True)) for row in table.rows]


def test_a_final_comparison_has_every_figure_in_its_column() -> None:
    """Every figure is in its column; unknown ones are `unknown` or a dash, never 0."""
    table = tables.make_final_table(THREE)
    assert table.caption.startswith("Final comparison (")
    first, second, _ = (dict(zip(table.head, row, strict=True)) for row in table.rows)
    assert first == {
        "strategy": "bounded",
        "seconds (median)": "\N{DAGGER} 4.00",
        "range": "2.00 to 8.00",
        "rounds": "3",
        "speedup against sequential": "2.00",
        "images per minute": "30",
        "cost": "\N{DAGGER} $0.0123",
        "per 1,000 images": "$6.15",
        "per right answer": "$0.0089",
        "right (95 %)": "\N{DAGGER} 69 % (22 to 95 %)",
        "off by": "2.0",
        "agreement (95 %)": "-",
        "fully right": "1 of 3",
    }
    assert list(second.values()) == [
        *("sequential", "\N{DAGGER} 8.00", "4.00 to 16.00", "3", "-", "15", "unknown", "unknown"),
        *("-", "-", "-", "100 % (34 to 100 %)", "-"),
    ]
    table = tables.make_request_table(THREE)
    assert table.caption == "Requests and tokens of the median round"
    assert [dict(zip(table.head, row, strict=True)) for row in table.rows[:1]] == [
        {
            "strategy": "bounded",
            "settings": "concurrency 8, faults 429:0.1",
            "requests": "1,234",
            "retries": "2 (waited 1.3 s)",
            "first token": "1.26 s",
            "tokens": "1,234",
            "images without an answer": "0",
        }
    ]


def test_a_strategy_with_missing_answers_has_seconds_but_no_ratio() -> None:
    """A strategy with missing answers is marked, has no ratio or cost per right answer, and is not the reference."""
    *_, failed = read_rows(THREE)
    assert failed["strategy"] == "threads (incomplete)"
    assert failed["seconds (median)"] == "0.10"
    assert (failed["speedup against sequential"], failed["per right answer"]) == ("-", "-")
    assert failed["cost"] == "$0.00010"
    failed_all = with_changes(THREE["threads"].record, errors={"a.jpg": "no"}, images=1)
    (alone,) = read_rows({"threads": replace(THREE["threads"], record=failed_all)})
    assert "right (95 %)" not in alone, "a missing answer is not a wrong one"
    assert [row["speedup against sequential"] for row in read_rows(TWO)] == ["-", "-"]


@pytest.mark.parametrize(("seconds", "cell"), [(4.0, "2.00"), (8.0, "1.00"), (12.0, "0.67")])
def test_medians_are_compared_with_sequential(seconds: float, cell: str) -> None:
    """The ratio of the medians is against sequential, and a dash if that did not run."""
    other = measure("threads", (seconds,) * 3)
    with_reference = read_rows({"threads": other, "sequential": THREE["sequential"]})
    assert with_reference[0]["speedup against sequential"] == cell
    assert read_rows({"threads": other, "bounded": TWO["bounded"]})[0]["speedup against sequential"] == "-"


def test_a_consistency_check_has_answers_of_the_median_round_and_ranges() -> None:
    """On the page, images without an answer come first, then by their largest error; those without a truth are last."""
    answered = measure("threads", answers={"a.jpg": 10, "b.jpg": 22, "c.jpg": 30, "new.jpg": 9}, exact=2)
    table = consistency.make_consistency_table({"bounded": TWO["bounded"], "threads": answered})
    assert table.caption == (
        "Answers by image (median round, and the range over rounds). "
        "* marks an answer that differs from the answer of bounded in the median round (only images without a truth)."
    )
    assert table.head == ["image", "true", "bounded", "threads"]
    assert table.rows == [
        ["c.jpg", "30", "25 (25 to 25, 2 missing)", "30 (25 to 25, 2 missing)"],
        ["b.jpg", "20", "20", "22"],
        ["a.jpg", "10", "11 (9 to 14)", "10 (9 to 14)"],
        ["new.jpg", "-", "7 (7 to 7, 1 missing)", "9* (7 to 7, 1 missing)"],
        ["mean absolute error (people)", "", "2.0", "2.0"],
    ]
    assert consistency.list_worst_images(TWO) == ["a.jpg", "c.jpg", "b.jpg", "new.jpg"]


def test_in_a_terminal_images_are_in_their_order_without_ranges() -> None:
    """In the terminal, images are in their own order, with one answer per strategy and a dash for a missing one."""
    assert consistency.make_short_consistency_rows(TWO) == [
        ["people counted (median round)", "true", "bounded", "sequential"],
        ["a.jpg", "10", "11", "-"],
        ["b.jpg", "20", "20", "21"],
        ["c.jpg", "30", "25", "25"],
        ["new.jpg", "-", "7", "7"],
        ["mean absolute error", "", "2.0", "-"],
    ]


@pytest.mark.parametrize(("count", "shown"), [(20, 20), (21, 20)])
def test_of_many_images_the_twenty_worst_are_shown(count: int, shown: int) -> None:
    """Images without an answer count as the worst; the caption says if there are more images than shown."""
    people = {f"{number}.jpg": number for number in range(count)}
    answers: dict[str, int | None] = {**dict.fromkeys(people, 25), "1.jpg": None}
    made = {"a": measure("a", truth=people, answers=answers, answers_by_round=[answers] * 3)}
    table = consistency.make_consistency_table(made)
    assert [row[0] for row in table.rows[:2]] == ["1.jpg", "0.jpg"]
    assert table.rows[0][2] == "-"
    assert len(table.rows) == shown + 1
    more = "; the 20 worst of 21 images, all are in rows.csv" if count > shown else ""
    assert table.caption == f"Answers by image (median round, and the range over rounds{more})"
    assert len(consistency.make_short_consistency_rows(made)) == shown + 2


def test_missing_answers_have_reasons_and_figures_have_an_origin() -> None:
    """Missing answers have their reasons, and unknown origins are `unknown` or `not reported`."""
    errors = tables.make_error_table(TWO)
    assert errors is not None
    assert errors.caption == "Images without an answer in the median round"
    assert (errors.head, errors.rows) == (["strategy", "image", "reason"], [["sequential", "a.jpg", "blocked: SAFETY"]])
    assert tables.make_error_table({"bounded": TWO["bounded"]}) is None
    table = tables.make_provenance_table(TWO)
    assert table.caption == "Where the figures come from"
    assert table.head == ["strategy", "timing", "source", "recorded at", "answered by", "SDK", "prices as of"]
    assert table.rows == [
        ["bounded", "replayed", "simulator", "2026-11-23T02:47:24+00:00", "m-001", "google-genai 3.4.0", "2026-11-23"],
        ["sequential", "virtual", "host.example", "unknown", "not reported", "google-genai 9", "2027-02-01"],
    ]


def test_verdicts_have_notes() -> None:
    """The last column has what has grown, then the notes."""
    verdict = Verdict(
        "x::y",
        "bounded",
        Finding.SLOWER,
        "3 rounds",
        Ratio(1.5, 1.25, 1.75),
        0.2,
        ("why", "how"),
        ("requests", "tokens"),
    )
    table = tables.make_verdict_table([verdict])
    assert table is not None
    assert table.caption == "Faster or slower than the stored runs?"
    reasons = "grown: requests; grown: tokens; why; how"
    assert dict(zip(table.head, table.rows[0], strict=True)) == {
        "strategy": "bounded",
        "verdict": "slower",
        "ratio (interval)": "1.50 (1.25 to 1.75)",
        "compared": "3 rounds",
        "smallest detectable change": "20%",
        "answers": "-",
        "notes": reasons,
    }
    assert tables.make_verdict_table([]) is None


def test_strategies_are_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caption names the reference; there is no table if nothing was compared, as for replays."""
    verdict = Verdict("bounded", "bounded", Finding.CANNOT_TELL, "3 and 3 rounds", Ratio(1.0, 0.5, 2.0), notes=("few",))
    compared = {id(THREE): [verdict] * 2}
    monkeypatch.setattr(tables, "compare_strategies", lambda benchmarks: compared.get(id(benchmarks), []))
    table = tables.make_contest_table(THREE)
    assert table is not None
    assert table.caption.startswith("Faster or slower against sequential? Rounds of one session are not independent")
    assert table.caption.endswith("corrected for 2 comparisons (Holm).")
    assert table.rows == [["bounded", "cannot tell yet", "1.00 (0.50 to 2.00)", "3 and 3 rounds", "-", "-", "few"]] * 2
    assert tables.make_contest_table(dict(THREE)) is None


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_a_csv_has_a_row_for_each_round_and_image(begins: str) -> None:
    """In every column, text that looks like a formula is quoted; numbers stay numbers."""
    rounds = [{"a.jpg": 11, f"{begins}1.jpg": -2}, {"a.jpg": None}]
    made = measure("b", (1.23456789, 2.0), answers_by_round=rounds, errors={"a.jpg": f"{begins}why"})
    about = ["m", "made-up", "replayed", "simulator", "b", ""]
    rows = list(list_csv_rows({"b": made}))
    assert rows == [
        [*about, 1, 1.234568, "a.jpg", 10, 11, 0.9, f"'{begins}why"],
        [*about, 1, 1.234568, f"'{begins}1.jpg", None, -2, None, ""],
        [*about, 2, 2.0, "a.jpg", 10, None, 0.0, f"'{begins}why"],
    ]
    assert all(len(row) == len(CSV_HEAD) for row in rows)
