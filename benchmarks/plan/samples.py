"""What a request about so many images takes: a sample of the simulator's, or those that were recorded."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import cycle, islice
from statistics import fmean

from benchmarks.scaling.machine import BASE64
from fixtures.exchange import usage
from fixtures.images.folder import ImageSet
from fixtures.run.simulation import SEED, profile_of
from fixtures.simulator.decisions import model
from fixtures.simulator.decisions.model import Ask
from fixtures.simulator.latencies import Recorded
from fixtures.simulator.projection import Projection, answered
from fixtures.tasks.counting import Counting

IMAGES = 10_000
"""That are asked about, in requests of each size: with fewer, the slowest requests of a long run would be missed."""
LEAST_REQUESTS = 200


@dataclass(frozen=True)
class Sample:
    """Requests about the same number of images."""

    images: int
    requests: Sequence[Recorded]
    extrapolated: bool = False
    """None about as many images was recorded."""

    @cached_property
    def seconds(self) -> list[float]:
        """Of each request."""
        return [request.seconds for request in self.requests]

    @cached_property
    def mean_seconds(self) -> float:
        """A request, on average."""
        return fmean(self.seconds)

    @property
    def input_tokens(self) -> float:
        """A request, on average."""
        return fmean(request.prompt_tokens for request in self.requests)

    @property
    def error(self) -> float | None:
        """By how many people an image the answers are off; None where that is not known."""
        known = [request.error for request in self.requests if request.error is not None]
        return fmean(known) if known else None

    def cost_usd(self, name: str, *, batch: bool = False) -> float | None:
        """Return US dollars a request, on average, at today's prices; None where they are not known."""
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
        cost = usage.cost_usd(name, tokens, datetime.now(UTC))
        return None if cost is None else cost / len(tokens)


def recorded(projection: Projection, images: int) -> Sample:
    """Return the recorded requests about so many images, or what they say of such."""
    latencies = projection.latencies
    return Sample(images, latencies.about(images), extrapolated=not latencies.has(images))


def simulated(name: str, like: ImageSet, images: int) -> Sample:
    """Let the simulator answer requests about so many images like these; raise `RunError` where it lacks the model."""
    profile = profile_of(name)
    people = {image.sha256: image.people or 0 for image in like.images}
    source, found = cycle(like.images), []
    prompt = Counting(name).prompt_for(images) if images > 1 else Counting(name).prompt
    for number in range(max(LEAST_REQUESTS, IMAGES // images)):
        asked = list(islice(source, images))
        size = int(sum(len(image.data) for image in asked) * BASE64) + len(prompt)
        digest = hashlib.sha256(f"{images}/{number}".encode()).hexdigest()
        about = tuple(image.sha256 for image in asked)
        reply = model.answer(profile, Ask(name, digest, size, about, len(prompt), images > 1), people, SEED, 0)
        found.append(answered(reply.body, reply.seconds, images, about, people))
    return Sample(images, found)
