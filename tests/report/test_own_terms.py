"""A report uses the unit and the terms of each image set; it mentions people only where people are counted."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.history.groups import group_benchmarks
from benchmarks.report.consistency import make_consistency_table
from benchmarks.report.figures.images import draw_images
from benchmarks.report.page import make_markdown, sections, write_page
from benchmarks.report.page.rows import list_csv_rows
from fixtures.images.folder import load_images
from fixtures.run.record.benchmark import Benchmark, read_benchmark
from fixtures.tasks.question import load_question
from tests.helpers.runs import make_benchmark
from tests.helpers.terminal import show_group

IMAGES = [f"{number}.jpg" for number in range(8)]
FIELDS = {"merchant": "text", "total": "number"}
SETS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "number": ({"answer": "number", "unit": "dollars", "tolerance": 0.005}, 12.5, 13.0),
    "label": ({"answer": "label", "choices": ["shoe", "shirt"]}, "shoe", "shirt"),
    "text": ({"answer": "text"}, "Exit only", "exit on"),
    "fields": (
        {"answer": "fields", "fields": FIELDS},
        {"merchant": "Kestrel & Vine", "total": 12.5},
        {"merchant": "Kestrel & Vine", "total": None},
    ),
}
"""The options of each kind of answer, with a truth and a wrong answer."""


def answer(strategy: str, kind: str, *, wrong: int = 0, knows: bool = True) -> Benchmark:
    """Return a benchmark of two rounds about eight images, with this number of wrong answers."""
    task, true, false = SETS[kind]
    answers = {image: false if number < wrong else true for number, image in enumerate(IMAGES)}
    off = 0.25 if kind == "number" and knows else None
    made: dict[str, Any] = {
        "task": task,
        "answers": answers,
        "answers_by_round": [answers] * 2,
        "images": IMAGES,
        "cost_usd": 0.08,
    }
    truth = dict.fromkeys(IMAGES, true) if knows else {}
    made["prompt_sha256"] = "together" if strategy == "batch" else "alone"
    document = make_benchmark(strategy, rounds=2, truth=truth, mean_absolute_error=off, image_tokens=None, **made)
    return read_benchmark(document)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (
            "number",
            "(75 % right, 95 % interval 41 to 93 %, off by 0.25 dollars per image, simulated)",
        ),
        ("label", "Most right: sequential (75 % right, 95 % interval 41 to 93 %, simulated)"),
        ("text", "Most right: sequential (94 % alike, 95 % interval 61 to 99 %, simulated)"),
        ("fields", "Most right: sequential (88 % of fields right, 95 % interval 53 to 98 %, simulated)"),
    ],
)
def test_right_answers_are_described_in_the_terms_of_their_kind(kind: str, told: str) -> None:
    """The share of right answers is in the terms of the kind; only numbers have a unit and a column of errors."""
    lines = show_group([answer("sequential", kind, wrong=2), answer("batch", kind, wrong=4)])
    text = "\n".join(lines)
    assert told in text
    assert "people" not in text
    head = next(line for line in lines if line.startswith("strategy "))
    assert ("off by" in head) == (kind == "number")
    assert "agrees" not in head


def test_the_cost_per_right_answer_is_the_cost_divided_by_the_right_answers() -> None:
    """The cost per right answer is the cost divided by the right answers: 8 cents for six are $13.33 per 1,000."""
    lines = show_group([answer("sequential", "label", wrong=2), answer("batch", "label", wrong=8)])
    head, first, second = (
        next(line for line in lines if line.startswith(name)) for name in ("strategy ", "sequential ", "batch ")
    )
    assert "  $/1,000 right  " in head
    assert "  13.33  " in first
    assert "  none right  " in second


def test_without_truths_answers_that_differ_are_marked() -> None:
    """Without truths, the table shows agreement instead of right answers, and answers that differ are marked."""
    benchmarks = {
        "sequential": answer("sequential", "label", wrong=2, knows=False),
        "batch": answer("batch", "label", wrong=4, knows=False),
    }
    lines = show_group([*benchmarks.values()])
    text = "\n".join(lines)
    assert next(line for line in lines if line.startswith("strategy ")).endswith("  agrees         95 %")
    assert next(line for line in lines if line.startswith("sequential ")).endswith("   100 %  68 to 100 %")
    assert next(line for line in lines if line.startswith("batch ")).endswith("    75 %   41 to 93 %")
    marked = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(tuple("01234567"))}
    assert marked["1.jpg"] == ["shirt", "shirt"]
    assert marked["2.jpg"] == ["shoe", "shirt*"]
    assert (
        "No true answers are known.\nAgreement is the share of images to which a strategy gives the same answer as"
        in text
    )
    assert "It is not accuracy.\n" in text
    assert "* marks an answer that differs from the answer of sequential in the median round.\n" in text
    assert "right" not in text
    table = make_consistency_table(benchmarks)
    assert table.head == ["image", "sequential", "batch"]
    assert table.rows[0][0] in ("2.jpg", "3.jpg"), "images with different answers come first"


def test_without_a_reference_there_is_no_agreement() -> None:
    """Without a reference no agreement is shown, but the answers are."""
    lines = show_group([answer("batch", "label", knows=False), answer("threads", "label", knows=False)])
    assert "* marks an answer that differs from the answer of batch in the median round." in lines
    assert not any("greement" in line for line in lines)


def test_agreement_of_texts_is_similarity() -> None:
    """For texts, agreement is described as similarity."""
    lines = show_group([answer("sequential", "text", knows=False), answer("batch", "text", wrong=2, knows=False)])
    assert any(line.startswith("Agreement is how similar the answers of a strategy are to those of") for line in lines)


def test_images_without_a_truth_are_last_and_marked() -> None:
    """Images without a truth come last in the table, and only their differing answers are marked."""
    made = {"sequential": answer("sequential", "label", wrong=1), "batch": answer("batch", "label", wrong=3)}
    for benchmark in made.values():
        del benchmark.record.truth["2.jpg"]
    table = make_consistency_table(made)
    assert [row[0] for row in table.rows[:2]] in (["0.jpg", "1.jpg"], ["1.jpg", "0.jpg"])
    assert table.rows[-1] == ["2.jpg", "-", "shoe", "shirt*"]
    assert "(only images without a truth)" in table.caption


def test_strategies_with_equally_right_answers_are_named_together() -> None:
    """The strategy with the highest share of right answers is named first, then those tied with it."""
    lines = show_group([answer(name, "label", wrong=wrong) for name, wrong in (("batch", 5), ("sequential", 2))])
    assert any(
        line.startswith("Most right: sequential (75 % right") and "and batch, which are tied." in line for line in lines
    )
    lines = show_group([answer(name, "label", wrong=wrong) for name, wrong in (("batch", 8), ("sequential", 0))])
    assert any(line.startswith("Most right: sequential (100 % right") and "batch" not in line for line in lines)


def test_only_wrong_fields_are_shown() -> None:
    """Of an answer with fields, only the wrong ones are shown; the truth is shown in full."""
    table = make_consistency_table({"sequential": answer("sequential", "fields", wrong=1)})
    assert table.rows[0] == ["0.jpg", "Kestrel & Vine; 12.5", "total -"]
    assert table.rows[1] == ["1.jpg", "Kestrel & Vine; 12.5", "right"]


def test_each_set_of_a_page_uses_its_own_terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Image sets with different kinds of answers are separate groups, even if they have the same name."""
    monkeypatch.setattr(sections, "draw_strategies", lambda *_: [])  # slow, and tested elsewhere
    every = [answer("sequential", kind, wrong=2) for kind in SETS]
    groups = group_benchmarks(every)
    assert [group.first.task["answer"] for group in groups] == [*SETS]
    page = write_page(every, tmp_path, {}).read_text(encoding="utf-8")
    assert "94 % alike" in page
    assert "88 % of fields right" in page
    assert "people" not in page
    assert "mean absolute error (dollars)" in make_markdown(groups)


