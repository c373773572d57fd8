"""Samples of requests about a number of images: drawn from the simulator, or recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import cycle, islice
from statistics import fmean

from fixtures.base.encoding import BASE64_GROWTH
from fixtures.exchange import usage
from fixtures.images.image import ImageSet
from fixtures.simulator.build import SEED, find_profile
from fixtures.simulator.decisions.model import ModelRequest, make_answer
from fixtures.simulator.latencies import Observation
from fixtures.simulator.projection import RecordedLatencies, make_observation
from fixtures.tasks.counting import Counting

IMAGES = 10_000
"""The number of images in all simulated requests of a size; with fewer, the slowest requests would be missed."""
LEAST_REQUESTS = 200
"""The least number of simulated requests of a size."""


@dataclass(frozen=True)
class Sample:
    """Requests about the same number of images."""

    images: int
    """The number of images in a request."""
    requests: Sequence[Observation]
    is_extrapolated: bool = False
    """Whether no request about as many images was recorded."""

    @cached_property
    def seconds(self) -> list[float]:
        """The seconds of each request."""
        return [request.seconds for request in self.requests]

    @cached_property
    def mean_seconds(self) -> float:
        """The mean of the seconds of a request."""
        return fmean(self.seconds)

    @property
    def input_tokens(self) -> float:
        """The mean of the input tokens of a request."""
        return fmean(request.prompt_tokens for request in self.requests)

    @property
    def error(self) -> float | None:
        """The mean error in people an image; None where it is not known."""
        known = [request.error for request in self.requests if request.error is not None]
        return fmean(known) if known else None

    def price_request(self, name: str, *, batch: bool = False) -> float | None:
        """Return the mean cost of a request in US dollars at today's prices of a model; None where they are unknown."""
        tokens = [
            usage.Tokens(
                input=request.prompt_tokens,
                image=request.image_tokens,
                output=request.output_tokens,
                thoughts=request.thoughts_tokens,
                batch=batch,
            )
            for request in self.requests
        ]
        cost = usage.price_tokens(name, tokens, datetime.now(UTC))
        return None if cost is None else cost / len(tokens)


def take_recorded(recorded: RecordedLatencies, images: int) -> Sample:
    """Return the recorded requests about so many images; where there are none, extrapolate those about others."""
    latencies = recorded.latencies
    return Sample(images, latencies.list_observations(images), is_extrapolated=not latencies.covers(images))


def simulate_requests(name: str, image_set: ImageSet, images: int) -> Sample:
    """Return simulated requests about so many images of a set each; raise `RunError` for an unknown model."""
    profile = find_profile(name)
    people = {image.sha256: image.people or 0 for image in image_set.images}
    source, found = cycle(image_set.images), []
    prompt = Counting(name).make_prompt(images) if images > 1 else Counting(name).prompt
    for number in range(max(LEAST_REQUESTS, IMAGES // images)):
        asked = list(islice(source, images))
        size = int(sum(len(image.data) for image in asked) * BASE64_GROWTH) + len(prompt)
        digest = hashlib.sha256(f"{images}/{number}".encode()).hexdigest()
        about = tuple(image.sha256 for image in asked)
        request = ModelRequest(name, digest, size, about, len(prompt), images > 1)
        reply = make_answer(profile, request, people, SEED, 0)
        found.append(make_observation(reply.body, reply.seconds, images, about, people))
    return Sample(images, found)
