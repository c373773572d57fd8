"""Tests of the difference between answers: the permutation test and the interval."""

from random import Random

import pytest

from benchmarks.verdicts.answers.difference import (
    AnswerFinding,
    Difference,
    compare_scores,
    find_least_to_compare,
)


def compare(differences: list[float]) -> Difference:
    """Return the difference of scores with these differences, one per image."""
    found = compare_scores(
        {str(index): max(each, 0.0) for index, each in enumerate(differences)},
        {str(index): max(-each, 0.0) for index, each in enumerate(differences)},
    )
    assert found is not None
    return found


def test_p_is_exact_and_two_sided() -> None:
    """If six images are all worse, p is 2 of 64 sign patterns; images without a difference have no effect."""
    assert compare([-1.0] * 6).p == 2 / 64
    assert compare([-1.0] * 6 + [0.0] * 30).p == 2 / 64
    assert compare([1.0, 1.0, -1.0]).p == 1.0
    assert compare([0.3, 0.1, 0.2]).p == 2 / 8
    assert compare([0.0] * 4).p == 1.0


def test_many_differences_are_drawn_and_agree_with_the_exact_test() -> None:
    """Of 17 differences, permutations are drawn, and p is close to that of the binomial test, 0.0127."""
    found = compare([1.0] * 14 + [-1.0] * 3)
    assert found.p == pytest.approx(0.0127, abs=0.003)
    assert found.p == compare([1.0] * 14 + [-1.0] * 3).p, "the draws are always the same"


def test_only_images_of_both_count() -> None:
    """Only images with both scores are compared; without any the result is None."""
    found = compare_scores({"a": 1.0, "b": 0.0}, {"b": 1.0, "c": 0.0})
    assert found is not None
    assert (found.value, found.images) == (-1.0, 1)
    assert compare_scores({"a": 1.0}, {"b": 1.0}) is None


def test_the_interval_is_that_of_agresti_and_min() -> None:
    """The interval of 5 better and 1 worse of 20 pairs is (5 - 1) / 22 +- 22.3 %, as for 7 discordant pairs.

    If all of 12 images are equal, the interval is still -14 to +14 percentage points.
    """
    found = compare([1.0] * 5 + [-1.0] + [0.0] * 14)
    assert found.value == 0.2
    assert found.low == pytest.approx(-0.0413, abs=5e-4)
    assert found.high == pytest.approx(0.4049, abs=5e-4)
    assert compare([0.0] * 12).text == "+0 (-14 to +14)"
    quarters = compare([0.25, 0.25, 0.25, 0.25, 0.25, -0.25] + [0.0] * 14)
    assert quarters.low == pytest.approx(found.low / 4), "the interval is proportional to the differences"
    assert quarters.high == pytest.approx(found.high / 4)


def test_only_a_significant_difference_is_better_or_worse() -> None:
    """The finding depends on the adjusted p value: up to 5 % it is better or worse."""
    worse = compare([-0.5] * 8)
    assert worse.classify(worse.p) is AnswerFinding.WORSE
    assert compare([0.5] * 8).classify(0.05) is AnswerFinding.BETTER
    assert worse.classify(0.051) is AnswerFinding.UNSEEN


@pytest.mark.parametrize(("comparisons", "least"), [(1, 6), (2, 7), (9, 9)])
def test_the_least_images_are_those_that_can_show_a_difference(comparisons: int, least: int) -> None:
    """If all images are worse, the minimum number is significant after adjustment, and one image fewer is not."""
    assert find_least_to_compare(comparisons) == least
    assert compare([-1.0] * least).p * comparisons <= 0.05 < compare([-1.0] * (least - 1)).p * comparisons


def test_false_alarms_are_at_most_one_in_twenty() -> None:
    """Of 1,000 pairs of answers with the same distribution, about 5 % or fewer have a significant difference."""
    draws = Random(1)
    made = [compare([draws.choice((0.0, 0.0, 0.3, -0.3, 1.0, -1.0)) for _ in range(14)]) for _ in range(1000)]
    assert sum(each.p <= 0.05 for each in made) <= 60