def test_a_csv_has_answers_as_they_are_and_fields_as_json() -> None:
    """The CSV has the score of each answer; numbers are numbers and fields are JSON."""
    (row, *_) = list_csv_rows({"sequential": answer("sequential", "fields", wrong=1)})
    assert row[-4:] == [
        '{"merchant": "Kestrel & Vine", "total": 12.5}',
        '{"merchant": "Kestrel & Vine", "total": null}',
        0.5,
        "",
    ]
    (row, *_) = list_csv_rows({"sequential": answer("sequential", "number", wrong=1)})
    assert row[-4:] == [12.5, 13.0, 0.0, ""]


@pytest.mark.parametrize(
    ("image_set", "title"),
    [("four", "The images, and how many people are in them"), ("receipts", "The images")],
)
def test_the_title_of_the_images_mentions_only_what_is_shown(tmp_path: Path, image_set: str, title: str) -> None:
    """The title of the figure mentions true answers only if they are short enough to be shown in it."""
    images, question = load_images(image_set).images, load_question(image_set)
    truth = {image.name: image.truth for image in images}
    made: dict[str, Any] = {"image_set": image_set, "images": [*truth], "task": question.options, "answers": truth}
    document = make_benchmark("sequential", rounds=1, truth=truth, answers_by_round=[truth], **made)
    (group,) = group_benchmarks([read_benchmark(document)])
    drawing = draw_images(group, tmp_path, {})
    assert drawing is not None
    assert drawing.title == title
