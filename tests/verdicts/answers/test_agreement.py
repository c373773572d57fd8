"""Tests of agreement without truths: of strategies with `sequential`, and of `sequential` with itself."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.verdicts.answers.agreement import find_agreements, list_differing
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import with_seconds

LABEL: dict[str, Any] = {"answer": "label", "choices": ["bag", "shoe", "shirt"]}


def answer(*rounds: list[str | None], task: dict[str, Any] | None = None) -> Benchmark:
    """Return a benchmark of images without truths, with one list of answers per round."""
    answers = [{f"{number}.jpg": each for number, each in enumerate(one)} for one in rounds]
    made = {"answers": answers[0], "answers_by_round": answers, "truth": {}, "task": task or LABEL}
    return with_seconds([1.0] * len(rounds), **made)


def test_agreement_is_over_all_pairs_of_rounds() -> None:
    """Agreement is the mean over pairs of rounds: here 1 of 2 for `sequential` itself, and 3 of 4 for the other."""
    found = find_agreements(
        {"sequential": answer(["shoe", "bag"], ["shoe", "shirt"]), "batch": answer(["Shoe", "shirt"])}
    )
    assert found == {"sequential": 0.5, "batch": 0.75}


def test_in_virtual_time_rounds_that_share_their_draws_are_not_paired() -> None:
    """In virtual time, equal rounds of two strategies have the same errors by construction and are not compared."""
    one, other = answer(["shoe", "bag"], ["bag", "bag"]), answer(["shoe", "bag"], ["bag", "bag"])
    virtual = {
        name: replace(each, record=each.record.model_copy(update={"timing": "virtual"}))
        for name, each in (("sequential", one), ("batch", other))
    }
    assert find_agreements(virtual) == {"sequential": 0.5, "batch": 0.5}
    assert find_agreements({"sequential": one, "batch": other})["batch"] == 0.75


def test_a_missing_answer_agrees_with_none() -> None:
    """A missing answer does not agree with another missing one."""
    found = find_agreements({"sequential": answer(["shoe", None]), "batch": answer(["shoe", None])})
    assert found == {"sequential": None, "batch": 0.5}


def test_texts_agree_as_far_as_they_are_alike() -> None:
    """Two texts that differ in one letter of four agree by 0.75; case and white space do not count."""
    text = {"answer": "text"}
    found = find_agreements({"sequential": answer(["ABCD"], task=text), "batch": answer([" abce "], task=text)})
    assert found["batch"] == pytest.approx(0.75)


def test_without_sequential_there_is_nothing_to_agree_with() -> None:
    """Without `sequential` there is no agreement; differing answers are found by comparison with the first strategy."""
    other = {"threads": answer(["shoe", "bag"]), "batch": answer(["shoe", "shirt"])}
    assert find_agreements(other) == {}
    assert list_differing(other) == {"threads": set(), "batch": {"1.jpg"}}
