"""What is known of the requests of a strategy, for any number of images and any settings."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from benchmarks.plan.learning.rehearsal import CONCURRENCY


class AtOnce(StrEnum):
    """How many of its requests a strategy has under way at a time."""

    FIXED = "fixed"
    """Always the same number."""
    SETTING = "setting"
    """As many as its parameter `concurrency` says."""
    ALL = "all"
    """All that ask about an image for the first, or for another, time."""
    GROWING = "growing"
    """More and more, as long as none is refused."""


@dataclass(frozen=True)
class Growth:
    """How many requests are under way in a run that begins with few."""

    under_way: tuple[int, ...]
    """The largest number so far in each of the first round trips; the last one is the largest."""
    is_capped: bool
    """Whether it stopped growing before its rehearsal ended, so that it has no more at a time."""

    def list_openings(self, concurrency: int, round_trip: float) -> list[float]:
        """Return the seconds after which each of so many places is open, with so many seconds for a round trip.

        Beyond what was rehearsed, the number grows on by the same ratio.
        """
        first, last, trips = self.under_way[0], self.under_way[-1], len(self.under_way) - 1
        ratio = math.log(last / first) / trips

        def find_trip(place: int) -> int:
            known = next((trip for trip, most in enumerate(self.under_way) if most >= place), None)
            return trips + math.ceil(math.log(place / last) / ratio) if known is None else known

        return [round_trip * find_trip(place) for place in range(1, concurrency + 1)]


@dataclass(frozen=True)
class Overhead:
    """The seconds that a run takes besides its questions, such as those of uploads."""

    in_turn: float = 0.0
    """The seconds of the other requests before and after each question, in its place among those under way."""
    base: float = 0.0
    """The seconds of a run, however many images there are."""
    per_image: float = 0.0
    """The seconds that each image adds to a run."""
    is_shared: bool = False
    """Whether `per_image` was measured with as many requests at a time as the setting `concurrency` has."""

    def find_seconds(self, images: int, concurrency: int) -> float:
        """Return the seconds before or after the questions about so many images."""
        share = CONCURRENCY / concurrency if self.is_shared else 1.0
        return self.base + self.per_image * share * images


@dataclass(frozen=True)
class Pattern:
    """The requests of a strategy; two with the same pattern are planned alike."""

    takes: tuple[str, ...]
    """The names of the settings that are parameters of it: `chunk`, `concurrency`."""
    images: int = 1
    """The number of images in a request; what it was rehearsed with where that is the setting `chunk`."""
    share: Fraction = field(default=Fraction(0))
    """The share of all images that is in a request, where their number grows with all; else 0."""
    takes_chunk: bool = False
    """Whether the number of images in a request is the setting `chunk`."""
    times: int = 1
    """How often each image is asked about."""
    inlines: bool = True
    """Whether the images are in the requests, and not uploaded before."""
    at_once: AtOnce = AtOnce.FIXED
    most: int = 1
    """The largest number of requests under way, where that is fixed, or where it grows and is capped."""
    growth: Growth | None = None
    overhead: Overhead = field(default_factory=Overhead)
    asked_again: Fraction = field(default=Fraction(0))
    """The largest share of requests, the slowest of all, that are sent a second time while they are under way.

    Of few images it is that of as many as are planned, since a strategy may be without it until it knows what is slow.
    They are paid for twice. How much time that saves depends on why they are slow, and is not planned with: where it is
    the image, the second one is as slow.
    """
    asks_again_alone: bool = True
    """Whether it does so also where the setting `concurrency` is 1."""
    is_job: bool = False
    """Whether the requests are those of a job of the Batch API."""
    is_filed: bool = False
    """Whether the requests of the job stand in a file that is uploaded."""

    def find_size(self, images: int, chunk: int) -> int:
        """Return the number of images in a request, of so many images in all and with this setting `chunk`."""
        if self.takes_chunk:
            return chunk
        return max(1, round(self.share * images)) if self.share else min(self.images, images)

    def count_requests(self, images: int, chunk: int) -> int:
        """Return how many questions are asked about so many images, without those that are asked a second time."""
        return self.times * math.ceil(images / self.find_size(images, chunk))
