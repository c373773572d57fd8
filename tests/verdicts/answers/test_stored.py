"""The answers of a run against those of a stored one: the same recording's exactly, others by more than chance."""

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
    """Return a benchmark whose answers about these images are off in every round."""
    answers = {image: true + off * (number in wrong) for number, (image, true) in enumerate(TRUE.items())}
    made: dict[str, Any] = {
        "answers": answers,
        "answers_by_round": [answers] * 2,
        "truth": TRUE if truth is None else truth,
    }
    return with_seconds(SECONDS, **TASK | made | changed)


def test_the_same_recording_gives_the_same_answers() -> None:
    """Nothing is said of answers that are unchanged, right or wrong."""
    found = verdict(answer(3), answer(3))
    assert found.answers is not None
    assert (found.answers.finding, found.answers.sentence, found.is_regression) == (AnswerFinding.UNCHANGED, "", False)
    assert found.row[-1] == "unchanged"


def test_a_reading_that_got_worse_is_a_regression_and_names_the_images() -> None:
    """One image is enough where nothing is chance, although the seconds are the same."""
    found = verdict(answer(3, 5), answer(3))
    assert found.answers is not None
    assert found.finding is Finding.SAME
    assert found.is_regression
    assert found.answers.sentence == "the answers got worse (replayed or simulated alike, so it is not chance): 5.jpg"
    assert found.row[-1] == "worse: -8"
    better = verdict(answer(3), answer(3, 5))
    assert better.answers is not None
    assert (better.answers.finding, better.is_regression) == (AnswerFinding.BETTER, False)


def test_without_truths_a_changed_reading_is_said_and_no_regression() -> None:
    """Nobody knows whether it is better or worse; neither does anybody where both answers are wrong."""
    for truth, now in (({}, answer(5, truth={})), (TRUE, answer(3, off=2.0))):
        found = verdict(now, answer(3, truth=truth) if truth else answer(truth={}))
        assert found.answers is not None
        assert (found.answers.finding, found.is_regression) == (AnswerFinding.CHANGED, False)
        named = "5.jpg" if not truth else "3.jpg"
        assert found.answers.sentence == f"the answers changed, and nobody knows whether for the better: {named}"


LIVE: dict[str, Any] = {"timing": "live", "source": "gemini"}


def test_live_answers_are_worse_only_by_more_than_chance() -> None:
    """Five images of twelve may be chance, six are not; the worst six images are named, five of them by name."""
    few, many = verdict(answer(*range(5), **LIVE), answer(**LIVE)), verdict(answer(*range(6), **LIVE), answer(**LIVE))
    assert few.answers is not None
    assert many.answers is not None
    assert (few.answers.finding, few.answers.sentence) == (AnswerFinding.UNSEEN, "")
    assert many.answers.finding is AnswerFinding.WORSE
    assert many.is_regression
    assert many.row[-1] == "worse: -50 (-72 to -13)"
    names = "0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg and 1 more"
    assert many.answers.sentence == f"the answers got worse (by more than chance): {names}"


def test_several_verdicts_on_chance_are_adjusted_for_being_several() -> None:
    """What would be worse alone (p = 0.031) is not among four; readings of one recording are no chance."""
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
    """A truth that was corrected since does not pass for answers that changed."""
    corrected = TRUE | {"3.jpg": 4.0}
    found = judge_answers(answer(3, truth=corrected), answer(3), same_recording=True)
    assert found is not None
    assert found.finding is AnswerFinding.UNCHANGED


def test_another_kind_of_answer_is_not_compared_and_that_is_said() -> None:
    """Neither is a run in virtual time with other truths, from which the simulator answers."""
    then = answer(task={"answer": "text"}, answers_by_round=[{"1.jpg": "one"}] * 2, answers={}, truth={})
    found = verdict(answer(), then)
    assert found.answers is not None
    assert found.answers.sentence == "the answers are not compared, since another kind of answer was asked for then"
    assert (found.row[-1], found.is_regression) == ("not compared", False)
    virtual: dict[str, Any] = {"timing": "virtual", "recorded_at": None, "recorded_seconds": [None, None]}
    found = verdict(answer(truth=TRUE | {"3.jpg": 4.0}, **virtual), answer(**virtual))
    assert found.answers is not None
    assert found.answers.sentence.endswith("since the simulator answers from the truths, and these have changed")


def test_another_tolerance_or_unit_is_still_compared() -> None:
    """Both runs are judged by today's."""
    wide = {"answer": "number", "unit": "euros", "tolerance": 2.0}
    found = verdict(answer(3, 5), answer(3, task=wide))
    assert found.answers is not None
    assert found.answers.finding is AnswerFinding.WORSE


def test_what_got_worse_is_named_also_where_more_got_better() -> None:
    """Over the same recording nothing is chance."""
    found = verdict(answer(5), answer(3, 4))
    assert found.answers is not None
    assert found.answers.sentence == "the answers got better, but worse about 5.jpg"


@pytest.mark.parametrize("changed", [{"answers_by_round": [{}, {}]}, {"truth": {}}], ids=str)
def test_what_cannot_be_compared_is_not(changed: dict[str, Any]) -> None:
    """Answers that were not stored, and of live runs, no truth."""
    now = answer(**changed) if "truth" in changed else answer()
    assert judge_answers(now, answer(**changed), same_recording=False) is None


def test_another_prompt_is_another_question() -> None:
    """Its answers are not compared."""
    assert verdict(answer(**LIVE), answer(prompt_sha256="other", **LIVE)).answers is None
