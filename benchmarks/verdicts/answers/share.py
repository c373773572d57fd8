"""The confidence interval of a share of right answers, given the number of images."""

import math

NORMAL_95 = 1.959963984540054
"""The standard normal quantile of a two-sided interval of 95 %."""


def find_interval(right: float, images: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a mean score from 0 to 1 over at least one image.

    It is E. B. Wilson's interval (1927) for shares. A mean of scores between 0 and 1 varies less than a share of the
    same size, so the interval is valid for it too, but may be too wide.
    """
    square = NORMAL_95**2
    middle = right + square / (2 * images)
    half = NORMAL_95 * math.sqrt(right * (1 - right) / images + square / (4 * images**2))
    scale = 1 + square / images
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def format_interval(right: float, images: int) -> str:
    """Return the interval in whole per cent: `65 to 99 %`."""
    low, high = find_interval(right, images)
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def format_with_interval(share: float, images: int) -> str:
    """Return a share and its interval: `92 % (65 to 99 %)`."""
    return f"{100 * share:.0f} % ({format_interval(share, images)})"


def find_least_images(right: float) -> int:
    """Return the minimum number of images whose interval, if all are right, begins at this share or above."""
    return 1 if right <= 0 else math.ceil(NORMAL_95**2 * right / (1 - right))
