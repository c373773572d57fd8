"""Without truths: how often strategies agree with `sequential`, and how often it agrees with itself."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.verdicts.answers.agreement import find_agreements, list_differing
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import with_seconds

LABEL: dict[str, Any] = {"answer": "label", "choices": ["bag", "shoe", "shirt"]}


def answer(*rounds: list[str | None], task: dict[str, Any] | None = None) -> Benchmark:
    """Return a benchmark of images without truths that were answered so, a list a round."""
    answers = [{f"{number}.jpg": each for number, each in enumerate(one)} for one in rounds]
    made = {"answers": answers[0], "answers_by_round": answers, "truth": {}, "task": task or LABEL}
    return with_seconds([1.0] * len(rounds), **made)


def test_agreement_is_over_all_pairs_of_rounds() -> None:
    """`sequential` agrees with itself on one image of two; the other strategy on 3 of 4 pairs of rounds and images."""
    found = find_agreements(
        {"sequential": answer(["shoe", "bag"], ["shoe", "shirt"]), "batch": answer(["Shoe", "shirt"])}
    )
    assert found == {"sequential": 0.5, "batch": 0.75}


def test_in_virtual_time_rounds_that_share_their_draws_are_not_paired() -> None:
    """The same round of two strategies has the same errors by construction, which is no agreement."""
    one, other = answer(["shoe", "bag"], ["bag", "bag"]), answer(["shoe", "bag"], ["bag", "bag"])
    virtual = {
        name: replace(each, record=each.record.model_copy(update={"timing": "virtual"}))
        for name, each in (("sequential", one), ("batch", other))
    }
    assert find_agreements(virtual) == {"sequential": 0.5, "batch": 0.5}
    assert find_agreements({"sequential": one, "batch": other})["batch"] == 0.75


def test_a_missing_answer_agrees_with_none() -> None:
    """Not even with another missing one."""
    found = find_agreements({"sequential": answer(["shoe", None]), "batch": answer(["shoe", None])})
    assert found == {"sequential": None, "batch": 0.5}


def test_texts_agree_as_far_as_they_are_alike() -> None:
    """One letter of four differs; case and white space do not count."""
    text = {"answer": "text"}
    found = find_agreements({"sequential": answer(["ABCD"], task=text), "batch": answer([" abce "], task=text)})
    assert found["batch"] == pytest.approx(0.75)


def test_without_sequential_there_is_nothing_to_agree_with() -> None:
    """The answers that differ are still marked, against the first strategy."""
    other = {"threads": answer(["shoe", "bag"]), "batch": answer(["shoe", "shirt"])}
    assert find_agreements(other) == {}
    assert list_differing(other) == {"threads": set(), "batch": {"1.jpg"}}
