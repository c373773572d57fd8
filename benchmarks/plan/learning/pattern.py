"""The pattern of the requests of a strategy, for any number of images and any settings."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from benchmarks.plan.learning.rehearsal import CONCURRENCY


class AtOnce(StrEnum):
    """How the number of requests in flight is determined."""

    FIXED = "fixed"
    """Always the same number."""
    SETTING = "setting"
    """The value of the setting `concurrency`."""
    ALL = "all"
    """All requests; if images are asked about several times, all requests of one pass."""
    GROWING = "growing"
    """A growing number, as long as no request is refused."""


@dataclass(frozen=True)
class Growth:
    """The growth of the number of requests in flight."""

    under_way: tuple[int, ...]
    """The largest number so far, after each of the first round trips; the last one is the maximum."""
    is_capped: bool
    """Whether the number stopped growing before the rehearsal ended."""

    def list_openings(self, concurrency: int, round_trip: float) -> list[float]:
        """Return the seconds after which each of `concurrency` slots opens, with `round_trip` seconds per round trip.

        Beyond the rehearsed numbers, the growth is extrapolated with the same ratio.
        """
        first, last, trips = self.under_way[0], self.under_way[-1], len(self.under_way) - 1
        ratio = math.log(last / first) / trips

        def find_trip(place: int) -> int:
            known = next((trip for trip, most in enumerate(self.under_way) if most >= place), None)
            return trips + math.ceil(math.log(place / last) / ratio) if known is None else known

        return [round_trip * find_trip(place) for place in range(1, concurrency + 1)]


@dataclass(frozen=True)
class Overhead:
    """The time of a run in addition to its questions, such as uploads, in seconds."""

    in_turn: float = 0.0
    """The seconds of other requests before and after each question, in the same slot."""
    base: float = 0.0
    """The seconds per run, for any number of images."""
    per_image: float = 0.0
    """The seconds per image."""
    is_shared: bool = False
    """Whether the setting `concurrency` applies to the requests of `per_image`."""

    def find_seconds(self, images: int, concurrency: int) -> float:
        """Return the seconds before or after the questions about `images` images."""
        share = CONCURRENCY / concurrency if self.is_shared else 1.0
        return self.base + self.per_image * share * images


@dataclass(frozen=True)
class Pattern:
    """The requests of a strategy; strategies with the same pattern have the same plan."""

    takes: tuple[str, ...]
    """The names of the settings that the strategy takes: `chunk`, `concurrency`."""
    images: int = 1
    """The number of images per request; the rehearsed value if the setting `chunk` determines it."""
    share: Fraction = field(default=Fraction(0))
    """The share of all images in each request, if proportional; else 0."""
    takes_chunk: bool = False
    """Whether the setting `chunk` is the number of images per request."""
    times: int = 1
    """The number of questions about each image."""
    inlines: bool = True
    """Whether the images are inline in the requests, not uploaded before."""
    at_once: AtOnce = AtOnce.FIXED
    most: int = 1
    """The largest number of requests in flight, if it is fixed or capped."""
    growth: Growth | None = None
    overhead: Overhead = field(default_factory=Overhead)
    asked_again: Fraction = field(default=Fraction(0))
    """The share of requests (the slowest) that are sent a second time while they are in flight.

    It is measured with at most as many images as are planned, because a strategy may have to learn first what is slow.
    Both requests are paid for. The saved time is not planned: it depends on the cause, and if the image is the cause,
    the second request is as slow.
    """
    asks_again_alone: bool = True
    """Whether requests are also sent twice if the setting `concurrency` is 1."""
    is_job: bool = False
    """Whether the requests are in a job of the Batch API."""
    is_filed: bool = False
    """Whether the requests of the job are in an uploaded file."""

    def find_size(self, images: int, chunk: int) -> int:
        """Return the number of images per request, given the number of all images and the setting `chunk`."""
        if self.takes_chunk:
            return chunk
        return max(1, round(self.share * images)) if self.share else min(self.images, images)

    def count_requests(self, images: int, chunk: int) -> int:
        """Return the number of questions about `images` images, without those sent a second time."""
        return self.times * math.ceil(images / self.find_size(images, chunk))
