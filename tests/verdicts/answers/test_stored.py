"""Tests of the comparison with stored answers: exact for the same recording, by more than chance for others."""

from typing import Any

import pytest

from benchmarks.verdicts.answers.difference import AnswerFinding
from benchmarks.verdicts.answers.stored import adjust_findings, judge_answers
from benchmarks.verdicts.seconds.ratios import Finding
from fixtures.run.record.benchmark import Benchmark
from tests.helpers.judged import verdict, with_seconds

IMAGES = [f"{number}.jpg" for number in range(12)]
TASK: dict[str, Any] = {"task": {"answer": "number", "unit": "dollars", "tolerance": 0.01}}
TRUE = {image: float(number) for number, image in enumerate(IMAGES)}
SECONDS = [10.0, 11.0]


def answer(*wrong: int, truth: dict[str, float] | None = None, off: float = 1.0, **changed: Any) -> Benchmark:
    """Return a benchmark whose answers for the images `wrong` differ from the truth by `off` in every round."""
    answers = {image: true + off * (number in wrong) for number, (image, true) in enumerate(TRUE.items())}
    made: dict[str, Any] = {
        "answers": answers,
        "answers_by_round": [answers] * 2,
        "truth": TRUE if truth is None else truth,
    }
    return with_seconds(SECONDS, **TASK | made | changed)


def test_the_same_recording_gives_the_same_answers() -> None:
    """Unchanged answers, right or wrong, have no sentence and are no regression."""
    found = verdict(answer(3), answer(3))
    assert found.answers is not None
    assert (found.answers.finding, found.answers.sentence, found.is_regression) == (AnswerFinding.UNCHANGED, "", False)
    assert found.row[-1] == "unchanged"


def test_a_reading_that_got_worse_is_a_regression_and_names_the_images() -> None:
    """On a replay one worse image is a regression, also if the seconds are the same, and the sentence names it."""
    found = verdict(answer(3, 5), answer(3))
    assert found.answers is not None
    assert found.finding is Finding.SAME
    assert found.is_regression
    same = "not by chance: the model's responses are the same"
    assert found.answers.sentence == f"the answers got worse ({same}): 5.jpg"
    assert found.row[-1] == "worse: -8"
    better = verdict(answer(3), answer(3, 5))
    assert better.answers is not None
    assert (better.answers.finding, better.is_regression) == (AnswerFinding.BETTER, False)


def test_a_changed_reading_without_another_score_is_no_regression() -> None:
    """Answers that changed without truths, or with the same mean score, have a sentence but are no regression."""
    for truth, now in (({}, answer(5, truth={})), (TRUE, answer(3, off=2.0))):
        found = verdict(now, answer(3, truth=truth) if truth else answer(truth={}))
        assert found.answers is not None
        assert (found.answers.finding, found.is_regression) == (AnswerFinding.CHANGED, False)
        why = "no truths are known): 5.jpg" if not truth else "their mean score is the same): 3.jpg"
        assert found.answers.sentence == f"the answers changed ({why}"


LIVE: dict[str, Any] = {"timing": "live", "source": "gemini"}


def test_live_answers_are_worse_only_by_more_than_chance() -> None:
    """Five worse images of twelve may be chance, six are not; the sentence names five and counts the rest."""
    few, many = verdict(answer(*range(5), **LIVE), answer(**LIVE)), verdict(answer(*range(6), **LIVE), answer(**LIVE))
    assert few.answers is not None
    assert many.answers is not None
    assert (few.answers.finding, few.answers.sentence) == (AnswerFinding.UNSEEN, "")
    assert many.answers.finding is AnswerFinding.WORSE
    assert many.is_regression
    assert many.row[-1] == "worse: -50 (-72 to -13)"
    names = "0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 1 more"
    assert many.answers.sentence == f"the answers got worse (by more than chance): {names}"


def test_sampled_verdicts_are_adjusted_for_multiple_comparisons() -> None:
    """A difference with p = 0.031 is worse alone but not among four; exact verdicts are not adjusted."""
    alone = judge_answers(answer(*range(6)), answer(), same_recording=False)
    reading = judge_answers(answer(1), answer(), same_recording=True)
    adjusted = adjust_findings([alone, alone, None, reading, alone, alone])
    found = [each.finding for each in adjusted if each is not None]
    unseen = AnswerFinding.UNSEEN
    assert found == [unseen, unseen, AnswerFinding.WORSE, unseen, unseen]
    (single,) = adjust_findings([alone])
    assert single is not None
    assert single.finding is AnswerFinding.WORSE


def test_both_are_scored_by_the_truths_of_this_run() -> None:
    """A truth that was corrected since the stored run does not make the answers better or worse."""
    corrected = TRUE | {"3.jpg": 4.0}
    found = judge_answers(answer(3, truth=corrected), answer(3), same_recording=True)
    assert found is not None
    assert found.finding is AnswerFinding.UNCHANGED


def test_another_kind_of_answer_is_not_compared_and_the_reason_is_printed() -> None:
    """Answers of another kind, and in virtual time with other truths, are not compared, and the sentence says why."""
    then = answer(task={"answer": "text"}, answers_by_round=[{"1.jpg": "one"}] * 2, answers={}, truth={})
    found = verdict(answer(), then)
    assert found.answers is not None
    why = "the stored run asked for another kind of answer"
    assert found.answers.sentence == f"the answers are not compared, because {why}"
    assert (found.row[-1], found.is_regression) == ("not compared", False)
    virtual: dict[str, Any] = {"timing": "virtual", "recorded_at": None, "recorded_seconds": [None, None]}
    found = verdict(answer(truth=TRUE | {"3.jpg": 4.0}, **virtual), answer(**virtual))
    assert found.answers is not None
    assert found.answers.sentence.endswith("makes its answers from the truths, and these have changed")


def test_another_tolerance_or_unit_is_still_compared() -> None:
    """Both runs are scored with the tolerance and unit of this run."""
    wide = {"answer": "number", "unit": "euros", "tolerance": 2.0}
    found = verdict(answer(3, 5), answer(3, task=wide))
    assert found.answers is not None
    assert found.answers.finding is AnswerFinding.WORSE


def test_images_that_got_worse_are_named_also_if_more_got_better() -> None:
    """If more images of a replay got better than worse, the sentence still names the worse ones."""
    found = verdict(answer(5), answer(3, 4))
    assert found.answers is not None
    assert found.answers.sentence == "the answers got better, but worse for 5.jpg"


@pytest.mark.parametrize("changed", [{"answers_by_round": [{}, {}]}, {"truth": {}}], ids=str)
def test_answers_that_cannot_be_compared_have_no_verdict(changed: dict[str, Any]) -> None:
    """There is no verdict without stored answers, nor, between two samples, without truths."""
    now = answer(**changed) if "truth" in changed else answer()
    assert judge_answers(now, answer(**changed), same_recording=False) is None


def test_another_prompt_is_another_question() -> None:
    """Answers to another prompt are not compared."""
    assert verdict(answer(**LIVE), answer(prompt_sha256="other", **LIVE)).answers is None
