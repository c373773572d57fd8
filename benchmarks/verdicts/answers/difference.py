"""Compare the scores of two sets of answers about the same images, with a permutation test."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from benchmarks.verdicts.answers.share import NORMAL_95
from benchmarks.verdicts.seconds.ratios import SIGNIFICANT

EXACT = 16
"""The number of images with a difference up to which all permutations are used (65,536)."""
DRAWN = 20_000
"""The number of permutations drawn if there are more images; they are always the same ones."""
_BATCH = 1000


class AnswerFinding(StrEnum):
    """The finding of a verdict on answers, as printed and stored."""

    BETTER = "better"
    WORSE = "worse"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    UNSEEN = "no difference seen"
    REFUSED = "not compared"


@dataclass(frozen=True)
class Difference:
    """The mean difference of scores from 0 to 1, paired by image."""

    value: float
    """The mean over the images, below 0 if the first answers are worse."""
    low: float
    """The lower end of the 95 % interval."""
    high: float
    """The upper end of the 95 % interval."""
    p: float
    """The p value of a two-sided permutation test."""
    images: int
    """The number of images."""
    is_none: bool = False
    """Whether the scores of all images are equal."""

    def classify(self, p: float) -> AnswerFinding:
        """Return the finding, given the p value adjusted for multiple comparisons."""
        if p > SIGNIFICANT:
            return AnswerFinding.UNSEEN
        return AnswerFinding.BETTER if self.value > 0 else AnswerFinding.WORSE

    @property
    def points(self) -> str:
        """The difference in percentage points: `-12`."""
        return _format_points(self.value)

    @property
    def text(self) -> str:
        """The difference with its interval, in percentage points: `-12 (-25 to +1)`."""
        return f"{self.points} ({_format_points(self.low)} to {_format_points(self.high)})"


def _format_points(share: float) -> str:
    return f"{round(100 * share):+d}"  # a format with .0f would print small negative numbers as -0


def compare_scores(now: Mapping[str, float], then: Mapping[str, float]) -> Difference | None:
    """Return the difference of two sets of scores on their common images; None if they have none in common.

    The test flips the signs of the images' differences (R. A. Fisher, The Design of Experiments, 1935, section 21). The
    interval is A. Agresti and Y. Min's for paired shares (Statistics in Medicine 24, 2005). It adds two images: half an
    image better and half an image worse by the largest difference, and one without a difference. So its width is not
    zero if few images have equal scores.
    """
    differences = [now[image] - then[image] for image in now if image in then]
    if not differences:
        return None
    count, total = len(differences) + 2, math.fsum(differences)
    largest = max(map(abs, differences)) or 1.0
    squares = math.fsum(each**2 for each in differences) + largest**2
    half = NORMAL_95 * math.sqrt(max(0.0, squares - total**2 / count)) / count
    middle = total / count
    return Difference(
        total / len(differences),
        max(-1.0, middle - half),
        min(1.0, middle + half),
        _find_p(tuple(each for each in differences if each)),
        len(differences),
        not any(differences),
    )


@cache
def _find_p(differences: tuple[float, ...]) -> float:
    """Return the share of sign patterns whose sum is at least as far from 0; 1 if there is no difference."""
    if not differences:
        return 1.0
    import numpy as np  # noqa: PLC0415 - a run without differences does not need it

    values = np.array(differences)
    observed = abs(values.sum()) - 1e-9  # equal sums may differ by rounding errors
    if len(values) <= EXACT:
        patterns = (np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1
        return float((np.abs((2 * patterns - 1) @ values) >= observed).mean())
    rng, extreme = np.random.default_rng(0), 1  # 1 counts the observed pattern
    for _ in range(DRAWN // _BATCH):
        signs = 2.0 * rng.integers(0, 2, (_BATCH, len(values))) - 1
        extreme += int((np.abs(signs @ values) >= observed).sum())
    return extreme / (DRAWN + 1)


def find_least_to_compare(comparisons: int) -> int:
    """Return the minimum number of images that can show a difference among this number of comparisons.

    With this number, the difference is significant if all images differ in the same direction.
    """
    return math.ceil(1 + math.log2(comparisons / SIGNIFICANT))
