"""Tests of the comparison of answers in one run: paired by image, and adjusted for multiple comparisons."""

from dataclasses import replace
from typing import Any

from benchmarks.verdicts.answers.contest import compare_answers, find_most_right
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import with_changes, with_seconds

IMAGES = [f"{number}.jpg" for number in range(12)]
LABELS: dict[str, Any] = {
    "task": {"answer": "label", "choices": ["shoe", "shirt"]},
    "truth": dict.fromkeys(IMAGES, "shoe"),
}


def answer(*wrong: int, rounds: int = 2, asked: str = "") -> Benchmark:
    """Return a benchmark whose answers for these images are wrong in every round; `asked` is the prompts' digest."""
    answers = {image: "shirt" if number in wrong else "shoe" for number, image in enumerate(IMAGES)}
    prompt = {"prompt_sha256": asked, "image_tokens": None} if asked else {}
    return with_seconds([1.0] * rounds, answers=answers, answers_by_round=[answers] * rounds, **LABELS, **prompt)


def test_worse_answers_have_their_difference() -> None:
    """Nine more wrong images of twelve are -75 percentage points, with p = 2 / 512 times 2 for two comparisons."""
    found = compare_answers({"concurrent": answer(1), "sequential": answer(1), "single_prompt": answer(*range(1, 11))})
    assert found is not None
    assert found.reference == "sequential"
    assert found.make_table().rows == [
        ["concurrent", "no difference seen", "+0 (-14 to +14)", "1", "12"],
        ["single_prompt", "worse", "-75 (-93 to -36)", "0.0078", "12"],
    ]
    found = compare_answers({"sequential": answer(1), "concurrent": answer(*range(1, 11))})
    assert found is not None
    assert found.make_table().head[0] == "answers against sequential"
    assert found.caption.endswith("corrected for 1 comparison (Holm); the answers are simulated")


def test_with_too_few_images_all_tie() -> None:
    """With two images no difference can be shown: both strategies tie, and the clause has the number needed."""
    wrong = {"a.jpg": 9, "b.jpg": 9}
    few: dict[str, Any] = {"truth": {"a.jpg": 4, "b.jpg": 5}}
    made = {
        "sequential": with_seconds(
            [1.0], answers=wrong, answers_by_round=[wrong], prompt_sha256="other", image_tokens=None, **few
        ),
        "batch": with_seconds([1.0], answers=few["truth"], answers_by_round=[few["truth"]], input_tokens=None, **few),
    }
    found = compare_answers(made)
    assert found is not None
    assert not found.shows_any
    assert find_most_right(made) == (
        ["batch", "sequential"],
        "2 images are too few to tell strategies apart (at least 6 are needed)",
    )


def test_the_most_right_are_those_that_cannot_be_told_apart_from_the_best() -> None:
    """The best share comes first; a difference of one image of twelve ties, one of ten images does not."""
    made = {"files": answer(1), "single_prompt": answer(*range(10), asked="together"), "sequential": answer()}
    assert find_most_right(made) == (["sequential", "files"], "")
    swapped = made | {"threads": answer(*range(10))}
    assert find_most_right(swapped) == (["sequential", "files"], ""), "equal prompts do not excuse wrong answers"
    assert find_most_right({"sequential": answer()}) == (["sequential"], "")
    assert find_most_right({"sequential": with_seconds([1.0], truth={})}) == ([], "")


def test_one_that_lacks_an_answer_is_no_reference() -> None:
    """A strategy with missing answers is not compared, and another is the reference; if all have some, none is."""
    failed = with_changes(answer(*range(12)).record, errors=dict.fromkeys(IMAGES, "no"))
    made = {"sequential": replace(answer(), record=failed), "files": answer(1), "batch": answer(2)}
    found = compare_answers(made)
    assert found is not None
    assert found.reference == "files"
    assert set(found.differences) == {"batch"}, "it is not compared either, because answers are missing"
    assert compare_answers(dict.fromkeys(("sequential", "batch"), made["sequential"])) is None


def test_without_truths_or_another_strategy_nothing_is_compared() -> None:
    """The result is None without truths, and for a single strategy."""
    unknown = with_seconds([1.0], truth={})
    assert compare_answers({"sequential": unknown, "batch": unknown}) is None
    assert compare_answers({"sequential": answer()}) is None


def test_comparisons_are_corrected_within_their_family() -> None:
    """Comparisons with the same prompts do not weaken the single one with other prompts: p = 2 / 64, not 8 / 64."""
    same = {name: answer() for name in ("concurrent", "bounded", "files")}
    found = compare_answers({"sequential": answer(), "single_prompt": answer(*range(6), asked="together"), **same})
    assert found is not None
    assert found.families == [["single_prompt"], ["concurrent", "bounded", "files"]]
    assert found.adjusted["single_prompt"] == 2 / 64
    assert (
        "corrected for 1 comparison with other prompts and 3 comparisons with the same prompts (Holm)" in found.caption
    )
