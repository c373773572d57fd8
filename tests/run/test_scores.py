"""How right a benchmark's answers are, by the measure of their kind; older records give the same scores."""

import re
from typing import Any

import pytest

from fixtures.run.record.benchmark import read_benchmark
from fixtures.run.record.scores import count_exact, measure_errors, score_by_image
from fixtures.tasks.kinds.count import Count
from fixtures.tasks.kinds.label import Label
from tests.helpers.runs import make_benchmark

PEOPLE = Count("people")
TRUTHS = {"a": 3, "b": 9, "d": 1, "e": 0}
ANSWERS = {"a": 5, "b": 5, "c": 5, "d": None, "e": 0}


def test_an_answer_is_off_where_its_truth_is_known() -> None:
    """The error is the absolute difference; images without an answer or a truth are left out."""
    assert measure_errors(PEOPLE, TRUTHS, ANSWERS) == [2, 4, 0]
    assert measure_errors(Label(("x", "y")), {"a": "x"}, {"a": "y"}) == [], "a label has no such error"


def test_an_image_is_right_on_an_average_of_the_rounds() -> None:
    """An image's score is its mean over the rounds, a missing answer scores 0, and only full scores count as exact."""
    rounds: list[dict[str, Any]] = [ANSWERS, ANSWERS | {"a": 3, "d": 1}]
    assert score_by_image(PEOPLE, TRUTHS, rounds) == pytest.approx({"a": 2 / 3, "b": 5 / 9, "d": 0.5, "e": 1.0})
    assert [count_exact(PEOPLE, TRUTHS, answers) for answers in rounds] == [1, 3]


def test_without_truths_or_rounds_nothing_is_judged() -> None:
    """Without truths or rounds, no image has a score."""
    assert score_by_image(PEOPLE, {}, [ANSWERS]) == {}
    assert score_by_image(PEOPLE, TRUTHS, []) == {}


@pytest.mark.parametrize("version", [1, 2])
def test_a_record_of_an_earlier_version_is_judged_by_its_answers(version: int) -> None:
    """Versions 1 and 2 have only numbers of people, and call the truth `people`."""
    made = make_benchmark("sequential")
    now, info = read_benchmark(made).record, made["extra_info"]
    for name in ("task", "judged", "right", "right_by_image"):
        del info[name]
    info |= {"people": info.pop("truth"), "version": version}
    if version == 1:
        del info["version"]
    then = read_benchmark(made).record
    assert then.version == 3
    assert then.kind == PEOPLE
    assert then.right == pytest.approx(now.right)
    assert then.model_dump(exclude={"right"}) == now.model_dump(exclude={"right"})


@pytest.mark.parametrize(
    ("task", "answer", "told"),
    [
        ({"answer": "count"}, "four", "is damaged (an answer in extra_info is not a count)"),
        ({"answer": "text"}, 4, "is damaged (an answer in extra_info is not a text)"),
        (
            {"answer": "fields", "fields": {"total": "number"}},
            [4],
            "is damaged (an answer in extra_info is not a fields)",
        ),
        ({"answer": "colour"}, 4, "answer is 'colour'; it must be one of count, fields, label, number, text"),
    ],
)
def test_answers_of_another_kind_than_the_record_says_are_damage(task: dict[str, Any], answer: Any, told: str) -> None:
    """They are refused in one sentence when the run is read."""
    made = make_benchmark("sequential")
    made["extra_info"] |= {"task": task, "truth": {}, "answers": {"a.jpg": answer}, "answers_by_round": [{}] * 5}
    with pytest.raises(ValueError, match=re.escape(told)):
        read_benchmark(made)


def test_a_kind_that_is_not_at_hand_does_not_keep_a_run_from_loading() -> None:
    """The stored scores are kept although the kind cannot be imported."""
    made = make_benchmark("sequential")
    made["extra_info"]["task"] = {"answer": "nowhere:TAGS"}
    assert read_benchmark(made).record.right is not None
