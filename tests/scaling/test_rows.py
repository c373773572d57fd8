"""The table of a question about scale has a row per case: seconds, ratio to the ideal, and missing answers."""

from typing import Any

import pytest

from benchmarks.scaling.rows import EXPLANATIONS, HEAD, describe_scaling, group_by_question, make_rows
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from tests.helpers.runs import make_benchmark

IDEAL = {"seconds": 1000.0, "bound": "all work / concurrency", "in_order": 1200.0}
PROJECTED = {
    "requests": 1,
    "source": "gemini",
    "recorded_at": "2026-11-20",
    "extrapolated": [],
    "interval": [1.0, 2500],
}


def measure(question: str = "images", x: int = 10, unanswered: int = 0, **changed: Any) -> Benchmark:
    """Return a benchmark about scale whose rounds took 1,500 s."""
    client = {"cpu_seconds": 0.001, "image_bytes": 2000.0}
    case = {"question": question, "x": x, "unanswered": unanswered, "client": client}
    document = make_benchmark("bounded", timing="virtual", **({"scaling": case, "settings": {}} | changed))
    return read_benchmark(document | {"stats": {"data": [1500.0] * 5}})


PLAIN = ["10", "bounded", "1,500.0", "-", "-", "-", "unknown", "-", "", "", ""]
"""The row of a case without optional figures."""


@pytest.mark.parametrize(
    ("changed", "cells"),
    [
        ({}, {}),
        ({"x": 20_000}, {"images": "20,000"}),
        (
            {"ideal": IDEAL},
            {"times the ideal": "1.50", "bottleneck": "all work / concurrency", "times the ideal in order": "1.25"},
        ),
        (
            {"ideal": IDEAL | {"bound": "work / window"}},
            {"times the ideal": "1.50", "bottleneck": "all work / concurrency", "times the ideal in order": "1.25"},
        ),
        ({"cost_usd": 1234.5}, {"cost": "$1,234.50"}),
        ({"mean_absolute_error": 2.04}, {"off by": "2.0"}),
        ({"retries": 1234}, {"retries": "1,234"}),
        ({"settings": {"rpm": 5, "chunk": 4, "concurrency": 8}}, {"strategy": "bounded (concurrency 8, chunk 4)"}),
        ({"settings": {"chunk": 4}}, {"strategy": "bounded (chunk 4)"}),
        ({"projected": PROJECTED}, {"seconds (median)": "1,500.0 (1.0 to 2,500.0)"}),
        ({"projected": PROJECTED | {"interval": None}}, {"seconds (median)": "1,500.0 (no interval)"}),
        (
            {"projected": PROJECTED | {"extrapolated": [4]}, "settings": {"chunk": 4}},
            {"strategy": "bounded (chunk 4), extrapolated", "seconds (median)": "1,500.0 (1.0 to 2,500.0)"},
        ),
        (
            {"unanswered": 1500, "images_": 2000, "errors": {"7.jpg": "blocked: SAFETY: x", "8.jpg": "timed out"}},
            {"no answer": "1,500 of 2,000", "reason": "blocked"},
        ),
    ],
    ids=", ".join,
)
def test_a_case_has_its_figures_in_their_columns(changed: dict[str, Any], cells: dict[str, str]) -> None:
    """Unknown figures are a dash, an unknown cost is `unknown`, and no retries or missing answers are empty cells."""
    given = {"cost_usd": None, "mean_absolute_error": None, "retries": 0, "errors": {}} | changed
    errors, images = given.pop("errors"), given.pop("images_", 2)
    made = measure(**given)
    record = made.record.model_copy(update={"errors": errors, "images": images})
    head, row = make_rows([Benchmark(made.fullname, made.seconds, record)])
    assert head == ["images", *HEAD]
    assert dict(zip(head, row, strict=True)) == dict(zip(head, PLAIN, strict=True)) | cells


def test_questions_are_grouped_by_model_and_quantity() -> None:
    """Benchmarks about scale are grouped by model and question in their order; other benchmarks are left out."""
    race = read_benchmark(make_benchmark("bounded"))
    first, other, second = measure(x=10), measure("requests at a time"), measure(x=1)
    foreign = measure(model="m")
    assert group_by_question([first, race, other, second, foreign]) == {
        "gemini-3.5-flash, by images": [first, second],
        "gemini-3.5-flash, by requests at a time": [other],
        "m, by images": [foreign],
    }
    assert describe_scaling([race], None) == []
    described = describe_scaling([first, other, second], None)
    assert [each.title for each in described] == [
        "gemini-3.5-flash, by images",
        "gemini-3.5-flash, by requests at a time",
    ]
    assert described[0].origin.startswith("In virtual time, in process: latencies and answers of the bundled simulator")
    assert "The images are generated" in described[0].origin
    *_, head, rule, first_row, second_row = described[0].table
    assert head.startswith("images  ")
    assert set(rule) == {"-"}
    assert [row.split()[0] for row in (first_row, second_row)] == ["10", "1"]
    assert described[0].explanations == [*EXPLANATIONS.values()]


def test_a_narrow_terminal_shows_fewer_columns() -> None:
    """The seconds and the images without an answer are always shown; the sentences name and explain columns."""
    (described,) = describe_scaling([measure(ideal=IDEAL, question="percent of requests that fail")], 60)
    *head, rule, row = described.table
    assert [line[:8].strip() for line in head] == ["percent", "of", "requests", "that", "fail"]
    assert len(rule) == len(row) <= 60
    assert head[-1].endswith("answer")
    omitted = "bottleneck, times the ideal in order, reason, retries"
    assert described.explanations == [
        f"Columns for which the terminal is too narrow: {omitted}.",
        EXPLANATIONS["times the ideal"],
    ]
