"""How sure a share of right answers is, given the number of images that it is a mean over."""

import math

NORMAL_95 = 1.959963984540054
"""The standard normal quantile of a two-sided interval of 95 %."""


def find_interval(right: float, images: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a mean score from 0 to 1 over so many images, at least one.

    It is E. B. Wilson's (1927) for shares. A mean of scores between 0 and 1 varies less than a share of the same size,
    so that the interval holds for it too, and is rather too wide.
    """
    square = NORMAL_95**2
    middle = right + square / (2 * images)
    half = NORMAL_95 * math.sqrt(right * (1 - right) / images + square / (4 * images**2))
    scale = 1 + square / images
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def format_interval(right: float, images: int) -> str:
    """Return the interval in whole per cent, as in `65 to 99 %`."""
    low, high = find_interval(right, images)
    return f"{100 * low:.0f} to {100 * high:.0f} %"


def format_with_interval(share: float, images: int) -> str:
    """Return a share and its interval, as in `92 % (65 to 99 %)`."""
    return f"{100 * share:.0f} % ({format_interval(share, images)})"


def find_least_images(right: float) -> int:
    """Return the least number of images, all right, whose interval reaches up to this share at its lower end."""
    return 1 if right <= 0 else math.ceil(NORMAL_95**2 * right / (1 - right))
