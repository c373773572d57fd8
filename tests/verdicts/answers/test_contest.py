"""Whose answers are more right in one run: paired by image, adjusted for being several, and silent where it must be."""

from typing import Any

from benchmarks.verdicts.answers.contest import compare_answers, describe_answer_contest
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import with_seconds

IMAGES = [f"{number}.jpg" for number in range(12)]
LABELS: dict[str, Any] = {
    "task": {"answer": "label", "choices": ["shoe", "shirt"]},
    "truth": dict.fromkeys(IMAGES, "shoe"),
}


def answer(*wrong: int, rounds: int = 2) -> Benchmark:
    """Return a benchmark whose answers about these images are wrong in every round."""
    answers = {image: "shirt" if number in wrong else "shoe" for number, image in enumerate(IMAGES)}
    return with_seconds([1.0] * rounds, answers=answers, answers_by_round=[answers] * rounds, **LABELS)


def test_worse_answers_are_told_with_their_difference() -> None:
    """Nine of twelve images wrong: 75 percentage points less, p = 2 / 512 times 2 for two comparisons."""
    found = compare_answers({"concurrent": answer(1), "sequential": answer(1), "single_prompt": answer(*range(1, 11))})
    assert found is not None
    assert found.reference == "sequential"
    assert found.make_table().rows == [
        ["concurrent", "no difference seen", "+0 (-14 to +14)", "1", "12"],
        ["single_prompt", "worse", "-75 (-93 to -36)", "0.0078", "12"],
    ]
    lines = describe_answer_contest({"sequential": answer(1), "concurrent": answer(*range(1, 11))})
    assert lines[1].startswith("answers against sequential  verdict")
    assert lines[-1].endswith("adjusted by Holm's method for being 1; the answers are simulated.")


def test_too_few_images_are_said_to_be_too_few() -> None:
    """No table of verdicts is printed that could only say one thing."""
    few: dict[str, Any] = {"truth": {"a.jpg": 4, "b.jpg": 5}}
    lines = describe_answer_contest({"sequential": with_seconds([1.0], **few), "batch": with_seconds([1.0], **few)})
    (line,) = lines
    assert line.startswith("2 images cannot show whether one strategy's answers are more right than another's: ")
    assert line.endswith("with one comparison it takes at least 6.")


def test_without_truths_or_another_strategy_nothing_is_said() -> None:
    """Agreement is shown then, which is another thing."""
    unknown = with_seconds([1.0], truth={})
    assert describe_answer_contest({"sequential": unknown, "batch": unknown}) == []
    assert describe_answer_contest({"sequential": answer()}) == []
