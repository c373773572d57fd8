"""Tests of the interval of a share of right answers, against published values and by its coverage."""

from random import Random

import pytest

from benchmarks.verdicts.answers.share import find_interval, find_least_images, format_interval


def test_the_interval_is_wilsons() -> None:
    """The interval of 81 of 263 is that of Newcombe (1998, table II); it stays within 0 and 1."""
    assert format_interval(11 / 12, 12) == "65 to 99 %"
    low, high = find_interval(81 / 263, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert find_interval(0.0, 5)[0] == 0.0
    assert find_interval(1.0, 5)[1] == pytest.approx(1.0)


@pytest.mark.parametrize("right", [0.5, 0.8, 0.9, 0.95])
def test_the_least_images_are_those_from_which_on_all_right_is_enough(right: float) -> None:
    """With the minimum number, all right, the interval begins at the share or above; with one image fewer below."""
    least = find_least_images(right)
    assert find_interval(1.0, least)[0] >= right > find_interval(1.0, least - 1)[0]


def test_the_interval_is_valid_for_means_of_scores() -> None:
    """For at most 5 % of 2,000 sets of 16 scores between 0 and 1, the true mean is outside the interval."""
    draws, outside = Random(1), 0
    for _ in range(2000):
        scores = [draws.betavariate(4, 1) for _ in range(16)]  # its mean is 0.8
        low, high = find_interval(sum(scores) / 16, 16)
        outside += not low <= 0.8 <= high
    assert outside <= 100
