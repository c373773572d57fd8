"""Where one machine ends: what its CPU and the size of a request allow, measured over sockets and never in process."""

import asyncio
import math
from dataclasses import dataclass
from statistics import fmean

from benchmarks.costs.client_work import IMAGE_SET, SUITE, measure, served
from fixtures.images.folder import load
from fixtures.simulator.decisions.limits import MINUTE
from fixtures.simulator.decisions.model import MOST_BYTES

REPETITIONS = 5
MOST_FILE_BYTES = 2 * 10**9
"""Of a file, as the Files API takes them."""
BASE64 = 4 / 3
"""Bytes sent for a byte of an image that is inlined."""


@dataclass(frozen=True)
class Client:
    """What sends, on the machine that it is measured on."""

    cpu_seconds: float
    """An image, each in a request of its own."""
    image_bytes: float
    """An image, on average, when that was measured."""

    @property
    def images_a_minute(self) -> float:
        """What one process can send at most, its CPU doing nothing else."""
        return MINUTE / self.cpu_seconds

    @property
    def images_a_request(self) -> int:
        """How many such images can be inlined in one request."""
        return int(MOST_BYTES / (self.image_bytes * BASE64))

    def files(self, images: int) -> int:
        """Return how many files of requests so many of them take."""
        return math.ceil(images * self.image_bytes * BASE64 / MOST_FILE_BYTES)

    def told(self) -> str:
        """Return the sentence that says where this machine ends."""
        return (
            f"On this machine the client's CPU takes {1000 * self.cpu_seconds:.1f} ms an image of "
            f"{self.image_bytes / 1000:.0f} KB (measured over sockets), so one process sends at most "
            f"{self.images_a_minute:,.0f} images a minute; a request of 20 MB inlines {self.images_a_request} of them."
        )


def measured() -> Client:
    """Send the image set `four` to a server that answers at once, in a process of its own, for about a second."""
    with served() as server:
        milliseconds = asyncio.run(measure(server, REPETITIONS, only=SUITE))[SUITE]
    sizes = [len(image.data) for image in load(IMAGE_SET).images]
    return Client(milliseconds / 1000, fmean(sizes))
